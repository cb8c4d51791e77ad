/**
 * The one place that starts git. What may differ from the user's own git: nothing that runs a program of the repository, asks, signs, fetches or
 * writes behind our back, and no variable of whoever started us.
 */
import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { simpleGit } from 'simple-git';
import { diskFull, errorText, gitFailed, gitMissing, isTeamwrightError, stopOf, throwIfStopped } from '../errors.ts';
import { pickEnvironment } from '../process/index.ts';

/** Where a git command runs and what it stands on. */
export interface GitPlace {
  readonly cwd: string;
  /** GIT_* variables of this place (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY …). */
  readonly env?: Readonly<Record<string, string>>;
  /** What switches its filters off, where that was asked for already: `knowingFilters`. Absent: it is asked for before each command. */
  readonly filtersOff?: readonly string[];
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly config?: readonly string[];
  readonly signal?: AbortSignal;
}

const quietConfig = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.splitIndex=false',
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'commit.gpgSign=false',
  'submodule.recurse=false',
  'safe.bareRepository=explicit',
  'advice.detachedHead=false',
];

const quietEnvironment = {
  LC_ALL: 'C',
  GIT_LFS_SKIP_SMUDGE: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  // A partial clone would fetch what it lacks: without any protocol it cannot, in versions that do not know the first of these either.
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_AUTHOR_NAME: 'Teamwright',
  GIT_AUTHOR_EMAIL: 'teamwright@localhost',
  GIT_COMMITTER_NAME: 'Teamwright',
  GIT_COMMITTER_EMAIL: 'teamwright@localhost',
};

/** The package warns of settings that switch something off as well. */
const unsafe = { allowUnsafeFilter: true, allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeTemplateDir: true } as const;

interface Ended {
  readonly exitCode: number;
  readonly stdErr: readonly Buffer[];
  readonly stdOut: readonly Buffer[];
}

/** `judge`: what a command that has ended is taken for; undefined: fine. */
function client(
  place: GitPlace,
  options: GitOptions,
  judge: (error: Buffer | Error | undefined, ended: Ended) => Buffer | Error | undefined,
  onOutput: (chunk: Buffer) => void = () => undefined,
) {
  const env = pickEnvironment(process.env, { ...quietEnvironment, ...place.env });
  const { input, signal } = options;
  return simpleGit({
    baseDir: place.cwd,
    config: [...quietConfig, ...(options.config ?? [])],
    trimmed: false,
    // The end of the output counts, not the end of the process: long output would be cut off otherwise.
    completion: { onClose: true, onExit: false },
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
    unsafe,
    errors: judge,
    ...(signal === undefined ? {} : { abort: signal }),
    // An empty text would leave the command waiting for its input; empty bytes end it.
    ...(input === undefined ? {} : { input: () => (input === '' ? Buffer.alloc(0) : input) }),
  })
    .env(env)
    .outputHandler((_command, stdout) => {
      queueMicrotask(() => stdout.emit('data', nothingYet));
      stdout.on('data', onOutput);
    });
}

/** simple-git waits another 50 ms after a command that printed nothing; an empty piece of output tells it not to. */
const nothingYet = Buffer.alloc(0);

function failure(error: Buffer | Error | undefined, { exitCode, stdErr, stdOut }: Ended): Buffer | Error | undefined {
  if (error instanceof Error) return error;
  if (exitCode === 0) return undefined;
  const said = Buffer.concat([...stdErr, ...stdOut])
    .toString('utf8')
    .trim();
  return Buffer.from(said.slice(0, 4000) || `git ended with code ${exitCode}`);
}

/** Git often tells that it could not write, and not why. */
const cannotWrite = /unable to (write|create)|could not (write|create|close|set)|failed to write|write error|short write/i;

const notFound = /spawn git ENOENT/;

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function translated<T>(
  place: GitPlace,
  args: readonly string[],
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTeamwrightError(error)) throw error;
    if (signal?.aborted) throw stopOf(signal);
    const said = errorText(error);
    if (notFound.test(said)) throw gitMissing(error);
    if (cannotWrite.test(said) && (await freeBytes(place.cwd)) < 1_000_000) throw diskFull(place.cwd, error);
    throw gitFailed(args[0] ?? 'git', said, place.cwd, error);
  }
}

/**
 * Commands that neither look into the files of a work tree nor write an index (which looks at files of the same second once more). `ls-files` is one
 * as long as nobody asks it for what was modified.
 */
const withoutFilters = new Set(
  'cat-file check-attr commit-tree config diff-tree for-each-ref hash-object init ls-files ls-tree merge-base pack-objects prune rev-list rev-parse symbolic-ref update-ref version'.split(
    ' ',
  ),
);

/**
 * Settings under which git starts no filter (`filter.<name>.clean`, `.smudge`, `.process`): files are taken and given as they are. There is no switch
 * for all of them, so those that any configuration names are emptied by name.
 */
async function filtersOff(place: GitPlace, args: readonly string[], signal: AbortSignal | undefined): Promise<string[]> {
  if (withoutFilters.has(args[0] ?? '')) return [];
  if (place.filtersOff !== undefined) return [...place.filtersOff];
  // Without a configuration that can be read the command itself fails, and says why.
  const listed = await client(place, { signal }, () => undefined).raw(['config', '--list', '--name-only', '-z']);
  const drivers = new Set(zeroSplit(listed).flatMap((key) => /^filter\.(.+)\.[^.]+$/s.exec(key)?.[1] ?? []));
  const unsaid = [...drivers].find((driver) => driver.includes('='));
  if (unsaid !== undefined) throw gitFailed(args[0] ?? 'git', `the filter ${unsaid} cannot be switched off: its name has "="`, place.cwd);
  return [...drivers].flatMap((driver) => [
    ...['clean', 'smudge', 'process'].map((program) => `filter.${driver}.${program}=`),
    `filter.${driver}.required=false`,
  ]);
}

/** The same place for several commands in a row, its filters asked for once. Errors as `git`. */
export function knowingFilters(place: GitPlace, signal: AbortSignal | undefined): Promise<GitPlace> {
  const args = ['status'];
  return translated(place, args, signal, async () => ({ ...place, filtersOff: await filtersOff(place, args, signal) }));
}

/** Runs one git command and gives its output as text. Throws `git-missing`, `git-failed`, `disk-full` or `stopped`. */
export function git(place: GitPlace, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return translated(place, args, options.signal, async () => {
    const config = [...(options.config ?? []), ...(await filtersOff(place, args, options.signal))];
    return client(place, { ...options, config }, failure).raw([...args]);
  });
}

/** `git cat-file` with its output as bytes. */
export function gitCatFile(place: GitPlace, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  return translated(place, ['cat-file', ...args], options.signal, async () => {
    const out: unknown = await client(place, options, failure).binaryCatFile([...args]);
    return out as Buffer;
  });
}

/** What a program said within limits of time and size. */
export interface BoundedAnswer {
  readonly ending: 'done' | 'failed' | 'not-found' | 'too-long' | 'too-much';
  readonly exitCode: number | undefined;
  /** What came before it ended, also when it was cut. */
  readonly stdout: string;
  readonly stderr: string;
}

/** No time is left for the question. A quick program would win the race against a timer of no time. */
export const notAsked: BoundedAnswer = { ending: 'too-long', exitCode: undefined, stdout: '', stderr: '' };

/** A question to git that is worth `ms` and `bytes` and no more. Never throws for what git does; rejects with `stopped`. */
export async function askGit(
  place: GitPlace,
  args: readonly string[],
  limits: { readonly ms: number; readonly bytes: number; readonly input?: string },
  signal: AbortSignal,
): Promise<BoundedAnswer> {
  throwIfStopped(signal);
  if (limits.ms <= 0) return notAsked;
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort('too-long'), Math.ceil(limits.ms));
  const output: Buffer[] = [];
  let bytes = 0;
  const collect = (chunk: Buffer): void => {
    if (bytes + chunk.length > limits.bytes) cut.abort('too-much');
    output.push(chunk.subarray(0, limits.bytes - bytes));
    bytes += output.at(-1)?.length ?? 0;
  };
  let ended: Ended | undefined;
  const take = (_error: Buffer | Error | undefined, how: Ended): undefined => {
    ended = how;
  };
  let gone = '';
  try {
    const stop = AbortSignal.any([signal, cut.signal]);
    const config = await filtersOff(place, args, stop);
    await client(place, { input: limits.input, signal: stop, config }, take, collect).raw([...args]);
  } catch (error) {
    // The folder is not there: no git was started.
    gone = errorText(error);
  } finally {
    clearTimeout(timer);
  }
  throwIfStopped(signal);
  if (gone !== '') return { ending: 'failed', exitCode: undefined, stdout: '', stderr: gone };
  const stdout = Buffer.concat(output).toString('utf8');
  const stderr = Buffer.concat([...(ended?.stdErr ?? [])]).toString('utf8');
  if (cut.signal.aborted) return { ending: cut.signal.reason, exitCode: undefined, stdout, stderr };
  if (notFound.test(stderr)) return { ending: 'not-found', exitCode: undefined, stdout, stderr };
  return { ending: ended?.exitCode === 0 ? 'done' : 'failed', exitCode: ended?.exitCode, stdout, stderr };
}

/** The contents of many blobs with one command, by name. Throws `git-failed` for one whose bytes are not those its name was made of. */
export async function readBlobs(place: GitPlace, blobs: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  const wanted = [...new Set(blobs)];
  if (wanted.length === 0) return contents;
  const output = await gitCatFile(place, ['--batch'], { input: wanted.map((blob) => `${blob}\n`).join(''), signal });
  for (let at = 0; at < output.length; ) {
    // `<name> blob <bytes>`, the bytes, a line end; or `<name> missing`.
    const end = output.indexOf(10, at);
    const [name = '', kind = '', size = ''] = output.toString('latin1', at, end).split(' ');
    if (kind !== 'blob') throw gitFailed('cat-file', `${name} ${kind}`, place.cwd, undefined);
    const bytes = output.subarray(end + 1, end + 1 + Number(size));
    const made = createHash(name.length === 64 ? 'sha256' : 'sha1')
      .update(`blob ${bytes.length}\0`)
      .update(bytes)
      .digest('hex');
    if (made !== name) throw gitFailed('cat-file', `the content of ${name} was changed`, place.cwd, undefined);
    contents.set(name, bytes);
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}

/** Stores bytes as they are, and gives the blob's name. */
export async function writeBlob(place: GitPlace, bytes: Buffer, signal: AbortSignal): Promise<string> {
  return (await git(place, ['hash-object', '-w', '--stdin', '--no-filters'], { input: bytes, signal })).trim();
}

/** Splits NUL-separated output. */
export function zeroSplit(output: string): string[] {
  const parts = output.split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
