/**
 * What each failure knows of itself, by its code: the one place where a code is made. The core's sentence (`errors.ts`) and each program's
 * own words and next steps follow from these facts, and do not compile without a new code.
 */
import * as z from 'zod';

const text = z.string();
const texts = z.array(text).readonly();
const count = z.number();

/** Of a plan (`said`: the sentence in its parts, to be said in any words); of settings, where no field means the whole. Lines and columns count from 1. */
const planProblems = z
  .array(z.object({ path: text, message: text, said: text.optional(), line: count.optional(), column: count.optional() }))
  .readonly();
const settingProblems = z.array(z.object({ field: text.optional(), message: text, line: count.optional() })).readonly();

/** `endpoint`: the server's name. `detail`: what it or the network said, redacted; may be empty. */
const server = { endpoint: text, model: text.optional(), detail: text };

/** Who named a model: the user for this run (undefined: nobody yet, a name is only looked at), the settings, a variable of the environment. */
const namedBy = z.union([
  z.object({ by: z.literal('user'), tier: z.enum(['worker', 'strong']).optional() }),
  z.object({ by: z.literal('settings'), tier: z.enum(['worker', 'strong']), file: text.optional() }),
  z.object({ by: z.literal('environment'), variable: text }),
]);

/** Facts of one code that has several causes. */
const because = <T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(...causes: T) =>
  z.discriminatedUnion('why', causes);
const why = <W extends string, S extends z.ZodRawShape>(name: W, facts: S) => z.object({ why: z.literal(name), ...facts });

const run = { runId: text };

export const factsOf = {
  // what was asked for
  'request-invalid': because(
    why('not-text', {}),
    why('empty', {}),
    why('too-long', { characters: count, most: count }),
    /** `U+202E`; `position` counts from 1. */
    why('control-character', { character: text, position: count }),
    why('outside', { path: text }),
    why('shape', { problem: text }),
  ),
  /** A file that the request names. */
  'file-unusable': z.object({ path: text }),
  /** A picture that was to go along; `bytes` and pixels as they are. */
  'image-unusable': because(
    why('kind', { name: text }),
    why('broken', { name: text }),
    why('unreadable', { name: text, detail: text }),
    why('too-large', { name: text, bytes: count, most: count }),
    why('too-wide', { name: text, width: count, height: count, most: count }),
    why('too-many', { count, most: count }),
    /** It was only held by a window that has been closed since. */
    why('gone', { name: text }),
  ),
  'designer-unknown': z.object({ name: text, known: texts }),
  'plan-invalid': z.object({ name: text.optional(), problems: planProblems }),
  'plan-unreadable': z.object({ file: text, detail: text }),
  'no-plan': z.object({ outcome: text }),
  'approval-stale': z.object({ seen: text, now: text }),
  'bad-settings': z.object({ file: text.optional(), problems: settingProblems }),
  /** A variable of the environment that should hold an absolute path, or an address. */
  'bad-variable': z.object({ variable: text, value: text, wanted: z.enum(['path', 'address']) }),
  'key-file-unsafe': z.object({
    path: text,
    why: z.enum(['unreadable', 'in-workspace', 'open-to-all', 'not-json']),
    detail: text.optional(),
  }),

  // past runs
  'run-unknown': z.object(run),
  'run-id-invalid': z.object(run),
  'run-ambiguous': z.object({ ...run, matches: texts }),
  'run-busy': z.object({ ...run, pid: count }),
  'not-continuable': because(
    why('no-request', run),
    why('not-begun', run),
    why('not-ended', run),
    why('ended', { ...run, outcome: text }),
    why('resumed', { ...run, as: text }),
    why('other-model', { ...run, tier: text, began: text, endpoint: text, now: text }),
    why('other-workspace', { ...run, workspace: text }),
    why('no-change', { ...run, outcome: text }),
    why('no-candidate', { ...run, candidate: text }),
    /** `line`: the first one that does not follow from the line before it. */
    why('record-changed', { ...run, line: count }),
  ),
  'not-applicable': because(
    why('no-snapshot', run),
    why('not-ended', run),
    why('no-change', { ...run, outcome: text }),
    why('no-hunk', run),
    why('not-applied', run),
    /** `line`: the first one that does not follow from the line before it. */
    why('record-changed', { ...run, line: count }),
    why('not-as-shown', run),
    why('not-as-tested', run),
  ),
  'candidate-unknown': z.object({ ...run, candidate: text, known: texts }),
  'hunk-unknown': z.object({ hunk: text }),
  'not-replayable': because(why('incomplete', { ...run, detail: text }), why('record-changed', { ...run, line: count })),
  'not-gradable': z.object({ ...run, detail: text }),
  'replay-diverged': z.object({ model: text }),

  // limits
  'budget-exceeded': z.union([
    z.object({ name: z.enum(['tokens', 'usd', 'seconds', 'calls', 'agents', 'depth']), limit: count, needed: count }),
    /** No call was made: the plan as a whole asks for more. */
    z.object({ plan: text, problems: planProblems }),
  ]),
  /** What a plan says its run is not to go on after. */
  'run-ended-early': z.discriminatedUnion('trigger', [
    z.object({ trigger: z.literal('breaches'), limit: count }),
    z.object({ trigger: z.literal('failures'), limit: count, trouble: z.enum(['fails', 'loops', 'silent', 'format']) }),
    z.object({ trigger: z.literal('tokens'), limit: count }),
  ]),
  /** By whom or what; or one step only, by its path. */
  stopped: z.union([z.object({ by: text }), z.object({ step: text })]),

  // this machine
  'workspace-unusable': z.object({
    workspace: text,
    why: z.enum(['absent', 'not-a-folder', 'unreadable', 'bare-repository', 'many-repositories', 'snapshot-gone']),
    detail: text.optional(),
  }),
  'git-missing': z.object({}),
  'git-failed': z.object({ command: text, said: text, where: text }),
  'copy-not-isolated': z.object({ copy: text, detail: text }),
  /** `top`: of the repository, when the workspace is only a part of it. */
  'data-folder-not-apart': z.object({ dataDir: text, workspace: text, why: z.enum(['inside', 'around']), top: text.optional() }),
  'data-folder-unusable': z.object({
    dataDir: text,
    why: z.enum([
      'not-writable',
      'read-only',
      'file-in-the-way',
      'not-a-folder',
      'not-to-be-made',
      'of-another-user',
      'link-of-another-user',
      'shared',
      'other',
    ]),
    detail: text,
  }),
  'temporary-folder-unusable': z.object({
    folder: text,
    why: z.enum(['absent', 'not-a-folder', 'not-writable', 'read-only', 'full', 'no-programs', 'other']),
    detail: text,
  }),
  'path-escapes': z.object({ path: text, detail: text }),
  /** `needed` and `free` in bytes, when it was found out before anything was written. */
  'disk-full': z.object({ path: text, needed: count.optional(), free: count.optional() }),
  'fence-missing': z.object({ reason: text }),
  'server-failed': z.object({ server: text, why: z.enum(['not-configured', 'not-started', 'ended']), detail: text }),
  'command-not-found': z.object({ display: text, detail: text }),
  'apply-conflict': z.object({ detail: text }),
  'trace-unreadable': z.object({ path: text, detail: text }),
  'trace-unwritable': z.object({ path: text, detail: text }),
  'index-unusable': z.object({ file: text, detail: text }),
  /** A mistake of ours. */
  internal: z.object({ detail: text }),

  // models
  'model-name-invalid': z.object({
    name: text,
    /** `server`: what the name begins with. */
    why: z.enum(['empty', 'no-model', 'no-size', 'address', 'login', 'vscode']),
    server: text.optional(),
    from: namedBy,
  }),
  'endpoint-unknown': z.object({ endpoint: text }),
  'model-unlocated': z.object({ model: text }),
  'model-elsewhere': z.object({ model: text }),
  'model-unchosen': z.object({ address: text, models: texts }),
  'model-unreachable': z.object(server),
  /** `refused`: the key, or the account. */
  'model-unauthorized': z.object({ ...server, why: z.enum(['refused', 'no-consent', 'quota']) }),
  'model-not-found': z.object(server),
  'model-rate-limited': z.object({ ...server, retryAfterMs: count.optional() }),
  /** Nothing came at all within the limit, or the reply fell silent in the middle. */
  'model-timeout': z.object({ ...server, phase: z.enum(['first-byte', 'idle']), limitMs: count }),
  'model-half-stream': z.object(server),
  'model-bad-reply': z.object({ ...server, why: z.enum(['protocol', 'empty']) }),
  /** `contextTokens`: the window that the server named, when it did. */
  'model-context-full': z.object({ ...server, contextTokens: count.optional() }),
  'model-server-error': z.object({ ...server, status: count.optional(), retryAfterMs: count.optional() }),
  /** `parameters`: one, or a schema, that it does not support. */
  'model-refused': z.object({ ...server, status: count.optional(), why: z.enum(['parameters', 'off-topic', 'filtered']) }),
  'local-model-unknown': z.object({ id: text, known: texts }),
  'local-model-missing': z.object({ id: text, what: z.enum(['weights', 'engine', 'adapter', 'damaged-adapter', 'foreign-adapter']) }),
  'local-model-corrupt': z.object({ id: text, source: text, found: text }),
  'local-model-failed': z.object({ id: text, detail: text, logFile: text.optional() }),
  /** `what`: a title. `reasons` says for each source tried why it gave nothing. */
  'download-failed': z.object({ what: text, reasons: texts }),

  // lessons
  'nothing-to-export': z.object({ total: count, wanted: texts }),
  'export-unusable': z.object({ path: text, why: z.enum(['there-already', 'cut-short', 'other-settings', 'not-ours']) }),
  'export-failed': z.object({ where: text, detail: text }),
  'address-invalid': z.object({
    address: text,
    /** What it is for: spans, shared runs, the hub that data sets are on. */
    of: z.enum(['spans', 'sharing', 'hub']),
    why: z.enum(['no-address', 'no-http', 'no-https', 'login', 'query', 'data-set']),
  }),
  /** `line` counts from 1. */
  'payload-broken': because(why('empty', {}), why('not-json', { line: count }), why('not-yaml', { line: count })),
  'shared-item-unknown': z.object({ id: text, matches: count }),
  'nothing-to-share': because(why('empty', run), why('record-changed', { ...run, line: count })),
  /** `against`: a sentence that says which switch. */
  'sharing-off': z.object({ workspace: text, against: text }),

  // benchmarks; lines count from 1
  'task-invalid': z.object({ file: text, line: count, problem: text }),
  'bench-unusable': because(
    why('tasks-unreadable', { file: text, detail: text }),
    why('no-tasks', { file: text }),
    why('arm-unknown', { name: text, known: texts }),
    why('results-unreadable', { file: text, detail: text }),
    why('bank-unreadable', { file: text, detail: text }),
    why('journal-unreadable', { file: text, detail: text }),
    why('journal-unwritable', { file: text, detail: text }),
    why('beliefs-unreadable', { file: text, detail: text }),
    why('bank-empty', { files: texts }),
    why('results-there', { file: text, results: count }),
    why('shard', { text }),
    why('folder-not-empty', { folder: text, task: text }),
    why('path', { path: text, problem: text }),
    /** The address itself is no fact: a password may stand in it. */
    why('queue-address', { problem: text }),
  ),
  /** `address`: without user and password. */
  'queue-unusable': because(
    why('packages-missing', {}),
    why('unreachable', { address: text, detail: text }),
    why('refused', { address: text, detail: text }),
  ),
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type ErrorCode = keyof typeof factsOf;
export type Facts = { readonly [C in ErrorCode]: Readonly<z.infer<(typeof factsOf)[C]>> };

/** A failure with the facts that its code promises. */
export type KnownFailure = {
  readonly [C in ErrorCode]: { readonly code: C; readonly message: string; readonly facts: Facts[C] };
}[ErrorCode];

/** Undefined for one of an older or newer program whose facts are missing or others: its recorded sentence is all there is. */
export function knownFailure({ code, message, facts }: RecordedFailure): KnownFailure | undefined {
  if (!Object.hasOwn(factsOf, code)) return undefined;
  const parsed = factsOf[code as ErrorCode].safeParse(facts);
  return parsed.success ? ({ code, message, facts: parsed.data } as KnownFailure) : undefined;
}

/** A failure as traces and results keep it. */
export interface RecordedFailure {
  readonly code: string;
  /** One neutral English sentence. */
  readonly message: string;
  /** In traces of older programs, in the words of their command line. */
  readonly next?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}
