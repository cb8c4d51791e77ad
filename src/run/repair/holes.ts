/** From a suspicious place to a hole in the text, and from a filling back to the text. Pure. */
import { estimateTokens } from '../../models/index.ts';
import type { Hole } from '../../models/types.ts';
import type { Body, Statement } from '../../syntax/types.ts';
import type { SuspectFile, SuspectPlace } from './localise.ts';

/**
 * A place that is written anew: a statement left out; the room before one, where a line may be missing; all that a function does (`anew`), or the body
 * of one of which there is nothing yet. `function`: the same, but asked for in words, as the whole function.
 */
export interface Gap {
  readonly kind: 'statement' | 'before' | 'anew' | 'body' | 'function';
  readonly place: SuspectPlace;
  /** How often it was filled before. */
  readonly again?: number;
}

/** A gap that a model fills as a hole. */
export type HoleGap = Gap & { readonly kind: Exclude<Gap['kind'], 'function'> };

/**
 * Names what a model is asked for a gap: what stands around the hole, as far as it is shown, so that a change elsewhere in the file does not make it another
 * question. In words the whole file is.
 */
export function gapKey(gap: Gap, text: string): string {
  const { place, again = 0 } = gap;
  // A body that was filled once is the same question when something wrong stands there.
  const kind = gap.kind === 'anew' ? 'body' : gap.kind;
  const asked = isHole(gap) ? JSON.stringify(holeAt(text, gap, 'suffix')) : `${place.statement.start} ${text}`;
  return `${kind} ${again} ${place.path}\0${asked}`;
}

export const isHole = (gap: Gap): gap is HoleGap => gap.kind !== 'function';

/** A missing line is far rarer than a wrong one: 6 of 153 repairs in the benchmark's suites put lines between others, 121 put some in place of others. */
const missingShare = 0.3;

/**
 * A body has many right texts, so it is tried more than once; a small model says much the same again, so that other places come first. Who fills a hole
 * never reads the request, but pays a third of what a function in words costs: so first as a hole where words in the file say what the function is for.
 */
const bodyTries: readonly Pick<Gap, 'kind' | 'again'>[] = [
  { kind: 'function' },
  { kind: 'body' },
  { kind: 'function', again: 1 },
  { kind: 'function', again: 2 },
];
const describedTries: readonly Pick<Gap, 'kind' | 'again'>[] = [{ kind: 'body' }, { kind: 'function' }, ...bodyTries.slice(2)];
const againShare = 0.2;

/**
 * Right behind the worst place of a function all that it does is written anew: of 20 bugs one such filling mended 13, at the price of a fill and a fifth
 * of that of a draft (docs/results.md). A longer body does not fit a filling, tokens.
 */
const longestAnew = 200;

/**
 * Gaps in the order in which they are worth a try; behind all others the statements that would come back as they are, and what no failing test ran over.
 * `fileOf` gives what is known of a file.
 */
export function gapsOf(
  places: readonly SuspectPlace[],
  fileOf: (path: string) => Pick<SuspectFile, 'text' | 'shape'> | undefined,
): readonly Gap[] {
  const textOf = (path: string): string => fileOf(path)?.text ?? '';
  const bodyAround = ({ path, statement }: SuspectPlace, fits: (body: Body) => boolean): Body | undefined =>
    fileOf(path)?.shape.bodies.find((body) => body.start <= statement.start && body.end >= statement.end && fits(body));
  const written = places.filter(({ statement }) => !statement.stub);
  const bodies = new Map<SuspectPlace, Body>();
  const inBodies = written.flatMap((place) => {
    const { path, statement, notRun } = place;
    const fits = ({ start, end }: Body): boolean => estimateTokens(textOf(path).slice(start, end)) <= longestAnew;
    const body = statement.role === 'definition' || notRun ? undefined : bodyAround(place, fits);
    return body === undefined || body.line === body.endLine ? [] : [{ place, body }];
  });
  for (const own of Map.groupBy(inBodies, ({ place, body }) => `${body.start} ${place.path}`).values()) {
    const worst = own.find(({ place }) => !place.expected) ?? own[0];
    if (worst) bodies.set(worst.place, worst.body);
  }
  const statements = written.flatMap((place) => {
    const body = bodies.get(place);
    const own = { kind: 'statement' as const, place, worth: place.suspicion };
    return body === undefined ? [own] : [own, { ...own, kind: 'anew' as const, place: { ...place, statement: asOne(body) } }];
  });
  const stubs = places
    .filter(({ statement }) => statement.stub)
    .flatMap((place) => {
      const tries = bodyAround(place, ({ start }) => start === place.statement.start)?.described ? describedTries : bodyTries;
      return tries.map((gap, before) => ({ ...gap, place, worth: place.suspicion * againShare ** before }));
    });
  const between = written
    .filter(({ path, statement }) => statement.role !== 'definition' && beginsItsLine(textOf(path), statement))
    .map((place) => ({ kind: 'before' as const, place, worth: place.suspicion * missingShare }));
  const isLast = ({ kind, place: { expected, notRun } }: Gap): boolean => notRun === true || (kind === 'statement' && expected === true);
  return [...statements, ...stubs, ...between].sort((a, b) => Number(isLast(a)) - Number(isLast(b)) || b.worth - a.worth);
}

const asOne = ({ start, end, line, endLine }: Body): Statement => ({ start, end, line, endLine, role: 'plain' });

const indentBefore = (text: string, { start }: Statement): string => text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
const beginsItsLine = (text: string, statement: Statement): boolean => /^[ \t]*$/.test(indentBefore(text, statement));

/**
 * What a model reads around a hole: at least so many lines before it, from the beginning of a block of lines on, so that holes near each other begin
 * with the same text and a server that keeps it reads it once; and some behind. Characters at most, for files with long lines.
 */
const linesBefore = 30;
const blockOfLines = 32;
const linesBehind = 20;
const mostBefore = 3000;
const mostBehind = 1500;
/** A filling may be so much longer than what stood there; tokens. */
const roomTokens = 32;
const tokensPerCharacter = 0.6;
/** A missing line, and what hangs on it; a body. */
const lineTokens = 40;
const bodyTokens = 240;
/** A body that is written anew may be so much longer than the one that stood there. */
const anewRoom = 1.5;

/**
 * The statement is left out: a model that sees the wrong line repeats it. Its indentation stays before the hole, and a filling for one line ends with
 * the line.
 */
export function holeAt(text: string, { kind, place: { statement } }: HoleGap, way: Hole['way']): Hole {
  const { start, end } = statement;
  const before = shownBefore(text.slice(0, start));
  if (kind === 'before') return { before, after: shownBehind(`\n${indentBefore(text, statement)}${text.slice(start)}`), way };
  const isOneLine = kind === 'statement' && !text.slice(start, end).includes('\n');
  return { before, after: shownBehind(text.slice(end)), way, ...(isOneLine ? { stop: ['\n'] } : {}) };
}

/** Longest filling asked for, tokens. */
export function fillingTokens(gap: HoleGap, text: string): number {
  const { start, end } = gap.place.statement;
  if (gap.kind === 'before') return lineTokens;
  if (gap.kind === 'body') return bodyTokens;
  if (gap.kind === 'anew') return Math.ceil(estimateTokens(text.slice(start, end)) * anewRoom) + roomTokens;
  return Math.ceil((end - start) * tokensPerCharacter * 2) + roomTokens;
}

function shownBefore(text: string): string {
  const lines = text.split('\n');
  const from = Math.max(0, Math.floor((lines.length - linesBefore) / blockOfLines) * blockOfLines);
  return wholeLines(lines.slice(from).reverse(), mostBefore).reverse().join('\n');
}

const shownBehind = (text: string): string => wholeLines(text.split('\n').slice(0, linesBehind + 1), mostBehind).join('\n');

/** As many of the lines as fit, the first one in any case: half a line misleads. */
function wholeLines(lines: readonly string[], characters: number): string[] {
  let room = characters + (lines[0]?.length ?? 0);
  const end = lines.findIndex(({ length }) => {
    room -= length + 1;
    return room < 0;
  });
  return end < 0 ? [...lines] : lines.slice(0, Math.max(1, end));
}

/**
 * The text with the filling in its gap; undefined when it says nothing, or what stands there. What repeats the text behind the hole is cut off:
 * models go on writing.
 */
export function filled(text: string, { kind, place: { statement } }: HoleGap, filling: string): string | undefined {
  const { start, end } = statement;
  if (kind === 'before') return withLineBefore(text, statement, filling);
  const after = text.slice(end);
  const all = filling.replace(/^\s*\n/, '').trimEnd();
  const clean = withoutRepeat(kind === 'statement' ? all : bodyOf(all, indentBefore(text, statement)), after);
  // Models repeat the indentation that stands before the hole already.
  const own = clean.trimStart();
  if (own === '' || sameCode(own, text.slice(start, end))) return undefined;
  return text.slice(0, start) + own + after;
}

/** The lines that stand as deep as the body; models go on with the next function. */
function bodyOf(filling: string, indent: string): string {
  const [first = '', ...more] = filling.split('\n');
  const end = more.findIndex((line) => line.trim() !== '' && !line.startsWith(indent));
  return [first, ...(end < 0 ? more : more.slice(0, end))].join('\n').trimEnd();
}

/** One line, and where it opens a block what stands deeper. */
function withLineBefore(text: string, statement: Statement, filling: string): string | undefined {
  const indent = indentBefore(text, statement);
  const [first = '', ...more] = withoutRepeat(filling.replace(/^\s*\n/, ''), `\n${text.slice(statement.start)}`).split('\n');
  const own = first.trim();
  if (own === '' || own.startsWith(lineAt(text, statement))) return undefined;
  const deeper = /[:{]$/.test(own) ? more.slice(0, blockEnd(more, indent)) : [];
  const written = [own, ...deeper.map((line) => line.trimEnd())].join('\n');
  return `${text.slice(0, statement.start)}${written}\n${indent}${text.slice(statement.start)}`;
}

/** How many of these lines stand deeper than `indent`, a closing bracket behind them included. */
function blockEnd(lines: readonly string[], indent: string): number {
  const isDeeper = (line: string): boolean => line.startsWith(indent) && /^[ \t]/.test(line.slice(indent.length)) && line.trim() !== '';
  const end = lines.findIndex((line) => !isDeeper(line));
  if (end < 0) return lines.length;
  return /^\s*\}\s*;?$/.test(lines[end] ?? '') ? end + 1 : end;
}

const lineAt = (text: string, { start }: Statement): string => (text.slice(start).split('\n', 1)[0] ?? '').trim();

/** What follows on the line of the hole (` {`, `,`, `;`), and the first lines behind it. */
function withoutRepeat(filling: string, after: string): string {
  const lines = filling.split('\n');
  const following = after.split('\n').map((line) => line.trim());
  const rest = following[0] ?? '';
  const next = following.slice(1).find((line) => line !== '');
  if (next !== undefined) {
    const repeats = lines.findIndex((line, index) => index > 0 && line.trim() === next);
    if (repeats > 0) lines.splice(repeats);
  }
  const cut = lines.join('\n').trimEnd();
  return rest !== '' && cut.endsWith(rest) ? cut.slice(0, -rest.length).trimEnd() : cut;
}

const sameCode = (a: string, b: string): boolean => a.replace(/\s+/g, ' ').trim() === b.replace(/\s+/g, ' ').trim();
