import type { StepRunner } from '../context.ts';
import { testCandidate } from '../judge.ts';
import { allEnded } from '../sample.ts';

/** Runs the tests on every candidate in play that they have not judged yet. */
export const test: StepRunner<'test'> = async (_step, _place, context, signal) => {
  if (!context.facts.test) return 'the workspace has no tests';
  const untested = context.pool.live().filter((candidate) => !candidate.verdict);
  if (untested.length === 0) return 'every candidate is tested';
  await allEnded(untested.map((candidate) => testCandidate(candidate, context, signal)));
  return undefined;
};
