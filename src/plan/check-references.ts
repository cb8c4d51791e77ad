/** Names: every step's own, the agents it calls, and the steps whose notes it reads. */
import { formatPlace } from './place.ts';
import { type LocatedStep, locateSteps } from './places.ts';
import { errorAt, type Problem, type Sentence, warningAt } from './problem.ts';
import type { Plan } from './schema.ts';
import { agentNamesOf, stepKindOf, writesNote } from './step-kinds.ts';
import { didYouMean } from './suggest.ts';

export function referenceProblems(plan: Plan): Problem[] {
  const steps = [...locateSteps(plan)];
  const byId = new Map<string, { found: LocatedStep; order: number }>();
  const problems: Problem[] = [];
  for (const [order, found] of steps.entries()) {
    const { id } = found.step;
    const earlier = byId.get(id);
    if (!earlier) byId.set(id, { found, order });
    else problems.push(errorAt('duplicate-id', [...found.place, 'id'], ({ t }) => t('Another step has the name "{0}" already.', id)));
  }
  for (const [order, found] of steps.entries()) {
    const { step, place } = found;
    for (const [at, agent] of agentNamesOf(step).entries()) {
      if (Object.hasOwn(plan.agents, agent)) continue;
      const field = at === 0 ? ['agent'] : ['others', at - 1];
      problems.push(errorAt('unknown-agent', [...place, ...field], noAgent(plan, agent)));
    }
    if (!('uses' in step)) continue;
    for (const [index, used] of step.uses.entries()) {
      const at = [...place, 'uses', index];
      const target = byId.get(used);
      if (!target) {
        const earlier = steps.slice(0, order).map((other) => other.step.id);
        problems.push(errorAt('unknown-step', at, ({ t }) => `${t('There is no step "{0}".', used)}${didYouMean(used, earlier, t)}`));
        continue;
      }
      const problem = useProblem(found, order, target.found, target.order);
      if (problem) problems.push({ ...problem, place: at, path: formatPlace(at) });
    }
  }
  for (const [name, { rescue }] of Object.entries(plan.agents)) {
    if (rescue?.agent === undefined || Object.hasOwn(plan.agents, rescue.agent)) continue;
    problems.push(errorAt('unknown-agent', ['agents', name, 'rescue', 'agent'], noAgent(plan, rescue.agent)));
  }
  const called = new Set([
    ...steps.flatMap(({ step }) => agentNamesOf(step)),
    ...Object.values(plan.agents).map(({ rescue }) => rescue?.agent),
  ]);
  for (const name of Object.keys(plan.agents)) {
    if (!called.has(name)) problems.push(warningAt('unused-agent', ['agents', name], ({ t }) => t('No step calls the agent "{0}".', name)));
  }
  return problems;
}

const noAgent =
  (plan: Plan, name: string): Sentence =>
  ({ t }) =>
    `${t('There is no agent "{0}".', name)}${didYouMean(name, Object.keys(plan.agents), t)}`;

/** What is wrong when the step at `order` uses the one at `usedOrder`; the caller says where. */
function useProblem(user: LocatedStep, order: number, used: LocatedStep, usedOrder: number): Problem | undefined {
  const id = used.step.id;
  if (used.step === user.step || order === usedOrder)
    return errorAt('self-reference', [], ({ t }) => t('"{0}" cannot read its own note.', id));
  if (user.parents.some(({ step }) => step.id === id))
    return errorAt('self-reference', [], ({ t }) => t('"{0}" is the step this one is in; name a step before it.', id));
  if (usedOrder > order)
    return errorAt('forward-reference', [], ({ t }) => t('"{0}" comes later; a step reads only notes that were written before it.', id));
  const fork = forkOf(user, used);
  if (fork === 'side-by-side')
    return errorAt('side-by-side', [], ({ t }) => t('"{0}" runs at the same time in the same group; put it before the group.', id));
  if (fork === 'other-branch')
    return errorAt('other-branch', [], ({ t }) => t('"{0}" is in the other branch and never runs together with this step.', id));
  if (!writesNote(used.step))
    return warningAt('no-note', [], ({ t, kind }) => t('"{0}" ({1}) writes no note, so there is nothing to read.', id, kind(used.step.do)));
  return undefined;
}

/** How their ways part in the innermost step that both are in; undefined: one comes after the other. */
function forkOf(a: LocatedStep, b: LocatedStep): 'side-by-side' | 'other-branch' | undefined {
  const shared = a.parents.findIndex((parent, depth) => {
    const other = b.parents[depth];
    return !other || other.step !== parent.step || other.list !== parent.list;
  });
  const depth = shared === -1 ? a.parents.length : shared;
  const mine = a.parents[depth];
  const theirs = b.parents[depth];
  if (mine && theirs && mine.step === theirs.step && stepKindOf(mine.step).inside?.exclusive) return 'other-branch';
  const common = a.parents[depth - 1];
  return common && stepKindOf(common.step).inside?.order === 'side-by-side' ? 'side-by-side' : undefined;
}
