/** Reads files of the workspace as text: never outside it, never a secret, never one that blocks or is too large. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { encodingName, isNeverShown, recognise } from '../workspace/index.ts';

export type Unread = 'missing' | 'secret' | 'outside' | 'not-a-file' | 'too-large' | 'binary' | 'encoding' | 'unreadable';

interface FileEncoding {
  readonly name: string;
  /** By the looks of the bytes. */
  readonly guessed: boolean;
}

export type Source =
  /** `encoding`: other than plain UTF-8; `damaged`: in no encoding that can be told, so some characters are not what they were. */
  | { readonly ok: true; readonly text: string; readonly bytes: number; readonly damaged: boolean; readonly encoding?: FileEncoding }
  | { readonly ok: false; readonly why: Unread; readonly bytes?: number };

export interface SourceReader {
  /** Real path of the workspace's top. */
  readonly root: string;
  /** A file by its path relative to the workspace. Never throws. */
  read(path: string): Source;
  /** As `read`, but a symbolic link is followed when it stays inside the workspace (AGENTS.md is often one). */
  readThroughLink(path: string): Source;
}

/** On Windows these flags do not exist; there the `lstat` in `load` decides. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const flagless = (constants.O_NOFOLLOW ?? 0) === 0;

/** @param root real path of the workspace's top. @param fileBytes larger files are not read. */
export function sourceReader(root: string, fileBytes: number): SourceReader {
  const folders = new Map<string, boolean>();
  const below = root.endsWith(sep) ? root : root + sep;

  /** A folder of the path may be, or have become, a link that leads out of the workspace. */
  const folderIsInside = (folder: string): boolean => {
    let inside = folders.get(folder);
    if (inside === undefined) {
      const real = ifSeen(() => realpathSync.native(folder));
      inside = real !== undefined && (real === root || real.startsWith(below));
      folders.set(folder, inside);
    }
    return inside;
  };
  const read = (path: string): Source => {
    if (isNeverShown(path)) return { ok: false, why: 'secret' };
    const full = join(root, path);
    if (!full.startsWith(below)) return { ok: false, why: 'outside' };
    if (!folderIsInside(dirname(full)))
      return { ok: false, why: ifSeen(() => lstatSync(dirname(full))) === undefined ? 'missing' : 'outside' };
    return load(full, fileBytes);
  };

  return {
    root,
    read,
    readThroughLink: (path) => {
      const first = read(path);
      if (first.ok || first.why !== 'not-a-file') return first;
      const real = ifSeen(() => realpathSync.native(join(root, path)));
      return real?.startsWith(below) ? read(real.slice(below.length).split(sep).join('/')) : first;
    },
  };
}

/** What a look at the disk gives; undefined when there is nothing, or nothing that may be looked at. */
export function ifSeen<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/**
 * Without waiting: four short calls on a local file cost a fraction of what four trips through the thread pool cost, and a file system
 * call cannot block on a special file here (no link is followed, nothing but a regular file is read). Whoever reads many files gives
 * way to others every few.
 */
function load(full: string, fileBytes: number): Source {
  try {
    if (flagless && !lstatSync(full).isFile()) return { ok: false, why: 'not-a-file' };
    const file = openSync(full, openFlags);
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return { ok: false, why: 'not-a-file' };
      if (stat.size > fileBytes) return { ok: false, why: 'too-large', bytes: stat.size };
      const buffer = Buffer.allocUnsafe(stat.size);
      let filled = 0;
      while (filled < stat.size) {
        const count = readSync(file, buffer, filled, stat.size - filled, filled);
        if (count === 0) break; // it became shorter meanwhile
        filled += count;
      }
      return decode(buffer.subarray(0, filled));
    } finally {
      closeSync(file);
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

/** The text without its byte order mark, as an edit would find it but for its line ends. */
export function decode(buffer: Buffer): Source {
  const bytes = buffer.length;
  const found = recognise(buffer);
  if (typeof found === 'object') {
    const { charset, guessed } = found.encoding;
    const encoding = charset === 'utf-8' ? {} : { encoding: { name: encodingName(found.encoding), guessed } };
    const text = found.text.includes('\n') ? found.text : found.text.replaceAll('\r', '\n');
    return { ok: true, text, bytes, damaged: false, ...encoding };
  }
  if (found === 'binary') return { ok: false, why: 'binary', bytes };
  const text = buffer.toString('utf8').replace(/^\uFEFF/, '');
  const damage = text.match(/[\uFFFD\0]/g)?.length ?? 0;
  if (damage > 16 && damage > text.length / 20) return { ok: false, why: 'encoding', bytes };
  return { ok: true, text, bytes, damaged: true };
}
