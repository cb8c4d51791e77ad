import { changedLines } from '../text/index.ts';

/** A text file taken apart: the lines that are edited, and what must come back as it was. */
export interface TextFile {
  /** With `\n` only, without byte order mark. */
  readonly text: string;
  readonly bom: boolean;
  /** The line ending most lines have. */
  readonly newline: '\n' | '\r\n';
  /** Lines with the other ending; kept for lines that stay the same. */
  readonly mixed: boolean;
}

/** Undefined for files that are no UTF-8 text: editing them as text would damage them. */
export function readText(bytes: Buffer): TextFile | undefined {
  if (bytes.includes(0)) return undefined;
  let decoded: string;
  try {
    decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  const bom = decoded.startsWith('\ufeff');
  const body = bom ? decoded.slice(1) : decoded;
  const windows = body.match(/\r\n/g)?.length ?? 0;
  const all = body.match(/\n/g)?.length ?? 0;
  return { text: body.replaceAll('\r\n', '\n'), bom, newline: windows * 2 > all ? '\r\n' : '\n', mixed: windows > 0 && windows < all };
}

/** Puts a text back into the form of the file it came from. Lines of a file with mixed endings that did not change keep theirs. */
export function writeText(text: string, like: TextFile | undefined, before?: Buffer): Buffer {
  if (like === undefined) return Buffer.from(text);
  const plain = text.replaceAll('\r\n', '\n').replace(/^\ufeff/, '');
  const body =
    like.mixed && before !== undefined
      ? withOldEndings(plain, before.toString('utf8'), like.newline)
      : plain.replaceAll('\n', like.newline);
  return Buffer.from(`${like.bom ? '\ufeff' : ''}${body}`);
}

/** Lines that both texts have keep their ends, by position; a new line ends like the one above it, or below. */
function withOldEndings(text: string, before: string, newline: string): string {
  const old = before.replace(/^\ufeff/, '').split('\n');
  const [was, lines] = [old.map((line) => line.replace(/\r$/, '')), text.split('\n')];
  const ends: (string | undefined)[] = lines.map(() => undefined);
  const endAt = (n: number): string => (old[n]?.endsWith('\r') ? '\r\n' : '\n');
  let [from, here] = [0, 0];
  const keepUpTo = (end: number): void => {
    while (from < end) ends[here++] = endAt(from++);
  };
  for (const { before: stretch, after } of changedLines(was, lines, (a, b) => a * b >= mostCompared)) {
    keepUpTo(stretch[0]);
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
