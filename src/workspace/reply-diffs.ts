/** Unified diffs in a reply: as git writes them, and as models do. */
import { type DiffHeader, emptyHeader, namesOf, readHeaderLine, readNames } from './diff-headers.ts';
import type { FileEdit } from './edit-types.ts';
import { closesFence } from './fences.ts';
import { settleName } from './named-path.ts';

export interface ReadDiffs {
  readonly files: readonly OneFileDiff[];
  /** First line after them. */
  readonly end: number;
}

export interface OneFileDiff {
  /** Undefined where no header names the file. */
  readonly path: string | undefined;
  readonly from?: { readonly how: 'rename' | 'copy'; readonly path: string };
  readonly deleted: boolean;
  readonly created: boolean;
  /** Whether the file may be executed afterwards, where that is said. */
  readonly executable?: boolean;
  /** Why it cannot be done, or not be understood. */
  readonly unclear?: string;
  readonly patch: string;
}

/** Whether a diff begins here: the header of git, or the two lines that name the file and a hunk. */
export function isDiffStart(lines: readonly string[], at: number): boolean {
  const [line = '', next = '', third = ''] = lines.slice(at, at + 3);
  if (/^diff --git \S/.test(line))
    return /^(?:index |(?:dis)?similarity |rename |copy |old mode|new file|deleted file|--- |@@ |Binary files |GIT binary patch)/.test(
      next,
    );
  return isHeaderPair(line, next) && third.startsWith('@@');
}

const isHeaderPair = (line: string, next: string): boolean => /^--- \S/.test(line) && /^\+\+\+ \S/.test(next);

interface Open {
  readonly header: DiffHeader;
  readonly lines: string[];
  /** The carriage returns at the ends of its lines are those of the reply. */
  readonly returns: boolean;
}

/**
 * Reads from `at` on. In a fence (its `marks` given) all up to its end belongs to the diffs. Hunks are taken by their counts where these fit, so
 * that lines of the files that look like headers stay lines; otherwise up to the next header.
 */
export function readDiffs(lines: readonly string[], at: number, known: readonly string[], marks?: string): ReadDiffs {
  const files: Open[] = [];
  let n = at;
  const isOver = (line: string): boolean => marks !== undefined && !/^\s/.test(line) && closesFence(line, marks);
  const starts = (k: number): boolean => isDiffStart(lines, k) || /^@@/.test(lines[k] ?? '');
  const begin = (line: string): Open => {
    const file = { header: emptyHeader(), lines: [], returns: line.endsWith('\r') };
    files.push(file);
    return file;
  };
  while (n < lines.length && !isOver(lines[n] ?? '')) {
    const raw = lines[n] ?? '';
    const line = raw.replace(/\r$/, '');
    const file = files.at(-1);
    const inHeader = file !== undefined && file.lines.length === 0;
    if (line.startsWith('diff --git ')) begin(raw).header.git = line.slice('diff --git '.length);
    else if (isHeaderPair(line, lines[n + 1] ?? '')) {
      const names = [line.slice(4), (lines[n + 1] ?? '').slice(4).replace(/\r$/, '')] as const;
      readNames(...names, inHeader && belongs(names, file.header) ? file.header : begin(raw).header);
      n++;
    } else if (line.startsWith('@@')) {
      const end = hunkEnd(lines, n, marks !== undefined, (k) => starts(k) || isOver(lines[k] ?? ''));
      (file ?? begin(raw)).lines.push(...lines.slice(n, end));
      n = end - 1;
    } else if (inHeader && readHeaderLine(line, file.header)) {
      if (line === 'GIT binary patch') n = binaryEnd(lines, n) - 1;
    } else if (marks === undefined) break;
    else if (isSignature(lines, n)) n++;
    else if (file !== undefined || /^(?:\+|-(?!--$))/.test(line)) (file ?? begin(raw)).lines.push(raw);
    n++;
  }
  return { files: files.map((file) => diffOf(file, known)), end: n < lines.length && marks !== undefined ? n + 1 : n };
}

/** Whether two lines that name a file go with a header that is open: it has none, and its own names are these. */
const belongs = (names: readonly string[], { git, after }: DiffHeader): boolean =>
  after === undefined &&
  (git === undefined ||
    names.every((name) => /^\/dev\/null\b/.test(name) || withoutBlanks(git).includes(withoutBlanks(name.split('\t')[0] ?? ''))));

const withoutBlanks = (text: string): string => text.replaceAll(' ', '');

function diffOf({ header, lines, returns }: Open, known: readonly string[]): OneFileDiff {
  const { path, from, unclear } = namesOf(header, known);
  const { deleted, created, executable } = header;
  const patch = lines.map((line) => (returns ? line.replace(/\r$/, '') : line)).join('\n');
  const isNothing = !deleted && !created && from === undefined && executable === undefined && patch.trim() === '';
  const why = header.beyond ?? unclear ?? (isNothing ? 'it changes nothing' : undefined);
  // A new name is complete.
  const isNew = created || from !== undefined;
  return {
    path: path === undefined ? undefined : settleName(path, isNew ? [] : known),
    ...(from === undefined ? {} : { from: { ...from, path: settleName(from.path, known) } }),
    deleted,
    created,
    ...(executable === undefined ? {} : { executable }),
    ...(why === undefined ? {} : { unclear: why }),
    patch,
  };
}

/** First line after the binary patch whose title stands at `at`: the new bytes and mostly the old ones, each with its size and a blank line behind it. */
function binaryEnd(lines: readonly string[], at: number): number {
  const has = (n: number, pattern: RegExp): boolean => pattern.test((lines[n] ?? '').trimEnd());
  let n = at + 1;
  while (has(n, /^(?:literal|delta) \d+$/)) {
    n++;
    while (has(n, /^[A-Za-z](?:[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5})+$/)) n++;
    if (has(n, /^$/) && n < lines.length) n++;
  }
  return n;
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
    const goesOn = fenced ? next.trim() !== '' && !isOver(n) && !isDiffStart(lines, n) && !isSignature(lines, n) : /^[+ ]/.test(next);
    if (left === 0 && right === 0 && !goesOn) return n;
  }
  // No line of a hunk begins with a backtick: outside of a fence it is the end of one that was opened for several diffs.
  const isStrayFence = (line = ''): boolean => !fenced && /^`{3,}\s*$/.test(line);
  let n = at + 1;
  while (n < lines.length && !isOver(n) && !isStrayFence(lines[n])) n++;
  return n;
}

/** What `git format-patch` closes with. */
const isSignature = (lines: readonly string[], at: number): boolean =>
  /^-- ?\r?$/.test(lines[at] ?? '') && /^\d[\w.-]*(?: \([^)]*\))?\r?$/.test(lines[at + 1] ?? '');

/** What the diff of one file asks for. */
export function editsOfDiff({ from, deleted, created, executable, patch }: OneFileDiff, path: string): FileEdit[] {
  if (deleted) return [{ kind: 'delete', path }];
  const edits: FileEdit[] = from === undefined || from.path === path ? [] : [{ kind: from.how, path: from.path, to: path }];
  if (patch.trim() !== '') edits.push({ kind: 'unified-diff', path, patch });
  else if (created) edits.push({ kind: 'whole-file', path, text: '' });
  if (executable !== undefined) edits.push({ kind: 'mode', path, executable });
  return edits;
}
