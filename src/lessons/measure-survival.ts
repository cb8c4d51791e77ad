/** Measuring how much of an applied change is still in the workspace, some minutes later or at the next commit. */
import type { RunReference } from '../run/index.ts';
import type { EventOf } from '../trace/events.ts';
import { createTrace, fold, openRun } from '../trace/index.ts';
import { readApplied } from '../workspace/index.ts';
import { type Survival, survivalOf, survivalOfAll } from './survival.ts';

export interface SurvivalMoment {
  readonly when: EventOf<'survival.measured'>['when'];
  /** The commit that was made, for `commit`. */
  readonly commit?: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export type SurvivalMeasure = Pick<EventOf<'survival.measured'>, 'when' | 'minutes' | 'commit' | 'fourGram' | 'noRevert' | 'files'>;

/**
 * Compares the files that the run's last standing apply wrote with what they are now, and puts the scores on record. Undefined when nothing
 * of the run stands (never applied, or taken back). Rejects with `run-unknown`, `run-busy`, `workspace-unusable`, `git-failed`.
 */
export async function measureSurvival(
  reference: RunReference,
  moment: SurvivalMoment,
  signal: AbortSignal,
): Promise<SurvivalMeasure | undefined> {
  const { dataDir } = reference;
  const run = await openRun(dataDir, reference.runId);
  const { start, standing } = fold((await run.read()).events);
  const { apply } = standing;
  if (start === undefined || apply === undefined) return undefined;
  const workspace = reference.workspace ?? apply.workspace ?? start.workspace;
  const files = await readApplied({ workspace, runId: run.runId, dataDir }, apply.undo, signal);
  const scored = files.map((file) => ({ path: file.path, ...scoreOf(file) }));
  const measure = {
    when: moment.when,
    minutes: Math.max(0, (moment.clock() - apply.at) / 60_000),
    ...(moment.commit === undefined ? {} : { commit: moment.commit }),
    ...survivalOfAll(scored),
    files: scored.map(({ path, fourGram, noRevert }) => ({ path, fourGram, noRevert })),
  };
  const trace = await createTrace({ dataDir, runId: run.runId, clock: moment.clock });
  try {
    trace.emit({ type: 'survival.measured', ...measure });
  } finally {
    await trace.close();
  }
  return measure;
}

/** A file that is no text survives as a whole or not at all. */
function scoreOf({ before, after, now }: { before?: Buffer; after?: Buffer; now?: Buffer }): Survival {
  const binary = [before, after, now].some((bytes) => bytes?.includes(0));
  if (!binary) return survivalOf({ before: before?.toString('utf8'), after: after?.toString('utf8'), now: now?.toString('utf8') });
  const same = (a: Buffer | undefined, b: Buffer | undefined): boolean => (a === undefined || b === undefined ? a === b : a.equals(b));
  return { fourGram: same(now, after) ? 1 : 0, noRevert: same(now, before) && !same(before, after) ? 0 : 1, weight: 1 };
}
