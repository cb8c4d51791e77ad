/**
 * Picks the models of a run: flags, then settings, then environment, then servers found on this machine, then the embedded model. The
 * first of these that names a worker decides both tiers, so that `--model X` never sends code anywhere but to X; `--strong` adds to any.
 */
import path from 'node:path';
import { badArgument, badSettings } from '../errors.ts';
import {
  capabilitiesOf,
  capabilityStore,
  findLocalServers,
  openAiClient,
  parametersOf,
  priceOf,
  readKey,
  usualPorts,
} from '../models/index.ts';
import type { Capabilities, ModelChoice, ModelClient, ModelSet } from '../models/types.ts';
import type { Cli } from './context.ts';
import { embeddedChoice, embeddedId } from './embedded.ts';
import { idOf, type LocalServerName, type ModelReference, parseModelId } from './model-id.ts';
import { oneLine } from './output/text.ts';
import { dataDirOf } from './past.ts';
import { keyOf, type Settings } from './settings.ts';

export interface ModelOptions {
  readonly model?: string;
  readonly strong?: string;
  /** Set up what is missing without asking. */
  readonly yes?: boolean;
}

export interface ModelContext {
  readonly cli: Cli;
  readonly settings: Settings;
  readonly settingsFile: string;
  /** Absolute; a key file in here is refused. */
  readonly workspace?: string;
  /** Ask the server again, whatever was found out before. */
  readonly probeAgain?: boolean;
}

export interface ChosenModels {
  readonly set: ModelSet;
  /** Exact values that must not reach a trace. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

/** A server and a model on it, ready to be asked. */
export interface Endpoint {
  readonly client: ModelClient;
  readonly model: string;
  /** Names the endpoint in the capability store and the price table. */
  readonly address: string;
  readonly secret?: string;
}

interface Named {
  readonly worker: ModelReference;
  readonly strong: ModelReference;
  /** Said to the user when nobody named the model. */
  readonly why?: string;
}

/** Rejects with `bad-argument`, `bad-settings`, `local-model-missing`, or what a probe meets (`model-…`). */
export async function chooseModels(context: ModelContext, options: ModelOptions, signal: AbortSignal): Promise<ChosenModels> {
  const { err } = context.cli.terminal;
  const named = await nameModels(context, options, signal);
  if (named.why !== undefined) err.line(err.paint('dim', named.why));
  const closers: (() => Promise<void>)[] = [];
  const secrets: string[] = [];
  const choose = async (reference: ModelReference): Promise<ModelChoice> => {
    if (reference.kind === 'embedded') {
      const embedded = await embeddedChoice(context.cli, embeddedId(reference.size), options.yes ?? false, signal);
      closers.push(embedded.close);
      return embedded.choice;
    }
    const endpoint = await endpointOf(reference, context, signal);
    if (endpoint.secret !== undefined) secrets.push(endpoint.secret);
    return await choiceOf(endpoint, context, signal);
  };
  const worker = await choose(named.worker);
  const same = JSON.stringify(named.worker) === JSON.stringify(named.strong);
  const strong = same ? worker : await choose(named.strong);
  return {
    set: { worker, strong },
    secrets,
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

async function nameModels(context: ModelContext, options: ModelOptions, signal: AbortSignal): Promise<Named> {
  const { settings, settingsFile, cli } = context;
  const endpoints = Object.keys(settings.endpoints);
  const strong = options.strong === undefined ? undefined : parseModelId('--strong', options.strong, endpoints);
  const level = (worker: ModelReference, own: ModelReference | undefined, why?: string): Named => ({
    worker,
    strong: strong ?? own ?? worker,
    why,
  });

  if (options.model !== undefined) return level(parseModelId('--model', options.model, endpoints), undefined);
  const inSettings = (field: 'worker' | 'strong'): ModelReference | undefined => {
    const id = settings.models[field];
    if (id === undefined) return undefined;
    try {
      return parseModelId(`models.${field}`, id, endpoints);
    } catch (error) {
      throw badSettings(
        settingsFile,
        [{ field: `models.${field}`, message: error instanceof Error ? error.message : String(error) }],
        error,
      );
    }
  };
  const settled = inSettings('worker');
  const settledStrong = inSettings('strong');
  if (settled !== undefined) return level(settled, settledStrong);

  const { TEAMWRIGHT_MODEL, TEAMWRIGHT_STRONG } = cli.env;
  const own = (name: string, id: string | undefined): ModelReference | undefined => (id ? parseModelId(name, id, endpoints) : undefined);
  const fromEnvironment = own('TEAMWRIGHT_MODEL', TEAMWRIGHT_MODEL);
  const strongElsewhere = settledStrong ?? own('TEAMWRIGHT_STRONG', TEAMWRIGHT_STRONG);
  if (fromEnvironment !== undefined) return level(fromEnvironment, strongElsewhere);
  if (environmentServer(context) !== undefined) return level(await onlyModel(context, signal), strongElsewhere);

  const found = settings.discover ? await discovered(signal) : undefined;
  if (found !== undefined) return level(found, strongElsewhere, `Using ${idOf(found)}, found on this machine; --model chooses another.`);
  return level({ kind: 'embedded' }, strongElsewhere, 'Using the embedded model; --model chooses another.');
}

/** The server that the environment names. An API key alone names none: having one is no consent to send code to its owner. */
function environmentServer({ cli }: ModelContext): { baseUrl: string; variable: string } | undefined {
  for (const variable of ['TEAMWRIGHT_BASE_URL', 'OPENAI_BASE_URL'] as const) {
    const baseUrl = cli.env[variable]?.trim().replace(/\/+$/, '');
    if (!baseUrl) continue;
    if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
      throw badArgument(`${variable} is "${baseUrl}", which is no address.`, 'Set it like http://127.0.0.1:8080/v1, or unset it.');
    }
    return { baseUrl, variable };
  }
  return undefined;
}

/** The model of a server that has just one. */
async function onlyModel(context: ModelContext, signal: AbortSignal): Promise<ModelReference> {
  const endpoint = await endpointOf({ kind: 'environment', model: '' }, context, signal);
  const models = await endpoint.client.listModels(signal);
  const [only] = models;
  if (only !== undefined && models.length === 1) return { kind: 'environment', model: only };
  throw badArgument(
    models.length === 0
      ? `The server ${endpoint.address} lists no models.`
      : `The server ${endpoint.address} has ${models.length} models, and none was named.`,
    models.length === 0
      ? 'Name one: --model NAME.'
      : `Name one with --model: ${models.slice(0, 8).map(oneLine).join(', ')}${models.length > 8 ? ' …' : ''}.`,
  );
}

/** `lmstudio` is how people write it; the models room knows it as `lm-studio`. */
const roomName = (server: LocalServerName): string => (server === 'lmstudio' ? 'lm-studio' : server);

async function discovered(signal: AbortSignal): Promise<ModelReference | undefined> {
  for (const server of await findLocalServers(signal)) {
    const model = bestForCode(server.models);
    if (model !== undefined)
      return { kind: 'local', server: server.name === 'lm-studio' ? 'lmstudio' : (server.name as LocalServerName), model };
  }
  return undefined;
}

/** Models made for code first, larger ones first among equals; never one that only embeds or ranks. */
export function bestForCode(models: readonly string[]): string | undefined {
  const usable = models.filter((model) => !/embed|rerank|bge-|whisper|tts|clip/i.test(model));
  const rank = (model: string): number => (/cod(er|e)|devstral|starcoder/i.test(model) ? 1000 : 0) + (parametersOf(model) ?? 0);
  return [...usable].sort((a, b) => rank(b) - rank(a))[0];
}

/** The client of anything but the embedded model. */
export async function endpointOf(
  reference: Exclude<ModelReference, { kind: 'embedded' }>,
  context: ModelContext,
  signal: AbortSignal,
): Promise<Endpoint> {
  const { settings, settingsFile, cli } = context;
  switch (reference.kind) {
    case 'local': {
      const port = usualPorts.find(({ name }) => name === roomName(reference.server))?.port;
      return connect(context, roomName(reference.server), `http://127.0.0.1:${port}/v1`, reference.model, undefined);
    }
    case 'endpoint': {
      const endpoint = settings.endpoints[reference.endpoint];
      if (endpoint === undefined) throw badArgument(`The settings have no endpoint "${reference.endpoint}".`, `Add it to ${settingsFile}.`);
      return connect(
        context,
        reference.endpoint,
        endpoint.baseUrl,
        reference.model,
        keyOf(reference.endpoint, endpoint, cli.env, settingsFile),
      );
    }
    case 'url': {
      const known = Object.entries(settings.endpoints).find(([, endpoint]) => trimmed(endpoint.baseUrl) === reference.baseUrl);
      const key = known === undefined ? environmentKey(context, reference.baseUrl) : keyOf(known[0], known[1], cli.env, settingsFile);
      return connect(context, reference.baseUrl, reference.baseUrl, reference.model, key);
    }
    case 'environment': {
      const server = environmentServer(context);
      if (server !== undefined)
        return connect(context, server.baseUrl, server.baseUrl, reference.model, environmentKey(context, server.baseUrl));
      if (cli.env.OPENAI_API_KEY) return connect(context, openAi, openAi, reference.model, undefined);
      const found = (await findLocalServers(signal)).find(({ models }) => models.includes(reference.model));
      if (found !== undefined) return connect(context, found.name, found.baseUrl, reference.model, undefined);
      throw badArgument(
        `No server is known for the model "${reference.model}".`,
        'Write where it is: ollama:NAME, NAME@http://host:port/v1, an endpoint of the settings as ENDPOINT:NAME, or set OPENAI_BASE_URL.',
      );
    }
  }
}

const openAi = 'https://api.openai.com/v1';
const trimmed = (address: string): string => address.replace(/\/+$/, '');

/** `OPENAI_API_KEY` goes where `OPENAI_BASE_URL` points, as every OpenAI client does it; to no other host. */
const environmentKey = ({ cli }: ModelContext, baseUrl: string): string | undefined =>
  cli.env.OPENAI_BASE_URL && trimmed(cli.env.OPENAI_BASE_URL.trim()) === baseUrl ? cli.env.OPENAI_API_KEY?.trim() || undefined : undefined;

async function connect(context: ModelContext, name: string, address: string, model: string, known: string | undefined): Promise<Endpoint> {
  const { cli, settings, workspace } = context;
  const baseUrl = trimmed(address);
  const found = known === undefined ? await readKey({ baseUrl, workspace }, cli.env, settings.keyFile) : { key: known, warnings: [] };
  for (const warning of found.warnings) cli.terminal.err.line(`${cli.terminal.err.paint('yellow', 'warning:')} ${oneLine(warning)}`);
  return { client: openAiClient({ endpoint: name, baseUrl, apiKey: found.key }), model, address: baseUrl, secret: found.key };
}

async function choiceOf(endpoint: Endpoint, context: ModelContext, signal: AbortSignal): Promise<ModelChoice> {
  const capabilities = await knownOrProbed(endpoint, context, signal);
  return {
    client: endpoint.client,
    model: endpoint.model,
    capabilities,
    price: priceOf(endpoint.address, endpoint.model, context.settings.prices),
  };
}

async function knownOrProbed({ client, model, address }: Endpoint, context: ModelContext, signal: AbortSignal): Promise<Capabilities> {
  const { cli, settings } = context;
  const store = capabilityStore(path.join(dataDirOf(cli), 'models'), cli.clock);
  if (context.probeAgain) await store.forget(address, model);
  if ((await store.get(address, model)) === undefined) {
    const { err } = cli.terminal;
    err.line(err.paint('dim', `Finding out what ${oneLine(model)} at ${oneLine(client.endpoint)} can do (a few short calls, once) …`));
  }
  const capabilities = await capabilitiesOf(store, client, address, model, signal);
  return { ...capabilities, strength: settings.strength[model] ?? capabilities.strength };
}
