/** A patch for people. Pure. */

import type { Screen } from './terminal.ts';
import { printable } from './text.ts';

/** The lines of a git patch with additions, removals and places coloured; safe to print. */
export function diffLines(patch: string, screen: Pick<Screen, 'paint'>): string[] {
  let inHunk = false;
  return printable(patch)
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      if (line.startsWith('diff --git ')) inHunk = false;
      if (line.startsWith('@@')) {
        inHunk = true;
        return screen.paint('cyan', line);
      }
      if (!inHunk) return screen.paint('bold', line);
      if (line.startsWith('+')) return screen.paint('green', line);
      if (line.startsWith('-')) return screen.paint('red', line);
      return line;
    });
}
