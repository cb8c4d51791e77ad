/** From the name of a model to the server it is on, with the key that belongs there. */
import { TeamwrightError } from '../errors.ts';
import { fetchThrough, findLocalServers, openAiClient, patientFetch, readKey, usualPorts } from '../models/index.ts';
import type { ModelClient } from '../models/types.ts';
import { roomName } from './discovered.ts';
import type { ModelContext, ModelReference } from './types.ts';

/** A server and a model on it, ready to be asked. */
export interface Endpoint {
  readonly client: ModelClient;
  readonly model: string;
  /** Names the endpoint in the capability store and the price table. */
  readonly address: string;
  readonly secret?: string;
}

/** A model on a server that speaks the OpenAI protocol and is not ours. */
export type ServedReference = Exclude<ModelReference, { kind: 'embedded' } | { kind: 'vscode' }>;

const openAi = 'https://api.openai.com/v1';
const trimmed = (address: string): string => address.replace(/(?<!\/)\/+$/, '');

/** The server that the environment names. An API key alone names none: having one is no consent to send code to its owner. */
export function environmentServer({ env }: Pick<ModelContext, 'env'>): { baseUrl: string; variable: string } | undefined {
  for (const variable of ['TEAMWRIGHT_BASE_URL', 'OPENAI_BASE_URL'] as const) {
    const baseUrl = env[variable]?.trim().replace(/(?<!\/)\/+$/, '');
    if (!baseUrl) continue;
    if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
      throw new TeamwrightError('bad-variable', { variable, value: baseUrl, wanted: 'address' });
    }
    return { baseUrl, variable };
  }
  return undefined;
}

/** `OPENAI_API_KEY` goes where `OPENAI_BASE_URL` points, as every OpenAI client does it; to no other host. */
const environmentKey = ({ env }: ModelContext, baseUrl: string): string | undefined =>
  env.OPENAI_BASE_URL && trimmed(env.OPENAI_BASE_URL.trim()) === baseUrl ? env.OPENAI_API_KEY?.trim() || undefined : undefined;

/** A server as settings and environment know it. */
interface KnownServer {
  /** For people. */
  readonly name: string;
  readonly baseUrl: string;
  /** The endpoint of the settings whose key belongs there. */
  readonly keyOf?: string;
  /** The key that the environment sends there by name. */
  readonly key?: string;
}

/** Where a model is, without asking anybody; undefined when only looking for it would tell. Throws `bad-variable` or `endpoint-unknown`. */
export function knownServer(reference: ServedReference, context: ModelContext): KnownServer | undefined {
  const { settings, env } = context;
  switch (reference.kind) {
    case 'local': {
      const name = roomName(reference.server);
      return { name, baseUrl: `http://127.0.0.1:${usualPorts.find((port) => port.name === name)?.port}/v1` };
    }
    case 'endpoint': {
      const endpoint = settings.endpoints[reference.endpoint];
      if (endpoint === undefined) throw new TeamwrightError('endpoint-unknown', { endpoint: reference.endpoint });
      return { name: reference.endpoint, baseUrl: trimmed(endpoint.baseUrl), keyOf: reference.endpoint };
    }
    case 'url': {
      const { baseUrl } = reference;
      const known = Object.entries(settings.endpoints).find(([, endpoint]) => trimmed(endpoint.baseUrl) === baseUrl)?.[0];
      return known === undefined
        ? { name: baseUrl, baseUrl, key: environmentKey(context, baseUrl) }
        : { name: baseUrl, baseUrl, keyOf: known };
    }
    case 'environment': {
      const server = environmentServer(context);
      if (server !== undefined) return { name: server.baseUrl, baseUrl: server.baseUrl, key: environmentKey(context, server.baseUrl) };
      return env.OPENAI_API_KEY ? { name: openAi, baseUrl: openAi } : undefined;
    }
  }
}

/** The client of anything but the embedded model and the models of VS Code. */
export async function endpointOf(reference: ServedReference, context: ModelContext, signal: AbortSignal): Promise<Endpoint> {
  const server = knownServer(reference, context);
  if (server !== undefined) {
    const settings = server.keyOf === undefined ? undefined : context.settings.endpoints[server.keyOf];
    const key = server.keyOf === undefined || settings === undefined ? server.key : await context.keyOf(server.keyOf, settings);
    return connect(context, server.name, server.baseUrl, reference.model, key);
  }
  const found = (await findLocalServers(signal)).find(({ models }) => models.includes(reference.model));
  if (found !== undefined) return connect(context, found.name, found.baseUrl, reference.model, undefined);
  throw new TeamwrightError('model-unlocated', { model: reference.model });
}

async function connect(context: ModelContext, name: string, baseUrl: string, model: string, known: string | undefined): Promise<Endpoint> {
  const { env, settings, workspace } = context;
  const found = known === undefined ? await readKey({ baseUrl, workspace }, env, settings.keyFile) : { key: known, warnings: [] };
  for (const warning of found.warnings) context.tell({ kind: 'key', warning });
  // VS Code puts proxies and certificates of its own settings and of the environment under every request of an extension.
  const fetch = context.vscodeModel === undefined ? fetchThrough(env) : patientFetch;
  return { client: openAiClient({ endpoint: name, baseUrl, apiKey: found.key, fetch }), model, address: baseUrl, secret: found.key };
}
