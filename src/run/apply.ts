/** Laying a finished run's change onto the workspace, and taking it back. The only place where a run writes to the user's files. */
import { notApplicable } from '../errors.ts';
import type { TraceWriter } from '../trace/events.ts';
import { createTrace, fold, openRun } from '../trace/index.ts';
import { clearAfterApply, undoApply } from '../workspace/index.ts';
import type { ApplyReport, UndoReport } from '../workspace/types.ts';
import { type CandidateDiff, candidateDiff, type RunReference, requireAsShown } from './candidate-diff.ts';

export interface ApplyOptions extends RunReference {
  /** A candidate of the run; the chosen one when absent. */
  readonly candidate?: string;
  /** The tree that the user was shown (`CandidateDiff.tree`); another one is not applied. */
  readonly shown?: string;
  /** Ids of the accepted hunks; all of the change when absent. */
  readonly hunks?: readonly string[];
  /** What is on record about the hunks that are left out. Default: rejected. */
  readonly others?: 'rejected' | 'open';
  /** Why they are rejected. */
  readonly reason?: string;
  /** `markers`: conflicting text files are written with both versions between markers, and the rest of the change as well. Default: refuse. */
  readonly onConflict?: 'refuse' | 'markers';
  /** A program that applies what the tests vouch for gives no verdict in the user's name. Default: user. */
  readonly by?: 'user' | 'program';
}

/**
 * Three-way onto the workspace as it is now: all files or none. A conflict writes nothing (unless markers are asked for) and is in the report.
 * What was decided, written and left out goes to the trace. Rejects with `run-busy` while the run is being written, before anything else; with
 * `not-applicable` when the trace was changed after it was written, or the candidate is not the one that was shown or, for a program, tested.
 */
export async function applyRun(options: ApplyOptions, signal: AbortSignal): Promise<ApplyReport> {
  const diff = await candidateDiff(options, signal);
  const { dataDir, hunks, onConflict } = options;
  requireAsShown(diff, options);
  if (options.by === 'program' && diff.stale) throw notApplicable({ why: 'not-as-tested', runId: diff.runId });
  const trace = await createTrace({ dataDir, runId: diff.runId, clock: Date.now });
  const total = diff.files.flatMap((file) => file.hunks).length;
  const accepted = hunks === undefined ? total : new Set(hunks).size;
  const part = hunks !== undefined && accepted < total ? (await diff.open.partial(hunks, signal)).tree : undefined;
  let onRecord: ApplyReport | undefined;
  const record = async (report: ApplyReport): Promise<void> => {
    onRecord = report;
    if (hunks !== undefined) {
      tellWords(trace, diff, new Set(hunks), 'accepted', '');
      if (options.others !== 'open') tellWords(trace, diff, othersThan(diff, hunks), 'rejected', options.reason ?? '');
    }
    trace.emit({
      type: 'diff.applied',
      applied: [...report.applied],
      conflicts: report.conflicts.map((conflict) => conflict.path),
      undo: report.undo,
      workspace: options.workspace,
      candidate: diff.candidate,
      tree: diff.tree,
      hunks: hunks === undefined ? undefined : { accepted, rejected: total - accepted },
      part,
    });
    const stands = report.applied.length > 0 || report.conflicts.length === 0;
    if (options.by !== 'program' && stands) {
      trace.emit({
        type: 'verdict.given',
        candidate: diff.candidate,
        decision: accepted === total ? 'accepted' : 'partly-accepted',
        reason: options.reason ?? '',
      });
    }
    await trace.flush();
  };
  try {
    return await diff.open.apply({ accepted: hunks, onConflict, record }, signal);
  } catch (error) {
    // What could not be made durable was taken back, and may still reach the disk when the trace is closed.
    if (onRecord) trace.emit({ type: 'diff.undone', restored: [...onRecord.applied], conflicts: [] });
    throw error;
  } finally {
    await trace.close();
    await clearAfterApply(dataDir);
  }
}

/** The user wants nothing of a candidate (the chosen one when absent): every hunk is on record as rejected, and the run's verdict says so. */
export async function rejectRun(
  options: RunReference & { readonly candidate?: string; readonly reason?: string },
  signal: AbortSignal,
): Promise<void> {
  const diff = await candidateDiff(options, signal);
  const reason = options.reason ?? '';
  const trace = await createTrace({ dataDir: options.dataDir, runId: diff.runId, clock: Date.now });
  try {
    tellWords(trace, diff, othersThan(diff, []), 'rejected', reason);
    trace.emit({ type: 'verdict.given', candidate: diff.candidate, decision: 'rejected', reason });
  } finally {
    await trace.close();
  }
}

const othersThan = (diff: CandidateDiff, hunks: readonly string[]): ReadonlySet<string> =>
  new Set(diff.files.flatMap((file) => file.hunks.map((hunk) => hunk.id)).filter((id) => !hunks.includes(id)));

/** A word that stands already, with its reason, is not said again. */
function tellWords(
  trace: TraceWriter,
  diff: CandidateDiff,
  hunks: ReadonlySet<string>,
  decision: 'accepted' | 'rejected',
  reason: string,
): void {
  for (const hunk of diff.files.flatMap((file) => file.hunks)) {
    if (!hunks.has(hunk.id)) continue;
    const said = diff.words.find((word) => word.hunk === hunk.id);
    if (said?.decision === decision && (reason === '' || said.reason !== '')) continue;
    trace.emit({ type: 'hunk.decided', candidate: diff.candidate, path: hunk.path, hunk: hunk.id, decision, reason });
  }
}

/** Takes back what the last standing `applyRun` of this run wrote: exactly those files, where they were not changed since. Goes to the trace. */
export async function undoRun({ dataDir, runId, workspace }: RunReference, signal: AbortSignal): Promise<UndoReport> {
  const run = await openRun(dataDir, runId);
  const { start, standing, applied } = fold((await run.read()).events);
  // When nothing stands any more, undoing once more finds nothing left to take back.
  const last = standing.apply ?? applied.at(-1);
  if (start === undefined || last === undefined) throw notApplicable({ why: 'not-applied', runId: run.runId });
  const trace = await createTrace({ dataDir, runId: run.runId, clock: Date.now });
  try {
    const report = await undoApply(
      { workspace: workspace ?? last.workspace ?? start.workspace, runId: run.runId, dataDir },
      last.undo,
      signal,
    );
    trace.emit({ type: 'diff.undone', restored: [...report.restored], conflicts: report.conflicts.map((conflict) => conflict.path) });
    return report;
  } finally {
    await trace.close();
  }
}
