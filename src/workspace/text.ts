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
  const plain = text.replaceAll('\r\n', '\n').replace(/^\ufeff/, '');
  if (like === undefined) return Buffer.from(plain);
  const body =
    like.mixed && before !== undefined
      ? withOldEndings(plain, before.toString('utf8'), like.newline)
      : plain.replaceAll('\n', like.newline);
  return Buffer.from(`${like.bom ? '\ufeff' : ''}${body}`);
}

function withOldEndings(text: string, before: string, newline: string): string {
  const endings = new Map<string, string[]>();
  // Backwards, so that the first of a line's ends is the one to be taken next: off the end of a list costs nothing, however long it is.
  for (const line of (before.replace(/^\ufeff/, '').match(/(?<![^\n])[^\n]*\n/g) ?? []).reverse()) {
    const windows = line.endsWith('\r\n');
    const content = line.slice(0, windows ? -2 : -1);
    const known = endings.get(content) ?? [];
    known.push(windows ? '\r\n' : '\n');
    endings.set(content, known);
  }
  return text.replace(/(?<![^\n])([^\n]*)\n/g, (_, content: string) => content + (endings.get(content)?.pop() ?? newline));
}
