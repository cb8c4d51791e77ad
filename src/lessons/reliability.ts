/**
 * How far models were to be relied on in their roles, in one file of the data folder: derived from the traces like `learned.json`, run by run, so that a
 * verdict that comes later counts. Only a run that was solved and kept counts as one that went well.
 */
import path from 'node:path';
import * as z from 'zod';
import { noFailures, type Reliability, summedUp } from '../learning/index.ts';
import { troubleOfCode } from '../run/index.ts';
import type { RunPorts } from '../run/types.ts';
import type { TraceEvent, Trouble } from '../trace/events.ts';
import { cameTo } from './came-to.ts';
import { readDerived, writeDerived, writeDurably } from './derived.ts';
import { newest, type OpenStore, type ReadRun, readUpToSchema, workspaceName } from './ended-runs.ts';

export const reliabilityFile = (dataDir: string): string => path.join(dataDir, 'reliability.json');

/** Runs that are counted, the newest. */
const mostRuns = 400;

const rowSchema = z.object({
  ...{ role: z.string(), model: z.string(), runs: z.number(), solved: z.number(), calls: z.number(), breaches: z.number() },
  failures: z.object({ fails: z.number(), loops: z.number(), silent: z.number(), format: z.number() }),
});
const runSchema = z.object({ runId: z.string(), startedAt: z.number(), workspace: z.string(), rows: z.array(rowSchema) });
const fileSchema = z.object({
  version: z.literal(1),
  ...readUpToSchema,
  runs: z.array(runSchema),
});
type Stored = z.infer<typeof fileSchema>;
type Row = z.infer<typeof rowSchema>;

const emptyFrom = (since: number): Stored => ({ version: 1, since, lookedAt: since, olderUpTo: since, runs: [] });

export interface ReliabilityReport extends Pick<Stored, 'runs'> {
  /** The file was damaged: what it held is forgotten. */
  readonly damaged: boolean;
}

export async function openReliability(dataDir: string, clock: () => number): Promise<OpenStore<ReliabilityReport>> {
  const { stored: before, damaged } = await readDerived(reliabilityFile(dataDir), fileSchema, emptyFrom, clock);
  const taken: Stored['runs'] = [];
  return {
    upTo: before,
    take: async (run) => void taken.push(await tallyOf(run)),
    keep: async ({ upTo, changed }) => {
      const all = new Map([...before.runs, ...taken].map((run) => [run.runId, run]));
      const { kept: runs, olderUpTo } = newest(all.values(), mostRuns, before.olderUpTo);
      if (changed > 0 || damaged) await writeDerived(reliabilityFile(dataDir), fileSchema, { ...before, ...upTo, runs, olderUpTo });
      return { runs, damaged };
    },
  };
}

/** Forgets the tally, and the runs until now as something that counts. Rejects when the file cannot be written. */
export async function resetReliability(dataDir: string, clock: () => number): Promise<void> {
  await writeDurably(reliabilityFile(dataDir), emptyFrom(clock()));
}

async function tallyOf({ runId, startedAt, workspace, events, state, plan: planAt }: ReadRun): Promise<Stored['runs'][number]> {
  const roles = new Map<string, Readonly<Record<string, string>>>();
  for (const { hash, plan: blob } of state.plans) {
    const plan = await planAt(blob);
    roles.set(hash, Object.fromEntries(Object.entries(plan?.agents ?? {}).map(([name, { role }]) => [name, role])));
  }
  const end = cameTo(state, events);
  const judged = { runs: end === undefined ? 0 : 1, solved: end === 'solved' ? 1 : 0 };
  return { runId, startedAt, workspace, rows: counted(events, roles).map((row) => ({ ...row, ...judged })) };
}

/** What each role and model did in a run, and what of it came to nothing. */
function counted(events: readonly TraceEvent[], roles: ReadonlyMap<string, Readonly<Record<string, string>>>): Row[] {
  const rows = new Map<string, Row>();
  /** By call, and the last one of each agent. */
  const byCall = new Map<string, Row>();
  const byAgent = new Map<string, Row>();
  const fail = (row: Row | undefined, trouble: Trouble | undefined): void => {
    if (row !== undefined && trouble !== undefined) row.failures[trouble] += 1;
  };
  for (const event of events) {
    switch (event.type) {
      case 'call.started': {
        const role = roles.get(event.planHash ?? '')?.[event.agent] ?? event.agent;
        const key = `${role}\n${event.model}`;
        const row = rows.get(key) ?? { role, model: event.model, runs: 0, solved: 0, calls: 0, failures: { ...noFailures }, breaches: 0 };
        if (event.attempt === 1) row.calls += 1;
        rows.set(key, row);
        byCall.set(event.call, row);
        byAgent.set(event.agent, row);
        break;
      }
      case 'call.failed':
        if (!event.willRetry) fail(byCall.get(event.call), troubleOfCode(event.failure.code));
        break;
      case 'candidate.refused':
        // The same change once more is a vote for it.
        if (event.sameAs === undefined) fail(byCall.get(event.call) ?? byAgent.get(event.agent), 'format');
        break;
      case 'loop.found':
        if (event.action === 'stopped') fail(byAgent.get(event.agent), 'loops');
        break;
      case 'write.blocked':
      case 'right.refused': {
        const row = byAgent.get(event.agent);
        if (row !== undefined) row.breaches += 1;
        break;
      }
    }
  }
  return [...rows.values()];
}

/** The tally of a workspace. */
export function reliabilityHere({ runs }: Pick<ReliabilityReport, 'runs'>, workspace: string): readonly Reliability[] {
  const here = workspaceName(workspace);
  return summedUp(runs.flatMap((run) => (run.workspace === here ? run.rows : [])));
}

/** The tally for a run in this workspace. */
export const reliableIn =
  (known: () => Promise<Pick<ReliabilityReport, 'runs'>>, workspace: string): NonNullable<RunPorts['reliability']> =>
  async () =>
    reliabilityHere(await known(), workspace);
