/**
 * What the user's own runs taught, in one file of the data folder: derived from their traces, read again before a design, and never needed for
 * anything else. The newest runs stay in it by themselves, so that a verdict that comes later (a refused change, one taken back) teaches in place of
 * what the run taught when it ended. Two processes at once come to the same; the one that writes last wins.
 */
import path from 'node:path';
import * as z from 'zod';
import {
  afterRun,
  type Believed,
  believedIn,
  type Experience,
  hardshipIn,
  hardshipsIn,
  nothingExperienced,
  type RunLessons,
  shippedPrior,
  type WhatChanged,
  whatChanged,
} from '../learning/index.ts';
import type { RunPorts } from '../run/types.ts';
import { attemptSchema } from './attempt.ts';
import { cameTo } from './came-to.ts';
import { readDerived, writeDerived, writeDurably } from './derived.ts';
import { newest, type OpenStore, type ReadRun, readUpToSchema, workspaceName } from './ended-runs.ts';
import { contributionsOf, lessonsOf, requestOf } from './own-lessons.ts';

export const experienceFile = (dataDir: string): string => path.join(dataDir, 'learned.json');

/** Newest runs whose lessons are kept by themselves. */
const recentRuns = 50;

const belief = z.object({ mean: z.array(z.number()), precision: z.array(z.array(z.number())) });
const known = z.object({ success: belief, cost: belief, tries: z.number(), calls: z.number(), most: z.number() });
const experienceSchema: z.ZodType<Experience> = z.object({
  runs: z.number(),
  places: z.record(
    z.string(),
    z.object({
      runs: z.number(),
      shifts: z.record(z.string(), z.object({ success: belief, cost: belief, tries: z.number() })),
      roles: z.record(z.string(), z.object({ runs: z.number(), relative: z.number() })).optional(),
    }),
  ),
  models: z.record(z.string(), z.object({ runs: z.number(), learned: z.record(z.string(), known).optional() })),
  kinds: z.record(z.string(), z.object({ runs: z.number(), harder: z.number() })).default({}),
});

/** What a belief reads of what was known before an attempt. */
const situationSchema = attemptSchema.shape.before.pick({
  ...{ language: true, kind: true, bytes: true, lines: true },
  ...{ testsPassed: true, testsFailed: true, testsCutOff: true, raises: true },
  ...{ bestShare: true, attempts: true, tries: true, suspicionGap: true },
});

const recentSchema = z.object({
  runId: z.string(),
  startedAt: z.number(),
  workspace: z.string(),
  model: z.string(),
  lessons: z.array(
    z.object({
      operator: z.string(),
      situation: situationSchema,
      succeeded: z.boolean().optional(),
      cost: z.number(),
      calls: z.number(),
    }),
  ),
  contributions: z.array(z.object({ role: z.string(), relative: z.number() })).optional(),
  request: z.object({ kind: z.string(), solved: z.boolean() }).optional(),
  /** Why it taught nothing, or nothing good: its record was changed, it is not over, refused, its tests in doubt, or nothing could judge it. Older files do not say. */
  untaught: z.enum(['changed', 'not-over', 'refused', 'in-doubt', 'unjudged']).optional(),
});
type Recent = z.infer<typeof recentSchema>;

const fileSchema = z.object({
  version: z.literal(1),
  /** Hash of the bank that the prior was taught by: weights that moved from another one are no use. */
  prior: z.string(),
  /** Milliseconds since the epoch, like all times here. */
  ...readUpToSchema,
  /** What runs up to `olderUpTo` taught. */
  older: experienceSchema,
  recent: z.array(recentSchema),
  /** All together. */
  now: experienceSchema,
});
type Stored = z.infer<typeof fileSchema>;

export interface ExperienceReport {
  readonly experience: Experience;
  /** Runs that began earlier do not count: the user had everything forgotten then. 0: never. */
  readonly since: number;
  /** The file was damaged: what it held is forgotten. */
  readonly damaged: boolean;
  /** The newest runs, which stay by themselves: the oldest first. */
  readonly recent: readonly Recent[];
  /** What the runs before them taught. */
  readonly older: Experience;
}

const emptyFrom = (since: number): Stored => ({
  ...{ version: 1, prior: shippedPrior.card.bank, since, lookedAt: since, olderUpTo: since, recent: [] },
  ...{ older: nothingExperienced, now: nothingExperienced },
});

/** A disk that cannot be written costs the next one a new look. */
export async function openExperience(dataDir: string, clock: () => number): Promise<OpenStore<ExperienceReport>> {
  const { stored: before, damaged } = await read(dataDir, clock);
  const recent = new Map(before.recent.map((run) => [run.runId, run]));
  const take = (run: Recent): void => {
    // Read again and the same, it teaches nothing anew.
    if (JSON.stringify(recent.get(run.runId)) !== JSON.stringify(run)) recent.set(run.runId, run);
  };
  return {
    upTo: before,
    take: (run) => take(taughtBy(run)),
    keep: async ({ upTo, changed }) => {
      const stored = changed > 0 ? settled({ ...before, ...upTo, recent: [...recent.values()] }, before) : before;
      if (changed > 0 || damaged) await writeDerived(experienceFile(dataDir), fileSchema, stored);
      return { experience: stored.now, since: stored.since, damaged, recent: stored.recent, older: stored.older };
    },
  };
}

/** The oldest of the recent runs become part of what is older. All is worked out anew, but for what `before` knows: where only newer runs were added they are all that is new. */
function settled(stored: Stored, before?: Stored): Stored {
  const { kept: recent, old, olderUpTo } = newest(stored.recent, recentRuns, stored.olderUpTo);
  const teach = (experience: Experience, run: Recent): Experience => afterRun(experience, shippedPrior.learned, run as RunLessons);
  const older = old.reduce(teach, stored.older);
  const inOrder = [...old, ...recent];
  const added = before?.recent.every((run, at) => run === inOrder[at]) ? inOrder.slice(before.recent.length) : undefined;
  const now = added === undefined || before === undefined ? recent.reduce(teach, older) : added.reduce(teach, before.now);
  return { ...stored, older, olderUpTo, recent, now };
}

function taughtBy(run: ReadRun): Recent {
  const { runId, startedAt, workspace, model } = run;
  const contributions = contributionsOf(run);
  const untaught = untaughtBy(run);
  return {
    ...{ runId, startedAt, workspace, model },
    lessons: lessonsOf(run).map(plain),
    ...(contributions.length > 0 && { contributions: [...contributions] }),
    request: requestOf(run),
    ...(untaught && { untaught }),
  };
}

function untaughtBy({ events, state }: ReadRun): Recent['untaught'] {
  if (events.length === 0) return 'changed';
  if (state.result === undefined) return 'not-over';
  const end = cameTo(state, events) ?? 'unjudged';
  return end === 'solved' || end === 'red' ? undefined : end;
}

/** What a belief reads, and nothing else of the run. */
const plain = (lesson: RunLessons['lessons'][number]): Recent['lessons'][number] =>
  recentSchema.shape.lessons.element.parse(JSON.parse(JSON.stringify(lesson)));

async function read(dataDir: string, clock: () => number): Promise<{ readonly stored: Stored; readonly damaged: boolean }> {
  const { stored, damaged } = await readDerived(experienceFile(dataDir), fileSchema, emptyFrom, clock);
  if (stored.prior === shippedPrior.card.bank) return { stored, damaged };
  const older = { ...stored.older, models: {} };
  return { stored: settled({ ...stored, prior: shippedPrior.card.bank, older }), damaged };
}

/** Forgets everything: what was learned, and the runs until now as something to learn from. Rejects when the file cannot be written. */
export async function resetExperience(dataDir: string, clock: () => number): Promise<void> {
  await writeDurably(experienceFile(dataDir), emptyFrom(clock()));
}

/** What is believed for a run in this workspace, by model. */
const believedHere = (experience: Experience, workspace: string, model: string): Believed =>
  believedIn(experience, shippedPrior.learned, workspaceName(workspace), model);

/** What is known in this workspace, for designers that ask. */
export function experiencedIn(
  known: () => Promise<Pick<ExperienceReport, 'experience'>>,
  workspace: string,
): Required<Pick<RunPorts, 'believed' | 'harder'>> {
  return {
    believed: async (model) => believedHere((await known()).experience, workspace, model),
    harder: async (kind) => hardshipIn((await known()).experience, workspaceName(workspace), kind),
  };
}

/** How hard each kind of request proved in this workspace. */
export const hardshipsHere = (experience: Experience, workspace: string) => hardshipsIn(experience, workspaceName(workspace));

/** What own runs changed in this workspace, model by model. */
export const changedHere = (experience: Experience, workspace: string): readonly WhatChanged[] =>
  whatChanged(experience, shippedPrior.learned, workspaceName(workspace));

export interface BelievedAfter {
  /** When the run that moved it began. */
  readonly at: number;
  readonly operators: WhatChanged['operators'];
}

/** What was believed of a model in this workspace after each of the newest runs that moved it, the oldest first. */
export function believedOver(
  { older, recent }: Pick<ExperienceReport, 'older' | 'recent'>,
  workspace: string,
  model: string,
): readonly BelievedAfter[] {
  const here = workspaceName(workspace);
  const points: BelievedAfter[] = [];
  let experience = older;
  for (const run of recent) {
    experience = afterRun(experience, shippedPrior.learned, run as RunLessons);
    if (run.workspace !== here || run.model !== model || run.lessons.length === 0) continue;
    const operators = changedHere(experience, workspace).find((changed) => changed.model === model)?.operators;
    if (operators !== undefined) points.push({ at: run.startedAt, operators });
  }
  return points;
}

/** Of the newest runs in this workspace, how many taught nothing, or nothing good, by why. `nothing`: there was nothing in them to learn. */
export type Untaught = NonNullable<Recent['untaught']> | 'nothing';

export function untaughtHere({ recent }: Pick<ExperienceReport, 'recent'>, workspace: string): ReadonlyMap<Untaught, number> {
  const counts = new Map<Untaught, number>();
  for (const { workspace: of, untaught, lessons, request, contributions = [] } of recent) {
    const why = untaught ?? (lessons.length + contributions.length === 0 && request === undefined ? 'nothing' : undefined);
    if (of === workspaceName(workspace) && why !== undefined) counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return counts;
}
