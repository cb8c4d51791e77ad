/** The plan room: the language, its canonical form and hash, reading and writing, validator, analyser, graph and renderers. */
export { type Analysis, type AnalysisFacts, analyse, type Complexity, nMax, type Range, type StepAnalysis } from './analyse.ts';
export { canonical, normalise, planHash } from './canonical.ts';
export { type CheckOptions, checkPlan } from './check.ts';
export { diffPlans, type FieldChange, type PlanChange, type PlanDiff } from './diff.ts';
export { type GraphEdge, type GraphNode, type PlanGraph, planGraph, stepLabel } from './graph.ts';
export { planJsonSchema } from './json-schema.ts';
export { renderMermaid } from './mermaid.ts';
export { childLists, formatPlace, type LocatedStep, locateSteps, type Place } from './places.ts';
export { isError, type Problem, type ProblemCode, problemCodes, problemText } from './problem.ts';
export { renderPlanText } from './render-text.ts';
export * from './schema.ts';
export {
  agentOf,
  conditionLabels,
  factsOf,
  noSuchStep,
  type StepHandlers,
  type StepKindFacts,
  type StepOf,
  type StepTable,
  samplesOf,
  stepKinds,
  testsItself,
} from './step-kinds.ts';
export { locateProblems, type ParsedPlan, type PlanFormat, parsePlan, parsePlanValue, printPlan } from './text.ts';
export { validPlan } from './valid.ts';
