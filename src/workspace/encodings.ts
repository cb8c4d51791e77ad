/** In which encoding a file is kept, told from its bytes alone, so that every look at the same bytes reads the same text. Pure. */
import { isUtf8 } from 'node:buffer';
import { type Charset, textIn } from './charset.ts';

export interface Encoding {
  /** Label of the WHATWG Encoding Standard. */
  readonly charset: Charset;
  readonly bom: boolean;
  /** Neither a mark nor the file itself says so: another encoding may have been meant. */
  readonly guessed: boolean;
}

/** How bytes are shown; as UTF-8 where their encoding cannot be told. */
export const charsetOf = (found: Recognised): Charset => (typeof found === 'string' ? 'utf-8' : found.encoding.charset);

/** As people know it: `UTF-16 LE`, `Windows-1252`. */
export function encodingName({ charset }: Encoding): string {
  const known: Readonly<Record<string, string>> = {
    'utf-16le': 'UTF-16 LE',
    'utf-16be': 'UTF-16 BE',
    shift_jis: 'Shift JIS',
    big5: 'Big5',
  };
  return known[charset] ?? charset.toUpperCase().replace('WINDOWS', 'Windows');
}

/** `unknown`: text by its looks, in an encoding that cannot be told, or that would not come back byte for byte. */
export type Recognised = { readonly text: string; readonly encoding: Encoding } | 'binary' | 'unknown';

/** The text without its byte order mark, with line ends as they are. */
export function recognise(bytes: Buffer): Recognised {
  const marked = marks.find(({ mark }) => bytes.subarray(0, mark.length).equals(mark));
  if (marked?.charset === undefined && marked !== undefined) return 'unknown';
  if (marked?.charset !== undefined) {
    const text = textIn(marked.charset, bytes);
    return text === undefined ? 'binary' : { text: text.slice(1), encoding: { charset: marked.charset, bom: true, guessed: false } };
  }
  const read = (charset: Charset, guessed: boolean): Exclude<Recognised, string> | undefined => {
    const text = textIn(charset, bytes);
    return text === undefined ? undefined : { text, encoding: { charset, bom: false, guessed } };
  };
  if (bytes.includes(0)) {
    const charset = withoutMark(bytes);
    return (charset === undefined ? undefined : read(charset, true)) ?? 'binary';
  }
  // Seven bits with shifts between alphabets, as ISO-2022-JP: every part of it looks like ASCII.
  if (shifts.some((shift) => bytes.includes(`\u001b${shift}`))) return 'unknown';
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), encoding: { charset: 'utf-8', bom: false, guessed: false } };
  if (isBinary(bytes)) return 'binary';
  const declared = declaredIn(bytes);
  const own = declared === undefined || declared.startsWith('utf-') ? undefined : read(declared, false);
  const charset = own === undefined && !isBrokenUtf8(bytes) ? guess(bytes) : undefined;
  return own ?? (charset === undefined ? undefined : read(charset, true)) ?? 'unknown';
}

/** The longer ones first: UTF-32 begins like UTF-16. Without a charset: recognised, and not written. */
const marks: readonly { readonly mark: Buffer; readonly charset?: Charset }[] = [
  { mark: Buffer.from([0xff, 0xfe, 0, 0]) },
  { mark: Buffer.from([0, 0, 0xfe, 0xff]) },
  { mark: Buffer.from([0xef, 0xbb, 0xbf]), charset: 'utf-8' },
  { mark: Buffer.from([0xff, 0xfe]), charset: 'utf-16le' },
  { mark: Buffer.from([0xfe, 0xff]), charset: 'utf-16be' },
];

const shifts = ['$B', '$@', '$A', '$(C', '$(D', '(I', '(J'];

/** UTF-16 shows by its blanks and line ends: one half of each is nothing, and it is always the same half. */
function withoutMark(bytes: Buffer): Charset | undefined {
  return (['utf-16le', 'utf-16be'] as const).find((charset) => {
    const text = textIn(charset, bytes);
    if (text === undefined || !/^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\s]*$/u.test(text)) return false;
    return /[ \n]/.test(text) && (text.match(/[\t\n\r -~]/g)?.length ?? 0) >= text.length / 5;
  });
}

const isAscii = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13) || byte === 0x1b;

/** Text has next to no control characters, and something besides signs of the upper half. */
function isBinary(bytes: Buffer): boolean {
  const [control, ascii] = [bytes.filter((byte) => byte < 0x80 && !isAscii(byte)).length, bytes.filter(isAscii).length];
  return control > bytes.length / 100 || ascii < bytes.length / 50;
}

/** Most of the upper half is UTF-8, some is not: the file is in no one encoding. */
function isBrokenUtf8(bytes: Buffer): boolean {
  const good = bytes.toString('utf8').replace(/[\u0020-\u007e\s\ufffd]/g, '');
  return good.length > 1 && Buffer.byteLength(good) >= 0.6 * bytes.filter((byte) => byte >= 0x80).length;
}

/** What the first lines say, as Python, XML, HTML, CSS, Emacs and Vim have it. */
function declaredIn(bytes: Buffer): Charset | undefined {
  const head = bytes.toString('latin1', 0, 1024);
  const name = /(?:coding|charset)["']?\s*[:=]\s*["']?([A-Za-z][\w.:-]*)/i.exec(head)?.[1] ?? /@charset\s+"([\w-]+)"/i.exec(head)?.[1];
  return name === undefined ? undefined : labelled(name.replace(/-(?:unix|dos|mac)$/i, ''));
}

/** The standard's label for a name, also as Python and editors write it (`latin_1`, `cp1252`, `shiftjis`). */
function labelled(name: string): Charset | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-');
  for (const label of [
    plain,
    plain.replace(/^(?:cp|windows)-?(\d+)$/, 'windows-$1'),
    plain.replace('-', ''),
    plain.replace(/^shiftjis$/, 'sjis'),
  ])
    try {
      const { encoding } = new TextDecoder(label);
      return encoding === 'gbk' ? 'gb18030' : encoding;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  return undefined;
}

// ---- by the looks ----------------------------------------------------------------------------------------------------------------------

/** The first whose habits the signs of the upper half have. Wrong is possible, and does no harm to bytes: what comes back is checked. */
const guess = (bytes: Buffer): Charset | undefined =>
  habits.find(({ charset, has }) => {
    const text = textIn(charset, bytes);
    return text !== undefined && has(bytes, text);
  })?.charset;

interface Habit {
  readonly charset: Charset;
  has(bytes: Buffer, text: string): boolean;
}

const habits: readonly Habit[] = [
  // Kana, or kanji below A0, where other languages have next to nothing.
  {
    charset: 'shift_jis',
    has: (bytes) =>
      all(pairsOf(bytes), ([lead]) => lead < 0xa0 || (lead >= 0xe0 && lead < 0xeb)) && pairsOf(bytes).some(([lead]) => lead < 0xa0),
  },
  { charset: 'euc-jp', has: (bytes) => isPaired(bytes) && part(pairsOf(bytes), ([lead]) => lead === 0xa4 || lead === 0xa5) > 0.1 },
  {
    charset: 'euc-kr',
    has: (bytes) =>
      isPaired(bytes) && pairsOf(bytes).length > 2 && all(pairsOf(bytes), ([lead]) => lead < 0xa4 || (lead >= 0xb0 && lead < 0xc9)),
  },
  {
    charset: 'gb18030',
    has: (bytes) =>
      isPaired(bytes) &&
      all(pairsOf(bytes), ([lead]) => lead < 0xa4 || lead >= 0xb0) &&
      part(pairsOf(bytes), ([lead]) => lead < 0xd8) > 0.8,
  },
  {
    charset: 'big5',
    has: (bytes) =>
      pairsOf(bytes).length > 2 &&
      part(pairsOf(bytes), ([lead]) => lead > 0xa0 && lead < 0xc7) > 0.85 &&
      part(pairsOf(bytes), ([, trail]) => trail > 0xa0) > 0.3,
  },
  { charset: 'windows-1251', has: (bytes, text) => runLength(bytes) >= 2 && isRussian(text) },
  { charset: 'koi8-r', has: (bytes, text) => runLength(bytes) >= 2 && isRussian(text) },
  // Languages of the West: letters with accents stand among plain ones.
  {
    charset: 'windows-1252',
    has: (bytes, text) =>
      runLength(bytes) < 4 && bytes.filter((byte) => byte >= 0x80).length <= bytes.length / 4 && !/[\x80-\x9f]/.test(text),
  },
];

type Pair = readonly [lead: number, trail: number];

/** High bytes with the byte after each. */
function pairsOf(bytes: Buffer): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] ?? 0) >= 0x80) pairs.push([bytes[at] ?? 0, bytes[++at] ?? 0]);
  return pairs;
}

const part = (pairs: readonly Pair[], test: (pair: Pair) => boolean): number => pairs.filter(test).length / pairs.length;
const all = (pairs: readonly Pair[], test: (pair: Pair) => boolean): boolean => pairs.every(test);

/** Every sign is two bytes of the upper half. */
const isPaired = (bytes: Buffer): boolean => all(pairsOf(bytes), ([lead, trail]) => lead > 0xa0 && trail > 0xa0);

/** High bytes in a row, on average. */
function runLength(bytes: Buffer): number {
  const runs = bytes.toString('latin1').match(/[\x80-\xff]+/g) ?? [];
  return runs.join('').length / runs.length;
}

/** Letters only, among them many of the commonest, and no capital inside a word that begins with a small one. */
function isRussian(text: string): boolean {
  const signs = text.replace(/[\0-\x7f]/g, '');
  const letters = signs.match(/[а-яё]/gi) ?? [];
  const common = signs.match(/[оеаинт]/gi) ?? [];
  return letters.length >= signs.length * 0.9 && common.length >= letters.length * 0.35 && !/[а-яё][А-ЯЁ]/.test(text);
}
