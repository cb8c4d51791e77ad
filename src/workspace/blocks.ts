/** Search and replace blocks: `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`. */
import { findBlock, isMatch } from './match.ts';
import { blockMarks, type ReplyForm } from './reply-form.ts';

export interface Block {
  readonly search: string;
  readonly replace: string;
  /** First line after it. */
  readonly end: number;
  readonly closed: boolean;
}

/** Why a block cannot be read. */
export type Unread = 'no-middle' | 'two-ways';

export interface BlockOpening {
  readonly count: number;
  /** `SEARCH` stands there; otherwise it may be a conflict marker of git as well. */
  readonly labelled: boolean;
  readonly path?: string;
}

export function blockOpening(line: string): BlockOpening | undefined {
  const found = /^(<{5,}(?!<)) ?(SEARCH|ORIGINAL|HEAD|search)?\s*(?:[`"]?([^\s`"<]+)[`"]?)?$/.exec(line.trim());
  if (found === null) return undefined;
  const [, marks = '', label, path] = found;
  return { count: marks.length, labelled: label !== undefined && label !== 'HEAD', ...(path === undefined ? {} : { path }) };
}

/** Of lines without blanks around them. */
const labelledEnd = /^>{5,} ?(?:REPLACE|UPDATED|replace)$/;
const anyEnd = /^>{5,}(?: ?[\w./-]+)?$/;

/** Marks of a block that stand outside of one. */
export const isStrayMark = (line: string): boolean => labelledEnd.test(line.trim()) || blockOpening(line)?.labelled === true;

/**
 * Reads the block that opens at `at`. Marks in the form asked for, or longer ones, are matched by their length; otherwise by their looks. Where
 * several lines could be its middle, the one decides before which stands what is found in one of `texts` (the files it may be for; without any,
 * or with an empty one, a block without a search makes a file).
 */
export function readBlock(lines: readonly string[], at: number, form: ReplyForm, texts: readonly (string | undefined)[]): Block | Unread {
  const opening = blockOpening(lines[at] ?? '');
  const { middle, replace } = blockMarks(opening?.count ?? form.marks);
  const is = (mark: string) => (line: string) => line.trimEnd() === mark;
  if (opening?.labelled && opening.count >= form.marks) {
    const end = indexFrom(lines, at + 1, is(replace));
    const middles = end < 0 ? [] : allBetween(lines, at, end, is(middle));
    const another = allBetween(
      lines,
      at,
      end,
      (line) => blockOpening(line)?.labelled === true && blockOpening(line)?.count === opening.count,
    );
    if (middles.length > 0 && another.length === 0) return split(lines, at, middles, end, true, texts);
  }
  const next = indexFrom(lines, at + 1, (line) => blockOpening(line)?.labelled === true);
  const limit = next < 0 ? lines.length : next;
  const labelled = indexFrom(lines, at + 1, (line) => labelledEnd.test(line.trim()), limit);
  const firstMiddle = indexFrom(lines, at + 1, (line) => /^={5,}$/.test(line.trim()), limit);
  const closing =
    labelled >= 0 ? labelled : firstMiddle < 0 ? -1 : indexFrom(lines, firstMiddle + 1, (line) => anyEnd.test(line.trim()), limit);
  // Where one that was never closed ends before the next, its path or its text, cannot be told.
  if (closing < 0 && firstMiddle >= 0 && next >= 0) return 'two-ways';
  const end = closing < 0 ? endOfBlock(lines, Math.max(firstMiddle, at) + 1, limit) : closing;
  const exact = allBetween(lines, at, end, is(middle));
  const middles = exact.length > 0 ? exact : allBetween(lines, at, end, (line) => /^={5,9}$/.test(line.trim()));
  if (middles.length === 0) return 'no-middle';
  // The file has these very lines, mark and all: then it is not sure that the mark is one.
  const whole = textOf(lines, at + 1, end);
  if (texts.some((text) => text !== undefined && `\n${text}`.includes(`\n${whole}`))) return 'two-ways';
  return split(lines, at, middles, end, closing >= 0, texts);
}

function split(
  lines: readonly string[],
  at: number,
  middles: readonly number[],
  end: number,
  closed: boolean,
  texts: readonly (string | undefined)[],
): Block | Unread {
  const readings = middles.map(
    (middle): Block => ({
      search: textOf(lines, at + 1, middle),
      replace: textOf(lines, middle + 1, end),
      end: closed ? end + 1 : end,
      closed,
    }),
  );
  if (readings.length === 1) return readings[0] ?? 'no-middle';
  const fits = readings.filter(({ search }) => (texts.length === 0 ? search === '' : texts.some((text) => isFound(text, search))));
  return fits.length === 1 && fits[0] !== undefined ? fits[0] : 'two-ways';
}

/** A search that says nothing is found where nothing is. */
export function isFound(text: string | undefined, search: string): boolean {
  if (text === undefined || text.trim() === '') return search.trim() === '';
  if (search.trim() === '') return false;
  const result = findBlock(text, search, '');
  return isMatch(result) || result.failed === 'ambiguous';
}

const textOf = (lines: readonly string[], from: number, to: number): string =>
  lines
    .slice(from, to)
    .map((line) => `${line}\n`)
    .join('');

function indexFrom(lines: readonly string[], from: number, mark: (line: string) => boolean, to = lines.length): number {
  for (let at = from; at < to; at++) if (mark(lines[at] ?? '')) return at;
  return -1;
}

function allBetween(lines: readonly string[], from: number, to: number, mark: (line: string) => boolean): number[] {
  return lines.flatMap((line, at) => (at > from && at < to && mark(line) ? [at] : []));
}

/** A block without its last mark ends at the fence, the next block or the end of the reply. */
function endOfBlock(lines: readonly string[], from: number, limit: number): number {
  for (let at = from; at < limit; at++) if (/^\s*`{3,}\s*$/.test(lines[at] ?? '')) return at;
  return limit === lines.length && limit > from && (lines.at(-1) ?? '').trim() === '' ? limit - 1 : limit;
}
