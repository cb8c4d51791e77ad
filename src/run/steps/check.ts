import type { StepRunner } from '../context.ts';
import { checkCandidate } from '../judge.ts';

/** Runs type check or lint on the best candidate. */
export const check: StepRunner<'check'> = async (step, _place, context, signal) => {
  const best = context.pool.best();
  if (!best) return 'there is no candidate to check';
  await checkCandidate(best, step.checks, context, signal);
  return undefined;
};
