import { statfs } from 'node:fs/promises';
import { simpleGit } from 'simple-git';
import { diskFull, errorText, gitFailed, gitMissing, isTeamwrightError, stopOf } from '../errors.ts';

/** Where a git command runs and what it stands on. */
export interface GitPlace {
  readonly cwd: string;
  /** GIT_* variables of this place (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY …). */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly config?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What may differ from the user's configuration: nothing that runs a program, asks, signs or writes behind our back. */
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
  'advice.detachedHead=false',
];

const unsafe = { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeTemplateDir: true } as const;

/** Variables simple-git refuses to hand on, beside GIT_*. */
const guarded = new Set(['editor', 'pager', 'prefix', 'ssh_askpass', 'visual']);

/** The environment of every git child: the user's, without any GIT_* variable but those set here. */
function scrubbedEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const lower = name.toLowerCase();
    if (value !== undefined && !lower.startsWith('git') && !guarded.has(lower)) env[name] = value;
  }
  return {
    ...env,
    LC_ALL: 'C',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_AUTHOR_NAME: 'Teamwright',
    GIT_AUTHOR_EMAIL: 'teamwright@localhost',
    GIT_COMMITTER_NAME: 'Teamwright',
    GIT_COMMITTER_EMAIL: 'teamwright@localhost',
    ...own,
  };
}

function client(place: GitPlace, options: GitOptions) {
  const env = scrubbedEnvironment(place.env ?? {});
  const { input, signal } = options;
  return simpleGit({
    baseDir: place.cwd,
    config: [...quietConfig, ...(options.config ?? [])],
    trimmed: false,
    // The end of the output counts, not the end of the process: long output would be cut off otherwise.
    completion: { onClose: true, onExit: false },
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
    unsafe,
    errors: (error, result) => {
      if (error instanceof Error) return error;
      if (result.exitCode === 0) return undefined;
      const said = Buffer.concat([...result.stdErr, ...result.stdOut])
        .toString('utf8')
        .trim();
      return Buffer.from(said.slice(0, 4000) || `git ended with code ${result.exitCode}`);
    },
    ...(signal === undefined ? {} : { abort: signal }),
    // An empty text would leave the command waiting for its input; empty bytes end it.
    ...(input === undefined ? {} : { input: () => (input === '' ? Buffer.alloc(0) : input) }),
  })
    .env(env)
    .outputHandler((_command, stdout) => queueMicrotask(() => stdout.emit('data', nothingYet)));
}

/** simple-git waits another 50 ms after a command that printed nothing; an empty piece of output tells it not to. */
const nothingYet = Buffer.alloc(0);

/** Git often tells that it could not write, and not why. */
const cannotWrite = /unable to (write|create)|could not (write|create|close)|failed to write|write error|short write/i;

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
    if (/spawn git ENOENT/.test(said)) throw gitMissing(error);
    if (cannotWrite.test(said) && (await freeBytes(place.cwd)) < 1_000_000) throw diskFull(place.cwd, error);
    throw gitFailed(args[0] ?? 'git', said, place.cwd, error);
  }
}

/** Runs one git command and gives its output as text. Throws `git-missing`, `git-failed`, `disk-full` or `stopped`. */
export function git(place: GitPlace, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return translated(place, args, options.signal, () => client(place, options).raw([...args]));
}

/** `git cat-file` with its output as bytes. */
export function gitCatFile(place: GitPlace, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  return translated(place, ['cat-file', ...args], options.signal, async () => {
    const out: unknown = await client(place, options).binaryCatFile([...args]);
    return out as Buffer;
  });
}

/** The contents of many blobs with one command, by name. */
export async function readBlobs(place: GitPlace, blobs: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  const wanted = [...new Set(blobs)];
  if (wanted.length === 0) return contents;
  const output = await gitCatFile(place, ['--batch'], { input: wanted.map((blob) => `${blob}\n`).join(''), signal });
  for (let at = 0; at < output.length; ) {
    // `<name> blob <bytes>`, the bytes, a line end; or `<name> missing`.
    const end = output.indexOf(10, at);
    const [name = '', kind = '', size = ''] = output.toString('latin1', at, end).split(' ');
    if (kind !== 'blob') throw gitFailed('cat-file', `${name} ${kind}`, place.cwd, undefined);
    contents.set(name, output.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}

/** Splits NUL-separated output. */
export function zeroSplit(output: string): string[] {
  const parts = output.split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
