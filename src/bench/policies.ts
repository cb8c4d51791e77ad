/** Ways to choose the next operator, to be compared on an outcome bank. Those that learn are made from tasks of other problems. Pure. */
import {
  type Learned,
  lacksDraft,
  nextStep,
  type Operator,
  operatorsOf,
  rewardWeights,
  type ScheduleTerms,
  scheduleFor,
  taught,
} from '../learning/index.ts';
import { lessonOf } from '../lessons/index.ts';
import type { DrawnTask } from './draws.ts';
import { type Policy, replay, type Seen } from './replay.ts';
import { mean } from './statistics.ts';

/** Tries at most; no budget of a small task allows more. */
const most = 40;

/** A list, whatever comes of its parts; what is not there is passed over. `rest`: when the list is through. */
export function inOrder(list: readonly Operator[], rest?: Operator): Policy {
  return ({ offered, tries }) => {
    const left = new Map(tries);
    for (const operator of list) {
      const done = left.get(operator) ?? 0;
      if (done > 0) left.set(operator, done - 1);
      else if (offered.includes(operator)) return operator;
    }
    return rest;
  };
}

export const samples: Policy = inOrder([], 'draft');

const times = (count: number, operator: Operator): Operator[] => Array.from({ length: count }, () => operator);

/** The hand-written team for a bug (`design/one-place.ts`): a few places, small changes, a draft, further places; drafts for everything else. */
const forBugs: readonly Operator[] = [...times(4, 'place'), ...times(4, 'changes'), 'draft', ...times(16, 'place')];
export const rules: Policy = (seen) => (seen.start.kind === 'bug-fix' ? inOrder(forBugs) : samples)(seen);

const rewardOn = (tasks: readonly DrawnTask[], policy: Policy): number => mean(tasks.map((task) => replay(task, policy).reward));

/**
 * One list for every task, found by climbing: from each of the starts, the single edit (a few more of an operator anywhere, one less) that raises the
 * mean reward most, until none does. It need not be the very best list, but no small change of it is better on these tasks.
 */
export function bestFixed(tasks: readonly DrawnTask[]): readonly Operator[] {
  const names = [...new Set(tasks.flatMap(({ series }) => [...series.keys()]))].sort();
  const blocks = names.flatMap((name) => [1, 2, 4, 8].map((count) => times(count, name)));
  const rated = (list: readonly Operator[]) => ({ list, reward: rewardOn(tasks, inOrder(list)) });
  const climb = (start: readonly Operator[]) => {
    for (let here = rated(start); ; ) {
      const { list } = here;
      const edits = [
        ...list.map((_, at) => list.toSpliced(at, 1)),
        ...blocks.flatMap((block) => [...list, ''].map((_, at) => list.toSpliced(at, 0, ...block))),
      ].filter((edit) => edit.length <= most);
      const [best] = edits.map(rated).toSorted((a, b) => b.reward - a.reward || a.list.length - b.list.length);
      if (best === undefined || best.reward <= here.reward + 1e-9) return here;
      here = best;
    }
  };
  const [best] = [[], forBugs].map(climb).toSorted((a, b) => b.reward - a.reward);
  return best?.list ?? [];
}

export const learnedFrom = (tasks: readonly DrawnTask[]): Learned =>
  taught(
    {},
    tasks.flatMap(({ draws }) => draws.map(lessonOf)),
  );

const termsOf = ({ budget, usualCalls }: Seen): ScheduleTerms => ({ budget, usualCalls, weights: rewardWeights, most });

const offeredOf = (learned: Learned, { offered }: Seen) => operatorsOf(learned).filter(({ name }) => offered.includes(name));

/**
 * For one task: the whole list is written before anything is tried, as a plan is. `lastDraft`: where it has small changes and no draft, one stands at its end whatever it
 * is worth, as in the plans that are run (`design/scheduled-team.ts`).
 */
export function learnedPlan(learned: Learned, { lastDraft = false }: { readonly lastDraft?: boolean } = {}): Policy {
  const listFor = (seen: Seen): Policy => {
    const steps = scheduleFor(offeredOf(learned, seen), seen.start, termsOf(seen)).steps.map(({ operator }) => operator);
    return inOrder(lastDraft && lacksDraft(steps) ? [...steps, 'draft'] : steps);
  };
  let list: Policy | undefined;
  return (seen) => {
    list ??= listFor(seen);
    return list(seen);
  };
}

/** Chosen anew after each try. */
export const learnedStepwise =
  (learned: Learned): Policy =>
  (seen) =>
    nextStep(offeredOf(learned, seen), (name) => seen.at(name), seen, termsOf(seen))?.operator;

/** Knows what comes of everything: the cheapest operator that solves the task, or nothing at all. No policy can do better with one operator. */
export function oracleFor(task: DrawnTask): Policy {
  const ways = [...task.series.keys()].map((operator) => inOrder([], operator));
  const none: Policy = () => undefined;
  return [none, ...ways].toSorted((a, b) => replay(task, b).reward - replay(task, a).reward)[0] ?? none;
}
