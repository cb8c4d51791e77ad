/** The plan room: the language, its canonical form and hash, reading and writing, validator, analyser, graph and renderers. */

export { canonical, normalise, planHash } from './canonical.ts';
export { type CheckOptions, checkPlan } from './check.ts';
export { conditionFacts } from './conditions.ts';
export type { AnalysisFacts, Range } from './cost.ts';
export { diffPlans, type FieldChange, type PlanChange, type PlanDiff } from './diff.ts';
export { type GraphEdge, type GraphNode, type PlanGraph, planGraph } from './graph.ts';
export { planJsonSchema } from './json-schema.ts';
export { renderMermaid } from './mermaid.ts';
export { formatPlace, type Place } from './place.ts';
export { agentOfStep, allSteps, childLists, childSteps, type LocatedStep, locateSteps } from './places.ts';
export { type Analysis, type Complexity, nMax, pricePlan, type StepAnalysis } from './price.ts';
export { isError, type Problem, type ProblemCode, problemCodes, problemText } from './problem.ts';
export { renderPlanText } from './render-text.ts';
export * from './schema.ts';
export { boundsOf } from './step-fields.ts';
export {
  agentNameOf,
  freshStep,
  type KnownStepKind,
  makesCandidates,
  stepKindNamed,
  stepKindOf,
  stepKinds,
  stepTitle,
  writesNote,
} from './step-kinds.ts';
export { locateProblems, type ParsedPlan, type PlanFormat, parsePlan, parsePlanValue, printPlan } from './text.ts';
export { validPlan } from './valid.ts';
