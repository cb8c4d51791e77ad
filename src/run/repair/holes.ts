/** From a suspicious place to a hole in the text, and from a filling back to the text. Pure. */
import type { Hole } from '../../models/types.ts';
import type { Statement } from '../../syntax/types.ts';
import type { SuspectPlace } from './localise.ts';

/** A place that is written anew: a statement left out, or the room before one, where a line may be missing. */
export interface Gap {
  readonly kind: 'statement' | 'before';
  readonly place: SuspectPlace;
}

/** A missing line is far rarer than a wrong one: 6 of 153 repairs in the benchmark's suites put lines between others, 121 put some in place of others. */
const missingShare = 0.3;

/** Gaps in the order in which they are worth a try. `textOf` gives the file's text. */
export function gapsOf(places: readonly SuspectPlace[], textOf: (path: string) => string): readonly Gap[] {
  const statements = places.map((place) => ({ kind: 'statement' as const, place, worth: place.suspicion }));
  const between = places
    .filter(({ path, statement }) => statement.role !== 'definition' && beginsItsLine(textOf(path), statement))
    .map((place) => ({ kind: 'before' as const, place, worth: place.suspicion * missingShare }));
  return [...statements, ...between].sort((a, b) => b.worth - a.worth);
}

const indentBefore = (text: string, { start }: Statement): string => text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
const beginsItsLine = (text: string, statement: Statement): boolean => /^[ \t]*$/.test(indentBefore(text, statement));

/** Characters around a hole that a model reads: some 60 to 80 lines before it, half as many behind. */
const shownBefore = 3000;
const shownAfter = 1500;
/** A filling may be so much longer than what stood there; tokens. */
const roomTokens = 32;
const tokensPerCharacter = 0.6;
/** A missing line, and what hangs on it. */
const lineTokens = 40;

/**
 * The statement is left out: a model that sees the wrong line repeats it. Its indentation stays before the hole, and a filling for one line ends with
 * the line.
 */
export function holeAt(text: string, { kind, place: { statement } }: Gap, way: Hole['way']): Hole {
  const { start, end } = statement;
  const before = lastLines(text.slice(0, start), shownBefore);
  if (kind === 'before') return { before, after: firstLines(`\n${indentBefore(text, statement)}${text.slice(start)}`, shownAfter), way };
  const isOneLine = !text.slice(start, end).includes('\n');
  return { before, after: firstLines(text.slice(end), shownAfter), way, ...(isOneLine ? { stop: ['\n'] } : {}) };
}

/** Longest filling asked for, tokens. */
export const fillingTokens = ({ kind, place: { statement } }: Gap): number =>
  kind === 'before' ? lineTokens : Math.ceil((statement.end - statement.start) * tokensPerCharacter * 2) + roomTokens;

/** Whole lines only: half a line misleads. */
function lastLines(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const cut = text.slice(-characters);
  return cut.slice(cut.indexOf('\n') + 1);
}

function firstLines(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const cut = text.slice(0, characters);
  return cut.slice(0, cut.lastIndexOf('\n') + 1);
}

/**
 * The text with the filling in its gap; undefined when it says nothing, or what stands there. What repeats the text behind the hole is cut off:
 * models go on writing.
 */
export function filled(text: string, { kind, place: { statement } }: Gap, filling: string): string | undefined {
  const { start, end } = statement;
  if (kind === 'before') return withLineBefore(text, statement, filling);
  const after = text.slice(end);
  const clean = withoutRepeat(filling.replace(/^\s*\n/, '').trimEnd(), after);
  // Models repeat the indentation that stands before the hole already.
  const own = clean.trimStart();
  if (own === '' || sameCode(own, text.slice(start, end))) return undefined;
  return text.slice(0, start) + own + after;
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
