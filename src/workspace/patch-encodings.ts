/**
 * A patch is text in UTF-8, and must still apply to the byte: what changes in a file of another encoding stands in it as git's binary patch, with the
 * lines for people beside it, as comments that git passes over. Pure.
 */
import { isUtf8 } from 'node:buffer';
import { deflateSync } from 'node:zlib';
import { charsetOf, encodingName, type Recognised, recognise } from './encodings.ts';
import { byteLines, readable, stretchesBetween } from './hunks.ts';

/** Both sides of a file; nothing where it is absent. */
export interface Sides {
  readonly path: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

/** Whether a patch could not hold the change of a text file as it is. */
export const isOther = ({ before, after }: Sides): boolean =>
  [before, after].some((bytes) => !isUtf8(bytes) || bytes.includes(0)) &&
  [before, after].every((bytes) => typeof recognise(bytes) === 'object');

/** The part of a patch about one such file: its head as git wrote it, up to the `index` line, then both forms. */
export function patchOf(head: readonly string[], sides: Sides): string {
  const { path, before, after } = sides;
  return [
    ...head,
    'GIT binary patch',
    ...literal(after),
    '',
    ...literal(before),
    '',
    `# ${path}${namesOf([recognise(before), recognise(after)])}:`,
    ...changedIn(sides).map((line) => `# ${line}`),
    '',
  ].join('\n');
}

function namesOf(found: readonly Recognised[]): string {
  const names = found.flatMap((one) => (typeof one === 'object' && one.text !== '' ? [encodingName(one.encoding)] : []));
  return `, in ${[...new Set(names)].join(' and ')}`;
}

/** Lines that went (`-`) and came (`+`). */
export function changedIn({ before, after }: Sides): string[] {
  const [base, candidate] = [byteLines(before), byteLines(after)];
  const [charsetBefore, charsetAfter] = [charsetOf(recognise(before)), charsetOf(recognise(after))];
  return stretchesBetween(base, candidate).flatMap((stretch) => [
    ...readable(base.slice(stretch.base.start, stretch.base.end), charsetBefore).map((line) => `-${line}`),
    ...readable(candidate.slice(stretch.candidate.start, stretch.candidate.end), charsetAfter).map((line) => `+${line}`),
  ]);
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
/** Bytes of one line: its length is a letter, `A` to `Z` and `a` to `z`. */
const perLine = 52;

/** Contents as git's `literal`: deflated, in base 85, the length of each line before it. */
function literal(bytes: Buffer): string[] {
  const packed = deflateSync(bytes);
  const lines = [`literal ${bytes.length}`];
  for (let at = 0; at < packed.length; at += perLine) {
    const part = packed.subarray(at, at + perLine);
    let line = String.fromCharCode(part.length <= 26 ? 64 + part.length : 70 + part.length);
    for (let n = 0; n < part.length; n += 4) {
      let four = 0;
      for (let k = 0; k < 4; k++) four = four * 256 + (part[n + k] ?? 0);
      let coded = '';
      for (let k = 0; k < 5; k++, four = Math.floor(four / 85)) coded = (digits[four % 85] ?? '') + coded;
      line += coded;
    }
    lines.push(line);
  }
  return lines;
}
