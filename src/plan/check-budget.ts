/** The budget: it must allow at least the cheapest way through the plan. */
import type { Estimate } from './estimate.ts';
import type { Place } from './place.ts';
import { locateSteps } from './places.ts';
import { leastFacts, nMax, pricePlan } from './price.ts';
import { errorAt, type Problem, warningAt } from './problem.ts';
import type { Budget, Plan } from './schema.ts';

/** Without an estimate of this machine, the tokens are those of the smallest prompts that make sense, and nothing costs money or time. */
export function budgetProblems(plan: Plan, estimate: Estimate | undefined): Problem[] {
  const { budget } = plan;
  const expected = estimate ?? pricePlan(plan, leastFacts).estimate;
  const problems: Problem[] = [];
  for (const [name, unit] of spent) {
    const least = expected[name].least;
    if (least <= budget[name]) continue;
    const message = `The budget of ${budget[name]} ${unit} cannot be kept: the plan needs at least ${rounded(least)}.`;
    problems.push(errorAt('budget-too-small', ['budget', name], message));
  }
  return [...problems, ...sizeProblems(plan), ...difficultyProblems(plan)];
}

const spent: readonly (readonly [keyof Estimate & keyof Budget, string])[] = [
  ['calls', 'calls'],
  ['tokens', 'tokens'],
  ['usd', 'USD'],
  ['seconds', 'seconds'],
];

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

function sizeProblems(plan: Plan): Problem[] {
  const problems: Problem[] = [];
  const agents = Object.keys(plan.agents).length;
  if (agents > plan.budget.agents) {
    problems.push(
      errorAt('too-many-agents', ['budget', 'agents'], `The plan has ${agents} agents; its budget allows ${plan.budget.agents}.`),
    );
  }
  const tooDeep = deepestStep(plan, plan.budget.depth);
  if (tooDeep)
    problems.push(errorAt('too-deep', tooDeep, `This step is nested ${depthOf(tooDeep)} deep; the budget allows ${plan.budget.depth}.`));
  return problems;
}

/** The first step nested deeper than allowed; top-level steps are 1 deep. */
function deepestStep(plan: Plan, allowed: number): Place | undefined {
  for (const { place, parents } of locateSteps(plan)) {
    if (parents.length + 1 > allowed) return place;
  }
  return undefined;
}

const depthOf = (place: Place): number => place.length / 2;

/** AgentConductor caps agent calls by difficulty (arXiv 2602.17100); above the cap a plan must earn it, so it is a warning. */
function difficultyProblems(plan: Plan): Problem[] {
  const limit = nMax[plan.difficulty];
  const { mostCalls } = pricePlan(plan, leastFacts).complexity;
  if (mostCalls <= limit) return [];
  const message = `The plan may make ${mostCalls} agent calls; ${limit} are usual for ${plan.difficulty === 'easy' ? 'an easy' : `a ${plan.difficulty}`} request.`;
  return [warningAt('above-difficulty', ['difficulty'], message)];
}
