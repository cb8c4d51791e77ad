/** From a suspicious place to a hole in the text, and from a filling back to the text. Pure. */
import { estimateTokens } from '../../models/index.ts';
import type { Hole } from '../../models/types.ts';
import type { Statement } from '../../syntax/types.ts';
import type { SuspectPlace } from './localise.ts';

/**
 * A place that is written anew: a statement left out; the room before one, where a line may be missing; all that a function does (`anew`), or the body
 * of one of which there is nothing yet. `function`: the same, but asked for in words, as the whole function. `block`: what belongs to the line that a
 * model began in place of a statement, and that says nothing without it.
 */
export interface Gap {
  readonly kind: 'statement' | 'block' | 'before' | 'anew' | 'body' | 'function';
  readonly place: SuspectPlace;
  /** Of a block: the line that opens it. */
  readonly opening?: string;
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

const indentBefore = (text: string, { start }: Statement): string => text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
export const beginsItsLine = (text: string, statement: Statement): boolean => /^[ \t]*$/.test(indentBefore(text, statement));

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
/** A missing line, and what hangs on it, or on the line that was begun; a body. */
const lineTokens = 40;
const bodyTokens = 240;
/** A body that is written anew may be so much longer than the one that stood there. */
const anewRoom = 1.5;

/**
 * The statement is left out: a model that sees the wrong line repeats it. Its indentation stays before the hole, and a filling for one line ends with
 * the line.
 */
export function holeAt(text: string, { kind, opening, place: { statement } }: HoleGap, way: Hole['way']): Hole {
  const { start, end } = statement;
  const before = shownBefore(`${text.slice(0, start)}${opening === undefined ? '' : `${opening}\n`}`);
  if (kind === 'before') return { before, after: shownBehind(`\n${indentBefore(text, statement)}${text.slice(start)}`), way };
  const isOneLine = kind === 'statement' && !text.slice(start, end).includes('\n');
  return { before, after: shownBehind(text.slice(end)), way, ...(isOneLine ? { stop: ['\n'] } : {}) };
}

/** Longest filling asked for, tokens. */
export function fillingTokens(gap: HoleGap, text: string): number {
  const { start, end } = gap.place.statement;
  if (gap.kind === 'before' || gap.kind === 'block') return lineTokens;
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
export function filled(text: string, gap: HoleGap, filling: string): string | undefined {
  const { kind, opening, place } = gap;
  const { statement } = place;
  const { start, end } = statement;
  if (kind === 'before') return withLineBefore(text, statement, filling);
  const after = text.slice(end);
  if (opening !== undefined) {
    const lines = filling.replace(/^(?:[ \t]*\n)+/, '').split('\n');
    const block = lines.slice(0, blockEnd(lines, indentBefore(text, statement)));
    return block.length === 0
      ? undefined
      : `${text.slice(0, start)}${[opening, ...block].map((line) => line.trimEnd()).join('\n')}${after}`;
  }
  const all = filling.replace(/^\s*\n/, '').trimEnd();
  // A body ends where its indentation does.
  const clean = kind === 'statement' ? withoutRepeat(all, after) : withoutRest(bodyOf(all, indentBefore(text, statement)), after);
  // Models repeat the indentation that stands before the hole already.
  const own = clean.trimStart();
  if (own === '' || sameCode(own, text.slice(start, end))) return undefined;
  return text.slice(0, start) + own + after;
}

/** The line that a filling for one statement is, where it opens a block that is not there: what belongs to it is the next thing to ask for. */
export function openingIn(text: string, { kind, place: { statement } }: HoleGap, filling: string): string | undefined {
  const line = filling.trim();
  if (kind !== 'statement' || line.includes('\n') || !opensBlock.test(line)) return undefined;
  const standsAlone = beginsItsLine(text, statement) && /^[ \t]*(?:\r?\n|$)/.test(text.slice(statement.end));
  return standsAlone && statement.role === 'plain' && !opensBlock.test(text.slice(statement.start, statement.end)) ? line : undefined;
}

const opensBlock = /[{:]$/;

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

/** Without what follows on the line of the hole (` {`, `,`, `;`), and from the first line on that stands behind it. */
function withoutRepeat(filling: string, after: string): string {
  const lines = filling.split('\n');
  const next = after
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '');
  const repeats = next === undefined ? -1 : lines.findIndex((line, index) => index > 0 && isSameLine(line, next));
  if (repeats > 0) lines.splice(repeats);
  return withoutRest(lines.join('\n'), after);
}

/** Every block ends in the same bracket, so that its depth counts as well. */
const isSameLine = (a: string, b: string): boolean => (/^[\s\])}>;,]+$/.test(b) ? a.trimEnd() === b.trimEnd() : a.trim() === b.trim());

function withoutRest(filling: string, after: string): string {
  const rest = (after.split('\n', 1)[0] ?? '').trim();
  const cut = filling.trimEnd();
  return rest !== '' && cut.endsWith(rest) ? cut.slice(0, -rest.length).trimEnd() : cut;
}

const sameCode = (a: string, b: string): boolean => a.replace(/\s+/g, ' ').trim() === b.replace(/\s+/g, ' ').trim();
