import type { StepOf } from '../../plan/schema.ts';
import { allEnded } from '../all-ended.ts';
import type { StepContext, StepRunner } from '../context.ts';
import { releaseCopy } from '../judge.ts';
import { behaviourOf, type Candidate, isSolved } from '../pool.ts';

/**
 * Narrows the pool. tests: those with the best score. behaviour: those of the largest class that acts alike on the tests and on other inputs, the
 * smaller change first. votes: those most replies agree on word for word. Applied in the order given, then the earliest.
 */
export const select: StepRunner<'select'> = async (step, _place, context) => {
  let kept = context.pool.ranked();
  if (kept.length === 0) return 'there is no candidate to select from';
  const classes = classesOf(kept);
  for (const by of step.by) kept = narrow[by](kept);
  if (step.by.includes('behaviour') && kept.length > 1) kept = await smallestFirst(kept, context);
  kept = kept.slice(0, step.keep);
  const dropped = context.pool.live().filter((candidate) => !kept.includes(candidate));
  context.pool.keep(kept);
  await allEnded(dropped.map(releaseCopy));
  context.ports.trace.emit({
    type: 'candidates.selected',
    step: step.id,
    kept: kept.map((candidate) => candidate.id),
    classes: classes.map((members) => members.map((candidate) => candidate.id)),
    by: step.by.join(', '),
  });
  return undefined;
};

const narrow: Record<StepOf<'select'>['by'][number], (candidates: readonly Candidate[]) => readonly Candidate[]> = {
  tests: (candidates) => highest(candidates, (candidate) => (isSolved(candidate) ? 2 : (candidate.verdict?.score ?? -1))),
  behaviour: (candidates) => {
    const size = new Map(classesOf(candidates).flatMap((members) => members.map((member) => [member, votesOf(members)] as const)));
    return highest(candidates, (candidate) => size.get(candidate) ?? 0);
  },
  votes: (candidates) => highest(candidates, (candidate) => candidate.votes),
};

/** By lines taken away and added; equal ones as they stand. */
async function smallestFirst(candidates: readonly Candidate[], { ports, facts }: StepContext): Promise<readonly Candidate[]> {
  const sized = await Promise.all(
    candidates.map(async (candidate) => {
      const { files } = await ports.copies.diff(facts.base, candidate.snapshot);
      return { candidate, lines: files.reduce((sum, { added, removed }) => sum + added + removed, 0) };
    }),
  );
  return sized.toSorted((a, b) => a.lines - b.lines).map(({ candidate }) => candidate);
}

function highest(candidates: readonly Candidate[], value: (candidate: Candidate) => number): readonly Candidate[] {
  const top = Math.max(...candidates.map(value));
  return candidates.filter((candidate) => value(candidate) === top);
}

function classesOf(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  return [...Map.groupBy(candidates, behaviourOf).values()].sort((a, b) => votesOf(b) - votesOf(a));
}

function votesOf(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, candidate) => sum + candidate.votes, 0);
}
