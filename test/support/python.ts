import { execFileSync } from 'node:child_process';

/** Absolute path of the interpreter itself: a shim of a version manager would need the home. Undefined where there is none. */
export const python = ((): string | undefined => {
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
})();
