import { diff3Merge } from 'node-diff3';
import { git, gitCatFile } from './git.ts';
import type { Store } from './store.ts';
import { readText, writeText } from './text.ts';

/** Merges three versions of a text file, line by line. Gives the merged blob, or what the conflict is. */
export async function mergeText(
  store: Store,
  blobs: { readonly before: string; readonly now: string; readonly after: string },
  signal: AbortSignal,
): Promise<{ blob: string } | { detail: string }> {
  const bytes = await Promise.all(
    [blobs.before, blobs.now, blobs.after].map((blob) => gitCatFile(store.place, ['blob', blob], { signal })),
  );
  const [before, now, after] = bytes.map((content) => readText(content));
  if (before === undefined || now === undefined || after === undefined) return { detail: 'Both sides changed this binary file.' };
  const regions = diff3Merge(linesWithEnds(now.text), linesWithEnds(before.text), linesWithEnds(after.text), {
    excludeFalseConflicts: true,
  });
  const merged: string[] = [];
  let line = 1;
  for (const region of regions) {
    if (region.ok !== undefined) {
      merged.push(...region.ok);
      line += region.ok.length;
    } else if (region.conflict !== undefined) {
      const mine = region.conflict.a.length;
      return {
        detail: `The workspace and the change edit the same lines (${line} to ${line + Math.max(mine, 1) - 1} of the workspace's file).`,
      };
    }
  }
  const text = writeText(merged.join(''), now, bytes[1]);
  const blob = await git(store.place, ['hash-object', '-w', '--stdin', '--no-filters'], { input: text, signal });
  return { blob: blob.trim() };
}

const linesWithEnds = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
