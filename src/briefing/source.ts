/** Reads files of the workspace as text: never outside it, never a secret, never one that blocks or is too large. */
import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { isSecretPath } from './exclusions.ts';

export type Unread = 'missing' | 'secret' | 'outside' | 'not-a-file' | 'too-large' | 'binary' | 'unreadable';

export type Source =
  | { readonly ok: true; readonly text: string; readonly bytes: number; readonly damaged: boolean }
  | { readonly ok: false; readonly why: Unread; readonly bytes?: number };

export interface SourceReader {
  /** Real path of the workspace's top. */
  readonly root: string;
  /** A file by its path relative to the workspace. Never throws. Texts of files that were `keep`t are not read twice. */
  read(path: string): Promise<Source>;
  keep(path: string, source: Source): void;
  /** As `read`, but a symbolic link is followed when it stays inside the workspace (AGENTS.md is often one). */
  readThroughLink(path: string): Promise<Source>;
}

/** On Windows these flags do not exist; there the `lstat` in `load` decides. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const flagless = (constants.O_NOFOLLOW ?? 0) === 0;

/** @param root real path of the workspace's top. @param fileBytes larger files are not read. */
export function sourceReader(root: string, fileBytes: number): SourceReader {
  const kept = new Map<string, Source>();
  const folders = new Map<string, Promise<boolean>>();

  const isInside = (real: string): boolean => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  /** A folder of the path may have become a link that leads out of the workspace. */
  const folderIsInside = (folder: string): Promise<boolean> => {
    let known = folders.get(folder);
    if (known === undefined) {
      known = realpath(folder).then(isInside, () => false);
      folders.set(folder, known);
    }
    return known;
  };

  const read = async (path: string): Promise<Source> => {
    const known = kept.get(path);
    if (known !== undefined) return known;
    if (isSecretPath(path)) return { ok: false, why: 'secret' };
    const full = join(root, path);
    if (!isInside(full)) return { ok: false, why: 'outside' };
    if (!(await folderIsInside(dirname(full)))) return { ok: false, why: 'outside' };
    return load(full, fileBytes);
  };

  return {
    root,
    read,
    keep: (path, source) => kept.set(path, source),
    readThroughLink: async (path) => {
      const first = await read(path);
      if (first.ok || first.why !== 'not-a-file') return first;
      const real = await realpath(join(root, path)).catch(() => undefined);
      if (real === undefined || !isInside(real)) return first;
      return read(
        real
          .slice(root.length + 1)
          .split(sep)
          .join('/'),
      );
    },
  };
}

async function load(full: string, fileBytes: number): Promise<Source> {
  try {
    if (flagless && !(await lstat(full)).isFile()) return { ok: false, why: 'not-a-file' };
    const handle = await open(full, openFlags);
    try {
      const { size, ...stat } = await handle.stat();
      if ((stat.mode & constants.S_IFMT) !== constants.S_IFREG) return { ok: false, why: 'not-a-file' };
      if (size > fileBytes) return { ok: false, why: 'too-large', bytes: size };
      // A file may grow between the two calls: one byte more than its size is asked for, and no more.
      const buffer = Buffer.allocUnsafe(size + 1);
      let filled = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
        filled += bytesRead;
        if (bytesRead === 0 || filled >= size) break;
      }
      return decode(buffer.subarray(0, Math.min(filled, size)));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
}

function reasonOf(error: unknown): Unread {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ERR_INVALID_ARG_VALUE') return 'missing';
  if (code === 'ELOOP' || code === 'EMLINK' || code === 'EISDIR' || code === 'ENXIO' || code === 'ENODEV') return 'not-a-file';
  return 'unreadable';
}

/** UTF-8 (with or without a byte order mark) and UTF-16 with one. A NUL byte, or much that is not UTF-8, makes it binary. */
export function decode(buffer: Buffer): Source {
  const bytes = buffer.length;
  if (buffer[0] === 0xff && buffer[1] === 0xfe)
    return { ok: true, text: new TextDecoder('utf-16le').decode(buffer), bytes, damaged: false };
  if (buffer[0] === 0xfe && buffer[1] === 0xff)
    return { ok: true, text: new TextDecoder('utf-16be').decode(buffer), bytes, damaged: false };
  if (buffer.includes(0)) return { ok: false, why: 'binary', bytes };
  const text = buffer.toString('utf8').replace(/^\uFEFF/, '');
  let damage = 0;
  for (let at = text.indexOf('\uFFFD'); at !== -1; at = text.indexOf('\uFFFD', at + 1)) damage += 1;
  if (damage > 16 && damage > text.length / 20) return { ok: false, why: 'binary', bytes };
  return { ok: true, text, bytes, damaged: damage > 0 };
}
