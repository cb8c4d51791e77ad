/** Beliefs of all operators together, taught by attempts. Pure: teaching gives a new one. */
import { afterCost, afterOutcome, type Belief, priorBelief } from './belief.ts';
import type { KnownOperator } from './schedule.ts';
import { featureNames, featuresOf, type Situation } from './situation.ts';

export interface Lesson {
  readonly operator: string;
  readonly situation: Situation;
  /** Absent: nobody can say, so that only its cost teaches. */
  readonly succeeded?: boolean;
  /** Tokens that the attempt took; work without a model is told by its time instead, a second for a token, because it is not free. */
  readonly cost: number;
  /** Calls of a model. */
  readonly calls: number;
}

export interface Known {
  readonly success: Belief;
  readonly cost: Belief;
  readonly tries: number;
  readonly calls: number;
  /** The most tries in one run. */
  readonly most: number;
}

export type Learned = Readonly<Record<string, Known>>;

/**
 * Nothing seen yet: one try in four succeeds, for about 500 tokens; either may be far off. An operator that failed again and again is likely no work
 * for this task at all: after 15 tries the odds are an eighth.
 */
const unknown: Known = {
  success: priorBelief(means({ always: Math.log(1 / 3), 'tried often already': -2 }), { first: 1.5, other: 1 }),
  cost: priorBelief(means({ always: Math.log(500) }), { first: 2, other: 0.5 }),
  ...{ tries: 0, calls: 0, most: 0 },
};

function means(known: Readonly<Record<string, number>>): number[] {
  return featureNames.map((name) => known[name] ?? 0);
}

/** Outcomes count one after the other; later ones do not outweigh earlier ones. */
export function taught(learned: Learned, lessons: readonly Lesson[]): Learned {
  const known: Record<string, Known> = { ...learned };
  for (const { operator, situation, succeeded, cost, calls } of lessons) {
    const before = known[operator] ?? unknown;
    const features = featuresOf(situation);
    known[operator] = {
      success: succeeded === undefined ? before.success : afterOutcome(before.success, features, succeeded),
      cost: afterCost(before.cost, features, cost),
      tries: before.tries + 1,
      calls: before.calls + calls,
      most: Math.max(before.most, situation.tries + 1),
    };
  }
  return known;
}

/** What a schedule can choose from. No operator is scheduled more often than it was ever tried: of what lies beyond nothing is known. */
export const operatorsOf = (learned: Learned): KnownOperator[] =>
  Object.entries(learned).map(([name, { success, cost, tries, calls, most }]) => ({
    ...{ name, success, cost, most },
    calls: tries === 0 ? 0 : calls / tries,
  }));
