/** Deletes everything Teamwright keeps, and looks again whether it is gone. */
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { errorText, isTeamwrightError, throwIfStopped } from '../errors.ts';
import { list as localModels, remove as removeLocalModel } from '../local-model/index.ts';
import { lockHolder } from '../process/index.ts';
import { deleteRun, listRuns } from '../trace/index.ts';
import { copiesFolder, sweepCopies } from '../workspace/index.ts';
import { senderLock } from './sharing/consent.ts';
import { readItems } from './sharing/log.ts';
import { mayBeOutThere } from './sharing/types.ts';
import { entriesOf, ownFolders, type StoredItem, type StoredPlace, storedItems, storedPlaces, weigh } from './stored.ts';

export interface EraseOptions {
  readonly dataDir: string;
  /** Where the embedded model's engine and weights are; undefined: they stay. */
  readonly cacheDir?: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export interface Remaining {
  readonly path: string;
  readonly why: string;
  readonly bytes: number;
}

export interface EraseReport {
  /** What was there. */
  readonly before: readonly StoredPlace[];
  /** What is there now, read anew from the disk. */
  readonly after: readonly StoredPlace[];
  readonly files: number;
  readonly bytes: number;
  /** Weights that were deleted, by name. */
  readonly weights: readonly string[];
  /** Ours, and still there. */
  readonly remains: readonly Remaining[];
  /** In the data folder, and not ours: left alone. */
  readonly foreign: readonly string[];
  /** Changes that runs wrote into workspaces: the user's files now. */
  readonly applied: readonly { readonly runId: string; readonly workspace: string }[];
  /** Payloads that were shared and not deleted where they are. */
  readonly outThere: readonly string[];
}

/** Never fails for what cannot be deleted: the report names it and why. Rejects with `stopped` between two deletions. */
export async function deleteEverything(options: EraseOptions, signal: AbortSignal): Promise<EraseReport> {
  const { dataDir, clock } = options;
  const before = await storedPlaces(dataDir);
  const applied = (await listRuns(dataDir))
    .filter(({ summary }) => summary.standing.apply !== undefined)
    .map(({ runId, summary }) => ({ runId, workspace: summary.standing.apply?.workspace ?? summary.workspace }));
  const outThere = (await readItems(dataDir)).filter(mayBeOutThere).map(({ id }) => id);

  const remains = new Map<string, string>();
  for (const folder of [dataDir, path.join(dataDir, 'bench')]) {
    await eraseRuns(folder, remains, signal);
    await keepLiving(folder, clock(), remains);
  }
  await keepSender(dataDir, remains);
  for (const item of await storedItems(dataDir)) {
    throwIfStopped(signal);
    if (!isKept(item, remains)) await erase(item.path, remains);
  }
  for (const folder of [...ownFolders(dataDir), dataDir]) await removeIfEmpty(folder);
  const weights = options.cacheDir === undefined ? [] : await eraseWeights(options.cacheDir, remains, signal);

  const after = await storedPlaces(dataDir);
  for (const item of await storedItems(dataDir)) if (!isKept(item, remains)) remains.set(item.path, 'it came into being meanwhile');
  const foreign = await foreignEntries(dataDir);
  const sum = (places: readonly StoredPlace[], what: 'files' | 'bytes'): number => places.reduce((total, place) => total + place[what], 0);
  return {
    before,
    after,
    files: sum(before, 'files') - sum(after, 'files'),
    bytes: sum(before, 'bytes') - sum(after, 'bytes'),
    weights,
    remains: await Promise.all([...remains].map(async ([at, why]) => ({ path: at, why, bytes: (await weigh(at)).bytes }))),
    foreign,
    applied,
    outThere,
  };
}

const isKept = (item: StoredItem, remains: ReadonlyMap<string, string>): boolean => remains.has(item.path);

async function eraseRuns(dataDir: string, remains: Map<string, string>, signal: AbortSignal): Promise<void> {
  for (const { place, path: at } of await storedItems(dataDir)) {
    const runId = path.basename(at);
    if (place !== 'runs' || runId.startsWith('.')) continue;
    throwIfStopped(signal);
    try {
      await deleteRun(dataDir, runId);
    } catch (error) {
      if (isTeamwrightError(error, 'run-unknown')) continue;
      const why = isTeamwrightError(error, 'run-busy')
        ? `the run is going on (process ${error.facts.pid}); stop it and delete again`
        : errorText(error);
      remains.set(at, why);
    }
  }
}

/** Copies of living processes, and the snapshots they work on, stay; what dead ones left is swept first. */
async function keepLiving(dataDir: string, now: number, remains: Map<string, string>): Promise<void> {
  const { copies } = await sweepCopies(dataDir, now);
  for (const { runId } of copies) remains.set(path.join(copiesFolder(dataDir), runId), 'a run works in it');
  const busy = copies.length > 0 || [...remains.keys()].some((at) => at.startsWith(path.join(dataDir, 'runs') + path.sep));
  if (!busy) return;
  for (const { place, path: at } of await storedItems(dataDir))
    if (place === 'stores' || place === 'ends') remains.set(at, 'a run that is going on may need it');
}

async function keepSender(dataDir: string, remains: Map<string, string>): Promise<void> {
  if (!lockHolder(senderLock(dataDir))?.alive) return;
  for (const { place, path: at } of await storedItems(dataDir))
    if (place === 'sharing') remains.set(at, 'a process is sending what was shared');
}

async function erase(at: string, remains: Map<string, string>): Promise<void> {
  try {
    await rm(at, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    remains.set(at, errorText(error));
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}

async function eraseWeights(cacheDir: string, remains: Map<string, string>, signal: AbortSignal): Promise<string[]> {
  const deleted: string[] = [];
  for (const { model, file } of await localModels({ cacheDir }, signal)) {
    try {
      if (await removeLocalModel(model.id, { cacheDir }, signal)) deleted.push(model.title);
    } catch (error) {
      throwIfStopped(signal);
      remains.set(file, errorText(error));
    }
  }
  for (const name of ['engine', 'models', 'locks', 'servers']) await removeIfEmpty(path.join(cacheDir, name));
  return deleted;
}

/** What is left in the data folder and is not ours. */
async function foreignEntries(dataDir: string): Promise<string[]> {
  const own = (await storedItems(dataDir)).map(({ path: at }) => at);
  return (await entriesOf(dataDir))
    .map(({ name }) => path.join(dataDir, name))
    .filter((at) => !own.some((item) => item === at || item.startsWith(at + path.sep)));
}
