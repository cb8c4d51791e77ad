/** Learning which operator to try next, from what came of earlier attempts. */

export { type Learned, type Lesson, operatorsOf, taught } from './learner.ts';
export { changesInRound, type Operator } from './operators.ts';
export { shippedPrior } from './prior.ts';
export { costTerms, type RewardTerms, rewardOf, rewardWeights } from './reward.ts';
export { nextStep, type Schedule, type ScheduleTerms, scheduleFor, situationFor } from './schedule.ts';
export type { Situation } from './situation.ts';
