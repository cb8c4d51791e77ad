/**
 * Files of a copy have the times they have in the workspace, and what was built before has its own: build tools compare the two, and sources that
 * look older than they are would leave old programs to be tested.
 */
import { lstatSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { throwIfStopped } from '../errors.ts';
import { isAbsent } from '../process/index.ts';
import { treeChanges } from './diff.ts';
import { git, zeroSplit } from './git.ts';
import type { Store } from './store.ts';

/** When the files of a tree were last written in the workspace it was taken from: ms since the epoch, by path relative to the top. */
export interface FileTimes {
  readonly tree: string;
  readonly written: ReadonlyMap<string, number>;
}

/** Files looked at without a pause for others. */
const slice = 1000;

/** To be asked right after the tree was taken: a file that is saved in between gets a later time, and is built once too often rather than not at all. */
export async function fileTimes(store: Store, tree: string, signal: AbortSignal): Promise<FileTimes> {
  const written = new Map<string, number>();
  const entries = zeroSplit(await git(store.place, ['ls-tree', '-r', '-z', tree], { signal }));
  await inSlices(entries, signal, (entry) => {
    if (!entry.startsWith('100')) return;
    const path = entry.slice(entry.indexOf('\t') + 1);
    const stats = lstatSync(join(store.source.top, path), { throwIfNoEntry: false });
    if (stats?.isFile()) written.set(path, stats.mtimeMs);
  });
  return { tree, written };
}

/** Sets the times in a fresh copy of `tree`, and gives those it set. Files that differ from the workspace's keep the time at which the copy was made. */
export async function keepTimes(
  store: Store,
  times: FileTimes,
  top: string,
  tree: string,
  signal: AbortSignal,
): Promise<FileTimes['written']> {
  const changed = new Set((await treeChanges(store.place, '', times.tree, tree, signal)).map(({ path }) => path));
  const kept = new Map([...times.written].filter(([path]) => !changed.has(path)));
  await inSlices([...kept], signal, ([path, ms]) => setTime(join(top, path), ms));
  return kept;
}

function setTime(file: string, ms: number): void {
  try {
    utimesSync(file, ms / 1000, ms / 1000);
  } catch (error) {
    // A sparse checkout leaves it out.
    if (!isAbsent(error)) throw error;
  }
}

async function inSlices<T>(items: readonly T[], signal: AbortSignal, work: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += slice) {
    for (const item of items.slice(from, from + slice)) work(item);
    await setImmediate();
    throwIfStopped(signal);
  }
}
