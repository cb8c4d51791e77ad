/** From the name of a model to the server it is on, with the key that belongs there. */
import { badArgument } from '../errors.ts';
import { findLocalServers, openAiClient, readKey, usualPorts } from '../models/index.ts';
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
const trimmed = (address: string): string => address.replace(/\/+$/, '');

/** The server that the environment names. An API key alone names none: having one is no consent to send code to its owner. */
export function environmentServer({ env }: Pick<ModelContext, 'env'>): { baseUrl: string; variable: string } | undefined {
  for (const variable of ['TEAMWRIGHT_BASE_URL', 'OPENAI_BASE_URL'] as const) {
    const baseUrl = env[variable]?.trim().replace(/\/+$/, '');
    if (!baseUrl) continue;
    if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
      throw badArgument(`${variable} is "${baseUrl}", which is no address.`, 'Set it like http://127.0.0.1:8080/v1, or unset it.');
    }
    return { baseUrl, variable };
  }
  return undefined;
}

/** `OPENAI_API_KEY` goes where `OPENAI_BASE_URL` points, as every OpenAI client does it; to no other host. */
const environmentKey = ({ env }: ModelContext, baseUrl: string): string | undefined =>
  env.OPENAI_BASE_URL && trimmed(env.OPENAI_BASE_URL.trim()) === baseUrl ? env.OPENAI_API_KEY?.trim() || undefined : undefined;

/** The client of anything but the embedded model and the models of VS Code. */
export async function endpointOf(reference: ServedReference, context: ModelContext, signal: AbortSignal): Promise<Endpoint> {
  const { settings, words, env } = context;
  switch (reference.kind) {
    case 'local': {
      const port = usualPorts.find(({ name }) => name === roomName(reference.server))?.port;
      return connect(context, roomName(reference.server), `http://127.0.0.1:${port}/v1`, reference.model, undefined);
    }
    case 'endpoint': {
      const endpoint = settings.endpoints[reference.endpoint];
      if (endpoint === undefined)
        throw badArgument(`The settings have no endpoint "${reference.endpoint}".`, `Add it to ${words.endpointsIn}.`);
      const key = await context.keyOf(reference.endpoint, endpoint);
      return connect(context, reference.endpoint, endpoint.baseUrl, reference.model, key);
    }
    case 'url': {
      const known = Object.entries(settings.endpoints).find(([, endpoint]) => trimmed(endpoint.baseUrl) === reference.baseUrl);
      const key = known === undefined ? environmentKey(context, reference.baseUrl) : await context.keyOf(known[0], known[1]);
      return connect(context, reference.baseUrl, reference.baseUrl, reference.model, key);
    }
    case 'environment': {
      const server = environmentServer(context);
      if (server !== undefined)
        return connect(context, server.baseUrl, server.baseUrl, reference.model, environmentKey(context, server.baseUrl));
      if (env.OPENAI_API_KEY) return connect(context, openAi, openAi, reference.model, undefined);
      const found = (await findLocalServers(signal)).find(({ models }) => models.includes(reference.model));
      if (found !== undefined) return connect(context, found.name, found.baseUrl, reference.model, undefined);
      throw badArgument(
        `No server is known for the model "${reference.model}".`,
        'Write where it is: ollama:NAME, NAME@http://host:port/v1, an endpoint of the settings as ENDPOINT:NAME, or set OPENAI_BASE_URL.',
      );
    }
  }
}

async function connect(context: ModelContext, name: string, address: string, model: string, known: string | undefined): Promise<Endpoint> {
  const { env, settings, workspace } = context;
  const baseUrl = trimmed(address);
  const found = known === undefined ? await readKey({ baseUrl, workspace }, env, settings.keyFile) : { key: known, warnings: [] };
  for (const warning of found.warnings) context.tell(warning, 'warning');
  return { client: openAiClient({ endpoint: name, baseUrl, apiKey: found.key }), model, address: baseUrl, secret: found.key };
}
