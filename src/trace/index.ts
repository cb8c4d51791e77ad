/** The trace: one append-only record per run, and everything that is read from it. */
export { type AppendLog, openAppendLog } from './append-log.ts';
export { sha256 } from './blobs.ts';
export { newRunId, runDir, userDataDir } from './folder.ts';
export { type Line, readLines } from './lines.ts';
export { type Damage, describeDamage, type Oddity, readTrace, streamTrace, type TraceReading } from './reader.ts';
export { fold, initialState, lineage, type RunStatus, reduce, status } from './reduce.ts';
export { type RenderOptions, renderRun } from './render.ts';
export { type RecordedAttempt, recordedReplies } from './replay.ts';
export {
  deleteRun,
  listRuns,
  type OpenRun,
  openKnownRun,
  openRun,
  type RunListing,
  type SweepLimits,
  type SweepReport,
  sweepTraces,
} from './runs.ts';
export { eventBytesByRun } from './sizes.ts';
export type { Standing, StandingApply } from './standing.ts';
export type {
  AgentState,
  CallTotals,
  CandidateState,
  CandidateTest,
  PlanState,
  Repeated,
  ResultState,
  RunState,
  StepState,
} from './state.ts';
export { type RunSummary, titleOf } from './summary.ts';
export { renderTranscript, type TranscriptOptions } from './transcript.ts';
export { blobsOf, verifyTrace } from './verify.ts';
export { table } from './words.ts';
export { createTrace, type TraceOptions } from './writer.ts';
