/** The files of an export: their names, and appending to them so that a crash leaves nothing half. */
import fs from 'node:fs';
import path from 'node:path';
import type { Side } from './split.ts';

export interface ExportFiles {
  /** The folder they lie in. */
  readonly folder: string;
  /** Where an export in progress says how far it is. */
  readonly progress: string;
  /** A file of rows under its own name, and while it is being written. */
  rows(side: Side): string;
  partial(side: Side): string;
  readonly card: string;
  /** A file a format brings along. */
  extra(name: string): string;
}

/** `out` is a folder, or the file of the training rows when it ends in `.jsonl`; then everything is named after it. */
export function filesOf(out: string): ExportFiles {
  const single = out.endsWith('.jsonl');
  const folder = single ? path.dirname(out) : out;
  const stem = path.basename(out, '.jsonl');
  const named = (name: string): string => path.join(folder, single ? `${stem}.${name}` : name);
  const rows = (side: Side): string => (single && side === 'train' ? out : named(`${side}.jsonl`));
  return {
    folder,
    progress: named('progress.jsonl'),
    rows,
    partial: (side) => `${rows(side)}.partial`,
    card: named('README.md'),
    extra: named,
  };
}

export const sides: readonly Side[] = ['train', 'validation'];

export interface RowFiles {
  append(side: Side, line: string): void;
  /** Puts everything appended so far on the disk; gives the bytes of each file. */
  sync(): Record<string, number>;
  close(): void;
}

/** Opens the partial files at the lengths of the last checkpoint; what lies behind is cut off. */
export function openRowFiles(files: ExportFiles, bytes: Readonly<Record<string, number>>): RowFiles {
  const open = sides.map((side) => {
    const fd = fs.openSync(files.partial(side), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
    const end = bytes[side] ?? 0;
    fs.ftruncateSync(fd, end);
    return { side, fd, end, waiting: [] as string[] };
  });
  return {
    append: (side, line) => void open.find((file) => file.side === side)?.waiting.push(line),
    sync: () => {
      for (const file of open) {
        const text = Buffer.from(file.waiting.join(''));
        file.waiting = [];
        for (let written = 0; written < text.length; )
          written += fs.writeSync(file.fd, text, written, text.length - written, file.end + written);
        file.end += text.length;
        fs.fdatasyncSync(file.fd);
      }
      return Object.fromEntries(open.map(({ side, end }) => [side, end]));
    },
    close: () => {
      for (const { fd } of open) fs.closeSync(fd);
    },
  };
}

/** A file of rows comes under its own name; one without rows goes. Does nothing when it was done before. */
export function publishRows(files: ExportFiles, side: Side, rows: number): void {
  if (!fs.existsSync(files.partial(side))) return;
  if (rows === 0 && side === 'validation') fs.rmSync(files.partial(side));
  else fs.renameSync(files.partial(side), files.rows(side));
}
