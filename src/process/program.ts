import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Absolute path of a program as the child would find it (its PATH, its folder); undefined when there is none. */
export function findProgram(name: string, cwd: string, environment: Environment = process.env): string | undefined {
  if (name === '') return undefined;
  if (isAbsolute(name) || name.includes('/') || (process.platform === 'win32' && name.includes('\\'))) {
    return firstRunnable([resolve(cwd, name)]);
  }
  const path = environment.PATH ?? environment.Path ?? '';
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return firstRunnable(folders.map((folder) => join(resolve(cwd, folder), name)));
}

function firstRunnable(candidates: readonly string[]): string | undefined {
  const endings = process.platform === 'win32' ? ['', ...(process.env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';')] : [''];
  for (const candidate of candidates) {
    const hit = endings.map((ending) => candidate + ending).find(isRunnable);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function isRunnable(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    accessSync(path, process.platform === 'win32' ? constants.F_OK : constants.X_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false;
    throw error;
  }
}
