/**
 * Which operator to try first, and when to stop. Visible tests verify, so a plan is a list of operators with "stop when green": a Pandora's box
 * problem (Weitzman 1979), where the best order is by success per cost. It is written greedily, each step as if all before it had failed, and maximises
 * the three terms of the reward: performance, complexity, efficiency. Pure.
 */
import { type Belief, chanceOf, contributions, costOf } from './belief.ts';
import { featureNames, featuresOf, inWords, type Situation } from './situation.ts';

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

/** What one more try is worth for what it costs: its chance, less what its calls add to the plan, by token. */
export function indexOf(
  { chance, cost }: { readonly chance: number; readonly cost: number },
  calls: number,
  spentCalls: number,
  { usualCalls, weights }: ScheduleTerms,
): number {
  const beyond = (count: number): number => Math.max(0, count - usualCalls) / usualCalls;
  return (chance - weights.complexity * (beyond(spentCalls + calls) - beyond(spentCalls))) / cost;
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
  terms: ScheduleTerms,
): ScheduledStep | undefined {
  const { budget, weights, thrift = 1 } = terms;
  const offers = operators.flatMap(({ name, calls, most, ...known }) => {
    const situation = at(name);
    if (situation.tries >= most) return [];
    const step = { operator: name, ...expectedIn(known, situation) };
    return spent.tokens + step.cost > budget ? [] : [{ step, index: indexOf(step, calls, spent.calls, terms) }];
  });
  const [best] = offers.toSorted((a, b) => b.index - a.index);
  return best !== undefined && best.index > (thrift * weights.efficiency) / budget ? best.step : undefined;
}

function expectedIn({ success, cost }: Pick<KnownOperator, 'success' | 'cost'>, situation: Situation) {
  const features = featuresOf(situation);
  return { chance: chanceOf(success, features), cost: costOf(cost, features) };
}

/** The whole list, before anything is tried. `first`: what it begins with, whatever that is worth. */
export function scheduleFor(operators: readonly KnownOperator[], start: Situation, terms: ScheduleTerms, first?: string): Schedule {
  const { most = 40 } = terms;
  const spent = { tokens: 0, calls: 0 };
  return scheduled(start, most, (at, count) => {
    const set = count === 0 ? operators.find(({ name }) => name === first) : undefined;
    const step = set ? { operator: set.name, ...expectedIn(set, at(set.name)) } : nextStep(operators, at, spent, terms);
    spent.tokens += step?.cost ?? 0;
    spent.calls += operators.find(({ name }) => name === step?.operator)?.calls ?? 0;
    return step;
  });
}

/** What comes of a list that somebody else wrote, by the same beliefs; operators that are not known are passed over. */
export function expectedOf(operators: readonly KnownOperator[], start: Situation, list: readonly string[]): Schedule {
  const known = list.flatMap((name) => operators.find((operator) => operator.name === name) ?? []);
  return scheduled(start, known.length, (at, count) => {
    const operator = known[count] as KnownOperator;
    return { operator: operator.name, ...expectedIn(operator, at(operator.name)) };
  });
}

function scheduled(
  start: Situation,
  most: number,
  next: (at: (operator: string) => Situation, count: number) => ScheduledStep | undefined,
): Schedule {
  const tries = new Map<string, number>();
  const steps: ScheduledStep[] = [];
  while (steps.length < most) {
    const step = next((name) => situationFor(start, name, tries), steps.length);
    if (step === undefined) break;
    steps.push(step);
    tries.set(step.operator, (tries.get(step.operator) ?? 0) + 1);
  }
  return { steps, ...together(steps) };
}

/** Of steps one after the other, each only when those before it failed: that one succeeds, and the tokens on average. */
export function together(steps: readonly ScheduledStep[]): { readonly chance: number; readonly expectedCost: number } {
  let allFail = 1;
  let expectedCost = 0;
  for (const { chance, cost } of steps) {
    expectedCost += allFail * cost;
    allFail *= 1 - chance;
  }
  return { chance: 1 - allFail, expectedCost };
}

/** Log odds that a fact must add or take away to be worth a word. */
const worthAWord = 0.15;

/** What speaks for and against an operator here, the strongest first; at most `most`. */
export function factsFor(
  { success }: KnownOperator,
  situation: Situation,
  most = 2,
): readonly { readonly fact: string; readonly speaksFor: boolean }[] {
  const values = featuresOf(situation);
  return contributions(success, values)
    .map((adds, at) => ({ adds, fact: inWords(featureNames[at] as string, (values[at] as number) > 0) }))
    .slice(1)
    .filter(({ adds }) => Math.abs(adds) >= worthAWord)
    .toSorted((a, b) => Math.abs(b.adds) - Math.abs(a.adds))
    .slice(0, most)
    .map(({ adds, fact }) => ({ fact, speaksFor: adds > 0 }));
}
