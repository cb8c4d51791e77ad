/** Paths that may be absent, and files that are replaced whole. */
import { randomBytes } from 'node:crypto';
import fs, { constants } from 'node:fs';
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

/** The text of a file; undefined when there is none, or a pipe or a device, which would be waited for without end. */
export const textAt = (file: string): Promise<string | undefined> => ifThere(readWithoutWaiting(file));

async function readWithoutWaiting(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return isWaitedFor(await handle.stat()) ? undefined : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

const isWaitedFor = (stats: fs.Stats): boolean => !stats.isFile() && !stats.isDirectory();

/** The text of a file, at once; undefined for anything that is no regular file. */
export function textAtNow(file: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const opened = fs.openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return fs.fstatSync(opened).isFile() ? fs.readFileSync(opened, 'utf8') : undefined;
  } finally {
    fs.closeSync(opened);
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
