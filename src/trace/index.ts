/** The trace: one append-only record per run, and everything that is read from it. */
export { agreementOn } from './agreement.ts';
export { openAppendLog } from './append-log.ts';
export {
  type Badge,
  badge,
  candidateBadge,
  listingBadge,
  type RunBadgeKind,
  stateBadge,
  stateFacts,
  type TestedFacts,
  type Tone,
  testsBeside,
} from './badge.ts';
export { sha256 } from './blobs.ts';
export { newestRunIds, newRunId, runDir, timeInRunId, userDataDir } from './folder.ts';
export { readLines } from './lines.ts';
export { changedBefore, describeDamage, type TraceReading } from './reader.ts';
export { fold, initialState, type RunStatus, reduce, status } from './reduce.ts';
export { renderRun } from './render.ts';
export { type RecordedAttempt, recordedReplies } from './replay.ts';
export { deleteRun, listRuns, type OpenRun, openKnownRun, openRun, type RunListing, type SweepReport, sweepTraces } from './runs.ts';
export { type EventsOnDisk, eventsOnDisk } from './sizes.ts';
export type { AgentState, CallTotals, CandidateState, PlanState, RunState, StepState } from './state.ts';
export { changedAsStored, storedOtherwiseText } from './stored-otherwise.ts';
export { seenOf, type TestedTree, testedIn } from './tested.ts';
export { table } from './words.ts';
export { createTrace } from './writer.ts';
