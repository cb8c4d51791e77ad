import { diff3Merge } from 'node-diff3';
import { unheld } from './charset.ts';
import { isFile, sameEntry, type TreeEntry, treeChanges } from './diff.ts';
import { gitCatFile, writeBlob } from './git.ts';
import type { Store } from './store.ts';
import { readText, writeText } from './text.ts';
import { type Target, treeWith } from './tree-with.ts';
import type { MergeConflict } from './types.ts';

export type Merged =
  | { readonly blob: string; readonly detail?: undefined }
  /** A conflict; with a blob: both versions between conflict markers. */
  | { readonly detail: string; readonly blob?: string };

/** Who edits, in the words of what a conflict says. */
interface Sides {
  readonly both: string;
  /** Whose file the lines are counted in. */
  readonly first: string;
}
const ofWorkspace: Sides = { both: 'The workspace and the change', first: "the workspace's file" };
const ofCandidates: Sides = { both: 'The two candidates', first: "the first one's file" };

/** Merges three versions of a text file, line by line (`before` undefined: there was none). Gives the merged blob, or what the conflict is. */
export async function mergeText(
  store: Store,
  blobs: { readonly before: string | undefined; readonly now: string; readonly after: string },
  onConflict: 'refuse' | 'markers',
  signal: AbortSignal,
  sides = ofWorkspace,
): Promise<Merged> {
  const bytes = await Promise.all(
    [blobs.before, blobs.now, blobs.after].map((blob) =>
      blob === undefined ? Buffer.alloc(0) : gitCatFile(store.place, ['blob', blob], { signal }),
    ),
  );
  const [before, now, after] = bytes.map((content) => readText(content));
  if (before === undefined || now === undefined || after === undefined)
    return { detail: 'Both sides changed this file, which is no text that can be merged.' };
  const regions = diff3Merge(linesWithEnds(now.text), linesWithEnds(before.text), linesWithEnds(after.text), {
    excludeFalseConflicts: true,
  });
  const merged: string[] = [];
  let line = 1;
  let detail: string | undefined;
  for (const region of regions) {
    if (region.ok !== undefined) {
      merged.push(...region.ok);
      line += region.ok.length;
    } else if (region.conflict !== undefined) {
      const { a: mine, b: theirs } = region.conflict;
      detail ??= `${sides.both} edit the same lines (${placeText(line, mine.length)} of ${sides.first}).`;
      if (onConflict === 'refuse') return { detail };
      merged.push('<<<<<<< Workspace\n', ...ended(mine), '=======\n', ...ended(theirs), '>>>>>>> Candidate\n');
      line += mine.length;
    }
  }
  const text = merged.join('');
  if (unheld(now.encoding.charset, text).length > 0) return { detail: `${sides.both} have this file in different encodings.` };
  const blob = await writeBlob(store.place, writeText(text, now, bytes[1]), signal);
  return detail === undefined ? { blob } : { blob, detail };
}

/**
 * The tree with what two candidates change of what both come from, or why there is none: one conflict a file. Neither is preferred: where they
 * want something else of one place, nothing is merged.
 */
export async function mergeTrees(
  store: Store,
  trees: { readonly base: string; readonly first: string; readonly second: string },
  signal: AbortSignal,
): Promise<{ readonly tree: string } | { readonly conflicts: readonly MergeConflict[] }> {
  const { prefix } = store.source;
  const changed = (tree: string) => treeChanges(store.place, prefix, trees.base, tree, signal);
  const firsts = new Map((await changed(trees.first)).map(({ path, after }) => [path, after]));
  const conflicts: MergeConflict[] = [];
  const targets: Target[] = [];
  for (const { path, before, after } of await changed(trees.second)) {
    const first = firsts.get(path);
    if (!firsts.has(path)) targets.push({ path, wanted: after });
    else if (!sameEntry(first, after)) {
      const merged = await mergeEntries(store, { before, first, second: after }, signal);
      if ('detail' in merged) conflicts.push({ path, detail: merged.detail });
      else targets.push({ path, wanted: merged });
    }
  }
  const isInside = (inner: string, outer: string): boolean => inner.startsWith(`${outer}/`);
  for (const { path, wanted } of targets) {
    const clashing = [...firsts].some(([other, entry]) => entry && wanted && (isInside(path, other) || isInside(other, path)));
    if (clashing) conflicts.push({ path, detail: 'One candidate has a file where the other one has a folder.' });
  }
  return conflicts.length > 0 ? { conflicts } : { tree: await treeWith(store, trees.first, targets, signal) };
}

async function mergeEntries(
  store: Store,
  { before, first, second }: Readonly<Record<'before' | 'first' | 'second', TreeEntry | undefined>>,
  signal: AbortSignal,
): Promise<TreeEntry | { readonly detail: string }> {
  if (first === undefined || second === undefined) return { detail: 'One candidate deletes this file, and the other one edits it.' };
  if (before === undefined) return { detail: 'Each of the two candidates adds another file of this name.' };
  if (!isFile(before) || !isFile(first) || !isFile(second)) return { detail: 'Both candidates change what kind of file this is.' };
  const mode = first.mode === before.mode ? second.mode : first.mode;
  if (first.blob === before.blob || first.blob === second.blob) return { mode, blob: second.blob };
  if (second.blob === before.blob) return { mode, blob: first.blob };
  const merged = await mergeText(store, { before: before.blob, now: first.blob, after: second.blob }, 'refuse', signal, ofCandidates);
  return merged.detail === undefined ? { mode, blob: merged.blob } : { detail: merged.detail };
}

const placeText = (line: number, count: number): string => (count <= 1 ? `line ${line}` : `lines ${line} to ${line + count - 1}`);

const linesWithEnds = (text: string): string[] => text.match(/[^\n]+\n?|\n/g) ?? [];

/** A marker stands on a line of its own, also after a last line without an end. */
const ended = (lines: readonly string[]): string[] => lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
