/**
 * Preloaded into a process (`node --import`): writes every connection it opens and every name it looks up to the file WATCH_CONNECTIONS, one JSON
 * object a line. In the process itself, so it works where no tracer does; a tracer sees the children too.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

const file = process.env.WATCH_CONNECTIONS;
const note = (what: string, details: unknown): void => {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ pid: process.pid, what, details })}\n`);
};

/** The function with a note before each call. */
function watched<T extends (...given: never[]) => unknown>(
  what: string,
  original: T,
  detailsOf: (given: readonly unknown[]) => unknown,
): T {
  return function (this: unknown, ...given: never[]) {
    note(what, detailsOf(given));
    return Reflect.apply(original, this, given);
  } as T;
}

net.Socket.prototype.connect = watched('connect', net.Socket.prototype.connect, ([first, second]) => {
  const options = Array.isArray(first) ? first[0] : first;
  return typeof options === 'object' && options !== null
    ? { host: (options as { host?: unknown }).host, port: (options as { port?: unknown }).port, path: (options as { path?: unknown }).path }
    : { host: second, port: options };
});
dgram.Socket.prototype.send = watched('send', dgram.Socket.prototype.send, (given) => given.slice(1));
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'reverse'] as const) {
  Object.assign(dns, { [name]: watched(`dns.${name}`, dns[name] as never, ([host]) => host) });
  Object.assign(dns.promises, { [name]: watched(`dns.${name}`, (dns.promises as never)[name] as never, ([host]) => host) });
}
note('watching', process.argv);
