/**
 * Reading runs for what they teach: what is kept of them is derived from their traces, and brought up to them again before it is used, all of it in one
 * pass. A verdict that comes later changes a trace, so that run is read again.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Briefing, briefingSchema } from '../briefing/types.ts';
import { isTeamwrightError, throwIfStopped } from '../errors.ts';
import { type Plan, parsePlan } from '../plan/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import {
  changedBefore,
  type EventsOnDisk,
  eventsOnDisk,
  fold,
  newestRunIds,
  type OpenRun,
  openKnownRun,
  type RunState,
  timeInRunId,
} from '../trace/index.ts';
import { knownRetention, ruleFor } from './retention.ts';

/** Traces read at one time: the newest. */
const mostRead = 200;
/** The newest runs, whose traces are watched for changes: what is said of an older one comes too late. */
const mostWatched = 400;
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
  /** Traces that changed so shortly before that look that clocks cannot tell, as they were when they were read. */
  readonly lately?: Readonly<Record<string, EventsOnDisk>>;
}

/** Of a file of what was learned. */
export const readUpToSchema = {
  since: z.number(),
  lookedAt: z.number(),
  olderUpTo: z.number(),
  lately: z.record(z.string(), z.object({ bytes: z.number(), changedAt: z.number() })).optional(),
};

export interface ReadRun extends Pick<OpenRun, 'runId' | 'readBlob'> {
  readonly startedAt: number;
  /** Tells workspaces apart without naming them. */
  readonly workspace: string;
  readonly model: string;
  /** None of a run whose record was changed after it was written: it teaches nothing. */
  readonly events: readonly TraceEvent[];
  /** What they come to. */
  readonly state: RunState;
  /** A plan of the run by the hash of its text, which nobody may change. Undefined: it is none. Rejects with `trace-unreadable`. */
  plan(text: string): Promise<Plan | undefined>;
  /** Undefined: it cannot be read. */
  readonly briefing: Briefing | undefined;
}

export const workspaceName = (workspace: string): string => createHash('sha256').update(workspace).digest('hex').slice(0, 16);

/** A file of what was learned while the traces are read for it. */
export interface OpenStore<Report> {
  readonly upTo: ReadUpTo;
  take(run: ReadRun): Promise<void> | void;
  /** Once every run was taken: what is known now, kept on the disk where it is another than before. */
  keep(look: Look): Promise<Report>;
}

type Reading = Pick<OpenStore<unknown>, 'upTo' | 'take'>;

export interface Look {
  /** How far the store has come by it. */
  readonly upTo: Pick<ReadUpTo, 'lookedAt' | 'lately'>;
  /** Traces that changed since this store was brought up last: what was known is still true where there are none. */
  readonly changed: number;
}

/**
 * Reads the traces that changed once, for all stores together: each takes what changed since it was brought up itself. Runs of workspaces that are never to be
 * recorded are left out. Where the rules for keeping cannot be read, nobody knows which may teach, so none is looked at; the run goes on without.
 * Gives what to tell each store. Rejects with `stopped`.
 */
export async function readChangedRuns(
  dataDir: string,
  stores: readonly Reading[],
  clock: () => number,
  signal: AbortSignal,
): Promise<(store: Reading) => Look> {
  const lookedAt = clock();
  const changes = new Map<Reading, number>();
  const lately = new Map<Reading, Record<string, EventsOnDisk>>();
  const look = (store: Reading): Look => ({ upTo: { lookedAt, lately: lately.get(store) ?? {} }, changed: changes.get(store) ?? 0 });
  const watched = await newestRunIds(dataDir, mostWatched);
  const began = new Map(watched.map((runId) => [runId, timeInRunId(runId)]));
  const mayTeach = ({ olderUpTo }: ReadUpTo, runId: string): boolean => (began.get(runId) ?? olderUpTo) >= olderUpTo - marginMs;
  const onDisk = await eventsOnDisk(
    dataDir,
    watched.filter((runId) => stores.some(({ upTo }) => mayTeach(upTo, runId))),
  );
  const rules = await knownRetention(dataDir);
  if (rules === undefined) return look;
  const changed = [...onDisk]
    .map(([runId, now]) => ({
      ...{ runId, now },
      wanting: stores.filter(
        ({ upTo }) => mayTeach(upTo, runId) && now.changedAt >= upTo.lookedAt - marginMs && !isAsRead(upTo, runId, now),
      ),
    }))
    .filter(({ wanting }) => wanting.length > 0)
    .toSorted((a, b) => b.now.changedAt - a.now.changedAt)
    .slice(0, mostRead);
  for (const store of stores) lately.set(store, asRead(store, onDisk, lookedAt));
  for (const { runId, now, wanting } of changed) {
    throwIfStopped(signal);
    const run = await readRun(openKnownRun(dataDir, runId), (workspace) => ruleFor(rules, workspace).never !== true);
    for (const store of wanting) {
      changes.set(store, look(store).changed + 1);
      if (now.changedAt >= lookedAt - marginMs) Object.assign(lately.get(store) ?? {}, { [runId]: now });
      if (run !== undefined && run.startedAt > store.upTo.olderUpTo && run.startedAt >= store.upTo.since) await taken(store, run);
    }
  }
  return look;
}

const isAsRead = ({ lately }: ReadUpTo, runId: string, now: EventsOnDisk): boolean => {
  const then = lately?.[runId];
  return then !== undefined && then.bytes === now.bytes && then.changedAt === now.changedAt;
};

/** What an earlier look has read that clocks still cannot tell from what changes now. */
const asRead = ({ upTo }: Reading, onDisk: ReadonlyMap<string, EventsOnDisk>, lookedAt: number): Record<string, EventsOnDisk> =>
  Object.fromEntries([...onDisk].filter(([runId, now]) => now.changedAt >= lookedAt - marginMs && isAsRead(upTo, runId, now)));

/** A run whose texts are damaged teaches nothing that needs them: no later run may fail for it. */
async function taken(store: Reading, run: ReadRun): Promise<void> {
  try {
    await store.take(run);
  } catch (error) {
    if (!isTeamwrightError(error, 'trace-unreadable')) throw error;
  }
}

/** Undefined: it never began, it may not teach, or nobody can read it. */
async function readRun(run: OpenRun, mayTeach: (workspace: string) => boolean): Promise<ReadRun | undefined> {
  try {
    const { events: all, damage } = await run.read();
    const started = all.find((event) => event.type === 'run.started');
    if (started === undefined || !mayTeach(started.workspace)) return undefined;
    const isAsWritten = changedBefore(damage) === undefined;
    const events = isAsWritten ? all : [];
    return {
      runId: run.runId,
      readBlob: run.readBlob,
      startedAt: started.at,
      workspace: workspaceName(started.workspace),
      model: started.models.worker?.model ?? '',
      events,
      state: fold(events),
      plan: (text) => planIn(run, text),
      briefing: isAsWritten ? await briefingOf(run, events) : undefined,
    };
  } catch (error) {
    if (isTeamwrightError(error, 'trace-unreadable')) return undefined;
    throw error;
  }
}

/** By the hash of their texts, so it is the same in every run: most runs are planned by the same few teams. */
const plans = new Map<string, Plan | undefined>();
const mostPlans = 50;

async function planIn({ readBlob }: OpenRun, text: string): Promise<Plan | undefined> {
  if (plans.has(text)) return plans.get(text);
  const { plan } = parsePlan(await readBlob(text));
  if (plans.size >= mostPlans) plans.clear();
  plans.set(text, plan);
  return plan;
}

async function briefingOf(run: OpenRun, events: readonly TraceEvent[]): Promise<Briefing | undefined> {
  const blob = events.find((event) => event.type === 'briefing.done')?.briefing;
  const text = blob === undefined ? undefined : await run.readBlob(blob).catch(() => undefined);
  return text === undefined ? undefined : briefingSchema.safeParse(JSON.parse(text)).data;
}

/** The `most` newest runs that a store keeps, in the order in which they began; those that are too many; and up to when older ones are settled. */
export function newest<Run extends { readonly runId: string; readonly startedAt: number }>(
  runs: Iterable<Run>,
  most: number,
  olderUpTo: number,
): { readonly kept: Run[]; readonly old: readonly Run[]; readonly olderUpTo: number } {
  const inOrder = [...runs].sort((a, b) => a.startedAt - b.startedAt || (a.runId < b.runId ? -1 : 1));
  const old = inOrder.slice(0, Math.max(0, inOrder.length - most));
  return { kept: inOrder.slice(old.length), old, olderUpTo: old.at(-1)?.startedAt ?? olderUpTo };
}
