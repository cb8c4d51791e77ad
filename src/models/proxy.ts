/** Which proxy a request goes through, by the variables of the environment, and the way through it. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { isLoopbackHost } from './prices.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a proxy did instead of letting a request through; the message names it without a login. */
export class ProxyError extends Error {}

/**
 * The proxy for an address; undefined: none. `HTTPS_PROXY` or `HTTP_PROXY` by the scheme, else `ALL_PROXY`, small letters first. This machine is
 * never asked through a proxy, nor what `NO_PROXY` names. Throws `ProxyError` for a proxy that is none of HTTP.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const names = [url.protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy'];
  const name = names.flatMap((one) => [one, one.toUpperCase()]).find((one) => env[one]?.trim());
  const host = bare(url.hostname);
  if (name === undefined || isLoopbackHost(url.hostname) || host.endsWith('.localhost')) return undefined;
  if (isExempt(host, portOf(url), env.no_proxy?.trim() || env.NO_PROXY?.trim() || '')) return undefined;
  const written = env[name]?.trim() ?? '';
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  if (!URL.canParse(address)) throw new ProxyError(`the variable ${name} holds no address`);
  const proxy = new URL(address);
  if (proxy.protocol === 'http:' || proxy.protocol === 'https:') return proxy;
  throw new ProxyError(`the variable ${name} names a proxy of the kind ${proxy.protocol.slice(0, -1)}; only http and https are known`);
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase();
const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80');

/** `*`, a host with all below it (also `.host` and `*.host`), an address, `a.b.c.d/n`; each with or without a port. */
function isExempt(host: string, port: string, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    const at = entry.lastIndexOf(':');
    // Colons without brackets belong to an address of IPv6.
    const hasPort = at > 0 && (entry.startsWith('[') ? entry[at - 1] === ']' : entry.indexOf(':') === at);
    const [name, only] = hasPort ? [entry.slice(0, at), entry.slice(at + 1)] : [entry, undefined];
    const wanted = bare(name);
    if (wanted === '' || (only !== undefined && only !== port)) return false;
    if (wanted === '*') return true;
    const [network = '', bits] = wanted.split('/');
    if (bits !== undefined) return isIP(host) > 0 && isIP(network) === isIP(host) && inNetwork(host, network, Number(bits));
    const suffix = wanted.replace(/^\*?\./, '');
    return host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`));
  });
}

function inNetwork(host: string, network: string, bits: number): boolean {
  const kind = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  if (!Number.isInteger(bits) || bits < 0 || bits > (kind === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, kind);
  return list.check(host, kind);
}

/** The login in the address of the proxy, as its header. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return { 'proxy-authorization': `Basic ${login}` };
}

export const proxyName = ({ protocol, host }: URL): string => `the proxy ${protocol}//${host}`;

/** A connection through the proxy to a server of https, encrypted up to that server. Rejects with `ProxyError` or the network's error. */
export function tunnel(url: URL, proxy: URL, signal: AbortSignal | undefined): Promise<Socket> {
  const place = `${url.hostname}:${portOf(url)}`;
  return new Promise((resolve, reject) => {
    const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(proxy, { method: 'CONNECT', path: place, headers: { host: place, ...proxyHeaders(proxy) }, agent: false, signal });
    request.on('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        return reject(refusedByProxy(proxy, statusCode));
      }
      const host = bare(url.hostname);
      const secure = tlsConnect({ socket, ...(isIP(host) === 0 && { servername: host }), host }, () => resolve(secure));
      secure.on('error', reject);
    });
    request.on('response', ({ statusCode = 0 }) => {
      request.destroy();
      reject(refusedByProxy(proxy, statusCode));
    });
    request.on('error', (error) => reject(new ProxyError(`${proxyName(proxy)} cannot be reached`, { cause: error })));
    request.end();
  });
}

const refusedByProxy = (proxy: URL, status: number): ProxyError =>
  new ProxyError(status === 407 ? `${proxyName(proxy)} wants a login (407)` : `${proxyName(proxy)} answered with status ${status}`);
