import { randomBytes } from 'node:crypto';
import { existsSync, constants as flags } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pathEscapes } from '../errors.ts';
import { ifThere } from '../process/index.ts';
import { normalPath } from './paths.ts';

/**
 * Files below a root, reached without ever following a symbolic link. On Linux every folder on the way is opened and the next step is
 * taken from its descriptor (what `openat` does), so that a folder swapped for a link in between leads nowhere else. Elsewhere the way is
 * checked before and after.
 */
interface Folder {
  /** Prefix for the names in it; only valid until `close`. */
  readonly base: string;
  /** Throws `path-escapes` when the folder is no longer where it was. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

const byDescriptor = process.platform === 'linux' && existsSync('/proc/self/fd');
const folderFlags = flags.O_RDONLY | (flags.O_DIRECTORY ?? 0) | (flags.O_NOFOLLOW ?? 0);

export interface Inside {
  /** Absolute path below the root's real path. */
  readonly absolute: string;
  /** Relative to the root, forward slashes, spelled as it is on disk as far as it exists. */
  readonly relative: string;
}

/**
 * Resolves a path that a model or a user wrote to a place below the root. Throws `path-escapes` for `..`, absolute paths, drives, git's
 * own files and their disguises, and for any symbolic link on the way or at the end. The file itself may be absent.
 */
export async function resolveInside(root: string, path: string): Promise<Inside> {
  const segments = normalPath(path).split('/');
  const top = await realpath(root);
  let at = top;
  for (const [n, segment] of segments.entries()) {
    const next = join(at, segment);
    const stats = await ifThere(lstat(next));
    if (stats === undefined) return { absolute: join(at, ...segments.slice(n)), relative: relativeTo(top, join(at, ...segments.slice(n))) };
    if (stats.isSymbolicLink()) throw pathEscapes(path, `${segment} is a symbolic link`);
    if (n < segments.length - 1 && !stats.isDirectory()) throw pathEscapes(path, `${segment} is not a folder`);
    at = next;
  }
  const real = await realpath(at);
  const relative = relativeTo(top, real);
  normalPath(relative);
  return { absolute: real, relative };
}

function relativeTo(top: string, path: string): string {
  if (!path.startsWith(top)) throw pathEscapes(path, 'it leads out of the workspace');
  return path.slice(top.length).replaceAll('\\', '/').replace(/^\/+/, '');
}

/** Opens the folder that holds `path`. With `create` missing folders are made; otherwise undefined when one is missing. */
async function openParent(root: string, path: string, create: boolean): Promise<{ folder: Folder; name: string } | undefined> {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  const top = await realpath(root);
  let folder = await openFolder(top, top, path);
  try {
    for (const [n, segment] of segments.entries()) {
      const at = join(folder.base, segment);
      if (create) await makeFolder(at);
      else if ((await ifThere(lstat(at))) === undefined) {
        await folder.close();
        return undefined;
      }
      const next = await openFolder(at, join(top, ...segments.slice(0, n + 1)), path);
      await folder.close();
      folder = next;
    }
    return { folder, name };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function openFolder(at: string, expected: string, path: string): Promise<Folder> {
  const refuse = (why: string) => pathEscapes(path, why);
  if (byDescriptor) {
    let handle: FileHandle;
    try {
      handle = await open(at, folderFlags);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ELOOP' || code === 'ENOTDIR') throw refuse('a part of it is a symbolic link or no folder');
      throw error;
    }
    const base = `/proc/self/fd/${handle.fd}`;
    const verify = async () => {
      if ((await readlink(base)) !== expected) throw refuse('its folder was moved');
    };
    try {
      await verify();
    } catch (error) {
      await handle.close();
      throw error;
    }
    return { base, verify, close: () => handle.close() };
  }
  const verify = async () => {
    const stats = await lstat(expected);
    if (!stats.isDirectory() || (await realpath(expected)) !== expected) throw refuse('a part of it is a symbolic link or no folder');
  };
  await verify();
  return { base: expected, verify, close: async () => undefined };
}

export interface FileNow {
  readonly bytes: Buffer;
  readonly mode: number;
}

/** Reads a regular file below the root; undefined when absent. Throws `path-escapes` for links and anything that is no file. */
export async function readInside(root: string, path: string): Promise<FileNow | undefined> {
  const normal = normalPath(path);
  const parent = await openParent(root, normal, false);
  if (parent === undefined) return undefined;
  try {
    const at = join(parent.folder.base, parent.name);
    const stats = await ifThere(lstat(at));
    if (stats === undefined) return undefined;
    if (stats.isSymbolicLink()) throw pathEscapes(path, `${parent.name} is a symbolic link`);
    if (!stats.isFile()) throw pathEscapes(path, `${parent.name} is not a file`);
    const handle = await open(at, flags.O_RDONLY | (flags.O_NOFOLLOW ?? 0) | (flags.O_NONBLOCK ?? 0));
    try {
      return { bytes: await handle.readFile(), mode: stats.mode & 0o777 };
    } finally {
      await handle.close();
    }
  } finally {
    await parent.folder.close();
  }
}

/** What a place below the root shall hold. */
export type Content =
  /** `executable`: for git, where the file's mode cannot or must not say it. */
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly mode?: number; readonly executable?: boolean }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'absent' };

/** A change that is prepared (its bytes are on the disk) but not visible yet. */
export interface Staged {
  readonly path: string;
  /** Makes it visible in one step. */
  commit(): Promise<void>;
  /** Undoes a commit, as far as one was made. */
  rollBack(): Promise<void>;
  /** Removes what is left of the preparation. */
  close(): Promise<void>;
}

/**
 * Prepares a change, under `names` (of `temporaryName`) beside the file: one for the new content, one for the old. The file that is there is replaced, never written
 * into: hard links keep their old content, readers see old or new.
 */
export async function stage(root: string, path: string, content: Content, names: readonly [string, string]): Promise<Staged> {
  const parent = await openParent(root, normalPath(path), content.kind !== 'absent');
  if (parent === undefined) return { path, commit: nothing, rollBack: nothing, close: nothing };
  const { folder } = parent;
  const target = join(folder.base, parent.name);
  const [fresh, kept] = [join(folder.base, names[0]), join(folder.base, names[1])];
  let hadFile = false;
  let committed = false;
  const close = async () => {
    await Promise.all([rm(fresh, { force: true }), rm(kept, { force: true })]);
    await folder.close();
  };
  try {
    const stats = await ifThere(lstat(target));
    if (stats?.isDirectory()) throw pathEscapes(path, 'it is a folder');
    if (stats?.isSymbolicLink() && content.kind === 'file') throw pathEscapes(path, `${parent.name} is a symbolic link`);
    hadFile = stats !== undefined;
    if (content.kind === 'file')
      await writeFresh(fresh, content.bytes, modeFor(content.mode, stats === undefined ? undefined : stats.mode & 0o777), stats);
    else if (content.kind === 'link') await symlink(content.target, fresh);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    path,
    commit: async () => {
      await folder.verify();
      if (hadFile) await (content.kind === 'absent' ? rename(target, kept) : keep(target, kept));
      committed = true;
      if (content.kind !== 'absent') await rename(fresh, target);
      await folder.verify();
    },
    rollBack: async () => {
      if (!committed) return;
      if (hadFile) await rename(kept, target);
      else if (content.kind !== 'absent') await unlink(target);
      committed = false;
    },
    close,
  };
}

/** Keeps a second name for the old content, so that the new one can be renamed over it without a moment in which neither is there. */
async function keep(target: string, kept: string): Promise<void> {
  try {
    await link(target, kept);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw error;
    await copyFile(target, kept, flags.COPYFILE_EXCL);
  }
}

const nothing = async (): Promise<void> => undefined;

export const temporaryName = (): string => `.teamwright-${randomBytes(8).toString('hex')}.tmp`;

/** Git knows only "executable or not": a file that is there keeps who else may read and write it. */
export function modeFor(wanted: number | undefined, standing: number | undefined): number | undefined {
  if (wanted === undefined || standing === undefined) return wanted ?? standing;
  const executable = (wanted & 0o100) !== 0;
  if (executable === ((standing & 0o100) !== 0)) return standing;
  return executable ? standing | ((standing & 0o444) >> 2) : standing & ~0o111;
}

async function giveTo(handle: FileHandle, { uid, gid }: { readonly uid: number; readonly gid: number }): Promise<void> {
  const own = await handle.stat();
  if (own.uid === uid && own.gid === gid) return;
  await handle.chown(uid, gid).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPERM' && error.code !== 'EINVAL' && error.code !== 'ENOSYS') throw error;
  });
}

/** `like`: the file whose place it takes, and whose owner and group it gets, as far as this process may give a file away. */
async function writeFresh(
  path: string,
  bytes: Buffer,
  mode: number | undefined,
  like?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const handle = await open(path, flags.O_WRONLY | flags.O_CREAT | flags.O_EXCL | (flags.O_NOFOLLOW ?? 0), mode ?? 0o666);
  try {
    await handle.writeFile(bytes);
    if (like !== undefined) await giveTo(handle, like);
    if (mode !== undefined) await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

/** Replaces one file in one step (a new name is renamed over it). */
export async function replaceInside(root: string, path: string, bytes: Buffer, mode?: number): Promise<void> {
  const normal = normalPath(path);
  const parent = await openParent(root, normal, true);
  if (parent === undefined) return;
  const { folder, name } = parent;
  const target = join(folder.base, name);
  const fresh = join(folder.base, temporaryName());
  try {
    const stats = await ifThere(lstat(target));
    if (stats?.isSymbolicLink()) throw pathEscapes(path, `${name} is a symbolic link`);
    if (stats !== undefined && !stats.isFile()) throw pathEscapes(path, `${name} is not a file`);
    await writeFresh(fresh, bytes, mode ?? (stats === undefined ? undefined : stats.mode & 0o777), stats);
    await folder.verify();
    await rename(fresh, target);
    await folder.verify();
  } finally {
    await rm(fresh, { force: true });
    await folder.close();
  }
}

/** Deletes one file, and the folders above it that are empty then. */
export async function deleteInside(root: string, path: string): Promise<void> {
  const normal = normalPath(path);
  const parent = await openParent(root, normal, false);
  if (parent === undefined) return;
  try {
    const stats = await ifThere(lstat(join(parent.folder.base, parent.name)));
    if (stats?.isDirectory()) throw pathEscapes(path, 'it is a folder');
    if (stats?.isSymbolicLink()) throw pathEscapes(path, `${parent.name} is a symbolic link`);
    await rm(join(parent.folder.base, parent.name), { force: true });
  } finally {
    await parent.folder.close();
  }
  await removeEmptyFolders(root, normal);
}

/** Removes the folders above a deleted file that are empty now; git keeps no empty folders either. */
export async function removeEmptyFolders(root: string, path: string): Promise<void> {
  const segments = path.split('/').slice(0, -1);
  while (segments.length > 0) {
    const parent = await openParent(root, segments.join('/'), false);
    if (parent === undefined) return;
    try {
      await rmdir(join(parent.folder.base, parent.name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT' || code === 'EBUSY' || code === 'EPERM' || code === 'EACCES')
        return;
      throw error;
    } finally {
      await parent.folder.close();
    }
    segments.pop();
  }
}
