/**
 * The library of teams that runs of the user's own proved, in one file of the data folder: derived from their traces like `learned.json`. A plan is
 * kept once, without secrets in its words; every use of it by what it came to.
 */
import path from 'node:path';
import * as z from 'zod';
import { knownAtStart, namedFiles, teamIdOf } from '../design/index.ts';
import type { DesignInput } from '../design/types.ts';
import { type KnownTeam, teamsIn } from '../learning/index.ts';
import { planSchema } from '../plan/index.ts';
import { createRedaction, knownSecrets } from '../redaction/index.ts';
import type { RunPorts } from '../run/types.ts';
import { cameTo } from './came-to.ts';
import { jsonOf, readDerived, writeDerived, writeDurably } from './derived.ts';
import { newest, type OpenStore, type ReadRun, readUpToSchema, workspaceName } from './ended-runs.ts';
import { othersEvidence, usesOfOthers } from './evidence.ts';

export const teamsFile = (dataDir: string): string => path.join(dataDir, 'teams.json');

/** Runs whose teams are known, the newest. */
const mostRuns = 400;
/** Of the plans that are kept, those used last: some have dozens of agents. */
const mostPlanBytes = 2_000_000;

const useSchema = z.object({
  ...{ team: z.string(), workspace: z.string(), kind: z.string(), language: z.string(), model: z.string() },
  ...{ solved: z.boolean(), calls: z.number(), tokens: z.number() },
  /** It came from this library. */
  hit: z.enum(['exact', 'near']).optional(),
});
const runSchema = z.object({ runId: z.string(), startedAt: z.number(), uses: z.array(useSchema) });
const keptSchema = z.object({
  /** Checked when it is taken: to check hundreds would take longer than all else that is done before a design. */
  plan: z.looseObject({ name: z.string() }),
  /** The run that used it first. */
  runId: z.string(),
  /** That its words may name. */
  files: z.object({ sources: z.array(z.string()), tests: z.array(z.string()) }),
});
const fileSchema = z.object({
  version: z.literal(1),
  ...readUpToSchema,
  runs: z.array(runSchema),
  teams: z.record(z.string(), keptSchema),
});
type Stored = z.infer<typeof fileSchema>;
type Kept = z.infer<typeof keptSchema>;

const emptyFrom = (since: number): Stored => ({ version: 1, since, lookedAt: since, olderUpTo: since, runs: [], teams: {} });

const read = (dataDir: string, clock: () => number) => readDerived(teamsFile(dataDir), fileSchema, emptyFrom, clock);

export interface TeamsReport extends Pick<Stored, 'runs' | 'teams'> {
  /** The file was damaged: what it held is forgotten. */
  readonly damaged: boolean;
}

export async function openTeams(dataDir: string, clock: () => number): Promise<OpenStore<TeamsReport>> {
  const { stored: before, damaged } = await read(dataDir, clock);
  const taken: Used[] = [];
  return {
    upTo: before,
    take: async (run) => void taken.push(await teamsOf(run)),
    keep: async ({ upTo, changed }) => {
      const runs = new Map([...before.runs, ...taken.map(({ run }) => run)].map((run) => [run.runId, run]));
      const teams = Object.fromEntries([...taken.flatMap(({ teams }) => teams), ...Object.entries(before.teams)]);
      const stored = bounded({ ...before, ...upTo, runs: [...runs.values()], teams });
      if (changed > 0 || damaged) await writeDerived(teamsFile(dataDir), fileSchema, stored);
      return { runs: stored.runs, teams: stored.teams, damaged };
    },
  };
}

function bounded(stored: Stored): Stored {
  const { kept: runs, olderUpTo } = newest(stored.runs, mostRuns, stored.olderUpTo);
  const used = new Set(runs.toReversed().flatMap(({ uses }) => uses.map(({ team }) => team)));
  const teams: Record<string, Kept> = {};
  let bytes = 0;
  for (const team of used) {
    const kept = stored.teams[team];
    bytes += kept === undefined ? 0 : (jsonOf(kept)?.length ?? 0);
    if (bytes > mostPlanBytes) break;
    if (kept !== undefined) teams[team] = kept;
  }
  return { ...stored, runs, teams, olderUpTo };
}

interface Used {
  readonly run: Stored['runs'][number];
  readonly teams: readonly (readonly [string, Kept])[];
}

/** Every approved plan of a run was tried; the last one came to what the run came to, those before it left tests red. */
async function teamsOf({ runId, startedAt, workspace, model, events, state, briefing, plan: planAt }: ReadRun): Promise<Used> {
  const { start } = state;
  const end = cameTo(state, events);
  const known = start && briefing && knownAtStart(start.request, briefing);
  const uses: z.infer<typeof useSchema>[] = [];
  const teams: (readonly [string, Kept])[] = [];
  if (known === undefined || briefing === undefined || end === undefined) return { run: { runId, startedAt, uses }, teams };
  const redaction = createRedaction({ known: knownSecrets(process.env) });
  const approved = state.plans.filter(({ approval }) => approval === 'approved');
  for (const [at, proposed] of approved.entries()) {
    const isLast = at === approved.length - 1;
    const plan = await planAt(proposed.plan);
    // Of a change that was refused, or whose tests are in doubt, nobody can say what its team is worth.
    if (plan === undefined || (isLast && end !== 'solved' && end !== 'red')) continue;
    const kept = await redaction.value({ plan, files: namedFiles(briefing) });
    const team = proposed.proven?.team ?? teamIdOf({ plan: kept.plan, expectation: proposed.expectation });
    const calls = events.filter((event) => event.type === 'call.started' && event.planHash === proposed.hash).length;
    uses.push({
      ...{ team, workspace, kind: known.kind, language: known.language, model },
      ...{ solved: isLast && end === 'solved', calls, tokens: tokensOf(events, proposed.hash) },
      ...(proposed.proven && { hit: proposed.proven.hit }),
    });
    if (proposed.proven === undefined) teams.push([team, { ...kept, runId }]);
  }
  return { run: { runId, startedAt, uses }, teams };
}

function tokensOf(events: ReadRun['events'], planHash: string): number {
  const own = new Set(events.flatMap((event) => (event.type === 'call.started' && event.planHash === planHash ? [event.call] : [])));
  const spent = events.flatMap((event) => (event.type === 'call.done' && own.has(event.call) ? [event.usage] : []));
  return spent.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
}

/** Forgets the library, and the runs until now as something that teaches it. Rejects when the file cannot be written. */
export async function resetTeams(dataDir: string, clock: () => number): Promise<void> {
  await writeDurably(teamsFile(dataDir), emptyFrom(clock()));
}

/** The library for a run in this workspace, with what others say of teams that ran here. */
export function provenIn(
  known: () => Promise<Pick<TeamsReport, 'runs' | 'teams'>>,
  { dataDir, workspace }: { readonly dataDir: string; readonly workspace: string },
): NonNullable<RunPorts['proven']> {
  return async (): ReturnType<NonNullable<DesignInput['proven']>> => {
    const { runs, teams } = await known();
    const { rows } = await othersEvidence(dataDir, workspace);
    const ofOthers = usesOfOthers(rows, workspace, (team) => Object.hasOwn(teams, team));
    const team = (id: string) => {
      const kept = Object.hasOwn(teams, id) ? teams[id] : undefined;
      const plan = planSchema.safeParse(kept?.plan).data;
      return kept && plan && { ...kept, plan };
    };
    return { workspace: workspaceName(workspace), uses: [...runs.flatMap(({ uses }) => uses), ...ofOthers], team };
  };
}

export interface LibraryHere {
  readonly teams: readonly (KnownTeam & { readonly name: string; readonly runId: string })[];
  /** Runs whose team is known, and how many of them took it from the library. */
  readonly runs: number;
  readonly hits: number;
}

/** The library of a workspace, and how often it was of use there. */
export function libraryHere({ runs, teams }: Pick<TeamsReport, 'runs' | 'teams'>, workspace: string): LibraryHere {
  const here = workspaceName(workspace);
  const uses = runs.flatMap((run) => run.uses);
  const ofRuns = runs.filter((run) => run.uses.some((use) => use.workspace === here));
  return {
    teams: teamsIn(uses, here).map((team) => ({ ...team, name: teams[team.team]?.plan.name ?? '', runId: teams[team.team]?.runId ?? '' })),
    runs: ofRuns.length,
    hits: ofRuns.filter((run) => run.uses.some(({ hit }) => hit !== undefined)).length,
  };
}

/** What the runs of a workspace whose team is known came to, the oldest first; a run that took several plans is one. */
export function outcomesHere(
  { runs }: Pick<TeamsReport, 'runs'>,
  workspace: string,
): readonly { at: number; solved: boolean; tokens: number }[] {
  const here = workspaceName(workspace);
  return runs.flatMap(({ startedAt, uses }) => {
    if (!uses.some((use) => use.workspace === here)) return [];
    return [{ at: startedAt, solved: uses.some(({ solved }) => solved), tokens: uses.reduce((sum, { tokens }) => sum + tokens, 0) }];
  });
}
