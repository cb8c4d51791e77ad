/**
 * How far an export came: a file of lines beside what it writes. The first line says what is exported, each later one is a checkpoint: up to
 * here everything is on the disk. After a crash what lies behind the last checkpoint is cut off and made again, to the same bytes.
 */

import fs from 'node:fs';
import * as z from 'zod';
import { TeamwrightError } from '../../errors.ts';
import { redactionMemorySchema } from '../../redaction/index.ts';
import { jsonIn } from '../../text/index.ts';

const headSchema = z.strictObject({
  version: z.literal(1),
  /** Everything that decides what is written, as JSON: another export must not go on with this one's files. */
  settings: z.string(),
  problems: z.array(z.strictObject({ problem: z.string(), requestHash: z.string(), runIds: z.array(z.string()) })),
});
export type ExportHead = z.infer<typeof headSchema>;

const checkpointSchema = z.strictObject({
  /** Problems that are done. */
  done: z.number().int(),
  /** Bytes of each file, and rows in it. */
  bytes: z.record(z.string(), z.number().int()),
  rows: z.record(z.string(), z.number().int()),
  /** Rows that stood there already. */
  duplicates: z.number().int(),
  runs: z.number().int(),
  /** Runs that were left out, because their record was changed after it was written. */
  changed: z.number().int().default(0),
  /** By generation and by facts that are counted for the card. */
  counts: z.record(z.string(), z.number().int()),
  /** Content hashes of the rows since the last checkpoint. */
  hashes: z.array(z.string()),
  redaction: redactionMemorySchema,
  replaced: z.record(z.string(), z.number().int()),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export interface Progress {
  readonly head: ExportHead;
  /** The last checkpoint; undefined at the very beginning. */
  readonly last?: Checkpoint;
  /** Content hashes of all rows up to it. */
  readonly hashes: Set<string>;
}

/** What an earlier export left in `file`; undefined when there is none. Rejects with `export-unusable` when it is no such file. */
export function readProgress(file: string): Progress | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // A last line without its end was being written when the process died.
  const [first, ...rest] = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const head = lineOf(first, headSchema);
  if (head === undefined) {
    // Not even the first line came through: nothing was written yet.
    if (text.trim() === '' || !text.includes('\n')) return undefined;
    throw new TeamwrightError('export-unusable', { path: file, why: 'not-ours' });
  }
  const hashes = new Set<string>();
  let last: Checkpoint | undefined;
  for (const line of rest) {
    const checkpoint = lineOf(line, checkpointSchema);
    if (checkpoint === undefined) continue;
    last = checkpoint;
    for (const hash of checkpoint.hashes) hashes.add(hash);
  }
  return { head, last, hashes };
}

function lineOf<T>(line: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (line === undefined || line === '') return undefined;
  return schema.safeParse(jsonIn(line)).data;
}

export interface ProgressWriter {
  /** Returns once the checkpoint is on the disk. Whatever it vouches for must be there before. */
  checkpoint(checkpoint: Checkpoint): void;
  close(): void;
}

/** Begins a progress file, or goes on with one behind its last whole line. */
export function writeProgress(file: string, head: ExportHead, goesOn: boolean): ProgressWriter {
  const fd = fs.openSync(file, goesOn ? 'r+' : 'w', 0o600);
  const write = (value: unknown, at: number): number => {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    fs.writeSync(fd, line, 0, line.length, at);
    fs.fdatasyncSync(fd);
    return at + line.length;
  };
  let end = goesOn ? wholeBytes(file) : 0;
  if (goesOn) fs.ftruncateSync(fd, end);
  else end = write(head, 0);
  return {
    checkpoint: (checkpoint) => {
      end = write(checkpoint, end);
    },
    close: () => fs.closeSync(fd),
  };
}

const wholeBytes = (file: string): number => fs.readFileSync(file).lastIndexOf(10) + 1;
