import { execFileSync } from 'node:child_process';
import { findProgram } from '../../src/process/index.ts';

/** Absolute path of the interpreter itself: a shim of a version manager would need the home. Undefined where there is none. */
export const python = ((): string | undefined => {
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
})();

/** Whether a program is there and ends well when it is started with these words. */
export const works = (program: string, ...args: string[]): boolean => {
  if (findProgram(program, '.') === undefined) return false;
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
};
