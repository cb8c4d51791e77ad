/**
 * The closed set of failures a user can meet. Rooms throw them (or let them through) with a code and its facts (`error-facts.ts`) and speak no
 * program's language: the sentence here is for traces and logs. What the user reads, with the next step, is in the program's own table
 * (`cli/failure-table.ts`, `editor/failure-table.ts`).
 */
import type { ErrorCode, Facts, RecordedFailure } from './error-facts.ts';

export type { ErrorCode, Facts, RecordedFailure } from './error-facts.ts';

/** What a call has cost that failed all the same. */
export interface Spent {
  /** Tokens, as estimated (`Usage` of `models/types.ts`). */
  readonly usage?: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cachedInputTokens: number;
    readonly estimated: boolean;
  };
  readonly partialText?: string;
}

interface Circumstances extends Spent {
  readonly cause?: unknown;
  /** The sentence that a trace kept, in place of the one that the facts give. */
  readonly recorded?: string;
}

export class TeamwrightError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  /** Also for machines (`--json`, the trace). Never a secret. */
  readonly facts: Facts[C];
  readonly spent: Spent;

  constructor(code: C, facts: Facts[C], { cause, recorded, ...spent }: Circumstances = {}) {
    super(recorded ?? sentences[code](facts), cause === undefined ? undefined : { cause });
    this.name = 'TeamwrightError';
    this.code = code;
    this.facts = facts;
    this.spent = spent;
  }
}

export function isTeamwrightError<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is TeamwrightError<C> {
  return error instanceof TeamwrightError && (code === undefined || error.code === code);
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whatever was thrown, as traces and results keep it. What is none of ours is our own mistake. */
export function failureOf(error: unknown): RecordedFailure {
  const { code, message, facts } = isTeamwrightError(error) ? error : new TeamwrightError('internal', { detail: errorText(error) });
  return { code, message, facts };
}

/** A recorded failure, to be thrown again. An older trace holds no facts: who shows one asks `knownFailure` whether they are all there. */
export function recordedError({ code, message, facts = {} }: RecordedFailure, spent: Spent = {}): TeamwrightError {
  return new TeamwrightError(code as ErrorCode, facts as Facts[ErrorCode], { recorded: message, ...spent });
}

// ---- one factory each, for codes that are made in several places, or that take more than their facts -----------------------------------

export const stopped = (by: string) => new TeamwrightError('stopped', { by });

/** Why a signal fired. */
export const stopOf = (signal: AbortSignal): TeamwrightError => (isTeamwrightError(signal.reason) ? signal.reason : stopped('request'));

/** Throws `stopped` when the signal has fired. Call it before anything that costs. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw stopOf(signal);
}

export const runUnknown = (runId: string) => new TeamwrightError('run-unknown', { runId });
export const runBusy = (runId: string, pid: number) => new TeamwrightError('run-busy', { runId, pid });
export const diskFull = (path: string, cause?: unknown) => new TeamwrightError('disk-full', { path }, { cause });
export const fenceMissing = (reason: string) => new TeamwrightError('fence-missing', { reason });
export const gitMissing = (cause?: unknown) => new TeamwrightError('git-missing', {}, { cause });
export const pathEscapes = (path: string, detail: string) => new TeamwrightError('path-escapes', { path, detail });
export const copyNotIsolated = (copy: string, detail: string) => new TeamwrightError('copy-not-isolated', { copy, detail });
export const notReplayable = (runId: string, detail: string) => new TeamwrightError('not-replayable', { why: 'incomplete', runId, detail });
/** In the middle of a sentence. */
export const recordChanged = (line: number): string => `its record was changed after it was written (before line ${line})`;
export const notGradable = (runId: string, detail: string) => new TeamwrightError('not-gradable', { runId, detail });
export const notContinuable = (facts: Facts['not-continuable']) => new TeamwrightError('not-continuable', facts);
export const notApplicable = (facts: Facts['not-applicable']) => new TeamwrightError('not-applicable', facts);
export const benchUnusable = (facts: Facts['bench-unusable']) => new TeamwrightError('bench-unusable', facts);
export const requestInvalid = (facts: Facts['request-invalid']) => new TeamwrightError('request-invalid', facts);
export const imageUnusable = (facts: Facts['image-unusable']) => new TeamwrightError('image-unusable', facts);
export const taskInvalid = (file: string, line: number, problem: string) => new TeamwrightError('task-invalid', { file, line, problem });
export const indexUnusable = (file: string, cause: unknown) =>
  new TeamwrightError('index-unusable', { file, detail: errorText(cause) }, { cause });
export const traceUnreadable = (path: string, detail: string, cause?: unknown) =>
  new TeamwrightError('trace-unreadable', { path, detail }, { cause });
export const localModelFailed = (id: string, detail: string, logFile?: string) =>
  new TeamwrightError('local-model-failed', { id, detail, logFile });
export const localModelMissing = (id: string, what: Facts['local-model-missing']['what']) =>
  new TeamwrightError('local-model-missing', { id, what });
export const downloadFailed = (what: string, reasons: readonly string[]) => new TeamwrightError('download-failed', { what, reasons });

export const badSettings = (problems: Facts['bad-settings']['problems'], file?: string, cause?: unknown) =>
  new TeamwrightError('bad-settings', { file, problems }, { cause });

export const planInvalid = (problems: Facts['plan-invalid']['problems'], name?: string) =>
  new TeamwrightError('plan-invalid', { name, problems });
export const planUnreadable = (file: string, cause: unknown) =>
  new TeamwrightError('plan-unreadable', { file, detail: errorText(cause) }, { cause });

export const workspaceUnusable = (workspace: string, why: Facts['workspace-unusable']['why'], cause?: unknown) =>
  new TeamwrightError('workspace-unusable', { workspace, why, detail: cause === undefined ? undefined : errorText(cause) }, { cause });

/** A full disk has a code of its own, whoever met it. */
const diskIsFull = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i;

export const gitFailed = (command: string, said: string, where: string, cause?: unknown): TeamwrightError =>
  diskIsFull.test(said)
    ? diskFull(where, cause)
    : new TeamwrightError('git-failed', { command, said: said.slice(0, 2000), where }, { cause });

export const applyFailed = (detail: string, cause?: unknown): TeamwrightError =>
  diskIsFull.test(errorText(cause)) ? diskFull('the workspace', cause) : new TeamwrightError('apply-conflict', { detail }, { cause });

/** What is written so far stays, and another try goes on from there. */
export const exportFailed = (where: string, detail: string, cause?: unknown): TeamwrightError =>
  diskIsFull.test(detail) ? diskFull(where, cause) : new TeamwrightError('export-failed', { where, detail }, { cause });

// ---- the sentences of traces and logs ---------------------------------------------------------------------------------------------

type OfWhy<F, W> = [Extract<F, { readonly why: W }>] extends [never] ? F : Extract<F, { readonly why: W }>;

/** The words for the cause at hand, of a code that has several. */
export function byWhy<F extends { readonly why: string }, T extends string | { readonly message: string } = string>(
  facts: F,
  words: { readonly [W in F['why']]: T | ((facts: OfWhy<F, W>) => T) },
): T {
  const found = words[facts.why as F['why']] as T | ((facts: F) => T);
  return typeof found === 'function' ? (found as (facts: F) => T)(facts) : found;
}

/** What a server said, at the end of a sentence. */
export const because = (detail: string): string => (detail === '' ? '.' : `: ${detail.replace(/(?<![.\s])[.\s]+$/, '')}.`);

const settingLine = ({ line, field, message }: Facts['bad-settings']['problems'][number]): string =>
  `  ${line === undefined ? '' : `line ${line}: `}${field === undefined ? '' : `${field}: `}${message}`;

const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);

const serverText = ({ endpoint, model }: { readonly endpoint: string; readonly model?: string }): string =>
  model === undefined ? `The model server ${endpoint}` : `The model ${model} at ${endpoint}`;

const sentences: { readonly [C in ErrorCode]: (facts: Facts[C]) => string } = {
  'request-invalid': (facts) =>
    byWhy(facts, {
      'not-text': 'The request is not a text.',
      empty: 'The request is empty.',
      'too-long': ({ characters, most }) => `The request has ${characters} characters; at most ${most} are taken.`,
      'control-character': ({ character, position }) => `The request holds a control character (${character}) at position ${position}.`,
      outside: ({ path }) => `The path ${JSON.stringify(path)} is not inside the workspace.`,
      shape: ({ problem }) => `The request is not understood: ${problem}`,
    }),
  'file-unusable': ({ path }) =>
    `${JSON.stringify(path)} cannot be changed: it cannot be told in which encoding it is, and what stands in it might be damaged.`,
  'image-unusable': (facts) =>
    byWhy(facts, {
      kind: ({ name }) => `${name} is no picture of a kind that models take (PNG, JPEG, WebP, GIF).`,
      broken: ({ name }) => `The picture ${name} is damaged: it has no end, or does not say how large it is.`,
      unreadable: ({ name, detail }) => `The picture ${name} cannot be read: ${detail}.`,
      'too-large': ({ name, bytes, most }) => `The picture ${name} has ${megabytes(bytes)} MB; at most ${megabytes(most)} MB are taken.`,
      'too-wide': ({ name, width, height, most }) =>
        `The picture ${name} has ${width} × ${height} pixels; at most ${most} are taken on a side.`,
      'too-many': ({ count, most }) => `The request has ${count} pictures; at most ${most} are taken.`,
      gone: ({ name }) => `The picture ${name} is not at hand any more.`,
    }),
  'designer-unknown': ({ name }) => `There is no designer "${name}".`,
  'plan-invalid': ({ name, problems: [first, ...others] }) => {
    const told = first === undefined ? 'no reason given.' : `${first.path === '' ? '' : `${first.path}: `}${first.message}`;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return `The plan${name === undefined ? '' : ` "${name}"`} is not valid: ${told}${more}`;
  },
  'plan-unreadable': ({ file, detail }) => `The plan ${file} cannot be read: ${detail}.`,
  'no-plan': ({ outcome }) => `No plan was made: ${outcome}.`,
  'approval-stale': ({ seen, now }) => `The approval is for plan ${seen.slice(0, 12)}, and the plan is ${now.slice(0, 12)} now.`,
  'bad-settings': ({ file, problems }) =>
    [`The settings${file === undefined ? '' : ` in ${file}`} cannot be used:`, ...problems.map(settingLine)].join('\n'),
  'bad-variable': ({ variable, value, wanted }) =>
    `${variable} is "${value}", which is ${wanted === 'path' ? 'not an absolute path' : 'no address'}.`,
  'key-file-unsafe': (facts) =>
    `The key file ${facts.path} is not used: ${byWhy(facts, {
      unreadable: ({ detail }) => detail ?? 'it cannot be read',
      'in-workspace': 'it lies in the workspace, where agents and commits would see it',
      'open-to-all': 'every user of this machine can read or change it',
      'not-json': 'it is not JSON of the form {"keys": {"host": "key"}}',
    })}.`,

  'run-unknown': ({ runId }) => `There is no run "${runId}".`,
  'run-id-invalid': ({ runId }) => `"${runId}" is not a run id.`,
  'run-ambiguous': ({ runId, matches }) => `"${runId}" is the beginning of ${matches.length} run ids.`,
  'run-busy': ({ runId, pid }) => `Run "${runId}" is in use by process ${pid}.`,
  'not-continuable': (facts) =>
    `Nothing can go on from run ${facts.runId}: ${byWhy(facts, {
      'no-request': 'its trace does not say what was asked',
      'not-begun': 'it was cut short before it had begun',
      'not-ended': 'it has not ended',
      ended: ({ outcome }) => `it has ended (${outcome}), so there is nothing to resume`,
      resumed: ({ as }) => `it was resumed as ${as}`,
      'other-model': ({ began, endpoint, now }) => `it was begun with the model ${began} (${endpoint}), and the model is ${now} now`,
      'other-workspace': ({ workspace }) => `it ran on ${workspace}`,
      'no-change': ({ outcome }) => `it ended (${outcome}) without a change`,
      'no-candidate': ({ candidate }) => `it has no candidate ${candidate}`,
      'record-changed': ({ line }) => recordChanged(line),
    })}.`,
  'not-applicable': (facts) =>
    `Nothing of run ${facts.runId} is applied: ${byWhy(facts, {
      'no-snapshot': 'it never got as far as a snapshot',
      'not-ended': 'it did not finish',
      'no-change': ({ outcome }) => `it ended as "${outcome}" without a change`,
      'no-hunk': 'no hunk of it was accepted',
      'not-applied': 'nothing of it was applied',
      'record-changed': ({ line }) => recordChanged(line),
      'not-as-shown': 'its candidate is not the one that was shown',
      'not-as-tested': 'its candidate is not the one that was tested',
    })}.`,
  'candidate-unknown': ({ runId, candidate }) => `Run ${runId} has no candidate ${candidate}.`,
  'hunk-unknown': ({ hunk }) => `The hunk ${hunk} is not part of this diff.`,
  'not-replayable': (facts) =>
    `Run ${facts.runId} cannot be replayed: ${byWhy(facts, { incomplete: ({ detail }) => detail, 'record-changed': ({ line }) => recordChanged(line) })}.`,
  'not-gradable': ({ runId, detail }) => `No reward on run ${runId}: ${detail}.`,
  'replay-diverged': ({ model }) => `The replay asked ${model} something that was not asked in the recorded run.`,

  'budget-exceeded': (facts) =>
    'plan' in facts
      ? `The plan "${facts.plan}" does not fit the budget: ${facts.problems.map(({ message }) => message).join(' ')}`
      : `The budget of ${facts.limit} ${facts.name} does not allow the next call (it would reach ${facts.needed}).`,
  'run-ended-early': (facts) => {
    const { limit } = facts;
    if (facts.trigger === 'breaches')
      return `The run ended early, as its plan says: agents reached ${limit} times for what they may not use or write.`;
    if (facts.trigger === 'tokens')
      return `The run ended early, as its plan says: ${limit} tokens brought no candidate that passes more tests.`;
    const words = {
      fails: 'calls that failed',
      loops: 'agents in circles',
      silent: 'models that fell silent',
      format: 'replies that could not be read',
    };
    return `The run ended early, as its plan says: ${limit} failures of one kind in a row (${words[facts.trouble]}).`;
  },
  stopped: (facts) => ('step' in facts ? `The step ${facts.step} was skipped by the user.` : `Stopped by ${facts.by}.`),

  'workspace-unusable': (facts) =>
    `${facts.workspace} cannot be used as a workspace: ${byWhy(facts, {
      absent: 'it does not exist',
      'not-a-folder': 'it is not a folder',
      unreadable: ({ detail }) => (detail === undefined ? 'it cannot be read' : `it cannot be read (${detail})`),
      'bare-repository': 'it is a bare repository or the inside of a .git folder',
      'many-repositories': 'it holds many repositories and is none itself',
      'snapshot-gone': ({ detail }) => `its files as they were are not kept any more (${detail ?? ''})`,
    })}.`,
  'git-missing': () => 'The program `git` was not found.',
  'git-failed': ({ command, said, where }) => `git ${command} failed in ${where}: ${said.trim().slice(0, 500)}`,
  'copy-not-isolated': ({ copy, detail }) => `The workspace copy ${copy} is not safely apart from the workspace: ${detail}.`,
  'data-folder-not-apart': ({ dataDir, workspace, why, top }) => {
    const where = top === undefined ? 'the workspace' : `${top}, the repository that the workspace is a part of`;
    const told = why === 'inside' ? `the data folder lies inside ${where}` : 'the workspace lies inside the data folder';
    return `The data folder ${dataDir} is not apart from the workspace ${workspace}: ${told}.`;
  },
  'data-folder-unusable': (facts) =>
    `The data folder ${facts.dataDir} cannot be used: ${byWhy(facts, {
      'not-writable': 'it may not be written',
      'read-only': 'its disk is read-only',
      'file-in-the-way': 'a file stands in its way',
      'not-a-folder': 'something else than a folder stands in its place',
      'not-to-be-made': 'no folder can be made there',
      'of-another-user': 'it belongs to another user',
      'link-of-another-user': 'it is a link that another user made',
      shared: 'everybody has files in it',
      other: ({ detail }) => detail,
    })}.`,
  'temporary-folder-unusable': (facts) =>
    `The temporary folder ${facts.folder} cannot be used: ${byWhy(facts, {
      absent: 'it is not there',
      'not-a-folder': 'it is not a folder',
      'not-writable': 'it may not be written',
      'read-only': 'its disk is read-only',
      full: 'its disk is full',
      'no-programs': 'no program may be started from there, which the tests need',
      other: ({ detail }) => detail,
    })}.`,
  'path-escapes': ({ path, detail }) => `The path ${JSON.stringify(path)} is refused: ${detail}.`,
  'disk-full': ({ path, needed, free }) =>
    needed === undefined || free === undefined
      ? `The disk that holds ${path} is full.`
      : `Setting up needs ${megabytes(needed)} MB in ${path}, and ${Math.floor(free / 1e6)} MB are free.`,
  'fence-missing': ({ reason }) => `The code of this workspace cannot be kept apart from this machine: ${reason}.`,
  'server-failed': ({ server, why, detail }) =>
    why === 'not-configured'
      ? `The plan names the server "${server}", which the settings do not have.`
      : `The server "${server}" ${why === 'ended' ? 'has ended' : 'could not be started'}${because(detail)}`,
  'command-not-found': ({ display, detail }) => `The tests (${display}) could not be started${because(detail)}`,
  'apply-conflict': ({ detail }) => `The change could not be written: ${detail}.`,
  'trace-unreadable': ({ path, detail }) => `The trace ${path} could not be read: ${detail}.`,
  'trace-unwritable': ({ path, detail }) => `The trace ${path} could not be written: ${detail}.`,
  'index-unusable': ({ file, detail }) => `The index of runs ${file} cannot be used: ${detail}.`,
  internal: ({ detail }) => `Something went wrong inside Teamwright: ${detail}`,

  'model-name-invalid': (facts) =>
    byWhy(facts, {
      empty: 'The name of a model is empty.',
      'no-model': ({ name }) => `"${name}" names a server but no model.`,
      'no-size': ({ name }) => `"${name}" names no size.`,
      address: ({ name }) => `"${name}" has an address that cannot be read.`,
      login: 'The name of a model holds a user name or password in its address.',
      vscode: ({ name }) => `"${name}" names no model of VS Code.`,
    }),
  'endpoint-unknown': ({ endpoint }) => `The settings have no endpoint "${endpoint}".`,
  'model-unlocated': ({ model }) => `No server is known for the model "${model}".`,
  'model-elsewhere': ({ model }) => `${model} can be asked only inside VS Code.`,
  'model-unchosen': ({ address, models }) =>
    `The server ${address} ${models.length === 0 ? 'lists no models' : `has ${models.length} models, and none was named`}.`,
  'model-unreachable': (facts) => `${serverText(facts)} cannot be reached${because(facts.detail)}`,
  'model-unauthorized': (facts) =>
    `${serverText(facts)} ${byWhy(facts, {
      refused: 'refused access',
      'no-consent': 'may not be used: the user gave no permission',
      quota: 'is blocked: its quota is used up, or a rule of the organisation forbids it',
    })}${because(facts.detail)}`,
  'model-not-found': ({ endpoint, model = '', detail }) =>
    `The model server ${endpoint} does not know the model ${model}${because(detail)}`,
  'model-rate-limited': (facts) => `${serverText(facts)} limits the rate of requests${because(facts.detail)}`,
  'model-timeout': (facts) =>
    `${serverText(facts)} ${facts.phase === 'first-byte' ? 'sent nothing' : 'fell silent in the middle of a reply'} for ${facts.limitMs / 1000} seconds${because(facts.detail)}`,
  'model-half-stream': (facts) => `${serverText(facts)} broke off in the middle of a reply${because(facts.detail)}`,
  'model-bad-reply': (facts) =>
    `${serverText(facts)} sent ${facts.why === 'empty' ? 'an empty reply' : 'a reply that is not the OpenAI protocol'}${because(facts.detail)}`,
  'model-context-full': ({ endpoint, model = '', detail }) =>
    `The request is too long for the model ${model} at ${endpoint}${because(detail)}`,
  'model-server-error': (facts) =>
    `${serverText(facts)} failed${facts.status === undefined ? '' : ` with status ${facts.status}`}${because(facts.detail)}`,
  'model-refused': (facts) =>
    `${serverText(facts)} ${byWhy(facts, {
      parameters: ({ status }) => `refused the request${status === undefined ? '' : ` with status ${status}`}`,
      'off-topic': 'refused the request as off topic',
      filtered: 'filtered the request or its answer',
    })}${because(facts.detail)}`,
  'local-model-unknown': ({ id }) => `There is no embedded model "${id}".`,
  'local-model-missing': ({ id, what }) =>
    what === 'adapter'
      ? `The embedded model ${id} was not trained on this machine.`
      : what === 'damaged-adapter'
        ? `What was trained for the embedded model ${id} cannot be used: its file is damaged, or holds no LoRA weights.`
        : what === 'foreign-adapter'
          ? `What was trained for the embedded model ${id} cannot be used: it was trained on other weights than the ones here.`
          : `The embedded model ${id} is not set up: ${what === 'weights' ? 'the file with the weights' : 'the engine'} is missing.`,
  'local-model-corrupt': ({ id, source, found }) => `The weights of ${id} from ${source} are not the publisher's: ${found}.`,
  'local-model-failed': ({ id, detail }) => `The embedded model ${id} could not be started: ${detail}`,
  'download-failed': ({ what, reasons }) => `${what} could not be downloaded. ${reasons.join(' ')}`,

  'nothing-to-export': ({ total, wanted }) =>
    total === 0
      ? 'There are no runs to export yet.'
      : `None of the ${total} ${total === 1 ? 'run' : 'runs'} on this machine can be exported: there is no run ${wanted.length > 0 ? wanted.join(', ') : 'that has ended'}.`,
  'export-unusable': (facts) =>
    byWhy(facts, {
      'there-already': ({ path }) => `${path} is there already.`,
      'cut-short': ({ path }) => `An export to ${path} was cut short.`,
      'other-settings': ({ path }) => `The export to ${path} was begun with other settings.`,
      'not-ours': ({ path }) => `${path} is not the progress of an export.`,
    }),
  'export-failed': ({ where, detail }) => `The export to ${where} came to a halt: ${detail}.`,
  'address-invalid': (facts) =>
    byWhy(facts, {
      'no-address': ({ address }) => `"${address}" is not an address.`,
      'no-http': ({ address }) => `"${address}" is no HTTP address.`,
      'no-https': ({ address }) => `${address} is not reached by https.`,
      login: 'The address holds a login.',
      query: 'The address holds a query.',
      'data-set': ({ address }) => `"${address}" is not the name of a data set.`,
    }),
  'payload-broken': (facts) =>
    byWhy(facts, {
      empty: 'Nothing is left of the payload.',
      'not-json': ({ line }) => `Line ${line} of the payload is no JSON any more.`,
      'not-yaml': ({ line }) => `Line ${line} of the payload cannot be read as YAML any more.`,
    }),
  'shared-item-unknown': ({ id, matches }) =>
    matches === 0 ? `Nothing called "${id}" was queued or shared.` : `"${id}" is the beginning of ${matches} ids.`,
  'nothing-to-share': (facts) =>
    byWhy(facts, {
      empty: ({ runId }) => `The run ${runId} holds nothing to share.`,
      'record-changed': ({ runId, line }) => `Nothing of the run ${runId} is shared: ${recordChanged(line)}.`,
    }),
  'sharing-off': ({ workspace, against }) => `Nothing was sent from ${workspace}. ${against}`,

  'task-invalid': ({ file, line, problem }) => `${file}:${line}: ${problem}.`,
  'bench-unusable': (facts) =>
    byWhy(facts, {
      'tasks-unreadable': ({ file, detail }) => `The task file ${file} cannot be read: ${detail}.`,
      'no-tasks': ({ file }) => `The task file ${file} holds no task.`,
      'arm-unknown': ({ name }) => `There is no arm "${name}".`,
      'results-unreadable': ({ file, detail }) => `The results file ${file} cannot be read: ${detail}.`,
      'bank-unreadable': ({ file, detail }) => `The outcome bank ${file} cannot be read: ${detail}.`,
      'journal-unreadable': ({ file, detail }) => `The journal of the search ${file} cannot be read: ${detail}.`,
      'journal-unwritable': ({ file, detail }) => `The journal of the search ${file} cannot be written: ${detail}.`,
      'beliefs-unreadable': ({ file, detail }) => `The beliefs in ${file} cannot be read: ${detail}.`,
      'bank-empty': ({ files }) => `There is no attempt in ${files.join(', ')}.`,
      'results-there': ({ file, results }) => `The results file ${file} holds ${results} results already.`,
      shard: ({ text }) => `"${text}" is not a shard.`,
      'folder-not-empty': ({ folder, task }) => `The folder ${folder} for task ${task} is not empty.`,
      path: ({ path, problem }) => `The path "${path}" ${problem}.`,
      'queue-address': ({ problem }) => `The address of the queue ${problem}.`,
    }),
  'queue-unusable': (facts) =>
    byWhy(facts, {
      'packages-missing': 'A queue needs the packages bullmq and ioredis, which are not installed.',
      unreachable: ({ address, detail }) => `No Redis answers at ${address}: ${detail}.`,
      refused: ({ address, detail }) => `The Redis at ${address} refuses the login: ${detail}.`,
    }),
};
