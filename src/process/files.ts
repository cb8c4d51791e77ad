/** Paths that may be absent, and files that are replaced whole. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** True for the folder itself and everything below it. Both absolute and real: links are not looked at. */
export function isWithin(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
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
