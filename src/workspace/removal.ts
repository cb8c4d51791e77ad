import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from '../process/index.ts';

/** Folders on their way out wait here; a sweep empties it. */
export const trashFolder = (dataDir: string): string => join(dataDir, 'copies', '.trash');

/** Moves a folder out of the way at once; deleting it may then take its time. Gives its new place, or undefined when it was not there. */
export async function moveToTrash(dataDir: string, folder: string): Promise<string | undefined> {
  const trash = trashFolder(dataDir);
  await mkdir(trash, { recursive: true });
  const place = join(trash, randomBytes(8).toString('hex'));
  return ifThere(rename(folder, place).then(() => place));
}

/** Deletes a folder. Links are removed, never followed. Folders made read-only (module caches do that) are opened first. */
export async function removeTree(folder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3, retryDelay: 50 } as const;
  try {
    await rm(folder, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOTEMPTY') throw error;
    await openFolders(folder);
    await rm(folder, options);
  }
}

async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}
