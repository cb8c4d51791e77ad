/**
 * What a fenced command wanted beyond its fence, read from what it said when it failed. A guess from foreign text: it tells people what they may
 * allow, and opens nothing. Places of keys are never proposed, and nothing that is not there outside either.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { basename, dirname, join, normalize } from 'node:path';
import { isWithin } from '../files.ts';
import { resolveLinks } from './paths.ts';
import { keyFolders } from './tool-folders.ts';
import type { FenceView } from './types.ts';

interface Wanted {
  readonly kind: 'network' | 'read' | 'write';
  /** A host, with its port where that was said; or an absolute path. */
  readonly what: string;
}

/** How many are told. */
const most = 5;

/** Each tells a host, and a port where it knows one: as Node, Go, Python's clients and PostgreSQL's say it. */
const hosts: readonly RegExp[] = [
  /\b(?:ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENETDOWN) \[?([\w.:-]+)\]?:(\d+)\b/g,
  /\b(?:EAI_AGAIN|ENOTFOUND) ([\w.-]+)/g,
  /\bdial (?:tcp|udp)[46]? \[?([\w.:-]+)\]?:(\d+): connect: /g,
  /\bdial (?:tcp|udp)[46]?: lookup ([\w.-]+)/g,
  /\(host='([\w.:-]+)', port=(\d+)\)/g,
  /\bconnection to server at "([\w.:-]+)"[^\n]*?, port (\d+) failed/g,
];

/** Each tells what was the matter and a path, in the order of its groups. */
const paths: readonly { readonly form: RegExp; readonly why: number; readonly path: number }[] = [
  { form: /\b(ENOENT|EROFS): [^\n']*?'(\/[^'\n]+)'/g, why: 1, path: 2 },
  { form: /\bconnect (ENOENT|ECONNREFUSED) (\/\S+)/g, why: 1, path: 2 },
  { form: /Error: \[Errno (2|30)\] [^\n']*?'(\/[^'\n]+)'/g, why: 1, path: 2 },
  { form: /(?:^|[\s"'])(\/[^\s:"']+): (?:connect: )?(no such file or directory|read-only file system)/gi, why: 2, path: 1 },
];
const readOnly = /^(?:EROFS|30|read-only file system)$/i;

/** `text`: what it printed, and the messages of its failures. */
export function wantedBeyond(text: string, view: FenceView): Wanted[] {
  const found = new Map<string, Wanted>();
  const add = (wanted: Wanted | undefined): void => {
    if (wanted !== undefined) found.set(`${wanted.kind} ${wanted.what}`, wanted);
  };
  if (!view.network) {
    for (const form of hosts) for (const [, host = '', port] of text.matchAll(form)) add(server(host, port));
  }
  for (const { form, why, path } of paths)
    for (const match of text.matchAll(form)) add(file(normalize(match[path] ?? ''), readOnly.test(match[why] ?? ''), view));
  return [...found.values()].slice(0, most);
}

/** On the machine itself a refusal is the fence's doing only when somebody listens there outside. */
function server(host: string, port: string | undefined): Wanted | undefined {
  const own = host === 'localhost' || host === '::1' || host === '0.0.0.0' || (isIP(host) === 4 && host.startsWith('127.'));
  if (own && (port === undefined || !listened().has(Number(port)))) return undefined;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { kind: 'network', what: port === undefined ? shown : `${shown}:${port}` };
}

/** Ports that something on this machine listens at, see proc(5). */
function listened(): Set<number> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].filter((table) => existsSync(table)).map((table) => readFileSync(table, 'latin1'));
  return new Set(
    [...tables.join('\n').matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /gm)].map(([, port = '']) => Number.parseInt(port, 16)),
  );
}

const ownPlaces = ['/tmp', '/var/tmp', '/proc', '/sys', '/dev'];

function file(path: string, write: boolean, view: FenceView): Wanted | undefined {
  const { home } = view;
  const never = [...ownPlaces, ...view.hidden.map((hidden) => hidden.path), ...keyFolders.map((folder) => join(home, folder))];
  const there = resolveLinks(path);
  const parent = write && there === undefined ? resolveLinks(dirname(path)) : undefined;
  const real = there?.path ?? (parent && join(parent.path, basename(path)));
  if (real === undefined || isWithin(real, home)) return undefined;
  if (never.some((place) => isWithin(place, path) || isWithin(place, real) || isWithin(real, place))) return undefined;
  const wanted: Wanted = { kind: write || there?.stats.isSocket() ? 'write' : 'read', what: path };
  const shown = view.shown.some((one) => isWithin(one.path, real) && (one.access === 'write' || wanted.kind === 'read'));
  return shown ? undefined : wanted;
}
