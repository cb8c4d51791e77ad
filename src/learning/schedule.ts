/**
 * Which operator to try first, and when to stop. Visible tests verify, so a plan is a list of operators with "stop when green": a Pandora's box
 * problem (Weitzman 1979), where the best order is by success per cost. It is written greedily, each step as if all before it had failed, and maximises
 * the three terms of the reward: performance, complexity, efficiency. Pure.
 */
import { type Belief, chanceOf, costOf } from './belief.ts';
import { featuresOf, type Situation } from './situation.ts';

/** An operator as it is known here: one unit of work that can be tried, again and again. */
export interface KnownOperator {
  readonly name: string;
  readonly success: Belief;
  /** Of tokens. */
  readonly cost: Belief;
  /** Calls of a model that one try makes. */
  readonly calls: number;
  /** Tries at most in one run. */
  readonly most: number;
}

export interface ScheduleTerms {
  /** Tokens that the run may spend. */
  readonly budget: number;
  /** Calls that are usual for a request of this difficulty; further ones make a plan more complex. */
  readonly usualCalls: number;
  readonly weights: { readonly complexity: number; readonly efficiency: number };
  /** From thorough (0) over as the reward has it (1) to cheap (above): how much what is spent counts. */
  readonly thrift?: number;
  /** Steps at most. */
  readonly most?: number;
}

export interface ScheduledStep {
  readonly operator: string;
  /** That it succeeds, when all before it failed. */
  readonly chance: number;
  /** Tokens, when it is reached. */
  readonly cost: number;
}

export interface Schedule {
  readonly steps: readonly ScheduledStep[];
  /** That one of them succeeds. */
  readonly chance: number;
  /** Tokens; a step is paid only when all before it failed. */
  readonly expectedCost: number;
}

/** How often each operator was tried. */
export type Tries = ReadonlyMap<string, number>;

/** The situation in which the next try of an operator begins. */
export function situationFor(start: Situation, operator: string, tries: Tries, bestShare = start.bestShare): Situation {
  const all = [...tries.values()].reduce((sum, count) => sum + count, 0);
  return { ...start, attempts: start.attempts + all, tries: tries.get(operator) ?? 0, bestShare };
}

interface Spent {
  readonly tokens: number;
  readonly calls: number;
}

/**
 * The operator that is worth most now; undefined: none is worth its cost, or none fits what is left. `thrift` has no say in the order, only in when
 * to stop: so more thrift gives a beginning of the same list, and never spends more.
 */
export function nextStep(
  operators: readonly KnownOperator[],
  at: (operator: string) => Situation,
  spent: Spent,
  { budget, usualCalls, weights, thrift = 1 }: ScheduleTerms,
): ScheduledStep | undefined {
  const beyond = (calls: number): number => Math.max(0, calls - usualCalls) / usualCalls;
  const offers = operators.flatMap(({ name, success, cost: costs, calls, most }) => {
    const situation = at(name);
    if (situation.tries >= most) return [];
    const features = featuresOf(situation);
    const cost = costOf(costs, features);
    const chance = chanceOf(success, features);
    const worth = chance - weights.complexity * (beyond(spent.calls + calls) - beyond(spent.calls));
    return spent.tokens + cost > budget ? [] : [{ step: { operator: name, chance, cost }, index: worth / cost }];
  });
  const [best] = offers.toSorted((a, b) => b.index - a.index);
  return best !== undefined && best.index > (thrift * weights.efficiency) / budget ? best.step : undefined;
}

/** The whole list, before anything is tried. */
export function scheduleFor(operators: readonly KnownOperator[], start: Situation, terms: ScheduleTerms): Schedule {
  const { most = 40 } = terms;
  const tries = new Map<string, number>();
  const steps: ScheduledStep[] = [];
  const spent = { tokens: 0, calls: 0 };
  let allFail = 1;
  let expectedCost = 0;
  while (steps.length < most) {
    const step = nextStep(operators, (name) => situationFor(start, name, tries), spent, terms);
    if (step === undefined) break;
    steps.push(step);
    tries.set(step.operator, (tries.get(step.operator) ?? 0) + 1);
    spent.tokens += step.cost;
    spent.calls += operators.find(({ name }) => name === step.operator)?.calls ?? 0;
    expectedCost += allFail * step.cost;
    allFail *= 1 - step.chance;
  }
  return { steps, chance: 1 - allFail, expectedCost };
}
