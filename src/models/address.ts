/** From the address that a user gave to the ones that are asked: whatever was pasted, with or without `/v1`, and Azure's forms. */
import { isIP } from 'node:net';
import type { Fetch, Sending } from './http.ts';

const isAzure = (host: string): boolean =>
  isIP(host) === 0 && /\.(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)$/i.test(host);
/** For a deployment whose address names none. */
const azureVersion = '2024-10-21';

/**
 * `baseUrl` may end in a slash, in `/chat/completions` or in `/models`, and may have a query. Throws a `TypeError` for what is no address.
 */
export function addressOf(baseUrl: string, path: '/chat/completions' | '/completions' | '/models'): URL {
  const url = new URL(baseUrl);
  let base = url.pathname.replace(/\/{1,20}$/, '').replace(/\/(?:chat\/completions|completions|models)$/, '');
  if (isAzure(url.hostname)) {
    if (base === '' || base === '/openai') base = '/openai/v1';
    const isDeployment = /\/deployments\/[^/]{1,200}$/.test(base);
    if (isDeployment && path === '/models') base = base.replace(/\/deployments\/[^/]{1,200}$/, '');
    if (isDeployment && !url.searchParams.has('api-version')) url.searchParams.set('api-version', azureVersion);
  }
  url.pathname = `${base}${path}`;
  return url;
}

/** How the server wants the key. */
export function keyHeaders(baseUrl: string, apiKey: string | undefined): Record<string, string> {
  if (apiKey === undefined) return {};
  return isAzure(new URL(baseUrl).hostname) ? { 'api-key': apiKey } : { authorization: `Bearer ${apiKey}` };
}

/** Asks below `/v1` where an address without any path knows nothing, and goes on there. */
export function askBelow(
  baseUrl: string,
  fetch: Fetch,
): (path: '/chat/completions' | '/completions' | '/models', init: Sending) => Promise<Response> {
  let base = baseUrl;
  const knowsNothing = ({ status }: Response): boolean => status === 404 || status === 405;
  return async (path, init) => {
    const first = await fetch(addressOf(base, path), init);
    if (!knowsNothing(first) || base !== baseUrl || addressOf(base, path).pathname !== path) return first;
    const below = new URL('/v1', base).href;
    const second = await fetch(addressOf(below, path), init);
    const [kept, left] = knowsNothing(second) ? [first, second] : [second, first];
    if (kept === second) base = below;
    await left.body?.cancel();
    return kept;
  };
}
