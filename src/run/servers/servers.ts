/**
 * Servers of the Model Context Protocol in a run: each is started when an agent whose plan names it begins to work, once for the run, and ends
 * with it. What they offer and what they answered is in the trace: a replay starts none.
 */
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { JsonSchemaValidator, jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import * as z from 'zod';
import { errorText, failureOf, TeamwrightError, throwIfStopped } from '../../errors.ts';
import type { ToolDefinition } from '../../models/types.ts';
import type { TraceWriter } from '../../trace/events.ts';
import type { ServerTools, ToolAnswer } from '../tools/tool.ts';
import { type ServerProcess, serverProcess } from './process.ts';
import type { ServerSettings } from './settings.ts';

/** How long a server may take to begin, and to answer one call, ms. */
const beginMs = 30_000;
const answerMs = 120_000;
/** Kept of one answer, characters, and offered by one server. */
const longestAnswer = 400_000;
const mostTools = 60;

export interface Servers {
  /** `known`: what a server offered before, as JSON: it is started for a call only. Rejects with `server-failed`. */
  tools(asked: ServersAsked, known: (server: string) => string | undefined, signal: AbortSignal): Promise<ServerTools>;
  /** Ends all of them. */
  end(): Promise<void>;
}

export interface ServersAsked {
  readonly names: readonly string[];
  /** They may use the network. Agents that may and others have servers of their own. */
  readonly network: boolean;
}

const mark = '__';
export const isServerTool = (name: string): boolean => /^[a-z][a-z0-9-]*__/.test(name);

const offerSchema = z.array(
  z.object({ name: z.string(), tool: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) }),
);
type Offer = z.infer<typeof offerSchema>;

/** Structured results are not read, so their shape does not matter. */
const textsOnly: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};

interface Connected {
  readonly client: Client;
  readonly process: ServerProcess;
}

/** `offline`: what starts a program without the network; undefined where nothing can. */
export function createServers(
  settings: ServerSettings,
  trace: Pick<TraceWriter, 'emit' | 'blob'>,
  clock: () => number,
  offline: readonly string[] | undefined,
): Servers {
  const processes: ServerProcess[] = [];
  const start = startedWith(settings, trace, clock, processes);
  const closed = start(offline ?? [], offline !== undefined);
  const open = offline === undefined ? closed : start([], false);

  return {
    tools: async ({ names, network }, known, signal) => {
      const { offers, ask, call } = network ? open : closed;
      const found = new Map<string, { readonly server: string; readonly tool: string }>();
      const definitions: ToolDefinition[] = [];
      for (const server of names) {
        throwIfStopped(signal);
        const before = known(server);
        const offer = before === undefined ? (offers.get(server) ?? ask(server)) : Promise.resolve(offerSchema.parse(JSON.parse(before)));
        offers.set(server, offer);
        for (const { name, tool, description, parameters } of await stoppable(offer, signal)) {
          if (found.has(name)) continue;
          found.set(name, { server, tool });
          definitions.push({ name, description, parameters });
        }
      }
      return {
        definitions,
        use: async (name, argumentText, stop) => {
          const { server = '', tool = '' } = found.get(name) ?? {};
          return call(server, tool, argumentText, stop);
        },
      };
    },
    end: async () => {
      await Promise.all(processes.map((process) => process.close()));
    },
  };
}

interface Started {
  readonly offers: Map<string, Promise<Offer>>;
  ask(server: string): Promise<Offer>;
  call(server: string, tool: string, argumentText: string, signal: AbortSignal): Promise<ToolAnswer>;
}

/** Servers that are started in one way, each once. */
const startedWith =
  (settings: ServerSettings, trace: Pick<TraceWriter, 'emit' | 'blob'>, clock: () => number, processes: ServerProcess[]) =>
  (around: readonly string[], offline: boolean): Started => {
    const connections = new Map<string, Promise<Connected>>();
    const failed = (server: string, why: 'not-configured' | 'not-started' | 'ended', said: string): TeamwrightError => {
      const detail = offline && why !== 'not-configured' ? `${said} (started without the network, which the plan does not grant)` : said;
      const error = new TeamwrightError('server-failed', { server, why, detail });
      trace.emit({ type: 'server.failed', server, failure: failureOf(error) });
      return error;
    };
    const connect = async (server: string): Promise<Connected> => {
      const own = Object.hasOwn(settings, server) ? settings[server] : undefined;
      if (own === undefined) throw failed(server, 'not-configured', '');
      const { Client: Connection } = await import('@modelcontextprotocol/sdk/client/index.js');
      const process = serverProcess(own, around);
      processes.push(process);
      const client = new Connection({ name: 'teamwright', version: '1' }, { jsonSchemaValidator: textsOnly });
      try {
        await client.connect(process, { timeout: beginMs });
      } catch (error) {
        const detail = process.why() ?? errorText(error);
        await process.close();
        throw failed(server, 'not-started', detail);
      }
      return { client, process };
    };
    const connected = (server: string): Promise<Connected> => {
      const known = connections.get(server) ?? connect(server);
      connections.set(server, known);
      return known;
    };
    return {
      offers: new Map(),
      ask: async (server) => {
        const startedAt = clock();
        const { client, process } = await connected(server);
        const listed = await client.listTools(undefined, { timeout: beginMs }).catch((error: unknown) => {
          throw failed(server, 'not-started', process.why() ?? errorText(error));
        });
        const offer = listed.tools.slice(0, mostTools).map(({ name, description = '', inputSchema }) => ({
          name: `${server}${mark}${name.replace(/[^\w-]/g, '_')}`.slice(0, 64),
          tool: name,
          description: description.slice(0, 1000),
          parameters: inputSchema as Record<string, unknown>,
        }));
        trace.emit({
          type: 'server.started',
          server,
          tools: trace.blob(JSON.stringify(offer)),
          count: offer.length,
          ...(offline && { offline }),
          ms: clock() - startedAt,
        });
        return offer;
      },
      call: async (server, tool, argumentText, signal) => {
        const { client, process } = await connected(server);
        try {
          const input = z.record(z.string(), z.unknown()).parse(JSON.parse(argumentText === '' ? '{}' : argumentText));
          const result = await client.callTool({ name: tool, arguments: input }, undefined, { signal, timeout: answerMs });
          return { ok: result.isError !== true, text: textOf(result.content).slice(0, longestAnswer) };
        } catch (error) {
          throwIfStopped(signal);
          const why = process.why();
          if (why !== undefined) throw failed(server, 'ended', why);
          return { ok: false, text: errorText(error) };
        }
      },
    };
  };

/** A stop does not wait for a server that is about to begin: it is ended with the run. */
async function stoppable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfStopped(signal);
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake, { once: true });
  work.catch(() => undefined);
  try {
    const first = await Promise.race([work.then((value) => ({ value })), promise]);
    throwIfStopped(signal);
    return (first as { readonly value: T }).value;
  } finally {
    signal.removeEventListener('abort', wake);
  }
}

/** The texts of an answer; of everything else what it is. */
function textOf(content: unknown): string {
  const parts = z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).safeParse(content);
  if (!parts.success) return JSON.stringify(content ?? null);
  return parts.data.map(({ type, text }) => text ?? `(${type}, not shown)`).join('\n');
}
