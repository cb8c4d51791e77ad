/** From a suspicious place to a hole in the text, and from a filling back to the text. Pure. */
import type { Hole } from '../../models/types.ts';
import type { Span, Statement } from '../../syntax/types.ts';

/** Characters around a hole that a model reads: some 60 to 80 lines before it, half as many behind. */
const shownBefore = 3000;
const shownAfter = 1500;
/** A filling may be so much longer than what stood there; tokens. */
const roomTokens = 32;
const tokensPerCharacter = 0.6;

/**
 * The statement is left out: a model that sees the wrong line repeats it. Its indentation stays before the hole, and a filling for one line ends with
 * the line.
 */
export function holeAt(text: string, { start, end }: Span, way: Hole['way']): Hole {
  const before = text.slice(0, start);
  const after = text.slice(end);
  const isOneLine = !text.slice(start, end).includes('\n');
  return { before: lastLines(before, shownBefore), after: firstLines(after, shownAfter), way, ...(isOneLine ? { stop: ['\n'] } : {}) };
}

/** Longest filling asked for, tokens. */
export const fillingTokens = ({ start, end }: Statement): number => Math.ceil((end - start) * tokensPerCharacter * 2) + roomTokens;

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
 * The text with the filling in place of the statement; undefined when it says nothing, or what stood there. What repeats the text behind the hole
 * is cut off: models go on writing.
 */
export function filled(text: string, { start, end }: Span, filling: string): string | undefined {
  const after = text.slice(end);
  const clean = withoutRepeat(filling.replace(/^\s*\n/, '').trimEnd(), after);
  // Models repeat the indentation that stands before the hole already.
  const own = clean.trimStart();
  if (own === '' || sameCode(own, text.slice(start, end))) return undefined;
  return text.slice(0, start) + own + after;
}

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
