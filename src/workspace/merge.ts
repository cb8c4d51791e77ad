import { diff3Merge } from 'node-diff3';
import { unheld } from './charset.ts';
import { gitCatFile, writeBlob } from './git.ts';
import type { Store } from './store.ts';
import { readText, writeText } from './text.ts';

export type Merged =
  | { readonly blob: string; readonly detail?: undefined }
  /** A conflict; with a blob: both versions between conflict markers. */
  | { readonly detail: string; readonly blob?: string };

/** Merges three versions of a text file, line by line (`before` undefined: there was none). Gives the merged blob, or what the conflict is. */
export async function mergeText(
  store: Store,
  blobs: { readonly before: string | undefined; readonly now: string; readonly after: string },
  onConflict: 'refuse' | 'markers',
  signal: AbortSignal,
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
      detail ??= `The workspace and the change edit the same lines (${placeText(line, mine.length)} of the workspace's file).`;
      if (onConflict === 'refuse') return { detail };
      merged.push('<<<<<<< Workspace\n', ...ended(mine), '=======\n', ...ended(theirs), '>>>>>>> Candidate\n');
      line += mine.length;
    }
  }
  const text = merged.join('');
  if (unheld(now.encoding.charset, text).length > 0)
    return { detail: 'The workspace and the change have this file in different encodings.' };
  const blob = await writeBlob(store.place, writeText(text, now, bytes[1]), signal);
  return detail === undefined ? { blob } : { blob, detail };
}

const placeText = (line: number, count: number): string => (count <= 1 ? `line ${line}` : `lines ${line} to ${line + count - 1}`);

const linesWithEnds = (text: string): string[] => text.match(/[^\n]+\n?|\n/g) ?? [];

/** A marker stands on a line of its own, also after a last line without an end. */
const ended = (lines: readonly string[]): string[] => lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`));
