/** Unified diffs in a reply: as git writes them, and as models do. */
import type { FileEdit } from './edit-types.ts';
import { closesFence } from './fences.ts';

export interface ReadDiffs {
  /** Paths as written, without `a/` and `b/`; undefined where no header names the file. */
  readonly files: readonly OneFileDiff[];
  /** First line after them. */
  readonly end: number;
}

export interface OneFileDiff {
  readonly path: string | undefined;
  readonly renamedFrom?: string;
  readonly deleted: boolean;
  readonly created: boolean;
  readonly patch: string;
}

/** Whether a diff begins here: the header of git, or the two lines that name the file and a hunk. */
export function isDiffStart(lines: readonly string[], at: number): boolean {
  const [line = '', next = '', third = ''] = lines.slice(at, at + 3);
  if (/^diff --git \S/.test(line)) return /^(index |similarity |rename |old mode|new file|deleted file|--- )/.test(next);
  return isHeaderPair(line, next) && third.startsWith('@@');
}

const isHeaderPair = (line: string, next: string): boolean => /^--- \S/.test(line) && /^\+\+\+ \S/.test(next);

interface Open {
  path: string | undefined;
  renamedFrom?: string;
  deleted: boolean;
  created: boolean;
  lines: string[];
}

/**
 * Reads from `at` on. In a fence (its `marks` given) all up to its end belongs to the diffs. Hunks are taken by their counts where these fit, so
 * that lines of the files that look like headers stay lines; otherwise up to the next header.
 */
export function readDiffs(lines: readonly string[], at: number, marks?: string): ReadDiffs {
  const files: Open[] = [];
  let n = at;
  const isOver = (line: string): boolean => marks !== undefined && !/^\s/.test(line) && closesFence(line, marks);
  const starts = (k: number): boolean => isDiffStart(lines, k) || /^@@/.test(lines[k] ?? '');
  while (n < lines.length && !isOver(lines[n] ?? '')) {
    const line = lines[n] ?? '';
    const file = files.at(-1);
    if (line.startsWith('diff --git ')) {
      files.push({ path: gitPath(line), deleted: false, created: false, lines: [] });
    } else if (isHeaderPair(line, lines[n + 1] ?? '')) {
      const before = headerPath(line.slice(4));
      const after = headerPath((lines[n + 1] ?? '').slice(4));
      const names = { path: after ?? before, deleted: after === undefined, created: before === undefined };
      if (file !== undefined && file.lines.length === 0) Object.assign(file, names);
      else files.push({ ...names, lines: [] });
      n++;
    } else if (line.startsWith('@@')) {
      const end = hunkEnd(lines, n, marks !== undefined, (k) => starts(k) || isOver(lines[k] ?? ''));
      if (file === undefined) files.push({ path: undefined, deleted: false, created: false, lines: [] });
      files.at(-1)?.lines.push(...lines.slice(n, end));
      n = end - 1;
    } else if (file !== undefined && file.lines.length === 0 && readHeader(line, file)) {
      // Said all it had to say.
    } else if (marks === undefined) break;
    else if (line.trim() !== '' || file !== undefined) {
      if (file === undefined) files.push({ path: undefined, deleted: false, created: false, lines: [] });
      files.at(-1)?.lines.push(line);
    }
    n++;
  }
  return {
    files: files.map(({ lines: own, ...file }) => ({ ...file, patch: own.join('\n') })),
    end: n < lines.length && marks !== undefined ? n + 1 : n,
  };
}

function readHeader(line: string, file: Open): boolean {
  const [, word, rest = ''] = /^(rename from|rename to|deleted file|new file|index|similarity|old mode|new mode) (.*)$/.exec(line) ?? [];
  if (word === 'rename from') file.renamedFrom = unquoted(rest);
  if (word === 'rename to') file.path = unquoted(rest);
  if (word === 'deleted file') file.deleted = true;
  if (word === 'new file') file.created = true;
  return word !== undefined;
}

/** First line after the hunk whose `@@` line stands at `at`. */
function hunkEnd(lines: readonly string[], at: number, fenced: boolean, isOver: (n: number) => boolean): number {
  const [, old, now] = /^@@+ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lines[at] ?? '') ?? [undefined, undefined, undefined];
  if (/^@@ -\d/.test(lines[at] ?? '')) {
    let [left, right] = [Number(old ?? 1), Number(now ?? 1)];
    let n = at + 1;
    for (; (left > 0 || right > 0) && n < lines.length; n++) {
      const line = lines[n] ?? '';
      if (line.startsWith('-')) left--;
      else if (line.startsWith('+')) right--;
      else if (line.startsWith(' ') || line === '') {
        left--;
        right--;
      } else if (!line.startsWith('\\')) break;
    }
    if (lines[n]?.startsWith('\\')) n++;
    const next = lines[n] ?? '';
    const goesOn = fenced ? next.trim() !== '' && !isOver(n) && !isDiffStart(lines, n) : /^[+ ]/.test(next);
    if (left === 0 && right === 0 && !goesOn) return n;
  }
  // No line of a hunk begins with a backtick: outside of a fence it is the end of one that was opened for several diffs.
  const isStrayFence = (line = ''): boolean => !fenced && /^`{3,}\s*$/.test(line);
  let n = at + 1;
  while (n < lines.length && !isOver(n) && !isStrayFence(lines[n])) n++;
  return n;
}

const unquoted = (path: string): string => path.trim().replace(/^"(.*)"$/, '$1');

/** The path of a `---` or `+++` line without `a/`, `b/` and a time; undefined for /dev/null. */
function headerPath(field: string): string | undefined {
  const path = unquoted(field.split('\t')[0] ?? '');
  return path === '/dev/null' ? undefined : path.replace(/^[ab]\//, '');
}

const gitPath = (line: string): string | undefined => {
  const names = line.slice('diff --git '.length);
  return (/ "?b\/(.+?)"?$/.exec(names)?.[1] ?? names.split(' ').at(-1)) || undefined;
};

/** What the diff of one file asks for. */
export function editsOfDiff(file: OneFileDiff, path: string, from: string | undefined): FileEdit[] {
  if (file.deleted) return [{ kind: 'delete', path }];
  const edits: FileEdit[] = from === undefined || from === path ? [] : [{ kind: 'rename', path: from, to: path }];
  if (file.patch.trim() !== '') edits.push({ kind: 'unified-diff', path, patch: file.patch });
  else if (file.created) edits.push({ kind: 'whole-file', path, text: '' });
  return edits;
}
