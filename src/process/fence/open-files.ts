import { readdirSync, readFileSync } from 'node:fs';

const closeOnExec = 0o2000000;

/**
 * Descriptors above 2 that a child would inherit: Node closes its own, and leaves those that this process was started with or that a library
 * opened carelessly. Through a folder among them a fenced program could reach what it is not shown. Linux only.
 */
export function inheritedFiles(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((file) => file > 2 && (flagsOf(file) & closeOnExec) === 0);
}

/** A descriptor that was closed meanwhile (the one of the listing itself) is inherited by nobody. */
function flagsOf(file: number): number {
  try {
    return Number.parseInt(/^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, 'latin1'))?.[1] ?? '0', 8);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return closeOnExec;
    throw error;
  }
}
