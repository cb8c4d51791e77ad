/**
 * Long texts of a run, in one append-only file beside its events: `{"sha256":"…","text":"…"}` a line. One file, because a file per text
 * costs ten times the time to write and forty times the time to make durable, and a run deletes as one folder.
 */
import { hash } from 'node:crypto';
import fs from 'node:fs';
import * as z from 'zod';
import { errorText, traceUnreadable } from '../errors.ts';
import { blobsFile } from './folder.ts';
import { readLines } from './lines.ts';

const blobSchema = z.object({ sha256: z.string(), text: z.string() });

/** Blobs may be far longer than events: patches and reports. */
const longestBlobLine = 480 * 1024 * 1024;

export const sha256 = (text: string): string => hash('sha256', text);

export const blobLine = (hash: string, text: string): string => `{"sha256":"${hash}","text":${JSON.stringify(text)}}\n`;

const headPattern = /^\{"sha256":"([0-9a-f]{64})","text":"/;
const headBytes = 11 + 64 + 10;

/** False for a line that a kill cut short; the next writer has closed it with a line break. */
function isWhole(line: Buffer): boolean {
  const end = line.toString('latin1', Math.max(0, line.length - 3));
  if (!end.endsWith('"}')) return false;
  if (!end.startsWith('\\')) return true;
  // The quote may be one of the text.
  try {
    return blobSchema.safeParse(JSON.parse(line.toString('utf8'))).success;
  } catch {
    return false;
  }
}

export interface BlobReader {
  /** The text with this sha256. Rejects with `trace-unreadable` when it is absent or damaged. */
  read(hash: string): Promise<string>;
  /** Hashes of all whole lines. */
  hashes(): Promise<ReadonlySet<string>>;
}

/** Reads the blobs of the run in `dir`, also while the run still writes. */
export function openBlobs(dir: string): BlobReader {
  const file = blobsFile(dir);
  const places = new Map<string, { offset: number; length: number }>();
  let scanned = 0;

  const scan = async (): Promise<void> => {
    try {
      for await (const lines of readLines(file, scanned, longestBlobLine)) {
        for (const line of lines) {
          if (!line.complete || line.tooLong) continue;
          scanned = line.offset + line.bytes.length + 1;
          const hash = headPattern.exec(line.bytes.toString('latin1', 0, headBytes))?.[1];
          if (hash !== undefined && isWhole(line.bytes)) places.set(hash, { offset: line.offset, length: line.bytes.length });
        }
      }
    } catch (error) {
      // A run without blobs has no file.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw traceUnreadable(file, errorText(error), error);
    }
  };

  const read = async (hash: string): Promise<string> => {
    if (!places.has(hash)) await scan();
    const place = places.get(hash);
    if (place === undefined) throw traceUnreadable(file, `the text ${hash.slice(0, 12)}… is not in it`);
    const handle = await fs.promises.open(file, 'r');
    try {
      const { buffer } = await handle.read(Buffer.alloc(place.length), 0, place.length, place.offset);
      const { text } = blobSchema.parse(JSON.parse(buffer.toString('utf8')));
      if (sha256(text) !== hash) throw new Error('its content does not match its name');
      return text;
    } catch (error) {
      throw traceUnreadable(file, `the text ${hash.slice(0, 12)}… is damaged (${errorText(error)})`, error);
    } finally {
      await handle.close();
    }
  };

  return {
    read,
    hashes: async () => {
      await scan();
      return new Set(places.keys());
    },
  };
}
