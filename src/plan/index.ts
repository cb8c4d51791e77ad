/** The plan room: the language, its canonical form and hash, reading and writing, validator, analyser, graph and texts. */

export { type Abort, abortOf, abortSentence } from './abort.ts';
export { nameSchema } from './agent.ts';
export { planHash } from './canonical.ts';
export { stepsOfChain } from './chained.ts';
export { checkPlan } from './check.ts';
export { conditionFacts, conditions } from './conditions.ts';
export { type AnalysisFacts, mostPrograms } from './cost.ts';
export { diffPlans } from './diff.ts';
export { effortProblem, usualFrom } from './effort.ts';
export { planGraph } from './graph.ts';
export { planJsonSchema } from './json-schema.ts';
export { keptProblem, sayKept } from './kept-problem.ts';
export { longestPiece } from './kinds/chain.ts';
export { mostMerges } from './kinds/merge.ts';
export { goalOf, insteadOfVote, type VoteRules } from './kinds/vote.ts';
export { formatPlace, type Place, valueAt } from './place.ts';
export { agentOfStep, allSteps, childSteps, type LocatedStep, locateSteps } from './places.ts';
export { type Analysis, nMax, pricePlan, type StepAnalysis } from './price.ts';
export { isError, type PlanWords, type Problem, problemText, textWords } from './problem.ts';
export { renderPlanText } from './render-text.ts';
export { rescueText, rungsOf } from './rescue.ts';
export { type Here, looseRights, looseRightText, reachBeyond, rightsBeyond } from './rights.ts';
export { type Agent, type Budget, budgetSchema, type Difficulty, difficulties, type Plan, planSchema, toolNames } from './schema.ts';
export { boundsOf } from './step-fields.ts';
export {
  agentNameOf,
  agentNamesOf,
  freshStep,
  type KnownStepKind,
  makesCandidates,
  type Step,
  type StepKind,
  stepKindNamed,
  stepKindOf,
  stepKinds,
  stepTitle,
  writesNote,
} from './step-kinds.ts';
export { locateProblems, parsePlan, parsePlanValue, printPlan, readDocument } from './text.ts';
export { validPlan } from './valid.ts';
export { accuracyOf, canVote, leadNeeded } from './voting.ts';
export { type WhyAsked, whyAskedText } from './why-asked.ts';
