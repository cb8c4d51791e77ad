/** Which failures end a run, and which only a call. */

import type { Failure } from '../design/types.ts';
import { type ErrorCode, isTeamwrightError, type TeamwrightError } from '../errors.ts';
import { failureSignature } from '../feedback/index.ts';
import type { Plan } from '../plan/schema.ts';
import type { Candidate } from './pool.ts';
import { renderFailures } from './prompts.ts';

/** These would fail again at the next call: the run ends. Anything else of a model costs one sample. */
const fatalCodes: readonly ErrorCode[] = [
  'stopped',
  'budget-exceeded',
  'run-ended-early',
  'model-unreachable',
  'model-unauthorized',
  'model-not-found',
  'local-model-missing',
  'local-model-failed',
  'disk-full',
  'copy-not-isolated',
  'git-failed',
  'git-missing',
  'internal',
];

/** By the code of a failure, as a trace keeps it. */
export function endsRun(code: string): boolean {
  return (fatalCodes as readonly string[]).includes(code);
}

export function isFatal(error: unknown): boolean {
  if (isTeamwrightError(error)) return endsRun(error.code);
  // Our own mistakes and an abort must not be swallowed as one sample's bad luck.
  return true;
}

/** The budget does not pay for one call; it may pay for a cheaper one. Time that is up pays for nothing any more. */
export const isRefusal = (error: unknown): error is TeamwrightError =>
  isTeamwrightError(error, 'budget-exceeded') && !('name' in error.facts && error.facts.name === 'seconds');

/** What the next design sees of a plan whose tests still fail. The same failure gives the same signature. */
export function describeFailure(plan: Plan, best: Candidate | undefined): Failure {
  const report = best?.verdict?.report;
  return {
    plan,
    signature: report ? failureSignature(report) : 'no candidate',
    detail: report ? renderFailures(report) : 'No reply gave a change that could be applied.',
    score: best?.verdict?.score ?? 0,
  };
}
