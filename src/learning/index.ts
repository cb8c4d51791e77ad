/** Learning which operator to try next, from what came of earlier attempts. */
export type { Hardship } from './difficulty.ts';
export {
  afterRun,
  type Believed,
  believedIn,
  type Experience,
  hardshipIn,
  hardshipsIn,
  nothingExperienced,
  type RunLessons,
  type WhatChanged,
  whatChanged,
} from './experience.ts';
export { type Learned, type Lesson, operatorsOf, taught } from './learner.ts';
export { changesInRound, type Operator } from './operators.ts';
export { shippedPrior } from './prior.ts';
export { type BetterTeam, betterThan, type Hit, type KnownTeam, type TeamUse, teamsIn } from './proven.ts';
export { costTerms, type RewardTerms, rewardOf, rewardWeights } from './reward.ts';
export {
  expectedOf,
  factsFor,
  type KnownOperator,
  nextStep,
  type Schedule,
  type ScheduledStep,
  type ScheduleTerms,
  scheduleFor,
  situationFor,
  together,
} from './schedule.ts';
export type { Situation } from './situation.ts';
