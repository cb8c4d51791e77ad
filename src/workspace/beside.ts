/**
 * Folders beside a project that its user lets tests read. In the folder of its copies they lie in the same place, as links, so that `../lib` means the
 * same from a copy as from the project.
 */
import { mkdir, readlink, stat, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ifThere, isWithin } from '../process/index.ts';

export interface Beside {
  /** Where it lies, absolute. */
  readonly from: string;
  /** The same place from the folder of the copies. */
  readonly path: string;
}

/**
 * `top`: the project; `readable`: absolute. What lies further up than its own folder is left out: there copies of other projects lie. So is what lies in
 * another folder that is named: it is there by that one.
 */
export function besideProject(top: string, readable: readonly string[]): Beside[] {
  const all = [...new Set(readable)].flatMap((from) => {
    const path = relative(dirname(top), from);
    const isElsewhere = path === '' || isAbsolute(path) || path.split(sep)[0] === '..' || isWithin(top, from);
    return isElsewhere ? [] : [{ from, path }];
  });
  return all.filter(({ from }) => !all.some((other) => other.from !== from && isWithin(other.from, from)));
}

/** Links that are there already stay; for what is not there none is made. */
export async function layBeside(folder: string, all: readonly Beside[]): Promise<void> {
  for (const { from, path } of all) {
    const stats = await ifThere(stat(from));
    if (stats === undefined) continue;
    const at = join(folder, path);
    await mkdir(dirname(at), { recursive: true });
    await symlink(from, at, stats.isDirectory() ? 'junction' : 'file').catch(async (error: unknown) => {
      if ((await readlink(at).catch(() => undefined)) !== from) throw error;
    });
  }
}
