/** Cutting a file's change into hunks and putting accepted ones back together. Pure. */
import { createHash } from 'node:crypto';
import { changedLines } from '../text/index.ts';
import type { Charset } from './charset.ts';
import { charsetOf, recognise } from './encodings.ts';
import type { LineRange } from './hunk-types.ts';

/** A changed stretch: these lines of the base became those of the candidate. */
export interface Stretch {
  readonly base: LineRange;
  readonly candidate: LineRange;
}

/**
 * Lines of a file with their ends, byte for byte: each character stands for one byte, so files of any encoding, with any line ends, with or
 * without a byte order mark or a last line end come back exactly.
 */
export function byteLines(bytes: Buffer): string[] {
  const charset = charsetOf(recognise(bytes));
  if (charset !== 'utf-16le' && charset !== 'utf-16be') return bytes.toString('latin1').match(/[^\n]+\n?|\n/g) ?? [];
  const feed = charset === 'utf-16le' ? '\n\0' : '\0\n';
  const lines: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (bytes.toString('latin1', at, at + 2) !== feed && at + 2 < bytes.length) continue;
    lines.push(bytes.toString('latin1', from, at + 2));
    from = at + 2;
  }
  return lines;
}

export const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''), 'latin1');

/** The lines as people read them. */
export function readable(lines: readonly string[], charset: Charset = 'utf-8'): string[] {
  const decoder = new TextDecoder(charset);
  return lines.map((line) => decoder.decode(Buffer.from(line, 'latin1')).replace(/\r?\n$/, ''));
}

/**
 * The changed stretches of each pair of contents in a patch without context lines, by `<old blob>..<new blob>`. A patch names the blobs in its
 * `index` line; the lines of a file itself always begin with `+`, `-` or `\`.
 */
export function readStretches(patch: string): Map<string, Stretch[]> {
  const found = new Map<string, Stretch[]>();
  let current: Stretch[] = [];
  for (const line of patch.split('\n')) {
    const index = /^index ([0-9a-f]+\.\.[0-9a-f]+)/.exec(line);
    if (index?.[1] !== undefined) {
      current = [];
      found.set(index[1], current);
    }
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (header !== null) current.push({ base: rangeOf(header[1], header[2]), candidate: rangeOf(header[3], header[4]) });
  }
  return found;
}

/** Git counts from 1, and names the line before an empty range. */
function rangeOf(from = '0', count = '1'): LineRange {
  const start = Number(count) === 0 ? Number(from) : Number(from) - 1;
  return { start, end: start + Number(count) };
}

/** The changed stretches of two texts that git takes for no text, as those in UTF-16. */
export function stretchesBetween(base: readonly string[], candidate: readonly string[]): Stretch[] {
  const range = ([start, length]: readonly [number, number]): LineRange => ({ start, end: start + length });
  return changedLines(base, candidate).map(({ before, after }) => ({ base: range(before), candidate: range(after) }));
}

/** Most lines without a letter or digit between two changes that belong together. */
const bridge = 2;

/** Joins stretches with nothing but blank lines or brackets between them: nobody decides about such halves apart. */
export function joinNeighbours(stretches: readonly Stretch[], base: readonly string[], charset?: Charset): Stretch[] {
  const joined: Stretch[] = [];
  for (const stretch of stretches) {
    const last = joined.at(-1);
    const between = last === undefined ? [] : base.slice(last.base.end, stretch.base.start);
    if (last === undefined || between.length > bridge || readable(between, charset).some((line) => /[\p{L}\p{N}]/u.test(line)))
      joined.push(stretch);
    else {
      joined[joined.length - 1] = {
        base: { start: last.base.start, end: stretch.base.end },
        candidate: { start: last.candidate.start, end: stretch.candidate.end },
      };
    }
  }
  return joined;
}

const slice = (lines: readonly string[], range: LineRange): readonly string[] => lines.slice(range.start, range.end);

/** The base with the accepted stretches (by place in the list) as the candidate has them. */
export function assemble(
  base: readonly string[],
  candidate: readonly string[],
  stretches: readonly Stretch[],
  accepted: ReadonlySet<number>,
): string[] {
  const lines: string[] = [];
  let at = 0;
  for (const [n, stretch] of stretches.entries()) {
    lines.push(
      ...base.slice(at, stretch.base.start),
      ...(accepted.has(n) ? slice(candidate, stretch.candidate) : slice(base, stretch.base)),
    );
    at = stretch.base.end;
  }
  lines.push(...base.slice(at));
  return lines;
}

/**
 * Which stretches a file holds already, when it is the base with some of them and nothing else; undefined when it is anything else. A merge
 * line by line could take the same insertion twice; this cannot.
 */
export function stretchesIn(
  now: readonly string[],
  base: readonly string[],
  candidate: readonly string[],
  stretches: readonly Stretch[],
): ReadonlySet<number> | undefined {
  // Ways to have read `now` so far: how many of its lines are used up, and which stretches that took.
  let ways = new Map<number, readonly number[]>([[0, []]]);
  let at = 0;
  const advance = (lines: readonly string[], taken: number | undefined, into: Map<number, readonly number[]>): void => {
    for (const [used, chosen] of ways) {
      if (into.has(used + lines.length) || !lines.every((line, n) => now[used + n] === line)) continue;
      into.set(used + lines.length, taken === undefined ? chosen : [...chosen, taken]);
    }
  };
  for (const [n, stretch] of stretches.entries()) {
    const before = new Map<number, readonly number[]>();
    advance(base.slice(at, stretch.base.start), undefined, before);
    ways = before;
    const after = new Map<number, readonly number[]>();
    advance(slice(candidate, stretch.candidate), n, after);
    advance(slice(base, stretch.base), undefined, after);
    ways = after;
    at = stretch.base.end;
  }
  const end = new Map<number, readonly number[]>();
  advance(base.slice(at), undefined, end);
  const chosen = end.get(now.length);
  return chosen === undefined ? undefined : new Set(chosen);
}

/** Gives ids: of path, kind and content, and for equal ones of their order. */
export function hunkIds(): (path: string, kind: string, ...content: readonly string[]) => string {
  const seen = new Map<string, number>();
  return (path, kind, ...content) => {
    const key = JSON.stringify([path, kind, ...content]);
    const order = seen.get(key) ?? 0;
    seen.set(key, order + 1);
    return createHash('sha256').update(`${key}#${order}`, 'utf8').digest('hex').slice(0, 16);
  };
}
