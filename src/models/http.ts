/**
 * `fetch` over node:http, for three reasons: the built-in one gives up after five minutes without headers or body, and a model on a
 * processor may read a long prompt for longer; it follows redirects, and a key must not travel to another host; and only the headers
 * the protocol needs leave this machine.
 */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ProxyError, proxyFor, proxyHeaders, proxyName, tunnel } from './proxy.ts';

/** `body` makes what is sent, once the server is connected: of a thousand prompts under way none lies about. */
export interface Sending extends Omit<RequestInit, 'body'> {
  readonly body?: () => string;
}

export type Fetch = (input: string | URL | Request, init?: Sending) => Promise<Response>;

const sentHeaders = ['accept', 'api-key', 'authorization', 'content-type', 'user-agent'];

/** Rejects with the network's error, or with the signal's reason. Goes to the server itself. */
export const patientFetch: Fetch = (input, init) => fetchThrough({})(input, init);

/** The same through the proxies that these variables name. Rejects with `ProxyError` as well. */
export function fetchThrough(env: Readonly<Record<string, string | undefined>>): Fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init.signal ?? undefined;
    if (signal?.aborted) throw signal.reason;
    const proxy = proxyFor(url, env);
    const isTunnelled = proxy !== undefined && url.protocol === 'https:';
    const socket = isTunnelled ? await tunnel(url, proxy, signal) : undefined;
    return send(url, init, signal, { proxy: isTunnelled ? undefined : proxy, socket });
  };
}

interface Way {
  /** Is sent the whole address. */
  readonly proxy: URL | undefined;
  /** Leads to the server, encrypted. */
  readonly socket: Socket | undefined;
}

function send(url: URL, init: Sending, signal: AbortSignal | undefined, { proxy, socket }: Way): Promise<Response> {
  return new Promise((resolve, reject) => {
    const given = new Headers(init.headers);
    const headers: Record<string, string> = { host: url.host, ...(proxy && proxyHeaders(proxy)) };
    for (const name of sentHeaders) {
      const value = given.get(name);
      if (value !== null) headers[name] = value;
    }

    const options: RequestOptions = { method: init.method ?? 'GET', headers };
    // An agent of Node's own may know proxies too.
    if (proxy !== undefined) Object.assign(options, { agent: false, path: url.href });
    if (socket !== undefined) options.createConnection = () => socket;
    const to = proxy ?? url;
    const begin = to.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = begin(to, options, (incoming) => resolve(responseOf(incoming)));
    const abort = (): void => {
      request.destroy(signal?.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    request.on('error', (error) =>
      reject(proxy === undefined || signal?.aborted ? error : new ProxyError(`${proxyName(proxy)} cannot be reached`, { cause: error })),
    );
    request.on('close', () => signal?.removeEventListener('abort', abort));
    const write = (): void => {
      const body = init.body?.();
      if (body !== undefined) request.setHeader('content-length', Buffer.byteLength(body));
      request.end(body);
    };
    request.once('socket', (connection) => {
      if (connection.connecting) connection.once('connect', write);
      else write();
    });
  });
}

function responseOf(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const status = incoming.statusCode ?? 500;
  const bodiless = status === 204 || status === 205 || status === 304;
  if (bodiless) incoming.resume();
  return new Response(bodiless ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers });
}

/** The beginning of a body: at least so many characters where it has them. The rest is not read. */
export async function beginningOf(response: Response, characters: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length >= characters) return text;
  }
  return text + decoder.decode();
}
