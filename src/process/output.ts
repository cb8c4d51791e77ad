/** Keeps the first and the last part of a stream in bounded memory; what lies between is counted and dropped. */
export interface HeadTail {
  add(chunk: Buffer): void;
  /** The text kept, with a line that says how much is missing. */
  text(): string;
  readonly dropped: number;
}

/** `limit`: bytes kept, half head, half tail. Adding costs the copy of at most `limit` bytes, whatever the stream's length. */
export function headTail(limit: number): HeadTail {
  const headLimit = Math.ceil(limit / 2);
  const tailLimit = Math.max(0, limit - headLimit);
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let dropped = 0;

  const trim = (): void => {
    const joined = Buffer.concat(tail);
    const surplus = Math.max(0, joined.length - tailLimit);
    dropped += surplus;
    tail = [Buffer.from(joined.subarray(surplus))];
    tailBytes = joined.length - surplus;
  };

  return {
    add(chunk) {
      const room = headLimit - headBytes;
      if (room > 0) {
        // Copied: a slice would keep the whole read buffer alive.
        head.push(Buffer.from(chunk.subarray(0, room)));
        headBytes += Math.min(room, chunk.length);
        if (chunk.length <= room) return;
      }
      let rest = room > 0 ? chunk.subarray(room) : chunk;
      if (rest.length > tailLimit) {
        dropped += tailBytes + rest.length - tailLimit;
        tail = [];
        tailBytes = 0;
        rest = rest.subarray(rest.length - tailLimit);
      }
      tail.push(rest);
      tailBytes += rest.length;
      if (tailBytes > 2 * tailLimit + 65536) trim();
    },
    text() {
      trim();
      const first = Buffer.concat(head);
      const last = Buffer.concat(tail);
      if (dropped === 0) return Buffer.concat([first, last]).toString('utf8');
      return `${wholeCharacters(first, 'end')}\n[… ${dropped} bytes left out …]\n${wholeCharacters(last, 'start')}`;
    },
    get dropped() {
      trim();
      return dropped;
    },
  };
}

/** Decodes a piece cut out of UTF-8 text without the half character at its cut. */
function wholeCharacters(piece: Buffer, cut: 'start' | 'end'): string {
  if (cut === 'start') {
    let from = 0;
    while (from < Math.min(3, piece.length) && ((piece[from] ?? 0) & 0xc0) === 0x80) from += 1;
    return piece.subarray(from).toString('utf8');
  }
  let to = piece.length;
  while (to > Math.max(0, piece.length - 4) && ((piece[to - 1] ?? 0) & 0xc0) === 0x80) to -= 1;
  const lead = piece[to - 1] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  const complete = to - 1 + length <= piece.length;
  return piece.subarray(0, complete ? piece.length : to - 1).toString('utf8');
}
