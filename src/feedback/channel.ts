import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GuardRecord, parseRecord } from './records.ts';
import type { Breach } from './types.ts';

/**
 * How a guard, our code beside the code under test, tells us what it saw: one file that is only appended to, one record a line,
 *
 *     <worker> <seq> <mac> <json>\n
 *
 * `worker` names the process or thread that wrote it (`m` is the runner's main process), `seq` counts from 0 in each worker without a gap, and
 * `mac` is the hexadecimal HMAC-SHA256 of `<worker> <seq> <json>` under the worker's key, which is HMAC-SHA256(run key, worker). With each `breach`
 * and each `doubt` the key turns, to HMAC-SHA256(key, `turn`): who gets hold of it then cannot write the lines before it anew without that sign.
 *
 * A process that a runner forks for one test is a worker `<worker>.<n>` of the one that forks, which says so first (`fork`): its key is
 * HMAC-SHA256(key of the forking worker after that line, its own name), and it tells of that test alone.
 *
 * The run key is 32 fresh bytes. It lies in the ticket, which the guard of the main process reads and deletes before any code of the workspace
 * is loaded: `{"key": <hexadecimal>, "records": <path of the file>}`. The main process hands each of its workers that worker's key alone.
 */
export interface Channel {
  /** Path of the ticket. The only thing of ours that may stand in an environment or an argument: it leads nowhere once it was read. */
  readonly ticket: string;
  /** Path of the file of records. */
  readonly records: string;
  readonly key: Buffer;
}

/** Writes the ticket of a new run into `folder`. */
export function openChannel(folder: string): Channel {
  const key = randomBytes(32);
  const ticket = join(folder, 'ticket');
  const records = join(folder, randomBytes(8).toString('hex'));
  writeFileSync(ticket, JSON.stringify({ key: key.toString('hex'), records }), { mode: 0o600, flag: 'wx' });
  return { ticket, records, key };
}

/** Bytes of one ticket in a pool. */
const poolSlot = 1024;

/**
 * In the place of the one ticket a pool of them, for a runner that starts its workers itself and none of whose own processes has a guard. The ticket
 * at `n * poolSlot` is that of worker `w<n>`: the path of the records, the worker, its key and its first record, `open`, one a line. A worker adds a
 * byte to `<pool>.claims`, takes the ticket with the number of that byte, and wipes it. Gives the path of the pool.
 */
export function openPool({ ticket, records, key }: Channel, workers: number): string {
  const pool = Buffer.alloc(workers * poolSlot);
  for (let index = 0; index < workers; index += 1) {
    const worker = `w${index}`;
    const own = workerKey(key, worker);
    const lines = [records, worker, own.toString('hex'), signedLine(own, worker, 0, '{"t":"open","sees":true}')];
    pool.write(lines.join('\n'), index * poolSlot);
  }
  writeFileSync(ticket, pool, { mode: 0o600 });
  return ticket;
}

/** Key of one worker of a run; and with `turn`, the key that follows a worker's key. */
export function workerKey(key: Buffer, worker: string): Buffer {
  return createHmac('sha256', key).update(worker).digest();
}

/** The line, with its end, that a guard writes for a record. */
export function signedLine(key: Buffer, worker: string, seq: number, json: string): string {
  const mac = createHmac('sha256', key).update(`${worker} ${seq} ${json}`).digest('hex');
  return `${worker} ${seq} ${mac} ${json}\n`;
}

/** What the file of records says. */
export interface Readout {
  /** Authentic records, in the order they were written. */
  readonly records: readonly GuardRecord[];
  /** Signs that somebody else wrote into the file, or took something out of it. */
  readonly breaches: readonly Breach[];
  /** There was more than is read. */
  readonly overflow: boolean;
}

/** Bounds of what is read of one run; a run that writes more than `bytes` or `records` ends with `output-limit`. */
export interface ReadLimits {
  readonly bytes: number;
  readonly records: number;
  /** Bytes; a guard shortens its messages to stay below. */
  readonly line: number;
}

const defaultLimits: ReadLimits = { bytes: 128 * 1024 * 1024, records: 1_000_000, line: 256 * 1024 };

/** Reads the records of a run, in bounded time and memory whatever lies there: a flood, a device, a link, a pipe nobody writes to. */
export function readChannel(channel: Channel, limits: ReadLimits = defaultLimits): Readout {
  const opened = openRegular(channel.records);
  if (opened === undefined) return { records: [], breaches: [], overflow: false };
  if (opened === 'not-regular') return { records: [], breaches: [forged('The file of records was replaced')], overflow: false };
  const check = lineCheck(channel);
  let overflow = false;
  try {
    const chunk = Buffer.alloc(256 * 1024);
    let rest = Buffer.alloc(0);
    let total = 0;
    while (!overflow) {
      const length = readSync(opened, chunk, 0, chunk.length, null);
      if (length === 0) break;
      total += length;
      const text = rest.length === 0 ? chunk.subarray(0, length) : Buffer.concat([rest, chunk.subarray(0, length)]);
      let from = 0;
      for (let end = text.indexOf(10, from); end >= 0 && !check.isTooMuch(limits); end = text.indexOf(10, from)) {
        check.line(text.toString('utf8', from, end));
        from = end + 1;
      }
      overflow = total > limits.bytes || check.isTooMuch(limits) || text.length - from > limits.line;
      rest = Buffer.from(text.subarray(from));
    }
    // What stands behind the last line end was being written when the process was killed: no record.
  } finally {
    closeSync(opened);
  }
  return { ...check.result(), overflow };
}

/** A descriptor; undefined where nothing lies. Never waits (a pipe) and never follows a link. */
function openRegular(path: string): number | 'not-regular' | undefined {
  let descriptor: number;
  try {
    // Windows knows neither flag.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    // A link, a socket, a folder, or a file its owner may no longer read: none is what the guard left there.
    return 'not-regular';
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return 'not-regular';
}

/** So many lines of somebody else say enough. */
const mostForged = 1000;

const linePattern = /^([\w.-]{1,64}) (\d{1,9}) ([0-9a-f]{64}) (\{.*\})$/s;

interface Teller {
  key: Buffer;
  /** Number of its next line. */
  next: number;
  /** Of its tests, by their ids. */
  readonly outcomes: Map<string, string>;
  /** The only one that it runs. */
  readonly test?: TestName;
}

interface TestName {
  readonly file: string;
  readonly name: string;
}

const isOf = (one: TestName, other: TestName): boolean => one.file === other.file && one.name === other.name;

function lineCheck({ key }: Channel) {
  const records: GuardRecord[] = [];
  const workers = new Map<string, Teller>();
  const breaches = new Map<string, Breach>();
  let forgeries = 0;
  const breach = (detail: string): void => void breaches.set(detail, forged(detail));

  return {
    isTooMuch: (limits: ReadLimits) => records.length > limits.records || forgeries > mostForged,
    line(text: string): void {
      const [, name = '', seqText = '', , json = ''] = linePattern.exec(text) ?? [];
      const seq = Number(seqText);
      const from: Teller | undefined =
        name === '' ? undefined : (workers.get(name) ?? { key: workerKey(key, name), next: 0, outcomes: new Map() });
      if (from === undefined || signedLine(from.key, name, seq, json) !== `${text}\n`) {
        forgeries += 1;
        breach('A line of the record was not written by the guard');
        return;
      }
      workers.set(name, from);
      if (seq !== from.next) breach('Lines of the record are missing, repeated or out of order');
      from.next = Math.max(from.next, seq + 1);
      const record = parseRecord(json);
      if (record?.t === 'doubt' || record?.t === 'breach') from.key = workerKey(from.key, 'turn');
      if (record === undefined) {
        breach('A line of the record is none of a guard');
        return;
      }
      if (record.t === 'fork' && !workers.has(record.child))
        workers.set(record.child, { key: workerKey(from.key, record.child), next: 0, outcomes: new Map(), test: record });
      if ((record.t === 'saw' || record.t === 'case') && from.test !== undefined && !isOf(from.test, record))
        breach('A process that ran one test told of another');
      if (record.t === 'case' && record.id !== undefined) {
        const earlier = from.outcomes.get(record.id);
        if (earlier !== undefined && earlier !== record.outcome) breach(`Two outcomes for one test: ${record.name}`);
        from.outcomes.set(record.id, record.outcome);
      }
      records.push({ ...record, worker: name });
    },
    result: () => ({ records, breaches: [...breaches.values()] }),
  };
}

function forged(detail: string): Breach {
  return { kind: 'forged-record', detail };
}
