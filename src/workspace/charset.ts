/**
 * The encodings a file may be kept in, as the platform decodes them (WHATWG Encoding Standard, `TextDecoder`). The platform encodes UTF-8 only, so the
 * way back is the decoder's own table read backwards: a library would bring the same tables once more (half a megabyte). Pure.
 */

/** Labels of the standard. */
export type Charset = string;

/** The text of bytes in an encoding, byte order mark included; undefined where they are not in it, or would not come back byte for byte. */
export function textIn(charset: Charset, bytes: Buffer): string | undefined {
  const text = decoded(charset, bytes);
  if (text === undefined || text.includes('\0')) return undefined;
  return bytesIn(charset, text)?.equals(bytes) ? text : undefined;
}

/** Undefined where the encoding cannot hold the text: see `unheld`. */
export function bytesIn(charset: Charset, text: string): Buffer | undefined {
  if (charset === 'utf-8') return Buffer.from(text);
  if (charset === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (charset === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const table = tableOf(charset);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const known = code < 0x80 ? [code] : (table.get(character) ?? beyond(charset, code));
    if (known === undefined) return undefined;
    bytes.push(...known);
  }
  return Buffer.from(bytes);
}

/** The characters of a text that an encoding cannot hold, each once. */
export function unheld(charset: Charset, text: string): string[] {
  if (charset.startsWith('utf-')) return [];
  return [...new Set(text)].filter((character) => bytesIn(charset, character) === undefined);
}

function decoded(charset: Charset, bytes: Buffer): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    // Not in this encoding; or a platform without it.
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

const tables = new Map<Charset, ReadonlyMap<string, readonly number[]>>();

function tableOf(charset: Charset): ReadonlyMap<string, readonly number[]> {
  let table = tables.get(charset);
  if (table === undefined) {
    table = backwards(charset, [...sequencesOf(charset)]);
    tables.set(charset, table);
  }
  return table;
}

/** All in one go: a line feed ends every sequence, and stays itself after a broken one. The first sequence of a character is the one written. */
function backwards(charset: Charset, sequences: readonly (readonly number[])[]): Map<string, readonly number[]> {
  const text = new TextDecoder(charset).decode(Buffer.from(sequences.flatMap((sequence) => [...sequence, 0x0a])));
  const table = new Map<string, readonly number[]>();
  for (const [n, character] of text.split('\n').slice(0, -1).entries()) {
    const sequence = sequences[n];
    if (sequence !== undefined && [...character].length === 1 && character !== '\ufffd' && !table.has(character))
      table.set(character, sequence);
  }
  return table;
}

const between = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const pairs = (leads: readonly number[], trails: readonly number[]): number[][] =>
  leads.flatMap((lead) => trails.map((trail) => [lead, trail]));
const high = between(0x80, 0xff).map((byte) => [byte]);

/** Where a character has several sequences, the one that Windows and the standard write comes first. */
function sequencesOf(charset: Charset): readonly (readonly number[])[] {
  switch (charset) {
    case 'shift_jis':
      // IBM's characters stand twice; those of the rows that NEC chose are not written.
      return [...high, ...pairs([...between(0x81, 0x9f), ...between(0xe0, 0xec), ...between(0xef, 0xfc)], between(0x40, 0xfc))];
    case 'euc-jp':
      return [
        ...pairs([0x8e, ...between(0xa1, 0xfe)], between(0xa1, 0xfe)),
        ...pairs(between(0xa1, 0xfe), between(0xa1, 0xfe)).map((pair) => [0x8f, ...pair]),
      ];
    case 'gb18030':
      return [...pairs(between(0x81, 0xfe), between(0x40, 0xfe)), ...between(0, 39_419).map(fourBytes)];
    case 'big5':
      return pairs(between(0xa1, 0xf9), between(0x40, 0xfe)).toReversed();
    case 'euc-kr':
      return pairs(between(0x81, 0xfe), between(0x41, 0xfe));
    default:
      return high;
  }
}

/** Four bytes of GB 18030 by their place in its list. */
const fourBytes = (n: number): number[] => [
  0x81 + Math.floor(n / 12_600),
  0x30 + (Math.floor(n / 1260) % 10),
  0x81 + (Math.floor(n / 10) % 126),
  0x30 + (n % 10),
];

/** GB 18030 counts characters beyond the basic plane one by one. */
const beyond = (charset: Charset, code: number): number[] | undefined =>
  charset === 'gb18030' && code > 0xffff ? fourBytes(189_000 + code - 0x1_0000) : undefined;
