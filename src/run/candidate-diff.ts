/** The diff of any candidate of a past run, cut into hunks, with what the user has said about them. */
import { notApplicable, TeamwrightError } from '../errors.ts';
import { changedBefore, fold, openRun, type RunState } from '../trace/index.ts';
import type { FileHunks, OpenDiff } from '../workspace/hunk-types.ts';
import { openDiff } from '../workspace/index.ts';
import type { Snapshot } from '../workspace/types.ts';

export interface RunReference {
  readonly dataDir: string;
  readonly runId: string;
  /** Another place of the same project; the run's own workspace when absent. */
  readonly workspace?: string;
}

export interface CandidateDiff {
  readonly runId: string;
  readonly candidate: string;
  readonly workspace: string;
  /** The tree that the hunks lead to. */
  readonly tree: string;
  /** The tests of this candidate ran on another tree. */
  readonly stale: boolean;
  /** The line before which the record of the run was changed after it was written. */
  readonly changedBefore?: number;
  readonly files: readonly FileHunks[];
  /** The user's last word on each hunk of this candidate. */
  readonly words: RunState['hunks'];
  readonly open: OpenDiff;
}

/**
 * Opens the diff base → candidate; the chosen candidate when none is named. Works for every run that has the candidate, however it ended.
 * Rejects with `run-unknown`, `candidate-unknown`, `not-applicable`, `workspace-unusable`, `git-failed`.
 */
export async function candidateDiff(
  reference: RunReference & { readonly candidate?: string },
  signal: AbortSignal,
): Promise<CandidateDiff> {
  const { dataDir } = reference;
  const run = await openRun(dataDir, reference.runId);
  const { events, damage } = await run.read();
  const state = fold(events);
  if (state.start === undefined || state.snapshot === undefined) throw notApplicable({ why: 'no-snapshot', runId: run.runId });
  const { id, snapshot } = reference.candidate === undefined ? chosen(state, run.runId) : named(state, run.runId, reference.candidate);
  const workspace = reference.workspace ?? state.start.workspace;
  const open = await openDiff(
    { workspace, from: state.start.workspace, runId: run.runId, dataDir },
    state.snapshot.snapshot,
    snapshot,
    signal,
  );
  return {
    runId: run.runId,
    candidate: id,
    workspace,
    tree: snapshot.tree,
    stale: state.candidates.some((one) => one.id === id && one.test !== undefined && one.test.tree !== snapshot.tree),
    changedBefore: changedBefore(damage),
    files: open.files,
    words: state.hunks.filter((word) => word.candidate === id),
    open,
  };
}

/** Throws `not-applicable` where the record was changed, the candidate is another one than was shown, or no hunk is named. */
export function requireAsShown(
  { runId, tree, changedBefore: line }: CandidateDiff,
  { shown, hunks }: { readonly shown?: string; readonly hunks?: readonly string[] },
): void {
  if (line !== undefined) throw notApplicable({ why: 'record-changed', runId, line });
  if (shown !== undefined && shown !== tree) throw notApplicable({ why: 'not-as-shown', runId });
  if (hunks?.length === 0) throw notApplicable({ why: 'no-hunk', runId });
}

interface Named {
  readonly id: string;
  readonly snapshot: Snapshot;
}

function chosen(state: RunState, runId: string): Named {
  const { result } = state;
  if (result === undefined) throw notApplicable({ why: 'not-ended', runId });
  if (result.snapshot === undefined) throw notApplicable({ why: 'no-change', runId, outcome: result.outcome });
  return { id: result.candidate ?? '', snapshot: result.snapshot };
}

function named(state: RunState, runId: string, candidate: string): Named {
  const found = state.candidates.findLast((one) => one.id === candidate);
  if (found !== undefined) return found;
  throw new TeamwrightError('candidate-unknown', { runId, candidate, known: state.candidates.map((one) => one.id) });
}
