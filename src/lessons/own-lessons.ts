/** What a run of the user's own teaches about operators: its tries, as far as they say something of the operator. Pure. */
import { knownAtStart } from '../design/index.ts';
import type { Contribution, Lesson, RunLessons } from '../learning/index.ts';
import { attemptsOf } from './attempts.ts';
import { cameTo } from './came-to.ts';
import type { ReadRun } from './ended-runs.ts';
import { acceptedShare } from './terms.ts';
import { lessonOf, type Try, triesOf } from './tries.ts';

/** Tries of one run that teach; what comes after them is one request that would not be mended. */
const most = 30;

/**
 * In the order in which they were made; none of a run that has not ended, or that was not about a bug which tests show: that is what a schedule is for. A try teaches nothing when another model than the worker made it, when no answer came, when nothing was
 * tested that should have been, or when the tests that it passed are in doubt. Of a change that the user refused or took back nothing good is
 * learned: its tests passed, and it was not what was wanted.
 */
export function lessonsOf({ events, state, briefing }: ReadRun): readonly Lesson[] {
  const failing = state.briefing?.baseline?.failed ?? 0;
  if (state.result === undefined || state.start === undefined || failing === 0) return [];
  const refused = acceptedShare(state) === 0;
  const worker = state.start.models.worker?.model;
  return triesOf(attemptsOf(events, briefing))
    .filter((one) => one.before.kind === 'bug-fix' && saysSomething(one) && one.attempts.every(({ model = worker }) => model === worker))
    .slice(0, most)
    .map((one) => (one.visible && refused ? { ...lessonOf(one), succeeded: undefined } : lessonOf(one)));
}

const saysSomething = ({ attempts, visible }: Try): boolean => {
  const last = attempts.at(-1);
  if (last === undefined || last.ended === 'failed' || attempts.some(({ flagged }) => flagged === true)) return false;
  // A change that is unlikely to be what was meant passes tests, and nobody knows whether it mends.
  if (last.unlikely) return false;
  return visible || last.visible === false || last.ended === 'nothing' || last.ended === 'refused';
};

/**
 * What the roles of a run's debates contributed, when its change is solved and the user did not refuse it: of a debate that led to nothing, nobody knows
 * who was of use. Where nobody rated anything, because a change of the first round passed, nothing is known either.
 */
export function contributionsOf({ state }: ReadRun): readonly Contribution[] {
  if (state.result?.outcome !== 'solved' || acceptedShare(state) === 0) return [];
  return state.debates.flatMap(({ importance }) =>
    importance.flatMap(({ role, rated }) => (rated === undefined ? [] : [{ role, relative: rated * importance.length }])),
  );
}

/** What was asked, by its kind, and whether it was solved. A question is none for tests; of a change that was refused, or whose tests are in doubt, nobody can say. */
export function requestOf({ events, state, briefing }: ReadRun): RunLessons['request'] {
  const end = cameTo(state, events);
  if (state.start === undefined || briefing === undefined || (end !== 'solved' && end !== 'red')) return undefined;
  const { kind } = knownAtStart(state.start.request, briefing);
  return kind === 'question' ? undefined : { kind, solved: end === 'solved' };
}
