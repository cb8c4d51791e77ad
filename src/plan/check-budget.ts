/** The budget: it must allow at least the cheapest way through the plan. */
import type { Say } from '../text/index.ts';
import type { Estimate } from './estimate.ts';
import type { Place } from './place.ts';
import { locateSteps } from './places.ts';
import { leastFacts, nMax, pricePlan } from './price.ts';
import { errorAt, type Problem, type Sentence, warningAt } from './problem.ts';
import { type Budget, type Difficulty, difficulties, type Plan } from './schema.ts';

/** Without an estimate of this machine, the tokens are those of the smallest prompts that make sense, and nothing costs money or time. */
export function budgetProblems(plan: Plan, estimate: Estimate | undefined, looks?: Difficulty): Problem[] {
  const { budget } = plan;
  const expected = estimate ?? pricePlan(plan, leastFacts).estimate;
  const problems: Problem[] = [];
  for (const [name, unit] of spent) {
    const least = expected[name].least;
    if (least <= budget[name]) continue;
    problems.push(
      errorAt('budget-too-small', ['budget', name], ({ t }) =>
        t('The budget of {0} cannot be kept: the plan needs at least {1}.', unit(t, budget[name]), rounded(least)),
      ),
    );
  }
  return [...problems, ...sizeProblems(plan), ...difficultyProblems(plan, looks)];
}

const spent: readonly (readonly [keyof Estimate & keyof Budget, (t: Say, amount: number) => string])[] = [
  ['calls', (t, amount) => t('{0} calls', amount)],
  ['tokens', (t, amount) => t('{0} tokens', amount)],
  ['usd', (t, amount) => t('{0} USD', amount)],
  ['seconds', (t, amount) => t('{0} seconds', amount)],
];

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

function sizeProblems(plan: Plan): Problem[] {
  const problems: Problem[] = [];
  const agents = Object.keys(plan.agents).length;
  if (agents > plan.budget.agents) {
    problems.push(
      errorAt('too-many-agents', ['budget', 'agents'], ({ t }) =>
        t('The plan has {0} agents; its budget allows {1}.', agents, plan.budget.agents),
      ),
    );
  }
  const tooDeep = deepestStep(plan, plan.budget.depth);
  if (tooDeep)
    problems.push(
      errorAt('too-deep', tooDeep, ({ t }) =>
        t('This step is nested {0} deep; the budget allows {1}.', depthOf(tooDeep), plan.budget.depth),
      ),
    );
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

/** The work that a plan may do, in calls of agents, whatever the machine. */
export const mostCallsOf = (plan: Plan): number => pricePlan(plan, leastFacts).complexity.mostCalls;

/**
 * AgentConductor caps agent calls by difficulty (arXiv 2602.17100); above the cap a plan must earn it, so it is a warning. What was tried, and the size of a team that comes as it is, speak for a request that is harder than the plan calls itself.
 */
function difficultyProblems(plan: Plan, looks: Difficulty = plan.difficulty): Problem[] {
  const difficulty = difficulties.indexOf(looks) > difficulties.indexOf(plan.difficulty) ? looks : plan.difficulty;
  const limit = nMax[difficulty];
  const mostCalls = mostCallsOf(plan);
  if (mostCalls <= limit) return [];
  const usual: Readonly<Record<Plan['difficulty'], Sentence>> = {
    easy: ({ t }) => t('The plan may do the work of {0} agent calls; {1} are usual for an easy request.', mostCalls, limit),
    medium: ({ t }) => t('The plan may do the work of {0} agent calls; {1} are usual for a medium request.', mostCalls, limit),
    hard: ({ t }) => t('The plan may do the work of {0} agent calls; {1} are usual for a hard request.', mostCalls, limit),
  };
  return [warningAt('above-difficulty', ['difficulty'], usual[difficulty])];
}
