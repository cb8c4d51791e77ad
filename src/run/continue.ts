/** Going on from another run: both ways make a run of its own, with a trace of its own that names the other. */
import type { TraceWriter } from '../trace/events.ts';
import { createTrace, openRun } from '../trace/index.ts';
import { followUp } from './follow-up.ts';
import type { RunWithPast } from './past.ts';
import { requireOpen, resume } from './resume.ts';
import type { WorkspaceRun } from './types.ts';

/** What the run is, in the end, when it goes on from another one. Rejects with `run-unknown`, `run-busy` or `not-continuable`. */
export async function goingOn(run: WorkspaceRun): Promise<RunWithPast> {
  if (!run.continues) return run;
  return run.continues.how === 'resume' ? resume(run, run.continues.runId) : followUp(run, run.continues);
}

/**
 * Begins the new run's trace. When it goes on from another run, that one's record says so, and is held until the new trace stands: of two that
 * resume a run at the same moment only one begins. Rejects with `run-busy` or `not-continuable`.
 */
export async function beginTrace(
  { dataDir, continues }: WorkspaceRun,
  runId: string,
  clock: () => number,
  begin: () => Promise<TraceWriter>,
): Promise<TraceWriter> {
  if (!continues) return begin();
  const other = await openRun(dataDir, continues.runId);
  const record = await createTrace({ dataDir, runId: other.runId, clock });
  let begun: TraceWriter | undefined;
  try {
    // Somebody may have come first since it was looked at.
    if (continues.how === 'resume') await requireOpen({ runId: other.runId, events: (await other.read()).events }, dataDir);
    // First the new one: a crash in between must not leave this one resumed as a run that is not there.
    begun = await begin();
    record.emit({ type: 'run.continued', as: runId, how: continues.how });
    return begun;
  } finally {
    // A trace that nobody gets must not stay held.
    await record.close().catch(async (error: unknown) => {
      await begun?.close().catch(() => undefined);
      throw error;
    });
  }
}
