/** Laying a finished run's change onto the workspace, and taking it back. The only place where a run writes to the user's files. */
import { notApplicable } from '../errors.ts';
import { createTrace, openRun } from '../trace/index.ts';
import { openWorkspaceCopies, undoApply } from '../workspace/index.ts';
import type { ApplyReport, UndoReport } from '../workspace/types.ts';

export interface RunReference {
  readonly dataDir: string;
  readonly runId: string;
  /** Another place of the same project; the run's own workspace when absent. */
  readonly workspace?: string;
}

/** Three-way onto the workspace as it is now: all files or none. A conflict writes nothing and is in the report. */
export async function applyRun(reference: RunReference, signal: AbortSignal): Promise<ApplyReport> {
  const { dataDir, runId } = reference;
  const { events } = await (await openRun(dataDir, runId)).read();
  const started = events.find((event) => event.type === 'run.started');
  const taken = events.find((event) => event.type === 'snapshot.taken');
  const finished = events.findLast((event) => event.type === 'run.finished');
  if (started?.type !== 'run.started' || taken?.type !== 'snapshot.taken') throw notApplicable(runId, 'it never got as far as a snapshot');
  if (finished?.type !== 'run.finished') throw notApplicable(runId, 'it did not finish');
  if (!finished.snapshot) throw notApplicable(runId, `it ended as "${finished.outcome}" without a change`);
  const copies = await openWorkspaceCopies({ workspace: reference.workspace ?? started.workspace, runId, dataDir });
  try {
    const report = await copies.apply(taken.snapshot, finished.snapshot, signal);
    const trace = await createTrace({ dataDir, runId, clock: Date.now });
    trace.emit({
      type: 'diff.applied',
      applied: [...report.applied],
      conflicts: report.conflicts.map((conflict) => conflict.path),
      undo: report.undo,
    });
    await trace.close();
    return report;
  } finally {
    await copies.dispose();
  }
}

/** Takes back what the last `applyRun` of this run wrote: exactly those files, where they were not changed since. */
export async function undoRun({ dataDir, runId, workspace }: RunReference, signal: AbortSignal): Promise<UndoReport> {
  const { events } = await (await openRun(dataDir, runId)).read();
  const started = events.find((event) => event.type === 'run.started');
  const applied = events.findLast((event) => event.type === 'diff.applied');
  if (started?.type !== 'run.started' || applied?.type !== 'diff.applied') throw notApplicable(runId, 'nothing of it was applied');
  return undoApply({ workspace: workspace ?? started.workspace, runId, dataDir }, applied.undo, signal);
}
