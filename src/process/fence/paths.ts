import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join, parse, sep } from 'node:path';
import type { Link } from './types.ts';

export interface Resolved {
  /** The real path. */
  readonly path: string;
  /** The links that led there. */
  readonly links: readonly Link[];
  readonly stats: Stats;
}

const mostLinks = 40;

/** Follows a path as the kernel would, and remembers the links. Undefined when nothing is there, or nothing that may be looked at. */
export function resolveLinks(path: string): Resolved | undefined {
  const { root } = parse(path);
  let rest = path.slice(root.length).split(sep);
  let here = root;
  let stats = look(here);
  const links: Link[] = [];
  while (rest.length > 0 && stats !== undefined) {
    const [name = '', ...after] = rest;
    rest = after;
    if (name === '' || name === '.') continue;
    const next = join(here, name);
    stats = look(next);
    if (!stats?.isSymbolicLink()) {
      here = next;
      continue;
    }
    if (links.length === mostLinks) return undefined;
    const to = readlinkSync(next);
    links.push({ at: next, to });
    if (isAbsolute(to)) here = root;
    rest = [...to.split(sep), ...rest];
    stats = look(here);
  }
  return stats === undefined ? undefined : { path: here, links, stats };
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EPERM' || code === 'ELOOP') return undefined;
    throw error;
  }
}
