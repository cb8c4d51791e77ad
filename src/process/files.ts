/** Paths that may be absent, and files that are replaced whole. */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { lstat, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';

/** True for the folder itself and everything below it, by name: links are not looked at. Both absolute. */
export function isWithin(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way === '' || (!path.isAbsolute(way) && way.split(path.sep)[0] !== '..');
}

/** Nothing is there; a file in the place of one of its folders counts as that. */
export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What a call of the file system gives; undefined when nothing is there. Other failures are thrown. */
export async function ifThere<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Whether something is there, be it a link that leads nowhere. */
export const isThere = async (file: string): Promise<boolean> => (await ifThere(lstat(file))) !== undefined;

/** The text of a file; undefined when there is none, or a pipe, a socket or a device, which would be waited for without end. */
export const textAt = async (file: string): Promise<string | undefined> => (await contentAt(file))?.toString('utf8');

/** The same, as it lies on the disk. */
export async function contentAt(file: string): Promise<Buffer | undefined> {
  try {
    const handle = await open(file, withoutWaiting);
    try {
      const stats = await handle.stat();
      return stats.isFile() || stats.isDirectory() ? await handle.readFile() : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isAbsent(error) || isSocket(error)) return undefined;
    throw error;
  }
}

const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What opening a socket by its path fails with. */
const isSocket = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENXIO';

/** The text of a file, at once; undefined for anything that is no regular file. */
export function textAtNow(file: string): string | undefined {
  try {
    const opened = openSync(file, withoutWaiting);
    try {
      return fstatSync(opened).isFile() ? readFileSync(opened, 'utf8') : undefined;
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    if (isAbsent(error) || isSocket(error)) return undefined;
    throw error;
  }
}

/** Bytes of a file; 0 when there is none. */
export const bytesAt = async (file: string): Promise<number> => (await ifThere(stat(file)))?.size ?? 0;

/** Names in a folder; none when there is no folder. */
export const namesAt = async (folder: string): Promise<string[]> => (await ifThere(readdir(folder))) ?? [];

/** The real path; a folder that is gone stands for itself. */
export const realOrGiven = async (folder: string): Promise<string> => (await ifThere(realpath(folder))) ?? folder;

/** What a JSON file of ours holds; undefined when it is absent, torn or of another shape. */
export async function readRecord<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await textAt(file);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export interface ReplaceOptions {
  /** Who may read and write a new file; default: the user alone. */
  readonly mode?: number;
  /** Resolves when content and name are on the disk: a power cut then leaves the new content. Costs milliseconds. */
  readonly durable?: boolean;
}

/**
 * Writes a file in one step: whoever reads it, and a crash, finds the old content or the new one. The folder must be there. When it rejects, the
 * old content stands and nothing else is left.
 */
export async function replaceFile(file: string, content: string | Uint8Array, options: ReplaceOptions = {}): Promise<void> {
  const { mode = 0o600, durable = false } = options;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { mode, flag: 'wx', flush: durable });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await syncFolder(path.dirname(file));
}

/** Windows opens no folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
