/** Lessons: what a run teaches, how it is found again, and how it leaves this machine for training. */

export { deleteEverything, type EraseReport } from './erase.ts';
export { type ExportOptions, type ExportReport, exportRuns } from './exports/export.ts';
export { exportFormats, sentFormat } from './exports/formats.ts';
export type { Privacy } from './exports/redact-row.ts';
export { type SendOptions, type SendReport, sendRuns } from './exports/send.ts';
export type { ExportFormat } from './exports/types.ts';
export { type Grade, type GradeOptions, gradeAnswer } from './grade.ts';
export { indexFiles } from './index-db.ts';
export { openRunIndex } from './index-thread.ts';
export type {
  FilterChoices,
  IndexedRun,
  IndexedStatus,
  PageOptions,
  ProblemRuns,
  RunFilter,
  RunIndex,
  RunPage,
  SpendLine,
  TeamLine,
  TimeBucket,
  Totals,
  UpdateReport,
  VerdictWord,
} from './index-types.ts';
export { measureSurvival, type SurvivalMeasure, type SurvivalMoment } from './measure-survival.ts';
export { verdictRecord } from './record.ts';
export {
  type CallRecord,
  type CandidateRecord,
  type DesignRecord,
  type PlanRecord,
  type VerdictRecord,
  verdictRecordSchema,
} from './record-schema.ts';
export {
  createRedaction,
  knownSecrets,
  type Redaction,
  type RedactionMemory,
  type RedactionOptions,
  type RedactionReport,
  redactionMemorySchema,
  secretsInKeyFile,
} from './redaction/index.ts';
export { type RetentionRule, readRetention, ruleFor, sweepByWorkspace, writeRetention } from './retention.ts';
export {
  type Consent,
  type Draft,
  type DrainReport,
  defaultHub,
  environmentSaysNo,
  itemText,
  mayBeOutThere,
  openSharing,
  type Payload,
  parseTarget,
  type SharedItem,
  type Sharing,
  type SharingGate,
  type SharingLevel,
  type SharingPorts,
  type SharingTarget,
  sharingGate,
  sharingLevels,
  targetText,
} from './sharing/index.ts';
export { type StoredPlace, storedPlaces, weigh } from './stored.ts';
