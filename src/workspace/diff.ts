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

/** A change with renames found. */
export interface FoundChange extends TreeChange {
  /** Where the file stood before it was renamed. */
  readonly oldPath?: string;
}

/** `git diff-tree` of two trees, restricted to `prefix` and with paths relative to it. */
const treeArguments = (prefix: string): string[] => [
  ...['diff-tree', '-r', '--no-commit-id', '--no-color', '--no-ext-diff', '--no-textconv'],
  ...(prefix === '' ? [] : [`--relative=${prefix}`]),
];

/** The patch from one tree to another, restricted to `prefix` and relative to it, with renames found and binary files carried. */
export async function diffTrees(place: GitPlace, prefix: string, from: string, to: string, signal?: AbortSignal): Promise<WorkspaceDiff> {
  if (from === to) return { patch: '', files: [] };
  const both = [...treeArguments(prefix), '-M'];
  const [patch, listed] = await Promise.all([
    git(place, [...both, '-p', '--binary', '--full-index', '--src-prefix=a/', '--dst-prefix=b/', from, to], { signal }),
    git(place, [...both, '--raw', '--numstat', '-z', from, to], { signal }),
  ]);
  const { changes, rest } = readRaw(zeroSplit(listed));
  return { patch, files: withCounts(changes, rest) };
}

/** Every path that differs, with renames found, and the lines that do: a patch without context. */
export async function changedLines(
  place: GitPlace,
  prefix: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<{ readonly changes: readonly FoundChange[]; readonly patch: string }> {
  if (from === to) return { changes: [], patch: '' };
  const both = [...treeArguments(prefix), '-M'];
  const [listed, patch] = await Promise.all([
    git(place, [...both, '--raw', '-z', from, to], { signal }),
    git(place, [...both, '-p', '-U0', '--full-index', '--diff-algorithm=histogram', from, to], { signal }),
  ]);
  return { changes: readRaw(zeroSplit(listed)).changes, patch };
}

/** Every path that differs, relative to `prefix`. */
export async function treeChanges(place: GitPlace, prefix: string, from: string, to: string, signal?: AbortSignal): Promise<TreeChange[]> {
  if (from === to) return [];
  return readRaw(zeroSplit(await git(place, [...treeArguments(prefix), '--no-renames', '--raw', '-z', from, to], { signal }))).changes;
}

/** The files of a tree below `prefix`, relative to it. */
export async function listTree(place: GitPlace, tree: string, prefix: string, signal: AbortSignal): Promise<string[]> {
  const below = prefix === '' ? tree : `${tree}:${prefix}`;
  const entries = zeroSplit(await git(place, ['ls-tree', '-r', '-z', below], { signal }));
  return entries.flatMap((entry) => (entry.startsWith('100') ? [entry.slice(entry.indexOf('\t') + 1)] : []));
}

/** The objects of `to` below its top that `from` does not have in the same place. */
export async function newObjects(
  place: GitPlace,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<{ readonly trees: readonly string[]; readonly blobs: readonly string[] }> {
  const listed = await git(place, [...treeArguments(''), '-t', '--no-renames', '--raw', '-z', from, to], { signal });
  const added = readRaw(zeroSplit(listed)).changes.flatMap(({ after }) => after ?? []);
  const named = (wanted: (mode: string) => boolean) => added.filter(({ mode }) => wanted(mode)).map(({ blob }) => blob);
  return { trees: named((mode) => mode === '040000'), blobs: named((mode) => /^1[02]0/.test(mode)) };
}

/** Reads `--raw -z`: records of modes, blobs and a letter, each followed by its path (of a rename or a copy: by both). `rest` comes after them. */
function readRaw(fields: readonly string[]): { changes: FoundChange[]; rest: readonly string[] } {
  const changes: FoundChange[] = [];
  let at = 0;
  while (fields[at]?.startsWith(':')) {
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = '', letter = ''] = (fields[at] ?? '').slice(1).split(' ');
    const entry = (mode: string, blob: string) => (mode === '000000' ? undefined : { mode, blob });
    const [first = '', second = ''] = fields.slice(at + 1, at + 3);
    const [before, after] = [entry(oldMode, oldBlob), entry(newMode, newBlob)];
    if (letter.startsWith('R')) changes.push({ path: second, oldPath: first, before, after });
    else if (letter.startsWith('C')) changes.push({ path: second, before: undefined, after });
    else changes.push({ path: first, before, after });
    at += /^[RC]/.test(letter) ? 3 : 2;
  }
  return { changes, rest: fields.slice(at) };
}

export function kindOfChange({ oldPath, before, after }: FoundChange): DiffFile['change'] {
  if (oldPath !== undefined) return 'renamed';
  if (before === undefined) return 'added';
  return after === undefined ? 'deleted' : 'modified';
}

/** Reads `--numstat -z`: in the order of the changes, and of a rename with both paths in fields of their own. */
function withCounts(changes: readonly FoundChange[], fields: readonly string[]): DiffFile[] {
  let at = 0;
  return changes.map((change) => {
    const { path, oldPath } = change;
    const [added = '0', removed = '0', inline = ''] = (fields[at] ?? '').split('\t');
    at += inline === '' ? 3 : 1;
    const names = oldPath === undefined ? { path } : { path, oldPath };
    return { ...names, change: kindOfChange(change), added: Number(added) || 0, removed: Number(removed) || 0, binary: added === '-' };
  });
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
