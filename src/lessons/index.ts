/** Lessons: what a run teaches, how it is found again, and how it leaves this machine for training. */

export { knownSecrets, secretsInKeyFile } from '../redaction/index.ts';
export { attemptSchema } from './attempt.ts';
export { attemptsOf } from './attempts.ts';
export { loggedChoices } from './choices.ts';
export { deleteEverything, type EraseReport } from './erase.ts';
export { type Evidence, evidenceFolder, mostOfOthers, othersEvidence, ownEvidence, writeEvidence } from './evidence.ts';
export { believedOver, changedHere, hardshipsHere, type Untaught, untaughtHere } from './experience.ts';
export { leftOutText } from './exports/card.ts';
export { type ExportReport, exportRuns } from './exports/export.ts';
export { exportFormats, sentFormat } from './exports/formats.ts';
export type { Privacy } from './exports/redact-row.ts';
export { sendRuns } from './exports/send.ts';
export type { ExportFormat } from './exports/types.ts';
export { gradeAnswer, planIn } from './grade.ts';
export { openRunIndex } from './index-thread.ts';
export type { DayTotals, MonthSpend, RunFilter, Spend, SpendLine, TeamLine, Totals } from './index-types.ts';
export { measureSurvival } from './measure-survival.ts';
export { lessonsIn, longestLesson, type RememberedLesson, sayOfLesson, shownShare } from './memory/store.ts';
export { monthName, monthSpan, spendOf } from './months.ts';
export { reliabilityHere } from './reliability.ts';
export { knownRetention, type RetentionRule, readRetention, ruleFor, sweepByWorkspace, writeRetention } from './retention.ts';
export {
  type Draft,
  type DrainReport,
  defaultHub,
  environmentSaysNo,
  itemText,
  mayBeOutThere,
  openSharing,
  type Payload,
  parseTarget,
  payloadRead,
  readablePayload,
  type SharedItem,
  type Sharing,
  type SharingLevel,
  type SharingTarget,
  sharingGate,
  targetText,
} from './sharing/index.ts';
export { type StoredPlace, storedPlaces, weigh } from './stored.ts';
export { resetTaught, type Taught, taughtByRuns, updateTaught } from './taught.ts';
export { libraryHere, outcomesHere } from './teams.ts';
export { lessonOf, type Try, triesOf } from './tries.ts';
