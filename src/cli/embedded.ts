/** The embedded model as a run sees it: set up when wanted, started at the first call. */
import { badArgument, isTeamwrightError, localModelMissing } from '../errors.ts';
import { defaultLocalModel, ensureServer, list, localModels, type RunningServer, setup } from '../local-model/index.ts';
import { openAiClient } from '../models/index.ts';
import type { Capabilities, ModelChoice, ModelClient } from '../models/types.ts';
import type { Cli } from './context.ts';
import { startLive } from './output/live.ts';
import { bar, bytes } from './output/numbers.ts';
import { confirm } from './output/question.ts';
import { cut } from './output/text.ts';

/** `0.5b` → `qwen2.5-coder-0.5b`; a whole id stands for itself; nothing: the default. Throws `bad-argument`. */
export function embeddedId(size: string | undefined): string {
  if (size === undefined) return defaultLocalModel;
  const found = localModels.find(({ id }) => id === size || id.endsWith(`-${size.toLowerCase()}`));
  if (found !== undefined) return found.id;
  const sizes = localModels.map(({ id }) => id.split('-').at(-1));
  throw badArgument(`There is no embedded model of the size "${size}".`, `There are ${sizes.join(' and ')}: embedded:${sizes[0]}.`);
}

/** Known without probing: the server is ours. */
const capabilities: Capabilities = { format: 'json-schema', tools: false, usage: true, seed: true, contextTokens: 8192, strength: 'weak' };

export interface Embedded {
  readonly choice: ModelChoice;
  close(): Promise<void>;
}

/** Rejects with `local-model-missing` when it is not set up and nobody agrees to do it. */
export async function embeddedChoice(cli: Cli, id: string, yes: boolean, signal: AbortSignal): Promise<Embedded> {
  await requireModel(cli, id, yes, signal);
  const embedded = startedOnDemand(id);
  const price = { input: 0, cachedInput: 0, output: 0, known: true };
  return { choice: { client: embedded.client, model: id, capabilities, price }, close: embedded.close };
}

/** Sees to it that the model is set up: asks at a terminal, does it with `yes`. Rejects with `local-model-missing`. */
export async function requireModel(cli: Cli, id: string, yes: boolean, signal: AbortSignal): Promise<void> {
  const entry = (await list({}, signal)).find(({ model }) => model.id === id);
  if (entry?.ready) return;
  if (!yes) {
    const missing = localModelMissing(id, entry?.installed ? 'the engine' : 'the file with the weights');
    if (!cli.terminal.interactive) throw missing;
    const size = entry === undefined ? '' : ` (${bytes(entry.model.bytes)} of weights and an engine of 85 MB, kept for all projects)`;
    if (!(await confirm(cli.terminal, `The embedded model ${id} is not set up${size}. Set it up now?`, true, signal))) throw missing;
  }
  await setupWithProgress(cli, id, signal);
}

/** Fetches engine and weights; a progress bar on a terminal, a line a stage (and every tenth) elsewhere. True when anything was fetched. */
export async function setupWithProgress(cli: Cli, id: string, signal: AbortSignal): Promise<boolean> {
  const { err } = cli.terminal;
  let now = { text: `Setting up ${id}`, share: undefined as number | undefined, done: 0, total: 0 };
  let said = '';
  const live = startLive(err, () => {
    if (now.share === undefined) return [cut(now.text, err.columns - 1)];
    return [
      `${cut(now.text, err.columns - 1)}`,
      `${bar(now.share, Math.min(40, Math.max(10, err.columns - 30)))} ${bytes(now.done)} of ${bytes(now.total)}`,
    ];
  });
  try {
    const result = await setup(
      id,
      {
        onProgress: ({ stage, text, doneBytes, totalBytes }) => {
          const share = doneBytes === undefined || !totalBytes ? undefined : doneBytes / totalBytes;
          now = { text, share, done: doneBytes ?? 0, total: totalBytes ?? 0 };
          if (err.isTerminal || stage === 'done') return;
          const line = `${text}${share === undefined ? '' : ` (${Math.floor(share * 10) * 10} %)`}`;
          if (line !== said) err.line(line);
          said = line;
        },
      },
      signal,
    );
    live.stop();
    err.line(`${err.paint('green', '✓')} ${result.changed ? `${id} is set up` : `${id} was set up already`}: ${result.file}`);
    return result.changed;
  } finally {
    live.stop();
  }
}

/** A client whose server is started by its first call, and again after it has gone away. */
function startedOnDemand(id: string): { client: ModelClient; close: () => Promise<void> } {
  let held: Promise<{ server: RunningServer; client: ModelClient }> | undefined;
  const start = async (signal: AbortSignal): Promise<{ server: RunningServer; client: ModelClient }> => {
    const server = await ensureServer(id, {}, signal);
    return { server, client: openAiClient({ endpoint: 'embedded', baseUrl: server.url, apiKey: server.apiKey }) };
  };
  const letGo = async (): Promise<void> => {
    const gone = held;
    held = undefined;
    if (gone !== undefined) await (await gone).server.close();
  };
  const ask = async <T>(question: (client: ModelClient) => Promise<T>, signal: AbortSignal): Promise<T> => {
    held ??= start(signal);
    const mine = held;
    let client: ModelClient;
    try {
      client = (await mine).client;
    } catch (error) {
      if (held === mine) held = undefined;
      throw error;
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
      chat: (request, onDelta, signal) => ask((client) => client.chat(request, onDelta, signal), signal),
      listModels: (signal) => ask((client) => client.listModels(signal), signal),
    },
    close: letGo,
  };
}
