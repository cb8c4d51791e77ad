/**
 * How much of an accepted text is still there. Pure. After the survival scores of microsoft/vscode-copilot-chat (`editSurvivalTracker.ts`):
 * `fourGram` and `noRevert` over four-grams of characters.
 *
 * A change is looked at by lines: the *accepted* lines came with it, the *former* lines went. Then the file as it is now is laid beside the
 * file as it was applied, so that lines that have nothing to do with the change do not count, wherever the user works on in the file.
 */
import { changedLines } from '../text/index.ts';

export interface FileTexts {
  /** Before the change was applied; undefined: there was no such file. */
  readonly before: string | undefined;
  /** As applied; undefined: the change deleted it. */
  readonly after: string | undefined;
  /** As it is now; undefined: it is gone. */
  readonly now: string | undefined;
}

export interface Survival {
  /** 0 to 1: share of the accepted text's four-grams that are still in the file outside of its untouched lines. */
  readonly fourGram: number;
  /** 0 to 1: 0 when the changed places read as before the change, 1 when they have come no nearer to that. */
  readonly noRevert: number;
  /** Characters accepted and taken away: how much the file counts among others. */
  readonly weight: number;
}

/** Scores one file. Line ends and stretches of white space make no difference: a formatter takes nothing away. */
export function survivalOf({ before, after, now }: FileTexts): Survival {
  const [former, applied, current] = [before, after, now].map((text) => linesOf(text ?? '')) as [string[], string[], string[]];
  const change = stretchesBetween(former, applied);
  const since = stretchesBetween(applied, current);

  const accepted = change.map(({ to }) => slice(applied, to)).join('\n');
  const acceptedLines = new Set(change.flatMap(({ to }) => indices(to)));
  const nowOf = new Map(matched(applied.length, since));
  const untouched = new Set([...nowOf].flatMap(([line, place]) => (acceptedLines.has(line) ? [] : [place])));
  const rest = current.filter((_, n) => !untouched.has(n)).join('\n');

  let reverted = 0;
  let weight = 0;
  for (const { from, to } of change) {
    const gone = slice(former, from);
    const came = slice(applied, to);
    const is = slice(current, placeNow(to, since, nowOf, applied.length, current.length));
    const size = squeezed(gone).length + squeezed(came).length;
    weight += size;
    reverted += size * revertOf(gone, came, is);
  }
  if (now === undefined && after !== undefined) return { fourGram: 0, noRevert: before === undefined ? 0 : 1, weight };
  // Lines that only changed places can be laid beside each other in several ways; a file that reads as before is beyond doubt.
  if (weight > 0 && squeezed(now ?? '') === squeezed(before ?? '') && squeezed(before ?? '') !== squeezed(after ?? ''))
    return { fourGram: containment(accepted, rest), noRevert: 0, weight };
  return { fourGram: containment(accepted, rest), noRevert: weight === 0 ? 1 : 1 - reverted / weight, weight };
}

/** Over all files of a change, by weight. */
export function survivalOfAll(files: readonly Survival[]): { fourGram: number; noRevert: number } {
  const weight = files.reduce((sum, file) => sum + file.weight, 0);
  const mean = (score: (file: Survival) => number): number =>
    weight === 0 ? 1 : files.reduce((sum, file) => sum + score(file) * file.weight, 0) / weight;
  return { fourGram: mean((file) => file.fourGram), noRevert: mean((file) => file.noRevert) };
}

// ---- four-grams -----------------------------------------------------------------------------------------------------------------

const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Four-grams of characters with their counts; a shorter text is one gram. */
function gramsOf(text: string): Map<string, number> {
  const characters = [...squeezed(text)];
  const grams = new Map<string, number>();
  const add = (gram: string) => grams.set(gram, (grams.get(gram) ?? 0) + 1);
  if (characters.length > 0 && characters.length < 4) add(characters.join(''));
  for (let n = 0; n + 4 <= characters.length; n += 1) add(characters.slice(n, n + 4).join(''));
  return grams;
}

const total = (grams: ReadonlyMap<string, number>): number => [...grams.values()].reduce((sum, count) => sum + count, 0);

function common(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [gram, count] of a) sum += Math.min(count, b.get(gram) ?? 0);
  return sum;
}

/** Share of the text's four-grams that the other has; 1 for an empty text. */
export function containment(text: string, other: string): number {
  const grams = gramsOf(text);
  const all = total(grams);
  return all === 0 ? 1 : common(grams, gramsOf(other)) / all;
}

/** Four-grams in common, twice over, of all four-grams of both; 1 for two empty texts. */
export function similarity(a: string, b: string): number {
  const [mine, theirs] = [gramsOf(a), gramsOf(b)];
  const all = total(mine) + total(theirs);
  return all === 0 ? 1 : (2 * common(mine, theirs)) / all;
}

/** How far a place has gone back from `came` to `gone`: 0 not at all, 1 all the way. */
function revertOf(gone: string, came: string, is: string): number {
  if (squeezed(is) === squeezed(came)) return 0;
  const start = similarity(came, gone);
  if (start === 1) return 0;
  return Math.max(0, (similarity(is, gone) - start) / (1 - start));
}

// ---- lines ----------------------------------------------------------------------------------------------------------------------

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Stretch {
  readonly from: Range;
  readonly to: Range;
}

const linesOf = (text: string): string[] =>
  text === ''
    ? []
    : text
        .replace(/^\ufeff/, '')
        .replace(/\r?\n$/, '')
        .split(/\r?\n/);

const slice = (lines: readonly string[], { start, end }: Range): string => lines.slice(start, end).join('\n');

const indices = ({ start, end }: Range): number[] => Array.from({ length: end - start }, (_, n) => start + n);

/** Lines beyond which two versions are not aligned any more: what differs counts as one stretch. */
const mostLines = 20_000;

/** Where two versions differ. White space around a line does not count. */
function stretchesBetween(a: readonly string[], b: readonly string[]): Stretch[] {
  const [mine, theirs] = [a, b].map((lines) => lines.map((line) => squeezed(line))) as [string[], string[]];
  const range = ([start, length]: readonly [number, number]): Range => ({ start, end: start + length });
  return changedLines(mine, theirs, (old, now) => old + now > mostLines).map(({ before, after }) => ({
    from: range(before),
    to: range(after),
  }));
}

/** Pairs of lines that are the same in both versions. */
function* matched(length: number, stretches: readonly Stretch[]): Iterable<[number, number]> {
  let at = 0;
  let shift = 0;
  for (const { from, to } of [...stretches, { from: { start: length, end: length }, to: { start: length, end: length } }]) {
    for (; at < from.start; at += 1) yield [at, at + shift];
    at = from.end;
    shift = to.end - from.end;
  }
}

/** Where the lines of a range are now: between what stayed before and after it. An empty range takes what was put in its place. */
function placeNow(range: Range, since: readonly Stretch[], nowOf: ReadonlyMap<number, number>, before: number, now: number): Range {
  const changed = (line: number): Stretch | undefined => since.find(({ from }) => from.start <= line && line < from.end);
  const empty = range.start === range.end;
  const start = (): number => {
    const stays = nowOf.get(range.start - 1);
    if (stays !== undefined) return stays + 1;
    const stretch = changed(range.start - 1);
    if (stretch === undefined) return 0;
    return !empty && stretch.from.end <= range.start ? stretch.to.end : stretch.to.start;
  };
  const end = (): number => {
    const stays = nowOf.get(range.end);
    if (stays !== undefined) return stays;
    const stretch = range.end < before ? changed(range.end) : undefined;
    if (stretch === undefined) return now;
    return !empty && stretch.from.start >= range.end ? stretch.to.start : stretch.to.end;
  };
  return { start: start(), end: end() };
}
