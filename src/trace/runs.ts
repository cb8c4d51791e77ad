/** The runs of this machine: list, open, delete, and the sweep that keeps their disk use bounded. */
import fs from 'node:fs';
import path from 'node:path';
import { runUnknown, TeamwrightError } from '../errors.ts';
import { openBlobs } from './blobs.ts';
import { forgetEnd, forgetEndsOfNone } from './end.ts';
import { checkRunId, eventsFile, runDir, runIds, runsDir } from './folder.ts';
import { lockRun, writerOf } from './lock.ts';
import { readTrace, streamTrace, type TraceReading } from './reader.ts';
import { type RunStatus, statusOfOutcome } from './reduce.ts';
import { emptySummary, type RunSummary, readSummary, runBytes, summarise, writeSummary } from './summary.ts';

export interface RunListing {
  readonly runId: string;
  readonly status: RunStatus;
  readonly summary: RunSummary;
  /** On disk: events and blobs. */
  readonly bytes: number;
  /** Newest of: start of the run, last write. Milliseconds since the epoch. */
  readonly lastWriteAt: number;
}

export interface OpenRun {
  readonly runId: string;
  readonly dir: string;
  /** Reads the events again each time, so that a run in progress can be followed. */
  read(): Promise<TraceReading>;
  readBlob(sha256: string): Promise<string>;
  /** Whether a living process writes this run now. */
  ownerAlive(): boolean;
  /** Its process id; 0 when nobody writes. */
  ownerPid(): number;
}

/** All runs, newest first. A run whose summary is missing or stale is read once, and its summary kept if it has ended. */
export async function listRuns(dataDir: string): Promise<RunListing[]> {
  const listings: RunListing[] = [];
  const ids = await runIds(dataDir);
  const together = 16;
  for (let index = 0; index < ids.length; index += together) {
    const some = await Promise.all(ids.slice(index, index + together).map((id) => listRun(dataDir, id)));
    for (const listing of some) if (listing !== undefined) listings.push(listing);
  }
  return listings.sort(
    (a, b) => (b.summary.startedAt ?? b.lastWriteAt) - (a.summary.startedAt ?? a.lastWriteAt) || (a.runId < b.runId ? 1 : -1),
  );
}

async function listRun(dataDir: string, runId: string): Promise<RunListing | undefined> {
  const dir = path.join(runsDir(dataDir), runId);
  try {
    const { events, blobs } = await runBytes(dir);
    const alive = writerOf(dir)?.alive ?? false;
    let summary = await readSummary(dir, events);
    if (summary === undefined) {
      summary = await makeSummary(dir, events);
      if (!alive && events > 0) await keepSummary(dir, summary);
    }
    const lastWriteAt = (await fs.promises.stat(events > 0 ? eventsFile(dir) : dir)).mtimeMs;
    return { runId, status: listedStatus(summary, alive), summary, bytes: events + blobs, lastWriteAt };
  } catch (error) {
    // Deleted while we looked, or no run that anybody could read: the others are listed all the same.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'trace-unreadable'].includes(code)) return undefined;
    throw error;
  }
}

function listedStatus(summary: RunSummary, alive: boolean): RunStatus {
  if (summary.outcome !== undefined) return statusOfOutcome(summary.outcome);
  if (!alive) return 'interrupted';
  return summary.waiting ? 'waiting-for-review' : 'running';
}

async function makeSummary(dir: string, eventBytes: number): Promise<RunSummary> {
  let summary = emptySummary;
  if (eventBytes > 0) for await (const batch of streamTrace(dir)) summary = batch.reduce(summarise, summary);
  return { ...summary, eventBytes };
}

/** The summary is only a cache: a full or read-only disk must not keep a list from being shown. */
async function keepSummary(dir: string, summary: RunSummary): Promise<void> {
  try {
    await writeSummary(dir, summary);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOENT'].includes(code)) throw error;
  }
}

/** A run to read. `runId` may be shortened to a beginning that only one run has. Rejects with `run-unknown` or `run-ambiguous`. */
export async function openRun(dataDir: string, runId: string): Promise<OpenRun> {
  return openKnownRun(dataDir, await findRun(dataDir, checkRunId(runId)));
}

/** The same for a whole id that is known to be there: no look at the other runs. Reading one that is gone rejects with `trace-unreadable`. */
export function openKnownRun(dataDir: string, runId: string): OpenRun {
  const dir = runDir(dataDir, runId);
  const blobs = openBlobs(dir);
  return {
    runId,
    dir,
    read: () => readTrace(dir),
    readBlob: (sha256) => blobs.read(sha256),
    ownerAlive: () => writerOf(dir)?.alive ?? false,
    ownerPid: () => writerOf(dir)?.pid ?? 0,
  };
}

async function findRun(dataDir: string, wanted: string): Promise<string> {
  const ids = await runIds(dataDir);
  if (ids.includes(wanted)) return wanted;
  const matches = ids.filter((id) => id.startsWith(wanted));
  if (matches.length > 1) throw new TeamwrightError('run-ambiguous', { runId: wanted, matches });
  if (matches[0] === undefined) throw runUnknown(wanted);
  return matches[0];
}

/** Deletes a run: events, blobs, everything. Gives the bytes freed. Rejects with `run-unknown`, or `run-busy` while it is being written. */
export async function deleteRun(dataDir: string, runId: string): Promise<number> {
  const dir = runDir(dataDir, runId);
  if (!(await runIds(dataDir)).includes(runId)) throw runUnknown(runId);
  lockRun(dir, runId);
  const { events, blobs } = await runBytes(dir);
  // Out of the list first, so that a deletion cut short leaves no half run behind; the sweep finishes it.
  const doomed = path.join(runsDir(dataDir), `.deleted-${runId}`);
  await fs.promises.rm(doomed, { recursive: true, force: true });
  await fs.promises.rename(dir, doomed);
  await forgetEnd(dir);
  await fs.promises.rm(doomed, { recursive: true, force: true });
  return events + blobs;
}

export interface SweepReport {
  readonly deleted: readonly { readonly runId: string; readonly bytes: number; readonly reason: 'age' | 'quota' }[];
  /** Bytes of the runs that stay. */
  readonly bytes: number;
}

export interface SweepLimits {
  readonly maxBytes: number;
  readonly maxAgeDays: number;
}

/** Deletes runs that are too old, then the oldest ones until the rest fits the quota. A run that is being written always stays. */
export async function sweepTraces(dataDir: string, limits: SweepLimits, clock: () => number): Promise<SweepReport> {
  for (const name of await leftovers(dataDir)) await fs.promises.rm(path.join(runsDir(dataDir), name), { recursive: true, force: true });
  await forgetEndsOfNone(dataDir);
  const oldestFirst = (await listRuns(dataDir)).reverse();
  const now = clock();
  let bytes = oldestFirst.reduce((sum, run) => sum + run.bytes, 0);
  const deleted: { runId: string; bytes: number; reason: 'age' | 'quota' }[] = [];
  for (const run of oldestFirst) {
    const tooOld = now - run.lastWriteAt > limits.maxAgeDays * 24 * 3600 * 1000;
    if (!tooOld && bytes <= limits.maxBytes) continue;
    if (run.status === 'running' || run.status === 'waiting-for-review' || writerOf(runDir(dataDir, run.runId))?.alive) continue;
    await deleteRun(dataDir, run.runId);
    bytes -= run.bytes;
    deleted.push({ runId: run.runId, bytes: run.bytes, reason: tooOld ? 'age' : 'quota' });
  }
  return { deleted, bytes };
}

async function leftovers(dataDir: string): Promise<string[]> {
  const folder = runsDir(dataDir);
  if (!fs.existsSync(folder)) return [];
  return (await fs.promises.readdir(folder)).filter((name) => name.startsWith('.deleted-'));
}
