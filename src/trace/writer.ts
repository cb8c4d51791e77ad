/**
 * The one writer of a run's trace. `emit` only formats and queues; the queue goes to the system once per turn of the event loop, and to
 * the disk at `flush`. Blobs always go before the events that name them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { diskFull, errorText, isTeamwrightError, TeamwrightError } from '../errors.ts';
import { type AppendLog, openAppendLog } from './append-log.ts';
import { blobLine, openBlobs, sha256 } from './blobs.ts';
import { chainStart, linkOf } from './chain.ts';
import { changedLink, type EndWriter, type KeptEnd, keepEnds, openEnd, readEnd } from './end.ts';
import { eventVersion, type NewEvent, type TraceEvent, type TraceWriter } from './events.ts';
import { blobsFile, eventsFile, runDir } from './folder.ts';
import { lockRun } from './lock.ts';
import { changedBefore, readWhole } from './reader.ts';
import { createRedactor } from './redact.ts';
import { emptySummary, type RunSummary, summarise, writeSummary } from './summary.ts';

export interface TraceOptions {
  /** The user's data folder; the trace lands in `runs/<runId>` below it. */
  readonly dataDir: string;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Exact values (API keys) that must not reach the disk; they are replaced in every event and blob. Under 8 characters: not secret. */
  readonly secrets?: readonly string[];
  /** Hears every event as it was stored. Must not throw. */
  readonly onEvent?: (event: TraceEvent) => void;
  /** Told once when writing fails, so that the run can be ended at once instead of at its next `flush`. Must not throw. */
  readonly onFailure?: (error: TeamwrightError) => void;
}

/** Queued characters that are not left waiting for the end of the turn. */
const longestQueue = 1024 * 1024;
/** Ms that a queued event waits for the end of the turn: replayed calls answer at once, and a turn of many of them is long. */
const longestWaitMs = 50;

/**
 * Opens a trace for writing: a new one, or an existing one to go on with (its numbering continues, a torn last line stays apart).
 * Rejects with `run-busy` while another writer has it, `disk-full`, or `trace-unwritable`.
 *
 * `emit` and `blob` throw only after `close`. A failed write (full disk) is told to `onFailure` and makes the next `flush` or `close`
 * reject with `disk-full` or `trace-unwritable`; what was not written stays queued and is tried again then.
 */
export async function createTrace(options: TraceOptions): Promise<TraceWriter> {
  const { runId, clock, onEvent } = options;
  const dir = runDir(options.dataDir, runId);
  const tell = (error: unknown): TeamwrightError => {
    if (isTeamwrightError(error)) return error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(dir, error);
    return new TeamwrightError('trace-unwritable', { path: dir, detail: errorText(error) }, { cause: error });
  };
  try {
    keepEnds(options.dataDir);
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw tell(error);
  }
  const lock = lockRun(dir, runId);
  try {
    const past = await readPast(dir);
    const blobs = openAppendLog(blobsFile(dir));
    const events = openAppendLog(eventsFile(dir));
    const end = openEnd(dir, past.end, { bytes: events.bytes + events.waiting, link: past.link }, events.bytes);
    syncFolders(dir);
    return start(past, blobs, events, end);
  } catch (error) {
    lock.release();
    throw tell(error);
  }

  function start(past: Past, blobs: AppendLog, events: AppendLog, end: EndWriter): TraceWriter {
    const redactor = createRedactor(options.secrets ?? []);
    const known = past.hashes;
    let seq = past.nextSeq;
    let prev = past.link;
    let summary = past.summary;
    let scheduled = false;
    let queuedAt = 0;
    let failureTold = false;
    let closing: Promise<void> | undefined;
    let syncing: Promise<void> | undefined;
    let nextSync: Promise<void> | undefined;

    const writeQueued = (): void => {
      blobs.write();
      events.write((bytes) => end.announce({ bytes, link: prev }));
      end.reached();
    };
    const writeOrTell = (): void => {
      scheduled = false;
      if (closing !== undefined) return;
      try {
        writeQueued();
      } catch (error) {
        if (failureTold) return;
        failureTold = true;
        options.onFailure?.(tell(error));
      }
    };
    const schedule = (): void => {
      const isLate = scheduled && performance.now() - queuedAt > longestWaitMs;
      if (!failureTold && (isLate || blobs.waiting + events.waiting > longestQueue)) writeOrTell();
      else if (!scheduled) {
        scheduled = true;
        queuedAt = performance.now();
        setImmediate(writeOrTell);
      }
    };
    const checkOpen = (): void => {
      if (closing !== undefined) throw new Error(`The trace of run ${runId} is closed.`);
    };
    const sync = async (): Promise<void> => {
      try {
        writeQueued();
        const upTo = end.now();
        await blobs.sync();
        await events.sync();
        end.durable(upTo);
      } catch (error) {
        throw tell(error);
      }
    };
    /**
     * Everything emitted before the call is on the disk when this resolves. Callers that come while the disk is busy share the next write,
     * and so do all callers of one turn: quick steps do not pay for a write each.
     */
    const makeDurable = (): Promise<void> => {
      nextSync ??= (async () => {
        await syncing?.catch(() => undefined); // its own callers were told
        await turn();
        syncing = nextSync;
        nextSync = undefined;
        await sync();
      })();
      return nextSync;
    };
    const finish = async (): Promise<void> => {
      try {
        // Whoever waits for a flush is told of its failure; what it could not write is written here.
        await (nextSync ?? syncing)?.catch(() => undefined);
        await sync();
        end.close();
        await writeSummary(dir, { ...summary, eventBytes: fs.statSync(eventsFile(dir)).size });
      } catch (error) {
        throw tell(error);
      } finally {
        end.release();
        blobs.close();
        events.close();
        lock.release();
      }
    };

    return {
      runId,
      emit(event: NewEvent): void {
        checkOpen();
        let stored: TraceEvent = { v: eventVersion, seq, at: clock(), ...event };
        seq += 1;
        let line = JSON.stringify(stored);
        if (redactor.finds(line)) {
          stored = redactor.value(stored);
          line = JSON.stringify(stored);
        }
        line = `${line.slice(0, -1)},"prev":"${prev}"}`;
        prev = linkOf(line);
        events.append(`${line}\n`);
        summary = summarise(summary, stored);
        schedule();
        onEvent?.(stored);
      },
      blob(text: string): string {
        checkOpen();
        const clean = redactor.text(text);
        const hash = sha256(clean);
        if (!known.has(hash)) {
          known.add(hash);
          blobs.append(blobLine(hash, clean));
          schedule();
        }
        return hash;
      },
      async flush(): Promise<void> {
        checkOpen();
        await makeDurable();
      },
      close(): Promise<void> {
        closing ??= finish();
        return closing;
      },
    };
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Past {
  readonly nextSeq: number;
  /** What the next line names as the one before it. */
  readonly link: string;
  readonly end: KeptEnd;
  readonly hashes: Set<string>;
  readonly summary: RunSummary;
}

/** What an earlier writer of this run left. */
async function readPast(dir: string): Promise<Past> {
  const hashes = new Set(await openBlobs(dir).hashes());
  const end = readEnd(dir).kept;
  if (!fs.existsSync(eventsFile(dir)))
    return { nextSeq: 0, link: end === 'absent' ? chainStart : changedLink, end, hashes, summary: emptySummary };
  let summary = emptySummary;
  const parser = await readWhole(dir, (batch) => {
    summary = batch.reduce(summarise, summary);
  });
  const changed = changedBefore(parser.damage()) !== undefined;
  return { nextSeq: parser.nextSeq(), link: changed ? changedLink : parser.link(), end, hashes, summary };
}

/** Makes the new files' names durable. Windows has no such call. */
function syncFolders(dir: string): void {
  if (process.platform === 'win32') return;
  for (const folder of [dir, path.dirname(dir)]) {
    const fd = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }
}
