/**
 * The closed set of failures a user can meet. Each code has one factory; a factory gives a sentence for the user and a next step.
 * Rooms throw these (or let them through); the rims (CLI, editor) show `message` and `next`, and map `exit` to an exit code.
 */

/** Documented exit codes of the command line. */
export const exitCodes = {
  done: 0,
  testsStillFail: 1,
  badUse: 2,
  budget: 3,
  stopped: 4,
  environment: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export type ErrorCode =
  // bad use
  | 'bad-argument'
  | 'bad-settings'
  | 'plan-invalid'
  | 'plan-unreadable'
  | 'approval-stale'
  | 'run-unknown'
  | 'run-busy'
  | 'workspace-unusable'
  | 'task-invalid'
  // limits
  | 'budget-exceeded'
  | 'stopped'
  // environment
  | 'git-missing'
  | 'git-failed'
  | 'copy-not-isolated'
  | 'path-escapes'
  | 'disk-full'
  | 'command-not-found'
  | 'apply-conflict'
  | 'trace-unreadable'
  | 'trace-version'
  | 'replay-diverged'
  // models
  | 'model-unreachable'
  | 'model-unauthorized'
  | 'model-not-found'
  | 'model-rate-limited'
  | 'model-timeout'
  | 'model-half-stream'
  | 'model-bad-reply'
  | 'model-context-full'
  | 'model-server-error'
  | 'local-model-missing'
  | 'local-model-corrupt'
  | 'local-model-failed'
  | 'download-failed';

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** One sentence for the user: what happened, naming the thing it happened to. */
  readonly message: string;
  /** One sentence: what the user can do now. */
  readonly next: string;
  readonly exit: ExitCode;
  /** Structured facts for machines (`--json`, the trace). Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class TeamwrightError extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  readonly exit: ExitCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TeamwrightError';
    this.code = details.code;
    this.next = details.next;
    this.exit = details.exit;
    this.facts = details.facts ?? {};
  }
}

export function isTeamwrightError(error: unknown, code?: ErrorCode): error is TeamwrightError {
  return error instanceof TeamwrightError && (code === undefined || error.code === code);
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// ---- use and limits -------------------------------------------------------------------------------------------------------------

export const badArgument = (what: string, next: string): TeamwrightError =>
  new TeamwrightError({ code: 'bad-argument', message: what, next, exit: exitCodes.badUse });

export const stopped = (by: string): TeamwrightError =>
  new TeamwrightError({
    code: 'stopped',
    message: `Stopped by ${by}.`,
    next: 'Nothing in the workspace was changed. `teamwright runs list` shows what was finished.',
    exit: exitCodes.stopped,
    facts: { by },
  });

export type BudgetName = 'tokens' | 'usd' | 'seconds' | 'calls' | 'agents' | 'depth';

export const budgetExceeded = (name: BudgetName, limit: number, needed: number): TeamwrightError =>
  new TeamwrightError({
    code: 'budget-exceeded',
    message: `The budget of ${limit} ${name} does not allow the next call (it would reach ${needed}).`,
    next: 'Raise the budget, or choose a smaller team.',
    exit: exitCodes.budget,
    facts: { name, limit, needed },
  });

/** Throws `stopped` when the signal has fired. Call it before anything that costs. */
export function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw isTeamwrightError(signal.reason) ? signal.reason : stopped('request');
}
