/** The runs an export is made of: found by the index, read one after the other. */
import { isTeamwrightError, TeamwrightError, throwIfStopped } from '../../errors.ts';
import { outcomes } from '../../trace/events.ts';
import { changedBefore, openKnownRun } from '../../trace/index.ts';
import { openRunIndex } from '../index-thread.ts';
import type { ProblemRuns, RunFilter } from '../index-types.ts';
import { verdictRecord } from '../record.ts';
import type { VerdictRecord } from '../record-schema.ts';
import { readRetention, ruleFor } from '../retention.ts';

export interface RunChoice {
  readonly dataDir: string;
  readonly filter: RunFilter;
  /** The filter in words that can stand after "runs" (`begun before 2026-11-20`), for the data card and for messages. */
  readonly filterWords: readonly string[];
}

/** Runs that ended and fit, grouped by problem. Those of excluded workspaces stay here. Rejects with `nothing-to-export` when none is left. */
export async function chosenProblems({ dataDir, filter, filterWords }: RunChoice, signal: AbortSignal): Promise<ProblemRuns[]> {
  const index = await openRunIndex(dataDir);
  try {
    await index.update(signal);
    const rules = await readRetention(dataDir);
    const allowed = (filter.workspace ?? (await index.workspaces())).filter((workspace) => ruleFor(rules, workspace).never !== true);
    const workspace = Object.keys(rules).length === 0 ? filter.workspace : allowed;
    const ended: RunFilter = { ...filter, outcome: filter.outcome ?? outcomes, workspace };
    const problems = await index.problems(ended);
    if (problems.length > 0) return [...problems];
    const { runs } = await index.totals();
    throw new TeamwrightError('nothing-to-export', { total: runs, wanted: filterWords });
  } finally {
    await index.close();
  }
}

/**
 * The runs of a problem, one after the other. One that is gone or damaged beyond reading is passed over, and so is one whose record was changed after it
 * was written: what it says may not be what happened.
 */
export async function* recordsOf(
  dataDir: string,
  runIds: readonly string[],
  onRun: (how: 'taken' | 'changed') => void,
  signal: AbortSignal,
): AsyncGenerator<VerdictRecord> {
  for (const runId of runIds) {
    throwIfStopped(signal);
    const record = await readRecord(dataDir, runId);
    if (record === 'changed') onRun('changed');
    if (record === 'changed' || record === undefined) continue;
    onRun('taken');
    yield record;
  }
}

/** Undefined for a run that is gone, or whose trace does not say what was asked; `changed`: its record was, after it was written. */
export async function readRecord(dataDir: string, runId: string): Promise<VerdictRecord | 'changed' | undefined> {
  try {
    const run = openKnownRun(dataDir, runId);
    const { events, damage } = await run.read();
    return changedBefore(damage) !== undefined ? 'changed' : await verdictRecord(events, run.readBlob);
  } catch (error) {
    if (isTeamwrightError(error, 'trace-unreadable')) return undefined;
    throw error;
  }
}
