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
  | 'sharing-off'
  // limits
  | 'budget-exceeded'
  | 'stopped'
  // environment
  | 'git-missing'
  | 'git-failed'
  | 'copy-not-isolated'
  | 'path-escapes'
  | 'disk-full'
  | 'data-folder-unusable'
  | 'command-not-found'
  | 'apply-conflict'
  | 'trace-unreadable'
  | 'trace-unwritable'
  | 'trace-version'
  | 'replay-diverged'
  | 'index-unusable'
  | 'not-gradable'
  | 'export-failed'
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
  | 'model-refused'
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

/** Ends the work of one step; the run goes on. */
export const stepSkipped = (path: string): TeamwrightError =>
  new TeamwrightError({
    code: 'stopped',
    message: `The step ${path} was skipped by the user.`,
    next: 'The run goes on with the next step.',
    exit: exitCodes.stopped,
    facts: { step: path },
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

// ---- trace and bench ------------------------------------------------------------------------------------------------------------

export const runUnknown = (runId: string): TeamwrightError =>
  new TeamwrightError({
    code: 'run-unknown',
    message: `There is no run "${runId}".`,
    next: '`teamwright runs list` shows the runs of this machine.',
    exit: exitCodes.badUse,
    facts: { runId },
  });

export const runBusy = (runId: string, pid: number): TeamwrightError =>
  new TeamwrightError({
    code: 'run-busy',
    message: `Run "${runId}" is in use by process ${pid}.`,
    next: 'Wait until it has ended, or stop that process.',
    exit: exitCodes.badUse,
    facts: { runId, pid },
  });

export const diskFull = (path: string, cause?: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'disk-full',
    message: `The disk that holds ${path} is full.`,
    next: 'What was written before is kept. Free some space (`teamwright runs list` shows sizes), then run again.',
    exit: exitCodes.environment,
    facts: { path },
    cause,
  });

export const traceUnwritable = (path: string, cause: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'trace-unwritable',
    message: `The trace ${path} could not be written: ${errorText(cause)}.`,
    next: 'Check the folder and its permissions, or set TEAMWRIGHT_DATA to another folder.',
    exit: exitCodes.environment,
    facts: { path },
    cause,
  });

export const traceUnreadable = (path: string, problem: string, cause?: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'trace-unreadable',
    message: `The trace ${path} could not be read: ${problem}.`,
    next: 'Nothing was changed. If the file is damaged, `teamwright runs delete` removes the run.',
    exit: exitCodes.environment,
    facts: { path },
    cause,
  });

/** `line` counts from 1. */
export const taskInvalid = (file: string, line: number, problem: string): TeamwrightError =>
  new TeamwrightError({
    code: 'task-invalid',
    message: `${file}:${line}: ${problem}.`,
    next: 'Each line must be one task: id, request, files, test, hiddenFiles, hiddenTest, reference, language.',
    exit: exitCodes.badUse,
    facts: { file, line },
  });

// ---- models ---------------------------------------------------------------------------------------------------------------------
// `detail` is what the server or the network said, already redacted by the caller. `spent` goes into the facts, so that budgets can
// count what a failed call has cost all the same: `usage` (estimated) and `partialText`.

type ModelFacts = Readonly<Record<string, unknown>>;

const modelFailure = (code: ErrorCode, message: string, next: string, facts: ModelFacts): TeamwrightError =>
  new TeamwrightError({ code, message, next, exit: exitCodes.environment, facts });

const because = (detail: string): string => (detail === '' ? '.' : `: ${detail.replace(/[.\s]+$/, '')}.`);

export const modelUnreachable = (endpoint: string, detail: string): TeamwrightError =>
  modelFailure(
    'model-unreachable',
    `The model server ${endpoint} cannot be reached${because(detail)}`,
    'Check that the server runs and that its address is right, or leave the address out to use the embedded model.',
    { endpoint, detail },
  );

export const modelUnauthorized = (endpoint: string, detail: string): TeamwrightError =>
  modelFailure(
    'model-unauthorized',
    `The model server ${endpoint} refused access${because(detail)}`,
    'Check the API key for this host (environment or key file) and that the account has credit.',
    { endpoint, detail },
  );

export const modelNotFound = (endpoint: string, model: string, detail: string): TeamwrightError =>
  modelFailure(
    'model-not-found',
    `The model server ${endpoint} does not know the model ${model}${because(detail)}`,
    '`teamwright model list` shows the models it has; check also that the address ends in /v1 where the server wants it.',
    { endpoint, model, detail },
  );

/** `retryAfterMs` is what the server asked for, when it did. */
export const modelRateLimited = (endpoint: string, retryAfterMs: number | undefined, detail: string): TeamwrightError =>
  modelFailure(
    'model-rate-limited',
    `The model server ${endpoint} limits the rate of requests${because(detail)}`,
    retryAfterMs === undefined ? 'Wait a little, then run again.' : `Wait ${Math.ceil(retryAfterMs / 1000)} seconds, then run again.`,
    { endpoint, retryAfterMs, detail },
  );

/** `phase`: nothing came at all within the limit, or the reply fell silent in the middle. */
export const modelTimeout = (endpoint: string, phase: 'first-byte' | 'idle', limitMs: number, spent: ModelFacts): TeamwrightError =>
  modelFailure(
    'model-timeout',
    phase === 'first-byte'
      ? `The model server ${endpoint} sent nothing for ${limitMs / 1000} seconds.`
      : `The model server ${endpoint} fell silent in the middle of a reply for ${limitMs / 1000} seconds.`,
    'Raise the time limit for slow models, shorten the request, or choose a faster model.',
    { endpoint, phase, limitMs, ...spent },
  );

export const modelHalfStream = (endpoint: string, detail: string, spent: ModelFacts): TeamwrightError =>
  modelFailure(
    'model-half-stream',
    `The model server ${endpoint} broke off in the middle of a reply${because(detail)}`,
    'Run again; if it happens often, look at the log of the server.',
    { endpoint, detail, ...spent },
  );

export const modelBadReply = (endpoint: string, detail: string, spent: ModelFacts = {}): TeamwrightError =>
  modelFailure(
    'model-bad-reply',
    `The model server ${endpoint} sent a reply that is not the OpenAI protocol${because(detail)}`,
    'Check that the address is that of an OpenAI-compatible server (often it ends in /v1).',
    { endpoint, detail, ...spent },
  );

/** `contextTokens` is the window the server named, when it did. */
export const modelContextFull = (endpoint: string, model: string, contextTokens: number | undefined, detail: string): TeamwrightError =>
  modelFailure(
    'model-context-full',
    `The request is too long for the model ${model} at ${endpoint}${because(detail)}`,
    'Name fewer files in the request, start the server with a larger context, or choose a model with a larger one.',
    { endpoint, model, contextTokens, detail },
  );

export const modelServerError = (
  endpoint: string,
  status: number | undefined,
  retryAfterMs: number | undefined,
  detail: string,
): TeamwrightError =>
  modelFailure(
    'model-server-error',
    `The model server ${endpoint} failed${status === undefined ? '' : ` with status ${status}`}${because(detail)}`,
    'Run again; if it stays, look at the log of the server.',
    { endpoint, status, retryAfterMs, detail },
  );

/** The server understood and refuses: a parameter or a schema it does not support. */
export const modelRefused = (endpoint: string, status: number, detail: string): TeamwrightError =>
  modelFailure(
    'model-refused',
    `The model server ${endpoint} refused the request with status ${status}${because(detail)}`,
    '`teamwright model probe` shows what this server can do.',
    { endpoint, status, detail },
  );

/** What a language model of VS Code fails with: our code, what happened (the model's name comes before it), what to do. */
const vscodeFailures = {
  'not-allowed': [
    'model-unauthorized',
    'may not be used by Teamwright: VS Code was not given permission',
    'Allow it in VS Code under Accounts, Manage Language Model Access, or choose another model.',
  ],
  blocked: [
    'model-unauthorized',
    'is blocked for Teamwright: its quota is used up, or a rule of the organisation forbids it',
    'VS Code gives extensions no figures of the quota; the status of the provider shows them. Wait until it is renewed, or choose another model.',
  ],
  gone: [
    'model-not-found',
    'is not there (any more)',
    'Sign in to its provider and look whether it still offers the model, or choose another one.',
  ],
  busy: ['model-rate-limited', 'limits the rate of requests', 'Wait a little, then run again.'],
  'off-topic': ['model-refused', 'refused the request as off topic', 'Put the request as a coding task, or choose another model.'],
  filtered: ['model-refused', 'filtered the request or its answer', 'Put the request in other words, or choose another model.'],
  'too-long': [
    'model-context-full',
    'cannot read so long a request',
    'Name fewer files in the request, or choose a model with a larger context.',
  ],
  unreachable: ['model-unreachable', 'cannot be reached', 'Check the network, or choose another model.'],
  silent: ['model-timeout', 'sent nothing for too long', 'Run again, or choose a faster model.'],
  'broken-off': ['model-half-stream', 'broke off in the middle of a reply', 'Run again; if it happens often, choose another model.'],
  empty: ['model-bad-reply', 'sent an empty reply', 'Run again; if it stays, choose another model.'],
  failed: ['model-server-error', 'failed', 'Run again; if it stays, the output of its provider says more.'],
} as const satisfies Record<string, readonly [ErrorCode, string, string]>;

export type VscodeModelFailure = keyof typeof vscodeFailures;

/** `model` as `vendor/name`. */
export const vscodeModelFailed = (kind: VscodeModelFailure, model: string, detail: string, spent: ModelFacts = {}): TeamwrightError => {
  const [code, what, next] = vscodeFailures[kind];
  return modelFailure(code, `The VS Code model ${model} ${what}${because(detail)}`, next, { endpoint: 'vscode', model, detail, ...spent });
};

/** `endpoint` is its name in the settings; hosts are `name:port`. */
export const keyOfAnotherHost = (endpoint: string, keyHost: string, host: string): TeamwrightError =>
  modelFailure(
    'model-unauthorized',
    `The key of the endpoint ${endpoint} was given for ${keyHost}, and the endpoint is at ${host} now; it was not sent there.`,
    'If the new address is right, set the key again.',
    { endpoint, keyHost, host },
  );

/** A replay asked for a reply that the trace does not hold. */
export const replyNotRecorded = (model: string): TeamwrightError =>
  new TeamwrightError({
    code: 'replay-diverged',
    message: `The replay asked ${model} something that was not asked in the recorded run.`,
    next: 'Replay with the version of Teamwright that recorded the run; `teamwright runs show` reads the trace all the same.',
    exit: exitCodes.environment,
    facts: { model },
  });

export const unsafeKeyFile = (path: string, why: string, next: string): TeamwrightError =>
  new TeamwrightError({
    code: 'bad-settings',
    message: `The key file ${path} is not used: ${why}.`,
    next,
    exit: exitCodes.badUse,
    facts: { path },
  });

// ---- command line ---------------------------------------------------------------------------------------------------------------

/** Every problem of the settings file, with its line and field where known. */
export const badSettings = (
  file: string,
  problems: readonly { readonly line?: number; readonly field?: string; readonly message: string }[],
  cause?: unknown,
): TeamwrightError =>
  new TeamwrightError({
    code: 'bad-settings',
    message: [
      `The settings in ${file} cannot be used:`,
      ...problems.map(
        ({ line, field, message }) => `  ${line === undefined ? '' : `line ${line}: `}${field === undefined ? '' : `${field}: `}${message}`,
      ),
    ].join('\n'),
    next: 'Correct the file, or move it away to go on with the defaults. It was not changed.',
    exit: exitCodes.badUse,
    facts: { file, problems },
    cause,
  });

/** `field` is the whole name of a setting of VS Code. */
export const editorSettingsBad = (problems: readonly { readonly field: string; readonly message: string }[]): TeamwrightError =>
  new TeamwrightError({
    code: 'bad-settings',
    message: `The settings cannot be used: ${problems.map(({ field, message }) => `${field} ${message.slice(0, 1).toLowerCase()}${message.slice(1)}`).join('; ')}.`,
    next: 'Correct the setting and try again. Nothing was started.',
    exit: exitCodes.badUse,
    facts: { problems },
  });

/** Restricted Mode of VS Code. */
export const notTrusted = (): TeamwrightError =>
  new TeamwrightError({
    code: 'workspace-unusable',
    message: 'This folder is in Restricted Mode, so Teamwright starts nothing in it.',
    next: 'Trust the folder (Manage Workspace Trust) and try again. Past runs can be read all the same.',
    exit: exitCodes.badUse,
  });

export const folderNotOpen = (folder: string): TeamwrightError =>
  new TeamwrightError({
    code: 'workspace-unusable',
    message: `The folder of this run, ${folder}, is not open in this window.`,
    next: 'Open the folder and try again.',
    exit: exitCodes.badUse,
    facts: { folder },
  });

// ---- plans ------------------------------------------------------------------------------------------------------------------------

/** `problems` are the validator's (path, message, code, severity); the first one is told at once, all are in the facts. */
export const planInvalid = (problems: readonly { readonly path: string; readonly message: string }[], name = ''): TeamwrightError => {
  const [first, ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new TeamwrightError({
    code: 'plan-invalid',
    message: `The plan${name === '' ? '' : ` "${name}"`} is not valid: ${first ? `${first.path === '' ? '' : `${first.path}: `}${first.message}` : 'no reason given.'}${more}`,
    next: '`teamwright plan check FILE` lists every problem with its line.',
    exit: exitCodes.badUse,
    facts: { problems },
  });
};

// ---- workspace ------------------------------------------------------------------------------------------------------------------

export const gitMissing = (cause?: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'git-missing',
    message: 'The program `git` was not found.',
    next: 'Install git and make sure that it is on the PATH.',
    exit: exitCodes.environment,
    cause,
  });

/** A full disk has a code of its own, whoever met it. */
const diskIsFull = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i;

export const gitFailed = (command: string, said: string, where: string, cause?: unknown): TeamwrightError =>
  diskIsFull.test(said)
    ? diskFull(where, cause)
    : new TeamwrightError({
        code: 'git-failed',
        message: `git ${command} failed in ${where}: ${said.trim().slice(0, 500)}`,
        next: 'Check the repository with `git status` and `git fsck`. The workspace was not changed.',
        exit: exitCodes.environment,
        facts: { command, said: said.slice(0, 2000), where },
        cause,
      });

export const workspaceUnusable = (
  workspace: string,
  why: string,
  next = 'Choose the folder of your project as the workspace.',
): TeamwrightError =>
  new TeamwrightError({
    code: 'workspace-unusable',
    message: `${workspace} cannot be used as a workspace: ${why}.`,
    next,
    exit: exitCodes.badUse,
    facts: { workspace, why },
  });

export const copyNotIsolated = (copy: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'copy-not-isolated',
    message: `The workspace copy ${copy} is not safely apart from the workspace: ${why}.`,
    next: 'Nothing was run in it. Choose a data folder outside the workspace, without symbolic links into it.',
    exit: exitCodes.environment,
    facts: { copy, why },
  });

export const dataFolderNotApart = (dataDir: string, workspace: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'copy-not-isolated',
    message: `The data folder ${dataDir} is not apart from the workspace ${workspace}: ${why}.`,
    next: 'Set TEAMWRIGHT_DATA to a folder outside the project. Nothing was written.',
    exit: exitCodes.badUse,
    facts: { dataDir, workspace, why },
  });

export const dataFolderUnusable = (dataDir: string, why: string, cause?: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'data-folder-unusable',
    message: `The data folder ${dataDir} cannot be used: ${why}.`,
    next: 'Check the folder and its permissions, or set TEAMWRIGHT_DATA to another folder.',
    exit: exitCodes.environment,
    facts: { dataDir, why },
    cause,
  });

export const pathEscapes = (path: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'path-escapes',
    message: `The path ${JSON.stringify(path)} is refused: ${why}.`,
    next: 'Name a file inside the workspace, relative to its top, without symbolic links on the way.',
    exit: exitCodes.badUse,
    facts: { path, why },
  });

export const applyFailed = (what: string, cause?: unknown): TeamwrightError =>
  diskIsFull.test(errorText(cause))
    ? diskFull('the workspace', cause)
    : new TeamwrightError({
        code: 'apply-conflict',
        message: `The change could not be written: ${what}.`,
        next: 'All files are as they were before. Solve the cause and apply again.',
        exit: exitCodes.environment,
        facts: { what },
        cause,
      });

// ---- local model ----------------------------------------------------------------------------------------------------------------

export const localModelMissing = (id: string, what: string): TeamwrightError =>
  new TeamwrightError({
    code: 'local-model-missing',
    message: `The embedded model ${id} is not set up: ${what} is missing.`,
    next: `Run \`teamwright model setup ${id}\`.`,
    exit: exitCodes.environment,
    facts: { id, what },
  });

export const localModelCorrupt = (id: string, source: string, found: string): TeamwrightError =>
  new TeamwrightError({
    code: 'local-model-corrupt',
    message: `The weights of ${id} from ${source} are not the publisher's: ${found}.`,
    next: 'The download was thrown away. Run `teamwright model setup` again; if it stays, the source is broken.',
    exit: exitCodes.environment,
    facts: { id, source, found },
  });

export const localModelFailed = (id: string, why: string, logFile?: string): TeamwrightError =>
  new TeamwrightError({
    code: 'local-model-failed',
    message: `The embedded model ${id} could not be started: ${why}`,
    next:
      logFile === undefined
        ? 'Run `teamwright model setup` again.'
        : `Its log is ${logFile}. \`teamwright model setup\` repairs a broken engine.`,
    exit: exitCodes.environment,
    facts: { id, why, logFile },
  });

/** `reasons` says for each source tried why it gave nothing. */
export const downloadFailed = (what: string, reasons: readonly string[]): TeamwrightError =>
  new TeamwrightError({
    code: 'download-failed',
    message: `${what} could not be downloaded. ${reasons.join(' ')}`,
    next: 'Check the network (or mend what is named above) and run `teamwright model setup` again: what arrived so far is kept.',
    exit: exitCodes.environment,
    facts: { what, reasons },
  });

/** Sizes in bytes. */
export const diskTooSmall = (folder: string, needed: number, free: number): TeamwrightError =>
  new TeamwrightError({
    code: 'disk-full',
    message: `Setting up needs ${Math.ceil(needed / 1e6)} MB in ${folder}, and ${Math.floor(free / 1e6)} MB are free.`,
    next: 'Free some space, or choose another folder with TEAMWRIGHT_CACHE. The 0.5B model needs less than half.',
    exit: exitCodes.environment,
    facts: { folder, needed, free },
  });

// ---- runs -----------------------------------------------------------------------------------------------------------------------

/** `said` is what the system said of the command. */
export const testsNotStarted = (display: string, said: string): TeamwrightError =>
  new TeamwrightError({
    code: 'command-not-found',
    message: `The tests (${display}) could not be started${because(said)}`,
    next: 'Install what they need, or name another command with --test "…". Without tests nothing can judge a change.',
    exit: exitCodes.environment,
    facts: { display, said },
  });

export const approvalStale = (seen: string, now: string): TeamwrightError =>
  new TeamwrightError({
    code: 'approval-stale',
    message: `The approval is for plan ${seen.slice(0, 12)}, and the plan is ${now.slice(0, 12)} now.`,
    next: 'Look at the plan as it is now and approve that.',
    exit: exitCodes.badUse,
    facts: { seen, now },
  });

export const notProposed = (outcome: string, failure: { readonly message: string; readonly next: string } | undefined): TeamwrightError =>
  new TeamwrightError({
    code: outcome === 'stopped' ? 'stopped' : 'model-bad-reply',
    message: failure?.message ?? `No plan was made: ${outcome}.`,
    next: failure?.next ?? 'Try another designer, for example --designer library.',
    exit: outcome === 'stopped' ? exitCodes.stopped : exitCodes.environment,
  });

/** The plan may be right; the limits (the user's, or its own) do not allow it. `problems` are the validator's. */
export const planOverBudget = (name: string, problems: readonly { readonly message: string }[]): TeamwrightError =>
  new TeamwrightError({
    code: 'budget-exceeded',
    message: `The plan "${name}" does not fit the budget: ${problems.map((problem) => problem.message).join(' ')}`,
    next: 'Raise the budget, or choose a smaller team.',
    exit: exitCodes.budget,
    facts: { problems },
  });

export const notReplayable = (runId: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'replay-diverged',
    message: `Run ${runId} cannot be replayed: ${why}.`,
    next: 'Only runs that finished can be replayed; `teamwright runs show` tells how it ended.',
    exit: exitCodes.badUse,
  });

export const notContinuable = (runId: string, why: string, next: string): TeamwrightError =>
  new TeamwrightError({
    code: 'bad-argument',
    message: `Nothing can go on from run ${runId}: ${why}.`,
    next,
    exit: exitCodes.badUse,
    facts: { runId },
  });

/** A reward that says nothing of the plan would teach something false, so there is none. */
export const notGradable = (runId: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'not-gradable',
    message: `No reward on run ${runId}: ${why}.`,
    next: 'Grade on another run, or solve the cause; `teamwright runs show` tells what the run was like.',
    exit: exitCodes.environment,
    facts: { runId, why },
  });

export const notApplicable = (runId: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'bad-argument',
    message: `There is nothing to apply in run ${runId}: ${why}.`,
    next: '`teamwright runs list` shows the runs that have a change.',
    exit: exitCodes.badUse,
  });

export const planUnreadable = (file: string, why: string, cause?: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'plan-unreadable',
    message: `The plan ${file} cannot be read: ${why}.`,
    next: 'Check the name; `teamwright plan "…" --out FILE` writes a plan.',
    exit: exitCodes.badUse,
    facts: { file },
    cause,
  });

// ---- lessons --------------------------------------------------------------------------------------------------------------------

export const indexUnusable = (file: string, why: string, cause?: unknown): TeamwrightError =>
  new TeamwrightError({
    code: 'index-unusable',
    message: `The index of runs ${file} cannot be used: ${why}.`,
    next: 'It is only a cache: delete the file, and it is made again from the traces.',
    exit: exitCodes.environment,
    facts: { file, why },
    cause,
  });

/** What is written so far stays, and the same command with --resume goes on. */
export const exportFailed = (where: string, why: string, cause?: unknown): TeamwrightError =>
  diskIsFull.test(why)
    ? diskFull(where, cause)
    : new TeamwrightError({
        code: 'export-failed',
        message: `The export to ${where} came to a halt: ${why}.`,
        next: 'Solve the cause and give the same command with --resume: nothing is lost and nothing is written twice.',
        exit: exitCodes.environment,
        facts: { where, why },
        cause,
      });

// ---- sharing --------------------------------------------------------------------------------------------------------------------

/** `why` is a sentence. */
export const sharingOff = (workspace: string, why: string): TeamwrightError =>
  new TeamwrightError({
    code: 'sharing-off',
    message: `Nothing was sent from ${workspace}. ${why}`,
    next: 'Sharing needs your word for this workspace (`teamwright share on`) and no switch against it; `teamwright share status` shows both.',
    exit: exitCodes.badUse,
    facts: { workspace, why },
  });
