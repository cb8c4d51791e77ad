/** The embedded model as a run sees it: known without a probe, its server started at the first call. */
import { isTeamwrightError, TeamwrightError } from '../errors.ts';
import { defaultLocalModel, ensureServer, localModel, localModels, type RunningServer, type ServeOptions } from '../local-model/index.ts';
import { openAiClient } from '../models/index.ts';
import type { Capabilities, ModelChoice, ModelClient } from '../models/types.ts';

/** `0.5b` → `qwen2.5-coder-0.5b`; a whole id stands for itself; nothing: the default. Throws `local-model-unknown`. */
export function embeddedId(size: string | undefined): string {
  if (size === undefined) return defaultLocalModel;
  const found = localModels.find(({ id }) => id === size || id.endsWith(`-${size.toLowerCase()}`));
  if (found !== undefined) return found.id;
  throw new TeamwrightError('local-model-unknown', { id: size, known: localModels.map(({ id }) => id) });
}

/** Known without probing: the server is ours. */
export const embeddedCapabilities: Capabilities = {
  format: 'json-schema',
  tools: false,
  usage: true,
  seed: true,
  contextTokens: 8192,
  infill: 'suffix',
  weighs: true,
  images: false,
  strength: 'weak',
};

export interface Embedded {
  readonly choice: ModelChoice;
  close(): Promise<void>;
}

/** The model must be set up; calls reject with `local-model-missing` otherwise. */
export function embeddedChoice(id: string, serve: ServeOptions): Embedded {
  const { client, close } = startedOnDemand(id, serve);
  const price = { input: 0, cachedInput: 0, output: 0, known: true };
  const capabilities: Capabilities =
    localModel(id).adapter === undefined ? embeddedCapabilities : { ...embeddedCapabilities, designs: true };
  return { choice: { client, model: id, capabilities, price }, close };
}

/** A client whose server is started by its first call, and again after it has gone away. */
function startedOnDemand(id: string, serve: ServeOptions): { client: ModelClient; close: () => Promise<void> } {
  let held: Promise<{ server: RunningServer; client: ModelClient }> | undefined;
  /** Calls that wait for the server. */
  const waiting = new Set<(share: number) => void>();
  const onLoading = (share: number): void => {
    for (const tell of waiting) tell(share);
  };
  const start = async (signal: AbortSignal): Promise<{ server: RunningServer; client: ModelClient }> => {
    const server = await ensureServer(id, { ...serve, onLoading }, signal);
    return { server, client: openAiClient({ endpoint: 'embedded', baseUrl: server.url, apiKey: server.apiKey, progress: true }) };
  };
  const letGo = async (): Promise<void> => {
    const gone = held;
    held = undefined;
    if (gone !== undefined) await (await gone).server.close();
  };
  const ask = async <T>(
    question: (client: ModelClient) => Promise<T>,
    signal: AbortSignal,
    onLoading?: (share: number) => void,
  ): Promise<T> => {
    if (onLoading !== undefined) waiting.add(onLoading);
    held ??= start(signal);
    const mine = held;
    let client: ModelClient;
    try {
      client = (await mine).client;
    } catch (error) {
      if (held === mine) held = undefined;
      throw error;
    } finally {
      if (onLoading !== undefined) waiting.delete(onLoading);
    }
    try {
      return await question(client);
    } catch (error) {
      // The server has died: the next attempt starts another.
      if (isTeamwrightError(error, 'model-unreachable') && held === mine) await letGo();
      throw error;
    }
  };
  return {
    client: {
      endpoint: 'embedded',
      chat: (request, onDelta, signal) =>
        ask(
          (client) => client.chat(request, onDelta, signal),
          signal,
          onDelta && ((share) => onDelta({ preparing: { doing: 'loading', share } })),
        ),
      listModels: (signal) => ask((client) => client.listModels(signal), signal),
    },
    close: letGo,
  };
}
