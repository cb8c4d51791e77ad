/** The user's words about a finished run, appended to its trace. */
import type { EventOf, NewEvent } from '../trace/events.ts';
import { createTrace, openRun } from '../trace/index.ts';
import type { RunReference } from './candidate-diff.ts';

export interface HunkWord {
  readonly candidate: string;
  readonly path: string;
  readonly hunk: string;
  readonly decision: EventOf<'hunk.decided'>['decision'];
  readonly reason?: string;
}

/** Puts words about hunks on record; nothing is written to the workspace. Rejects with `run-unknown`, or `run-busy` while the run is written. */
export async function decideHunks(reference: RunReference, words: readonly HunkWord[]): Promise<void> {
  if (words.length === 0) return;
  await append(
    reference,
    words.map((word) => ({ type: 'hunk.decided', ...word, reason: word.reason ?? '' }) as const),
  );
}

export interface RunWord {
  readonly candidate?: string;
  readonly decision: EventOf<'verdict.given'>['decision'];
  readonly reason?: string;
}

/** Puts the user's word on the whole run on record. The last one counts. Rejects like `decideHunks`. */
export async function giveVerdict(reference: RunReference, verdict: RunWord): Promise<void> {
  await append(reference, [{ type: 'verdict.given', ...verdict, reason: verdict.reason ?? '' }]);
}

async function append({ dataDir, runId }: RunReference, events: readonly NewEvent[]): Promise<void> {
  // Only runs that are there: a mistyped id must not make a new one.
  const run = await openRun(dataDir, runId);
  const trace = await createTrace({ dataDir, runId: run.runId, clock: Date.now });
  try {
    for (const event of events) trace.emit(event);
  } finally {
    await trace.close();
  }
}
