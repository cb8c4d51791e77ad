/** Lessons: what a run teaches, how it is found again, and how it leaves this machine for training. */
export { indexFiles, openRunIndex } from './index-db.ts';
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
export { type RewardTerms, type RewardWeights, rewardOf } from './terms.ts';
