/** The packed history of a workspace, kept in its store until it is another one: to pack 30,000 objects takes a second of a processor. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent, namesAt } from '../process/index.ts';
import type { Store } from './store.ts';

/** Of the form of what is kept; another form is made anew. */
const version = 1;

/** Fills an object folder with the packs that were made of the same before, or has them made there and keeps a copy. */
export async function keptPack(store: Store, objects: string, of: unknown, make: () => Promise<void>): Promise<void> {
  const all = join(store.gitDir, 'past');
  const key = createHash('sha256')
    .update(JSON.stringify([version, of]))
    .digest('hex');
  if (await copied(join(all, key), join(objects, 'pack'))) return;
  await make();
  const fresh = join(all, `${key}.${randomBytes(6).toString('hex')}.new`);
  try {
    await copied(join(objects, 'pack'), fresh);
    const others = (await namesAt(all)).filter((name) => !fresh.endsWith(name));
    await Promise.all(others.map((name) => rm(join(all, name), { recursive: true, force: true })));
    await rename(fresh, join(all, key));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Another run was as quick, or the disk is full: it is made again the next time.
    await rm(fresh, { recursive: true, force: true });
  }
}

/** The files of a folder of packs, the index of each after it. False where they are not all there. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    const names = (await readdir(from)).filter((name) => name.startsWith('pack-'));
    await mkdir(to, { recursive: true });
    for (const name of names.sort().reverse()) await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
    return names.some((name) => name.endsWith('.idx'));
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return false;
  }
}
