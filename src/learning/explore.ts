/**
 * Now and then what is known less well comes first, so that it becomes known: where the user allows it, in one run of ten on average the first step follows a draw of
 * the beliefs (Thompson 1933) in place of their mean. What might have come first is told with its probability, so that afterwards other ways to begin
 * can be judged by these runs (`off-policy.ts`). Pure: the same random numbers give the same step.
 */
import { draws } from './belief.ts';
import { indexOf, type KnownOperator, nextStep, type ScheduleTerms } from './schedule.ts';
import { featuresOf, type Situation } from './situation.ts';

/** Share of the runs that follow a draw. A draw that says what the mean says changes nothing. */
const shareOfRuns = 0.1;
const drawn = 200;
/** An operator is certainly worse when this share of its draws lies below what the best one is worth on average. */
const certainty = 0.95;

export interface FirstChoice {
  /** What comes first in this run. */
  readonly chosen: string;
  /** What comes first where nothing is explored. */
  readonly usual: string;
  /** All that might have come first; the probabilities add up to 1. What is certainly worse is not among them. */
  readonly candidates: readonly { readonly operator: string; readonly probability: number }[];
}

/** Undefined: nothing is worth a first step. */
export function firstChoice(
  operators: readonly KnownOperator[],
  start: Situation,
  terms: ScheduleTerms,
  random: () => number,
): FirstChoice | undefined {
  const usual = nextStep(operators, () => start, { tokens: 0, calls: 0 }, terms);
  if (usual === undefined) return undefined;
  const usualCalls = operators.find(({ name }) => name === usual.operator)?.calls ?? 0;
  const bestIndex = indexOf(usual, usualCalls, 0, terms);
  const features = featuresOf(start);
  const sampled = operators.map(({ name, calls, most, ...known }) => {
    const all = most > 0 ? draws(known, features, drawn, random) : [];
    const indexes = all.map((draw) => (draw.cost > terms.budget ? Number.NEGATIVE_INFINITY : indexOf(draw, calls, 0, terms)));
    return { name, indexes };
  });
  const candidates = sampled.filter(({ name, indexes }) => name === usual.operator || upperOf(indexes) >= bestIndex);
  const winners = Array.from({ length: drawn }, (_, at) => {
    const [best] = candidates.toSorted((a, b) => (b.indexes[at] as number) - (a.indexes[at] as number));
    return best?.name ?? usual.operator;
  });
  const chosen = random() < shareOfRuns ? (winners[Math.floor(random() * drawn)] ?? usual.operator) : usual.operator;
  const probabilityOf = (name: string): number =>
    (shareOfRuns * winners.filter((winner) => winner === name).length) / drawn + (name === usual.operator ? 1 - shareOfRuns : 0);
  return {
    chosen,
    usual: usual.operator,
    candidates: candidates
      .map(({ name }) => ({ operator: name, probability: probabilityOf(name) }))
      .filter(({ probability }) => probability > 0),
  };
}

const upperOf = (indexes: readonly number[]): number =>
  indexes.toSorted((a, b) => a - b)[Math.floor(certainty * indexes.length)] ?? Number.NEGATIVE_INFINITY;
