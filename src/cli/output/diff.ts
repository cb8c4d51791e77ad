/** A patch for people. Pure. */
import { printable } from '../../text/index.ts';
import type { FileHunks, Hunk, LineRange } from '../../workspace/hunk-types.ts';
import type { Screen } from './terminal.ts';

/** The lines of a git patch (of files in other encodings: those for people) with additions, removals and places coloured; safe to print. */
export function diffLines(patch: string, screen: Pick<Screen, 'paint'>): string[] {
  let inHunk = false;
  return printable(patch)
    .replace(/\n$/, '')
    .replace(/^GIT binary patch\n(?:literal \d+\n(?:[A-Za-z]\S+\n)*\n){2}(?=# )/gm, '')
    .split('\n')
    .map((line) => {
      if (line.startsWith('diff --git ')) inHunk = false;
      // Lines of a file in another encoding, beside their form for git.
      if (/^# [+-]/.test(line)) return screen.paint(line[2] === '+' ? 'green' : 'red', line.slice(2));
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

/** Every hunk with the number that `runs apply --hunks` takes; safe to print. */
export function hunkLines(files: readonly FileHunks[], screen: Pick<Screen, 'paint'>): string[] {
  const lines: string[] = [];
  let number = 0;
  for (const file of files) {
    lines.push(screen.paint('bold', printable(file.oldPath === undefined ? file.path : `${file.oldPath} → ${file.path}`)));
    for (const hunk of file.hunks) {
      number += 1;
      lines.push(screen.paint('cyan', `[${number}] ${placeOf(hunk)}`));
      lines.push(...hunk.removed.map((line) => screen.paint('red', `-${printable(line)}`)));
      lines.push(...hunk.added.map((line) => screen.paint('green', `+${printable(line)}`)));
    }
  }
  return lines;
}

const kinds: Record<Exclude<Hunk['kind'], 'lines' | 'mode'>, string> = {
  added: 'new file',
  deleted: 'file deleted',
  renamed: 'file renamed',
  binary: 'file that is no text',
  replaced: 'another kind of file',
};

function placeOf(hunk: Hunk): string {
  if (hunk.kind !== 'lines') {
    const mode = hunk.executable === undefined ? [] : [hunk.executable ? 'may be executed from now on' : 'may no longer be executed'];
    return [...(hunk.kind === 'mode' ? [] : [kinds[hunk.kind]]), ...mode].join(', ');
  }
  const named = ({ start, end }: LineRange): string =>
    end - start > 1 ? `${start + 1} to ${end}` : end > start ? `${start + 1}` : `after ${start}`;
  return `line ${named(hunk.base)} → ${named(hunk.candidate)}`;
}
