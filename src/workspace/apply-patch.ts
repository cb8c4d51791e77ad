/** Patches as OpenAI's models write them: `*** Begin Patch`, one section a file, every line of a file with its sign. */
import type { OneFileDiff } from './reply-diffs.ts';

export interface ReadPatches {
  readonly files: readonly OneFileDiff[];
  /** First line after them. */
  readonly end: number;
  /** A line that can be no part of a patch, where one ended too soon. */
  readonly unclear?: string;
}

const section = /^\*\*\* (Update|Add|Delete) File: (.+)$/;

/** Whether such a patch begins here. The lines of a file in it have a sign before them, so none of them looks like this. */
export const isPatchStart = (lines: readonly string[], at: number): boolean =>
  lines[at]?.trimEnd() === '*** Begin Patch' && section.test(lines[at + 1] ?? '');

/** Reads from `at` on, up to `*** End Patch`; without one, up to the end of a fence around it (`isOver`), or of the reply. */
export function readPatches(lines: readonly string[], at: number, isOver: (line: string) => boolean): ReadPatches {
  const files: { path: string; from?: OneFileDiff['from']; deleted: boolean; created: boolean; lines: string[] }[] = [];
  let n = at + 1;
  for (; n < lines.length; n++) {
    const line = lines[n] ?? '';
    const file = files.at(-1);
    const [, kind, path = ''] = section.exec(line) ?? [];
    const moved = /^\*\*\* Move to: (.+)$/.exec(line)?.[1]?.trim();
    if (line.trimEnd() === '*** End Patch') return { files: files.map(diffOf), end: n + 1 };
    if (isOver(line)) break;
    if (kind !== undefined) files.push({ path: path.trim(), deleted: kind === 'Delete', created: kind === 'Add', lines: [] });
    else if (moved !== undefined && file !== undefined && file.lines.length === 0 && !file.created && !file.deleted) {
      file.from = { how: 'rename', path: file.path };
      file.path = moved;
    } else if (/^\*\*\* End of File\s*$/.test(line)) continue;
    else if (file === undefined || (file.deleted && line.trim() !== '') || !belongs(line, file.created))
      return { files: [], end: n, unclear: line };
    else file.lines.push(line);
  }
  return { files: files.map(diffOf), end: n };
}

/** Blank lines of a file may have lost their sign. */
const belongs = (line: string, created: boolean): boolean => line === '' || (created ? /^\+/.test(line) : /^(?:@@|[-+ ])/.test(line));

function diffOf({ lines, ...file }: Omit<OneFileDiff, 'patch'> & { readonly lines: readonly string[] }): OneFileDiff {
  while (lines.at(-1) === '') lines = lines.slice(0, -1);
  if (lines.length === 0) return { ...file, patch: '' };
  // What stands behind `@@` names the place for people; a new file and a section without it are one hunk.
  const hunks = lines.map((line) => (line.startsWith('@@') ? '@@' : file.created && line === '' ? '+' : line));
  return { ...file, patch: (hunks[0] === '@@' ? hunks : ['@@', ...hunks]).join('\n') };
}
