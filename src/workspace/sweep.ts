import { lstat, readdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isTeamwrightError } from '../errors.ts';
import { ifThere, lockHolder, namesAt, removeTree, takeLock } from '../process/index.ts';
import { copiesFolder, ownerLock, ownerName } from './copies-folder.ts';
import { git } from './git.ts';
import { readJournal } from './journal.ts';
import { moveToTrash, trashFolder } from './removal.ts';
import { clearTemporary, runReferences, storePlace, storesFolder, storeWorkspace } from './store.ts';

export interface SweepReport {
  /** Runs whose copies were removed, since their process is gone. */
  readonly removedRuns: readonly string[];
  /** References of runs that are older than the keeping time. */
  readonly removedReferences: number;
  /** Stores removed: nothing in them was anchored any more, or their workspace is gone. */
  readonly removedStores: readonly string[];
  /** What is left, with sizes. */
  readonly copies: readonly { readonly runId: string; readonly bytes: number }[];
  readonly stores: readonly { readonly workspace: string; readonly bytes: number }[];
}

/** Snapshots of runs are kept for a month. */
const keepMs = 30 * 24 * 3_600_000;
/** A run's folder without an owner may just be coming into being. */
const graceMs = 10 * 60_000;

/** Removes what ended runs left: copies of dead processes, old anchors, empty stores. `now`: ms since the epoch. */
export async function sweepCopies(dataDir: string, now: number): Promise<SweepReport> {
  const data = await ifThere(realpath(dataDir));
  if (data === undefined) return { removedRuns: [], removedReferences: 0, removedStores: [], copies: [], stores: [] };
  const { removed: removedRuns, kept } = await clearCopies(data, now);
  const copies: { runId: string; bytes: number }[] = [];
  for (const runId of kept) copies.push({ runId, bytes: await folderBytes(join(copiesFolder(data), runId)) });
  const living = copies.map(({ runId }) => `${runReferences(runId)}/`);
  let removedReferences = 0;
  const removedStores: string[] = [];
  const stores: { workspace: string; bytes: number }[] = [];
  for (const name of await namesAt(storesFolder(data))) {
    const gitDir = join(storesFolder(data), name);
    if (name.endsWith('.new')) {
      if (now - (await stat(gitDir)).mtimeMs > graceMs) await removeTree(gitDir);
      continue;
    }
    const swept = await sweepStore(gitDir, living, now);
    removedReferences += swept.references;
    if (swept.keep) stores.push({ workspace: swept.workspace, bytes: await folderBytes(gitDir) });
    else {
      await removeTree(gitDir);
      removedStores.push(swept.workspace);
    }
  }
  return { removedRuns, removedReferences, removedStores, copies, stores };
}

/**
 * After an apply, which may be the last that is ever asked of a run that was killed while it cleared up, or while its change was applied: its copies and
 * its short-lived files in stores go. What cannot be removed now is told by the next sweep.
 */
export async function clearAfterApply(dataDir: string): Promise<void> {
  try {
    const data = await realpath(dataDir);
    await clearCopies(data, Date.now());
    for (const name of await namesAt(storesFolder(data))) await clearTemporary(join(storesFolder(data), name));
  } catch {
    // The change is on disk and on record: an apply does not fail for what is left of copies.
  }
}

/**
 * Removes the copies of dead processes: at a sweep, and whenever a run begins, so that one that was killed leaves nothing once it goes on. `data`: a real
 * path. `own`: the run that begins. Gives the runs whose copies went and those whose stayed.
 */
export async function clearCopies(
  data: string,
  now: number,
  own?: string,
): Promise<{ readonly removed: string[]; readonly kept: string[] }> {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const runId of await namesAt(copiesFolder(data))) {
    if (runId === '.trash' || runId === own) continue;
    const folder = join(copiesFolder(data), runId);
    if (!(await isOurs(folder))) continue;
    const lock = ownerLock(folder);
    const comingIntoBeing = lockHolder(lock) === undefined && now - (await stat(folder)).mtimeMs < graceMs;
    // Taken, so that nobody begins to work in what is moved away.
    if (comingIntoBeing || 'heldBy' in takeLock(lock)) kept.push(runId);
    else {
      await moveToTrash(data, folder);
      removed.push(runId);
    }
  }
  for (const name of await namesAt(trashFolder(data))) await removeTree(join(trashFolder(data), name));
  return { removed, kept };
}

/** TEAMWRIGHT_DATA may name a folder that had a `copies` of its own: only what has our record, or is empty, is ever removed. */
async function isOurs(folder: string): Promise<boolean> {
  if (!(await lstat(folder)).isDirectory()) return false;
  const found = await readdir(folder);
  return found.length === 0 || found.some((name) => name.startsWith(`${ownerName}.`));
}

/** `living`: beginnings of the references of runs that have copies. */
async function sweepStore(
  gitDir: string,
  living: readonly string[],
  now: number,
): Promise<{ keep: boolean; workspace: string; references: number }> {
  const workspace = await storeWorkspace(gitDir);
  const place = storePlace(gitDir);
  try {
    await clearTemporary(gitDir);
    for (const name of await namesAt(join(gitDir, 'tmp'))) {
      const file = join(gitDir, 'tmp', name);
      if (now - (await lstat(file)).mtimeMs > 24 * 3_600_000) await rm(file, { recursive: true, force: true });
    }
    const listed = await git(place, ['for-each-ref', '--format=%(refname) %(committerdate:unix)', 'refs/teamwright/runs/']);
    const references = listed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '));
    const needed = (await readJournal(gitDir))?.undo?.commit;
    const old = references
      .filter(([name = '', seconds]) => !isNeeded(name, needed) && now - Number(seconds) * 1000 > keepMs)
      .map(([name = '']) => name)
      .filter((name) => !living.some((run) => name.startsWith(run)));
    if (old.length > 0) {
      await git(place, ['update-ref', '--stdin'], { input: old.map((name) => `delete ${name}\n`).join('') });
      await pruneObjects(gitDir);
    }
    const emptyNow = references.length === old.length && old.length > 0;
    return {
      keep: !emptyNow && (old.length < references.length || (await ifThere(realpath(workspace))) !== undefined),
      workspace,
      references: old.length,
    };
  } catch (error) {
    // A store git cannot read any more is of no use to anybody once its workspace is gone.
    if (!isTeamwrightError(error, 'git-failed')) throw error;
    return { keep: (await ifThere(realpath(workspace))) !== undefined, workspace, references: 0 };
  }
}

/** Removes a run's anchors and copies at once (`runs delete`). The objects go with the next sweep. */
export async function forgetRun(dataDir: string, runId: string): Promise<void> {
  const data = await ifThere(realpath(dataDir));
  if (data === undefined) return;
  const trashed = await moveToTrash(data, join(copiesFolder(data), runId));
  if (trashed !== undefined) await removeTree(trashed);
  for (const name of await namesAt(storesFolder(data))) {
    const gitDir = join(storesFolder(data), name);
    if (name.endsWith('.new')) continue;
    const place = storePlace(gitDir);
    const needed = (await readJournal(gitDir))?.undo?.commit;
    const listed = await git(place, ['for-each-ref', '--format=delete %(refname)', `${runReferences(runId)}/`]);
    const references = listed
      .split('\n')
      .filter((line) => line !== '' && !isNeeded(line, needed))
      .join('\n');
    if (references === '') continue;
    await git(place, ['update-ref', '--stdin'], { input: `${references}\n` });
    await pruneObjects(gitDir);
  }
}

/** With the workspace's disk its objects are away, and git cannot tell what is needed: then everything stays. */
async function pruneObjects(gitDir: string): Promise<void> {
  if ((await ifThere(realpath(await storeWorkspace(gitDir)))) !== undefined) await git(storePlace(gitDir), ['prune', '--expire=1.day.ago']);
}

/** What a cut short apply leads back to stays until it was taken back. */
const isNeeded = (reference: string, commit: string | undefined): boolean => commit !== undefined && reference.endsWith(`/${commit}`);

/** Bytes of all files below a folder, links not followed. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  const queue = [folder];
  while (queue.length > 0) {
    const here = queue.pop() ?? '';
    const entries = await namesAt(here);
    const stats = await Promise.all(entries.map(async (name) => ({ name, stats: await ifThere(lstat(join(here, name))) })));
    for (const entry of stats) {
      if (entry.stats === undefined) continue;
      if (entry.stats.isDirectory()) queue.push(join(here, entry.name));
      else bytes += entry.stats.size;
    }
  }
  return bytes;
}
