/** From a run to what is remembered of it: how it stood, what was asked, what was done, what came of it. Pure. */
import * as z from 'zod';
import { cameTo } from '../came-to.ts';
import type { ReadRun } from '../ended-runs.ts';
import { firstGeneration, generationName } from '../identity.ts';
import { failingState, failingStateSchema } from './state.ts';

const counts = z.object({ passed: z.number(), failed: z.number() });

export const episodeSchema = z.object({
  /** The run, by which its lesson is named too. */
  runId: z.string(),
  startedAt: z.number(),
  /** Its hash. */
  workspace: z.string(),
  /** Of prompts, library and weights, so that what came of others is told apart. */
  generation: z.string(),
  state: failingStateSchema,
  /** The beginning of the request. */
  directive: z.string(),
  before: counts,
  after: counts.optional(),
  solved: z.boolean(),
  calls: z.number(),
  /** Lessons that its agents were shown. */
  shown: z.array(z.string()),
  lesson: z
    .object({
      /** `fix`: what solved it. `warning`: what was tried and did not. */
      kind: z.enum(['fix', 'warning']),
      /** Of the agent that made the change: who is shown it. */
      role: z.string(),
      files: z.array(z.string()),
      text: z.string(),
    })
    .optional(),
});
export type Episode = z.infer<typeof episodeSchema>;

const characters = { directive: 300, change: 600 };
const mostFiles = 20;
/** What one call solves, another one solves again: it needs no lesson. */
const fewestCalls = 2;

/**
 * Undefined for a run that was about no failing test, or that came to no end which says something. A change that was refused or taken back, or whose
 * tests are in doubt, solved nothing, and leaves no lesson.
 */
export async function episodeOf(from: ReadRun): Promise<Episode | undefined> {
  const { runId, startedAt, workspace, events, state: run, briefing } = from;
  const { start, result } = run;
  const state = briefing && failingState(briefing);
  const end = cameTo(run, events);
  if (end === undefined || result === undefined || start === undefined || state === undefined) return undefined;
  const solved = end === 'solved';
  const { calls } = run.spend;
  const mayTeach = calls >= fewestCalls && (solved || end === 'red');
  const patch = mayTeach && result.patch !== undefined ? await from.readBlob(result.patch) : '';
  const change = shortDiff(patch);
  const role = change === '' ? undefined : await roleOfChange(from);
  return {
    ...{ runId, startedAt, workspace, state, solved, calls },
    generation: generationName(start.generations ?? firstGeneration),
    directive: start.request.text.trim().slice(0, characters.directive),
    before: countsOf(result.before),
    ...(result.after && { after: countsOf(result.after) }),
    shown: run.recalled.map(({ id }) => id),
    ...(role !== undefined && {
      lesson: {
        kind: solved ? 'fix' : 'warning',
        role,
        files: run.candidates.find(({ id }) => id === result.candidate)?.changed.slice(0, mostFiles) ?? [],
        text: change,
      },
    }),
  };
}

const countsOf = (counts: { readonly passed: number; readonly failed: number } | undefined) => ({
  passed: counts?.passed ?? 0,
  failed: counts?.failed ?? 0,
});

/** By the plan that names the agent, the newest first. */
async function roleOfChange({ state: { result, candidates, plans }, plan: planAt }: ReadRun): Promise<string | undefined> {
  const agent = candidates.find(({ id }) => id === result?.candidate)?.agent;
  if (agent === undefined) return undefined;
  for (const { plan } of plans.filter(({ approval }) => approval === 'approved').toReversed()) {
    const agents = (await planAt(plan))?.agents ?? {};
    if (Object.hasOwn(agents, agent)) return agents[agent]?.role;
  }
  return undefined;
}

/** Only what goes and what comes, file by file, bounded: a beginning is worth more than nothing. */
export function shortDiff(patch: string): string {
  const lines: string[] = [];
  for (const line of patch.split('\n')) {
    const file = /^\+\+\+ "?(?:b\/)?(.+?)"?\t?$/.exec(line)?.[1];
    if (file !== undefined) lines.push(`${file}:`);
    else if (/^[+-]/.test(line) && !line.startsWith('---')) lines.push(line);
  }
  const text = lines.join('\n');
  return text.length <= characters.change ? text : `${text.slice(0, characters.change - 2)} …`;
}
