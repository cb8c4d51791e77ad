/** Questions to git, bounded in time and bytes, with nothing of the user's environment or the repository's hooks taking part. */
import { type ExecFileException, execFile } from 'node:child_process';
import { throwIfStopped } from '../errors.ts';
import type { Deadline } from './limits.ts';
import type { SourceReader } from './source.ts';
import type { GitState } from './types.ts';

/** What git needs to run; GIT_DIR, GIT_INDEX_FILE and other strays of a hook would point it somewhere else. */
const passedOn = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'SystemRoot',
  'TEMP',
  'TMP',
  'TMPDIR',
  'XDG_CONFIG_HOME',
];

export function toolEnvironment(): Record<string, string> {
  const kept = passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat' };
}

export interface ToolAnswer {
  readonly ending: 'done' | 'failed' | 'not-found' | 'too-long' | 'too-much';
  readonly exitCode: number | undefined;
  /** What came before it ended, also when it was cut. */
  readonly stdout: string;
  readonly stderr: string;
}

export const noRepository = /not a git repository/i;

/** Runs one program without a shell and never throws for what it does. Rejects with `stopped` when the signal fires. */
export async function askTool(
  argv: readonly string[],
  cwd: string,
  deadline: Deadline,
  bytes: number,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  throwIfStopped(signal);
  const [program = '', ...rest] = argv;
  const answer = await new Promise<ToolAnswer>((resolve) => {
    const child = execFile(
      program,
      rest,
      {
        cwd,
        env: toolEnvironment(),
        encoding: 'buffer',
        maxBuffer: bytes,
        timeout: Math.max(1, Math.ceil(deadline.left())),
        // It only reads, and nothing of it is to be kept.
        killSignal: 'SIGKILL',
        signal,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        resolve({ ending: endingOf(error), exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') });
      },
    );
    child.stdin?.end();
  });
  throwIfStopped(signal);
  return answer;
}

function endingOf(error: ExecFileException | null): ToolAnswer['ending'] {
  if (error === null) return 'done';
  // Node types this code as a number or a string by turns.
  if (String(error.code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'too-much';
  if (error.killed) return 'too-long';
  return typeof error.code === 'number' ? 'failed' : 'not-found';
}

/** `fsmonitor` and hooks are programs a repository may name; a briefing runs none of them. */
export function askGit(args: readonly string[], root: string, deadline: Deadline, bytes: number, signal: AbortSignal): Promise<ToolAnswer> {
  return askTool(['git', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...args], root, deadline, bytes, signal);
}

export interface GitReport {
  readonly state: GitState;
  readonly leftOut: readonly string[];
}

/** Branch, head and the number of files that differ from it. `untracked` is filled in by the listing, which walks anyway. */
export async function readGitState(root: string, reader: SourceReader, deadline: Deadline, signal: AbortSignal): Promise<GitReport> {
  const answer = await askGit(
    ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=no', '--ignore-submodules=dirty', '--', '.'],
    root,
    deadline,
    16_000_000,
    signal,
  );
  if (answer.ending === 'not-found') return { state: none, leftOut: ['git was not found, so the state of the repository is not known.'] };
  if (answer.ending === 'failed') {
    if (noRepository.test(answer.stderr) || /must be run in a work tree/.test(answer.stderr)) return { state: none, leftOut: [] };
    return { state: none, leftOut: [`git could not read the repository: ${firstLine(answer.stderr)}`] };
  }
  const leftOut = answer.ending === 'done' ? [] : ['git status took too long; the number of changed files is not complete.'];
  const state: { -readonly [Key in keyof GitState]: GitState[Key] } = {
    ...none,
    kind: 'repository',
    submodules: submodulesOf(reader),
  };
  const entries = answer.stdout.split('\0');
  if (answer.ending !== 'done') entries.pop();
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at] ?? '';
    if (entry.startsWith('# branch.oid ')) {
      const oid = entry.slice('# branch.oid '.length);
      if (oid === '(initial)') state.kind = 'empty-repository';
      else state.head = oid;
    } else if (entry.startsWith('# branch.head ')) {
      const head = entry.slice('# branch.head '.length);
      if (head === '(detached)') state.detached = true;
      else state.branch = head;
    } else if (/^[12u] /.test(entry)) {
      state.changed += 1;
      if (entry.startsWith('2 ')) at += 1; // a rename is followed by its old path
    }
  }
  return { state, leftOut };
}

const none: GitState = { kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] };

function submodulesOf(reader: SourceReader): string[] {
  const modules = reader.read('.gitmodules');
  if (!modules.ok) return [];
  const paths = [...modules.text.matchAll(/^[ \t]*path[ \t]*=[ \t]*(.+?)[ \t]*$/gm)].map((match) =>
    (match[1] ?? '').replace(/^"(.*)"$/, '$1'),
  );
  return [...new Set(paths)].sort().slice(0, 100);
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? 'no reason given').trim().slice(0, 300);
}
