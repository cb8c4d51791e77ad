/**
 * Each line of a trace names the one before it (`prev`), so that a line which is changed, taken out or put in later is found by whoever reads
 * on. It says nothing of the last line, and is no signature: where a record ends is kept apart from it (`end.ts`).
 */
import { hash } from 'node:crypto';

/** What the first line names. */
export const chainStart = '';

/** What the line after this one names: sha256, hexadecimal, of the bytes without the line break, whatever they hold. */
export function linkOf(line: Buffer | string): string {
  const returned = typeof line !== 'string' && line.at(-1) === 13;
  return hash('sha256', returned ? line.subarray(0, -1) : line);
}
