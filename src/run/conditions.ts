import type { Condition } from '../plan/schema.ts';
import type { StepContext } from './context.ts';
import { testCandidate } from './judge.ts';
import { behaviourOf } from './pool.ts';

/** Whether a condition holds for the best candidate now. It is tested first when the condition is about tests. */
export async function holds(condition: Condition, context: StepContext, signal: AbortSignal): Promise<boolean> {
  const best = context.pool.best();
  if (condition === 'no-tests') return context.facts.test === undefined;
  if (condition === 'candidates-agree') return new Set(context.pool.live().map(behaviourOf)).size === 1;
  if (!best) return condition === 'tests-fail';
  switch (condition) {
    case 'tests-pass':
    case 'tests-fail':
      await testCandidate(best, context, signal);
      return context.pool.isDone(best) === (condition === 'tests-pass');
    case 'checks-fail':
      return best.checks.some((check) => check.available && !check.ok);
    case 'review-rejects':
      return best.review === 'reject';
    case 'review-approves':
      return best.review === 'approve';
  }
}
