/** An append-only file with a buffer in front. A write that fails halfway goes on later exactly where it stopped. */
import fs from 'node:fs';

export interface AppendLog {
  readonly path: string;
  /** Characters waiting to be written. */
  readonly waiting: number;
  /** Queues whole lines. */
  append(text: string): void;
  /** Bytes on the disk. */
  readonly bytes: number;
  /**
   * Hands everything queued to the system; `before` is told how long the file will be then, when there is anything to write. Throws the
   * system's error; what was not written stays queued.
   */
  write(before?: (bytes: number) => void): void;
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): void;
}

/** Opens (or creates, for the user alone) the file. A torn last line is closed with a line break, and so stays apart. */
export function openAppendLog(path: string): AppendLog {
  // Readable too: whether the last line is whole must be seen.
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_APPEND, 0o600);
  let queued: string[] = [];
  let waiting = 0;
  let rest = Buffer.alloc(0);
  let unsynced = false;

  let size = fs.fstatSync(fd).size;
  const last = Buffer.alloc(1);
  if (size > 0 && fs.readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 10) rest = Buffer.from('\n');

  const write = (before?: (bytes: number) => void): void => {
    if (queued.length > 0) {
      const text = Buffer.from(queued.join(''), 'utf8');
      rest = rest.length === 0 ? text : Buffer.concat([rest, text]);
      queued = [];
      waiting = 0;
    }
    if (rest.length > 0) before?.(size + rest.length);
    while (rest.length > 0) {
      const written = fs.writeSync(fd, rest);
      size += written;
      unsynced = true;
      rest = rest.subarray(written);
    }
  };

  return {
    path,
    get waiting() {
      return waiting + rest.length;
    },
    get bytes() {
      return size;
    },
    append(text) {
      queued.push(text);
      waiting += text.length;
    },
    write,
    async sync() {
      if (!unsynced) return;
      unsynced = false;
      try {
        await new Promise<void>((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve())));
      } catch (error) {
        unsynced = true;
        throw error;
      }
    },
    close: () => fs.closeSync(fd),
  };
}
