import { changedLines } from '../text/index.ts';
import { bytesIn } from './charset.ts';
import { type Encoding, recognise } from './encodings.ts';

/** A text file taken apart: the lines that are edited, and what must come back as it was. */
export interface TextFile {
  /** With `\n` only, without byte order mark. A `\r` inside a line stays. */
  readonly text: string;
  readonly encoding: Encoding;
  /** The line ending most lines have; `\r` only where no line has another. */
  readonly newline: '\n' | '\r\n' | '\r';
  /** Lines with the other ending; kept for lines that stay the same. */
  readonly mixed: boolean;
}

/** Undefined for files that are no text, or none that can be written back: editing them as text would damage them. */
export function readText(bytes: Buffer): TextFile | undefined {
  const found = recognise(bytes);
  if (typeof found === 'string') return undefined;
  const { text, encoding } = found;
  const windows = text.match(/\r\n/g)?.length ?? 0;
  const all = text.match(/\n/g)?.length ?? 0;
  if (all === 0 && text.includes('\r')) return { text: text.replaceAll('\r', '\n'), encoding, newline: '\r', mixed: false };
  const newline = windows * 2 > all ? '\r\n' : '\n';
  return { text: text.replaceAll('\r\n', '\n'), encoding, newline, mixed: windows > 0 && windows < all };
}

/**
 * Puts a text back into the form of the file it came from; its encoding must hold all of it (`unheld`). Lines of a file with mixed endings that
 * did not change keep theirs.
 */
export function writeText(text: string, like: TextFile | undefined, before?: Buffer): Buffer {
  if (like === undefined) return Buffer.from(text);
  const { bom, charset } = like.encoding;
  const plain = text.replaceAll('\r\n', '\n').replace(/^\ufeff/, '');
  const old = like.mixed && before !== undefined ? recognise(before) : undefined;
  const body = typeof old === 'object' ? withOldEndings(plain, old.text, like.newline) : plain.replaceAll('\n', like.newline);
  const bytes = bytesIn(charset, `${bom ? '\ufeff' : ''}${body}`);
  if (bytes === undefined) throw new Error(`The text has characters that ${charset} cannot hold.`);
  return bytes;
}

/** A text with its own line ends and byte order mark as a file of this encoding, or of UTF-8. Undefined: the encoding does not hold it. */
export const bytesOfText = (text: string, encoding: Encoding | undefined): Buffer | undefined =>
  encoding === undefined ? Buffer.from(text) : bytesIn(encoding.charset, text);

/** Lines that both texts have keep their ends, by position, and so do as many changed ones; a new line ends like the one above it, or below. */
function withOldEndings(text: string, before: string, newline: string): string {
  const old = before.split('\n');
  const [was, lines] = [old.map((line) => line.replace(/\r$/, '')), text.split('\n')];
  const ends: (string | undefined)[] = lines.map(() => undefined);
  const endAt = (n: number): string => (old[n]?.endsWith('\r') ? '\r\n' : '\n');
  let [from, here] = [0, 0];
  const keepUpTo = (end: number): void => {
    while (from < end) ends[here++] = endAt(from++);
  };
  for (const { before: stretch, after } of changedLines(was, lines, (a, b) => a * b >= mostCompared)) {
    keepUpTo(stretch[0]);
    if (stretch[1] === after[1]) for (let n = 0; n < after[1]; n++) ends[here + n] = endAt(from + n);
    [from, here] = [stretch[0] + stretch[1], after[0] + after[1]];
  }
  keepUpTo(was.length);
  let last = ends.find((one) => one !== undefined) ?? newline;
  const written = lines.slice(0, -1).map((line, n) => {
    last = ends[n] ?? last;
    return line + last;
  });
  return written.join('') + (lines.at(-1) ?? '');
}

/** Lines of one text times lines of the other: above, they are not compared one by one. */
const mostCompared = 4_000_000;
