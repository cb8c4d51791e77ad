import { isTeamwrightError } from '../errors.ts';
import { type GitPlace, git, gitCatFile, zeroSplit } from './git.ts';
import type { DiffFile, WorkspaceDiff } from './types.ts';

/** One path that differs between two trees, without rename detection. Mode and blob are undefined on the side where it is absent. */
export interface TreeChange {
  readonly path: string;
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
}

export interface TreeEntry {
  /** Octal, as git writes it: 100644, 100755, 120000 (symbolic link), 160000 (repository). */
  readonly mode: string;
  readonly blob: string;
}

export const relativeTo = (prefix: string): string[] => (prefix === '' ? [] : [`--relative=${prefix}`]);

/** The patch from one tree to another, restricted to `prefix` and relative to it, with renames found and binary files carried. */
export async function diffTrees(place: GitPlace, prefix: string, from: string, to: string, signal?: AbortSignal): Promise<WorkspaceDiff> {
  if (from === to) return { patch: '', files: [] };
  const both = ['diff-tree', '-r', '-M', '--no-commit-id', '--no-color', '--no-ext-diff', '--no-textconv', ...relativeTo(prefix)];
  const [patch, listed] = await Promise.all([
    git(place, [...both, '-p', '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/', from, to], { signal }),
    git(place, [...both, '--raw', '--numstat', '-z', from, to], { signal }),
  ]);
  return { patch, files: readListing(zeroSplit(listed)) };
}

/** Reads `--raw --numstat -z`: first all raw records, then all counts, in the same order. */
function readListing(fields: readonly string[]): DiffFile[] {
  const files: { path: string; oldPath?: string; change: DiffFile['change'] }[] = [];
  let at = 0;
  while (fields[at]?.startsWith(':')) {
    const letter = fields[at]?.split(' ')[4]?.[0] ?? 'M';
    const first = fields[at + 1] ?? '';
    if (letter === 'R' || letter === 'C') {
      files.push({ path: fields[at + 2] ?? '', oldPath: first, change: letter === 'R' ? 'renamed' : 'added' });
      at += 3;
    } else {
      files.push({ path: first, change: letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified' });
      at += 2;
    }
  }
  return files.map((file) => {
    const [added = '0', removed = '0', path = ''] = (fields[at] ?? '').split('\t');
    at += path === '' ? 3 : 1;
    return { ...file, added: Number(added) || 0, removed: Number(removed) || 0, binary: added === '-' };
  });
}

/** Every path that differs, relative to `prefix`. */
export async function treeChanges(place: GitPlace, prefix: string, from: string, to: string, signal?: AbortSignal): Promise<TreeChange[]> {
  if (from === to) return [];
  const fields = zeroSplit(
    await git(place, ['diff-tree', '-r', '-z', '--no-renames', '--raw', ...relativeTo(prefix), from, to], { signal }),
  );
  const changes: TreeChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = ''] = (fields[at] ?? '').slice(1).split(' ');
    const entry = (mode: string, blob: string) => (mode === '000000' ? undefined : { mode, blob });
    changes.push({ path: fields[at + 1] ?? '', before: entry(oldMode, oldBlob), after: entry(newMode, newBlob) });
  }
  return changes;
}

/** Reads one file of a tree as text; undefined when it is absent or no file. */
export async function readFromTree(place: GitPlace, tree: string, path: string, signal?: AbortSignal): Promise<string | undefined> {
  const normal = path
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .replace(/\/+/g, '/');
  if (normal === '' || normal.split('/').includes('..')) return undefined;
  try {
    return (await gitCatFile(place, ['blob', `${tree}:${normal}`], { signal })).toString('utf8');
  } catch (error) {
    const said = isTeamwrightError(error, 'git-failed') ? error.facts.said : '';
    if (/does not exist in|exists on disk, but not in|bad file|but not|Not a valid object name/.test(said)) return undefined;
    throw error;
  }
}
