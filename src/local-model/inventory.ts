/** What is on this machine, and removing it. */
import { rm } from 'node:fs/promises';
import { bytesAt, isThere, withLock } from '../process/index.ts';
import { adapterProblemOf, lacksAdapter, requireAdapter } from './adapter.ts';
import { engineInstalled } from './engine.ts';
import { defaultLocalModel, type LocalModel, localModel, localModels } from './models.ts';
import { defaultCacheDir, placesIn } from './places.ts';
import { findServer, stopServer } from './serve.ts';

export interface LocalModelEntry {
  readonly model: LocalModel;
  readonly isDefault: boolean;
  /** Weights are there, whole. */
  readonly installed: boolean;
  /** Weights and engine are there. */
  readonly ready: boolean;
  readonly file: string;
  /** A download that was begun. */
  readonly partial: boolean;
  /** Address of the running shared server. */
  readonly server: { readonly url: string; readonly pid: number } | undefined;
}

export async function list(options: { cacheDir?: string }, signal: AbortSignal): Promise<readonly LocalModelEntry[]> {
  const places = placesIn(options.cacheDir ?? defaultCacheDir());
  const engine = await engineInstalled(places);
  // What nobody trained here cannot be had.
  const known = await Promise.all(localModels.map(async (model) => ((await lacksAdapter(model, places)) ? [] : [model])));
  return Promise.all(
    known.flat().map(async (model) => {
      const installed = (await bytesAt(places.weights(model))) === model.bytes;
      const server = await findServer(model.id, options, signal);
      return {
        model,
        isDefault: model.id === defaultLocalModel,
        installed,
        ready: installed && engine && (await adapterProblemOf(model, places)) === undefined,
        file: places.weights(model),
        partial: (await bytesAt(places.partial(model))) > 0 || (await isThere(places.wheels(model))),
        server: server === undefined ? undefined : { url: server.url, pid: server.pid },
      };
    }),
  );
}

/** Rejects with `local-model-missing` for a model that is trained, not fetched, and was not, or of which the file is of no use. */
export async function requireTrained(modelId: string, options: { readonly cacheDir?: string }): Promise<void> {
  await requireAdapter(localModel(modelId), placesIn(options.cacheDir ?? defaultCacheDir()));
}

/** Whether weights and engine are there. Asks no server. */
export async function isSetUp(modelId: string, options: { readonly cacheDir?: string }): Promise<boolean> {
  const places = placesIn(options.cacheDir ?? defaultCacheDir());
  const model = localModel(modelId);
  return (
    (await bytesAt(places.weights(model))) === model.bytes &&
    (await engineInstalled(places)) &&
    (await adapterProblemOf(model, places)) === undefined
  );
}

/**
 * Stops the model's server and deletes its weights; the engine too when no weights are left. Of a model that was trained here only what was trained goes. True
 * when there was something to delete.
 */
export async function remove(modelId: string, options: { cacheDir?: string }, signal: AbortSignal): Promise<boolean> {
  const model = localModel(modelId);
  const places = placesIn(options.cacheDir ?? defaultCacheDir());
  const adapter = places.adapter(model);
  const users = localModels.filter(({ id, fileName }) => id === model.id || (adapter === undefined && fileName === model.fileName));
  for (const { id } of users) await stopServer(id, options, signal);
  return withLock(
    places.lock(model.id),
    async () => {
      const fetched = [places.weights(model), places.joined(model), places.partial(model), places.wheels(model)];
      const files = [...(adapter === undefined ? fetched : [adapter]), places.serverLog(model)];
      const found = (await Promise.all(files.map(isThere))).some(Boolean);
      for (const file of files) await rm(file, { recursive: true, force: true });
      const left = await Promise.all(localModels.map((each) => isThere(places.weights(each))));
      if (!left.some(Boolean)) {
        await withLock(
          places.lock('engine'),
          () => rm(places.engine, { recursive: true, force: true }),
          () => {},
          signal,
        );
      }
      return found;
    },
    () => {},
    signal,
  );
}
