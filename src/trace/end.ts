/**
 * Where the record of each run ends, kept apart from it: `ends/<run id>.json` in the data folder. The chain finds what was changed before a
 * line; the end finds a changed last line, lines cut off or put behind the last one, and a chain made anew or taken off.
 *
 * It is written before the lines it is about, so that a record is exactly as it says at every moment a process may be killed. `ends/.without`
 * names the runs that were there before ends were kept: any other run has one.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { chainStart } from './chain.ts';
import { eventsFile, runIds, runsDir } from './folder.ts';

/** The record up to here: bytes, and what the line after them would name. */
const markSchema = z.object({ bytes: z.number(), link: z.string() });
type Mark = Readonly<z.infer<typeof markSchema>>;

const endSchema = z.object({
  v: z.literal(1),
  /** A writer has the run, or was killed with it. */
  open: z.boolean(),
  /** What a power cut leaves. */
  durable: markSchema,
  /** What was written before the last write, and with it. */
  written: markSchema,
  writing: markSchema,
});
type End = Readonly<z.infer<typeof endSchema>>;

/** `absent`: the run should have one. `not-kept`: it is from before ends were kept. */
export type KeptEnd = End | 'absent' | 'not-kept';

const endsDir = (dataDir: string): string => path.join(dataDir, 'ends');
const withoutIn = (folder: string): string => path.join(folder, '.without');
const folderFor = (dir: string): string => endsDir(path.resolve(dir, '../..'));
const endFile = (dir: string): string => path.join(folderFor(dir), `${path.basename(dir)}.json`);

const startMark: Mark = { bytes: 0, link: chainStart };
/** No line has this link: a record that was changed stays so, whoever writes on. */
export const changedLink = 'changed';

/** Enough for three marks; the file is overwritten in place and never grows. */
const fileBytes = 512;
/** A read may meet a write. */
const readings = 3;

/** The end of the run in `dir`, and when it was last written. */
export function readEnd(dir: string): { readonly kept: KeptEnd; readonly writtenAt: number } {
  const file = endFile(dir);
  for (let reading = 1; ; reading += 1) {
    try {
      const writtenAt = fs.statSync(file).mtimeMs;
      return { kept: endSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))), writtenAt };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kept: mayBeWithout(dir) ? 'not-kept' : 'absent', writtenAt: 0 };
      // What cannot be read says as little as what is not there.
      if (reading === readings) return { kept: 'absent', writtenAt: 0 };
    }
  }
}

function mayBeWithout(dir: string): boolean {
  const folder = folderFor(dir);
  if (!fs.existsSync(folder)) return true;
  try {
    return fs.readFileSync(withoutIn(folder), 'utf8').split('\n').includes(path.basename(dir));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** A record as it was read: its length, and its link at the marks that were asked for. */
export interface RecordRead {
  readonly bytes: number;
  linkAt(bytes: number): string | undefined;
}

/** Whether the record ends as its end says. `after` is the end read once more after the record: a writer may have gone on meanwhile. */
export function endsAsKept(read: RecordRead, before: ReturnType<typeof readEnd>, after: ReturnType<typeof readEnd>): boolean {
  const has = (mark: Mark): boolean => (mark.bytes === 0 ? chainStart : read.linkAt(mark.bytes)) === mark.link;
  if (typeof after.kept === 'string') return after.kept === 'not-kept' || read.bytes === 0;
  if (typeof before.kept === 'string') return read.bytes <= after.kept.writing.bytes;
  const { durable, written, writing, open } = before.kept;
  if (!has(durable)) return false;
  if (read.bytes >= written.bytes && has(written)) {
    if (read.bytes < writing.bytes || (read.bytes === writing.bytes && has(writing))) return true;
    if (after.kept.writing.bytes > writing.bytes) return has(writing) && read.bytes <= after.kept.writing.bytes;
  }
  return open && before.writtenAt < Date.now() - os.uptime() * 1000;
}

/** The marks whose links `endsAsKept` asks for. */
export const marksOf = ({ kept }: ReturnType<typeof readEnd>): readonly number[] =>
  typeof kept === 'string' ? [] : [kept.durable.bytes, kept.written.bytes, kept.writing.bytes];

export interface EndWriter {
  /** Before a write: what the record will be after it. */
  announce(to: Mark): void;
  /** After it. */
  reached(): void;
  /** Where the record ends now, as far as it is written. */
  now(): Mark;
  /** What was written up to this mark is on the disk. */
  durable(upTo: Mark): void;
  /** Nothing more will be written, and all is durable. Without it the end stays that of a writer that was killed. */
  close(): void;
  /** Lets go of the file. */
  release(): void;
}

/**
 * Takes over the end of a run whose record ends at `at`, as `past` left it, or will once its torn last line of `onDisk` bytes is closed. The end
 * is on the disk before this returns. Throws the system's error.
 */
export function openEnd(dir: string, past: KeptEnd, at: Mark, onDisk: number): EndWriter {
  const fd = fs.openSync(endFile(dir), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  const start = at.link === changedLink ? { ...startMark, link: changedLink } : startMark;
  const sound = typeof past !== 'string' && at.link !== changedLink;
  let durable = sound ? past.durable : start;
  let written = sound ? past.written : start;
  let writing = at;
  let whole = at.bytes === onDisk;

  const write = (open: boolean): void => {
    const end: End = { v: 1, open, durable, written, writing };
    fs.writeSync(fd, Buffer.from(JSON.stringify(end).padEnd(fileBytes)), 0, fileBytes, 0);
  };
  write(true);
  fs.fdatasyncSync(fd);

  return {
    announce(to) {
      if (whole) written = writing;
      whole = false;
      writing = to;
      write(true);
    },
    reached: () => {
      whole = true;
    },
    now: () => (whole ? writing : written),
    durable: (upTo) => {
      durable = upTo;
    },
    close() {
      if (whole) written = writing;
      durable = written;
      write(false);
      fs.fdatasyncSync(fd);
    },
    release: () => fs.closeSync(fd),
  };
}

/** Begins to keep ends in a data folder, once: the runs that are there already are named as those without. Throws the system's error. */
export function keepEnds(dataDir: string): void {
  const folder = endsDir(dataDir);
  if (fs.existsSync(folder)) return;
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const made = fs.mkdtempSync(`${folder}.`);
  try {
    fs.writeFileSync(withoutIn(made), runsThere(dataDir).join('\n'), { mode: 0o600 });
    fs.renameSync(made, folder);
  } catch (error) {
    fs.rmSync(made, { recursive: true, force: true });
    // Another process was first.
    if (!fs.existsSync(folder)) throw error;
  }
}

function runsThere(dataDir: string): string[] {
  const folder = runsDir(dataDir);
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => fs.existsSync(eventsFile(path.join(folder, name))));
}

/** Forgets where a run ended that is gone. */
export async function forgetEnd(dir: string): Promise<void> {
  await fs.promises.rm(endFile(dir), { force: true });
}

/** The same for all runs that are not there: a deletion was cut short. */
export async function forgetEndsOfNone(dataDir: string): Promise<void> {
  const folder = endsDir(dataDir);
  if (!fs.existsSync(folder)) return;
  const names = (await fs.promises.readdir(folder)).filter((name) => name.endsWith('.json'));
  const there = new Set(await runIds(dataDir));
  for (const name of names) if (!there.has(path.basename(name, '.json'))) await fs.promises.rm(path.join(folder, name), { force: true });
}
