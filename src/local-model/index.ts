/** The embedded local model: set up once, served on demand over the OpenAI protocol, stopped when idle. */
export { isSetUp, type LocalModelEntry, list, remove } from './inventory.ts';
export { defaultLocalModel, type LocalModel, localModel, localModels } from './models.ts';
export { defaultCacheDir } from './places.ts';
export type { OnProgress, SetupProgress } from './progress.ts';
export { ensureServer, findServer, type RunningServer, type ServeOptions, stopServer } from './serve.ts';
export { type SetupOptions, type SetupResult, setup } from './setup.ts';
