/** Which model of the servers that run on this machine is taken when the user named none. */
import { findLocalServers, type LocalServer, parametersOf } from '../models/index.ts';
import type { LocalServerName, ModelReference } from './types.ts';

/** `lmstudio` is how people write it; the models room knows it as `lm-studio`. */
export const roomName = (server: LocalServerName): string => (server === 'lmstudio' ? 'lm-studio' : server);

/** How people write the name of a server that was found. */
export const serverName = ({ name }: Pick<LocalServer, 'name'>): LocalServerName =>
  name === 'lm-studio' ? 'lmstudio' : (name as LocalServerName);

export async function discovered(signal: AbortSignal): Promise<ModelReference | undefined> {
  for (const server of await findLocalServers(signal)) {
    const model = bestForCode(server.models);
    if (model !== undefined) return { kind: 'local', server: serverName(server), model };
  }
  return undefined;
}

/** Models made for code first, larger ones first among equals; never one that only embeds or ranks. */
export function bestForCode(models: readonly string[]): string | undefined {
  const usable = models.filter((model) => !/embed|rerank|bge-|whisper|tts|clip/i.test(model));
  const rank = (model: string): number => (/cod(er|e)|devstral|starcoder/i.test(model) ? 1000 : 0) + (parametersOf(model) ?? 0);
  return [...usable].sort((a, b) => rank(b) - rank(a))[0];
}
