/** Reading line files that another process may be writing, or may have left torn. */
import fs from 'node:fs';

export interface Line {
  /** Without the line break. Valid until the next line is asked for. */
  readonly bytes: Buffer;
  /** Where the line starts in the file, bytes. */
  readonly offset: number;
  /** False for a last line without a line break: it may be half written. */
  readonly complete: boolean;
  /** True when the line was longer than the limit; `bytes` is empty then. */
  readonly tooLong: boolean;
}

const chunkBytes = 256 * 1024;

/**
 * The lines of a file from `start` (bytes) on, in batches, one per chunk read. Memory stays below one chunk plus the longest line.
 * Rejects with the system's error when the file cannot be read.
 */
export async function* readLines(file: string, start = 0, longestLine = 16 * 1024 * 1024): AsyncGenerator<readonly Line[]> {
  const handle = await fs.promises.open(file, 'r');
  try {
    let position = start;
    let offset = start;
    let parts: Buffer[] = [];
    let partBytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      position += bytesRead;
      const batch: Line[] = [];
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        const length = partBytes + end - from;
        const tooLong = length > longestLine;
        const tail = chunk.subarray(from, end);
        const bytes = tooLong ? Buffer.alloc(0) : parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
        batch.push({ bytes, offset, complete: true, tooLong });
        offset += length + 1;
        from = end + 1;
        parts = [];
        partBytes = 0;
      }
      partBytes += bytesRead - from;
      if (partBytes > longestLine) parts = [];
      else if (bytesRead > from) parts.push(chunk.subarray(from));
      yield batch;
    }
    if (partBytes === 0) return;
    const tooLong = partBytes > longestLine;
    yield [{ bytes: tooLong ? Buffer.alloc(0) : Buffer.concat(parts), offset, complete: false, tooLong }];
  } finally {
    await handle.close();
  }
}
