import { isTeamwrightError } from '../errors.ts';
import { type GitPlace, git, gitCatFile, readBlobs, zeroSplit } from './git.ts';
import { changedIn, isOther, patchOf } from './patch-encodings.ts';
import { readText } from './text.ts';
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

export const sameEntry = (a: TreeEntry | undefined, b: TreeEntry | undefined): boolean => a?.blob === b?.blob && a?.mode === b?.mode;

/** Not a link, nor a repository. */
export const isFile = (entry: TreeEntry | undefined): entry is TreeEntry =>
  entry !== undefined && (entry.mode === '100644' || entry.mode === '100755');

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
  return inOtherEncodings(place, { patch, files: withCounts(changes, rest) }, changes, signal);
}

/** The same with changes of files that are in other encodings than UTF-8 in a form that a patch can hold, and with their lines counted. */
async function inOtherEncodings(
  place: GitPlace,
  { patch, files }: WorkspaceDiff,
  changes: readonly FoundChange[],
  signal: AbortSignal | undefined,
): Promise<WorkspaceDiff> {
  const doubtful = changes.filter((_, n) => files[n]?.binary || patch.includes('\ufffd'));
  const named = doubtful.flatMap(({ before, after }) => [before, after]).filter((side) => side?.mode.startsWith('100'));
  const contents = await readBlobs(
    place,
    named.map((side) => side?.blob ?? ''),
    signal,
  );
  const bytesOf = (side: TreeEntry | undefined): Buffer => contents.get(side?.blob ?? '') ?? Buffer.alloc(0);
  const nothing = (blob: string | undefined): string => (blob === undefined ? '0' : blob);
  const others = doubtful
    .map(({ path, before, after }) => ({
      blobs: `${nothing(before?.blob)}..${nothing(after?.blob)}`,
      sides: { path, before: bytesOf(before), after: bytesOf(after) },
    }))
    .filter(({ sides }) => isOther(sides));
  if (others.length === 0) return { patch, files };
  const waiting = [...others];
  const written = patch.split(/(?<=^|\n)(?=diff --git )/).map((section) => {
    const lines = section.split('\n');
    const index = lines.findIndex((line) => line.startsWith('index '));
    const blobs = /^index ([0-9a-f.]+)/.exec(lines[index] ?? '')?.[1]?.replace(/(?<![0-9a-f])0+(?![0-9a-f])/g, '0');
    const at = waiting.findIndex((one) => one.blobs === blobs);
    const [one] = at < 0 ? [] : waiting.splice(at, 1);
    return one === undefined ? section : patchOf(lines.slice(0, index + 1), one.sides);
  });
  const counted = files.map((file) => {
    const one = others.find(({ sides }) => sides.path === file.path);
    if (one === undefined) return file;
    const lines = changedIn(one.sides);
    const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
    return { ...file, added: count('+'), removed: count('-'), binary: false };
  });
  return { patch: written.join(''), files: counted };
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
    const bytes = await gitCatFile(place, ['blob', `${tree}:${normal}`], { signal });
    return readText(bytes)?.text ?? bytes.toString('utf8');
  } catch (error) {
    const said = isTeamwrightError(error, 'git-failed') ? error.facts.said : '';
    if (/does not exist in|exists on disk, but not in|bad file|but not|Not a valid object name/.test(said)) return undefined;
    throw error;
  }
}
