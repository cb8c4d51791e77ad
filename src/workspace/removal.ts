import { randomBytes } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere, isThere } from '../process/index.ts';
import { copiesFolder, privately } from './copies-folder.ts';

/** Folders on their way out wait here; a sweep empties it. */
export const trashFolder = (dataDir: string): string => join(copiesFolder(dataDir), '.trash');

/** Moves a folder out of the way at once; deleting it may then take its time. Gives its new place, or undefined when it was not there. */
export async function moveToTrash(dataDir: string, folder: string): Promise<string | undefined> {
  if (!(await isThere(folder))) return undefined;
  const trash = trashFolder(dataDir);
  await mkdir(trash, privately);
  const place = join(trash, randomBytes(8).toString('hex'));
  return ifThere(rename(folder, place).then(() => place));
}
