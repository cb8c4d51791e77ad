import { noTests } from '../../trace/events.ts';
import type { StepRunner } from '../context.ts';
import { testCandidates } from '../judge.ts';

/** Runs the tests on every candidate in play that they have not judged yet. */
export const test: StepRunner<'test'> = async (_step, _place, context, signal) => {
  if (!context.facts.test) return noTests;
  const untested = context.pool.live().filter((candidate) => !candidate.verdict);
  if (untested.length === 0) return 'every candidate is tested';
  await testCandidates(untested, () => context.pool.best(), context, signal);
  return undefined;
};
