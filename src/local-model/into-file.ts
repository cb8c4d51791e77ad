import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

interface Options {
  /** `a` adds to what is there, `w` replaces it. */
  readonly flags: 'a' | 'w';
  readonly signal?: AbortSignal;
}

/** Writes everything of `source` into the file. When it rejects, the file is closed as well: what was under way is written, and nothing comes after. */
export async function intoFile(source: AsyncIterable<Uint8Array>, file: string, { flags, signal }: Options): Promise<void> {
  const target = createWriteStream(file, { flags });
  try {
    await pipeline(source, target, { signal });
  } finally {
    if (!target.closed) await once(target, 'close');
  }
}
