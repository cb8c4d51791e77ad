import { readFileSync } from 'node:fs';
import { isWithin } from '../files.ts';

/** One line of `/proc/self/mountinfo`, see proc(5). */
export interface MountPoint {
  readonly path: string;
  readonly options: readonly string[];
}

export function readMountTable(): MountPoint[] {
  return parseMountTable(readFileSync('/proc/self/mountinfo', 'latin1'));
}

export function parseMountTable(text: string): MountPoint[] {
  return text.split('\n').flatMap((line) => {
    const [, , , , path, options] = line.split(' ');
    return path === undefined || options === undefined ? [] : [{ path: plain(path), options: options.split(',') }];
  });
}

/** Space, tab, line end and backslash stand as octal numbers; the rest are bytes of UTF-8. */
function plain(escaped: string): string {
  const bytes = escaped.replace(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Restrictions of a mount that a namespace of ours inherits and must repeat when it changes the mount: it may not loosen them. */
const kept = ['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime'];

/** The restrictions that hold at a path. */
export function optionsAt(table: readonly MountPoint[], path: string): string[] {
  let found: MountPoint | undefined;
  // Of several mounts on one folder the last one counts.
  for (const point of table) {
    if (isWithin(point.path, path) && (found === undefined || point.path.length >= found.path.length)) found = point;
  }
  return found?.options.filter((option) => kept.includes(option)) ?? [];
}
