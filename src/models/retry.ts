/** When a failed attempt is worth another one, and after how long. The loop itself, with its budget, is the runtime's. */
import { type ErrorCode, isTeamwrightError } from '../errors.ts';

/** Base delay in milliseconds and how many attempts in all make sense. Codes that are not here are never retried. */
const retries: Partial<Record<ErrorCode, { baseMs: number; attempts: number }>> = {
  'model-rate-limited': { baseMs: 2_000, attempts: 6 },
  'model-server-error': { baseMs: 1_000, attempts: 4 },
  'model-unreachable': { baseMs: 500, attempts: 4 },
  'model-half-stream': { baseMs: 500, attempts: 3 },
  'model-timeout': { baseMs: 1_000, attempts: 2 },
  'model-bad-reply': { baseMs: 500, attempts: 2 },
};

const longestBackoffMs = 30_000;
/** A server that wants us to wait longer than this is out of use for the run. */
const longestRetryAfterMs = 120_000;

/**
 * Milliseconds to wait before the next attempt, or undefined: do not retry.
 *
 * `attempt` counts from 1 and is the one that failed. `random` gives numbers in [0, 1). Retry-After is kept (up to a tenth is added,
 * so that side-by-side calls do not return together); otherwise base · 2^(attempt − 1), half of it fixed and half random.
 */
export function retryDelay(error: unknown, attempt: number, random: () => number): number | undefined {
  if (!isTeamwrightError(error)) return undefined;
  const rule = retries[error.code];
  if (rule === undefined || attempt >= rule.attempts) return undefined;
  const asked = 'retryAfterMs' in error.facts ? error.facts.retryAfterMs : undefined;
  if (asked !== undefined) return asked > longestRetryAfterMs ? undefined : Math.round(asked * (1 + random() / 10));
  const whole = Math.min(longestBackoffMs, rule.baseMs * 2 ** (attempt - 1));
  return Math.round(whole / 2 + (whole / 2) * random());
}
