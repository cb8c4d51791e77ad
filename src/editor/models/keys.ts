/**
 * Keys of the named endpoints, in VS Code's secret storage and nowhere else. A key is kept with the host that it was given for: an address that
 * names another one by now must not take the key along.
 */
import type * as vscode from 'vscode';
import * as z from 'zod';

const keptKey = z.object({ version: z.literal(1), host: z.string(), key: z.string().min(1) });

export interface EndpointKeys {
  /** No key: none was set, or it was set for another host. */
  get(name: string, baseUrl: string): Promise<{ readonly key?: string; readonly otherHost?: string }>;
  /** Whether there is one that would be sent there. */
  has(name: string, baseUrl: string): Promise<boolean>;
  set(name: string, baseUrl: string, key: string): Promise<void>;
  remove(name: string): Promise<void>;
}

const hostOf = (baseUrl: string): string => new URL(baseUrl).host;
const idOf = (name: string): string => `teamwright.endpoint.${name}`;

export function endpointKeys(secrets: vscode.SecretStorage): EndpointKeys {
  const read = async (name: string): Promise<z.infer<typeof keptKey> | undefined> => {
    const text = await secrets.get(idOf(name));
    if (text === undefined) return undefined;
    try {
      return keptKey.safeParse(JSON.parse(text)).data;
    } catch (error) {
      // Not written by us: as good as no key.
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  return {
    get: async (name, baseUrl) => {
      const kept = await read(name);
      return kept !== undefined && kept.host !== hostOf(baseUrl) ? { otherHost: kept.host } : { key: kept?.key };
    },
    has: async (name, baseUrl) => (await read(name))?.host === hostOf(baseUrl),
    set: async (name, baseUrl, key) => secrets.store(idOf(name), JSON.stringify({ version: 1, host: hostOf(baseUrl), key })),
    remove: async (name) => secrets.delete(idOf(name)),
  };
}

/** Why a text cannot be a key; undefined when it can. */
export function keyProblem(text: string): 'empty' | 'characters' | undefined {
  if (text.trim() === '') return 'empty';
  return /^[\x21-\x7e]+$/.test(text.trim()) ? undefined : 'characters';
}
