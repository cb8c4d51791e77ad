/** The head of a GGUF file (version 2 and 3), as far as it says what the file is and how long it must be. Pure. */

export interface GgufHead {
  /** Values that are texts, by their keys. */
  readonly texts: ReadonlyMap<string, string>;
  /** As long as the file is at least: up to the end of its last matrix of plain numbers. */
  readonly bytes: number;
}

/** Bytes of a value, by the number of its type; texts and lists say their length themselves. */
const valueBytes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const [textType, listType] = [8, 9];
/** Bytes of a number in a matrix, by the number of its type: float32 and float16. Others are packed, and are taken to be no longer than nothing. */
const elementBytes: Readonly<Record<number, number>> = { 0: 4, 1: 2 };
const usualAlignment = 32;

/** Undefined where these bytes are no such head, or end before it does. */
export function readGguf(head: Buffer): GgufHead | undefined {
  let at = 0;
  const taken = (length: number): number => {
    at += length;
    return at - length;
  };
  const number = (): number => head.readUInt32LE(taken(4));
  const long = (): number => Number(head.readBigUInt64LE(taken(8)));
  const text = (): string => {
    const length = long();
    if (length > head.length - at) throw new RangeError('a text beyond the end');
    const from = taken(length);
    return head.toString('utf8', from, at);
  };
  const skip = (type: number): void => {
    if (type === textType) text();
    else if (type === listType) {
      const of = number();
      const count = long();
      if (valueBytes[of] === undefined) for (let index = 0; index < count; index += 1) skip(of);
      else at += count * valueBytes[of];
    } else if (valueBytes[type] === undefined) throw new RangeError('an unknown type');
    else at += valueBytes[type];
  };
  try {
    if (head.toString('latin1', 0, 4) !== 'GGUF') return undefined;
    at = 4;
    const version = number();
    if (version !== 2 && version !== 3) return undefined;
    const [matrices, values] = [long(), long()];
    const texts = new Map<string, string>();
    let alignment = usualAlignment;
    for (let index = 0; index < values; index += 1) {
      const key = text();
      const type = number();
      if (key === 'general.alignment' && type === 4) alignment = number();
      else if (type === textType) texts.set(key, text());
      else skip(type);
    }
    let needed = 0;
    for (let index = 0; index < matrices; index += 1) {
      text();
      let elements = 1;
      for (let left = number(); left > 0; left -= 1) elements *= long();
      const each = elementBytes[number()] ?? 0;
      needed = Math.max(needed, long() + elements * each);
    }
    return { texts, bytes: Math.ceil(at / alignment) * alignment + needed };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
