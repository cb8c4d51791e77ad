/**
 * Reading runs for what they teach: what is kept of them is derived from their traces, and brought up to them again before it is used. A verdict that
 * comes later changes a trace, so that run is read again.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { type Briefing, briefingSchema } from '../briefing/types.ts';
import { isTeamwrightError, throwIfStopped } from '../errors.ts';
import { readRecord, replaceFile, textAt } from '../process/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import { changedBefore, eventsOnDisk, type OpenRun, openKnownRun, timeInRunId } from '../trace/index.ts';
import { readRetention, ruleFor } from './retention.ts';

/** Traces read at one time: the newest. */
const mostRead = 200;
/** Clocks of disks are coarse. */
const marginMs = 2_000;

/** How far a file of what was learned has come. Milliseconds since the epoch. */
export interface ReadUpTo {
  /** Runs that began earlier teach nothing any more. */
  readonly since: number;
  /** When the traces were looked at last. */
  readonly lookedAt: number;
  /** Runs that began earlier are summed up, or let go: whatever is said of them comes too late. */
  readonly olderUpTo: number;
}

export interface ReadRun extends Pick<OpenRun, 'runId' | 'readBlob'> {
  readonly startedAt: number;
  /** Tells workspaces apart without naming them. */
  readonly workspace: string;
  readonly model: string;
  /** None of a run whose record was changed after it was written: it teaches nothing. */
  readonly events: readonly TraceEvent[];
  /** Undefined: it cannot be read. */
  readonly briefing: Briefing | undefined;
}

export const workspaceName = (workspace: string): string => createHash('sha256').update(workspace).digest('hex').slice(0, 16);

/**
 * What `take` makes of the runs whose traces changed since they were looked at last; `looked`: how many did. Runs of workspaces that are never to be recorded are left out.
 * Where the rules for keeping cannot be read, nobody knows which may teach, so none is looked at; the run goes on without. Rejects with `stopped`.
 */
export async function changedRuns<Taken>(
  dataDir: string,
  before: ReadUpTo,
  take: (run: ReadRun) => Promise<Taken> | Taken,
  signal: AbortSignal,
): Promise<{ readonly looked: number; readonly taken: readonly Taken[] }> {
  const mayTeach = (runId: string): boolean => (timeInRunId(runId) ?? before.olderUpTo) >= before.olderUpTo - marginMs;
  const changed = [...(await eventsOnDisk(dataDir, mayTeach))]
    .filter(([, { changedAt }]) => changedAt >= before.lookedAt - marginMs)
    .toSorted(([, a], [, b]) => b.changedAt - a.changedAt)
    .slice(0, mostRead);
  const rules = await readRetention(dataDir).catch((error: unknown) => {
    if (isTeamwrightError(error, 'bad-settings')) return undefined;
    throw error;
  });
  if (rules === undefined) return { looked: 0, taken: [] };
  const taken: Taken[] = [];
  for (const [runId] of changed) {
    throwIfStopped(signal);
    const run = await readRun(openKnownRun(dataDir, runId), (workspace) => ruleFor(rules, workspace).never !== true);
    if (run !== undefined && run.startedAt > before.olderUpTo && run.startedAt >= before.since) taken.push(await take(run));
  }
  return { looked: changed.length, taken };
}

/** Undefined: it never began, it may not teach, or nobody can read it. */
async function readRun(run: OpenRun, mayTeach: (workspace: string) => boolean): Promise<ReadRun | undefined> {
  try {
    const { events, damage } = await run.read();
    const started = events.find((event) => event.type === 'run.started');
    if (started === undefined || !mayTeach(started.workspace)) return undefined;
    const isAsWritten = changedBefore(damage) === undefined;
    return {
      runId: run.runId,
      readBlob: run.readBlob,
      startedAt: started.at,
      workspace: workspaceName(started.workspace),
      model: started.models.worker?.model ?? '',
      events: isAsWritten ? events : [],
      briefing: isAsWritten ? await briefingOf(run, events) : undefined,
    };
  } catch (error) {
    if (isTeamwrightError(error, 'trace-unreadable')) return undefined;
    throw error;
  }
}

async function briefingOf(run: OpenRun, events: readonly TraceEvent[]): Promise<Briefing | undefined> {
  const blob = events.find((event) => event.type === 'briefing.done')?.briefing;
  const text = blob === undefined ? undefined : await run.readBlob(blob).catch(() => undefined);
  return text === undefined ? undefined : briefingSchema.safeParse(JSON.parse(text)).data;
}

/** What is kept in a file of it. What was to be forgotten may not come back because the file was torn: then it begins anew, and says so. */
export async function readDerived<Kept>(
  file: string,
  schema: z.ZodType<Kept>,
  emptyFrom: (since: number) => Kept,
  clock: () => number,
): Promise<{ readonly stored: Kept; readonly damaged: boolean }> {
  const stored = await readRecord(file, schema);
  if (stored !== undefined) return { stored, damaged: false };
  const damaged = (await textAt(file)) !== undefined;
  return { stored: emptyFrom(damaged ? clock() : 0), damaged };
}

/** Writes what a user has said of it. Rejects when the file cannot be written. */
export async function writeDurably(file: string, content: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, `${JSON.stringify(content)}\n`, { durable: true });
}

/** Writes what follows from the traces. Nothing of it is worth a run: a full or read-only disk is met again next time. */
export async function writeDerived(file: string, content: object): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, `${JSON.stringify(content)}\n`);
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
