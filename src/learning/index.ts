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
export { type FirstChoice, firstChoice } from './explore.ts';
export { type Learned, type Lesson, operatorsOf, taught } from './learner.ts';
export { described, lacksDraft, partsOf, ratesOf, workOf } from './models.ts';
export { doublyRobust, enoughEffective, type LoggedChoice, type OffPolicyEstimate, type OtherPolicy } from './off-policy.ts';
export { changesInRound, type Operator } from './operators.ts';
export { shippedPrior } from './prior.ts';
export { type BetterTeam, betterThan, type Hit, type KnownTeam, type TeamUse, teamsIn } from './proven.ts';
export { seededRandom, seedOf } from './random.ts';
export { failuresOf, isUnreliable, noFailures, type Reliability, summedUp } from './reliability.ts';
export { costTerms, type RewardTerms, rewardOf, rewardWeights } from './reward.ts';
export { type Contribution, isIdle, type Roles } from './roles.ts';
export {
  type ModelDescription,
  mostAgents,
  queryOf,
  roles,
  topologyList,
  turnsOf,
} from './router/describe.ts';
export { type Routed, type RouterWeights, route } from './router/policy.ts';
export { shippedRouter } from './router/shipped.ts';
export { type Outcomes, type RouterExample, trained } from './router/train.ts';
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
export { featureNames, type Situation } from './situation.ts';
export { type Edge, optimisedEdges, orderOfGraph } from './swarm.ts';
export { type Interval, wilson } from './wilson.ts';
