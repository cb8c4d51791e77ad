/** The embedded local model: set up once, served on demand over the OpenAI protocol, stopped when idle. */
export { isSetUp, type LocalModelEntry, list, remove, requireTrained } from './inventory.ts';
export { defaultLocalModel, localModel, localModels } from './models.ts';
export { defaultCacheDir } from './places.ts';
export type { SetupProgress } from './progress.ts';
export { ensureServer, type RunningServer, type ServeOptions } from './serve.ts';
export { setup } from './setup.ts';
