/** Branch, head and changes of a folder, as far as git tells in time. */
import { askGit } from '../workspace/index.ts';
import type { Deadline } from './limits.ts';
import type { SourceReader } from './source.ts';
import type { GitState } from './types.ts';

const noRepository = /not a git repository|must be run in a work tree|cannot use bare repository/i;

export interface GitReport {
  readonly state: GitState;
  readonly leftOut: readonly string[];
}

const none: GitState = { kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] };

/** Of a folder that git is not asked about. */
export const unknownState: GitReport = { state: none, leftOut: [] };

/** Branch, head and the number of files that differ from it. `untracked` is filled in by the listing, which walks anyway. */
export async function readGitState(root: string, reader: SourceReader, deadline: Deadline, signal: AbortSignal): Promise<GitReport> {
  const answer = await askGit(
    { cwd: root },
    ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=no', '--ignore-submodules=dirty', '--', '.'],
    { ms: deadline.left(), bytes: 16_000_000 },
    signal,
  );
  if (answer.ending === 'not-found') return { state: none, leftOut: ['git was not found, so the state of the repository is not known.'] };
  if (answer.ending === 'failed') {
    if (noRepository.test(answer.stderr)) return { state: none, leftOut: [] };
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

function submodulesOf(reader: SourceReader): string[] {
  const modules = reader.read('.gitmodules');
  if (!modules.ok) return [];
  const paths = [...modules.text.matchAll(/^[ \t]*path[ \t]*=[ \t]*(\S.*)$/gm)].map((match) =>
    (match[1] ?? '').trimEnd().replace(/^"(.*)"$/, '$1'),
  );
  return [...new Set(paths)].sort().slice(0, 100);
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? 'no reason given').trim().slice(0, 300);
}
