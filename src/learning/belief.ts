/**
 * What is believed of one operator, from the outcomes that were seen: how likely an attempt succeeds (Bayesian logistic regression, updated after
 * each outcome by one Newton step of its Laplace approximation; Spiegelhalter & Lauritzen 1990), and what it costs (Bayesian linear regression of the
 * log cost). Pure: an update gives a new belief. Everything is plain numbers, so a belief is kept as JSON.
 */
import { dot, outer, plus, scaled, solved } from './matrix.ts';
import { normal } from './random.ts';

/** A normal distribution over weights: mean, and precision (the inverse of the covariance). */
export interface Belief {
  readonly mean: readonly number[];
  readonly precision: readonly (readonly number[])[];
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Standard deviations are of the first weight and of each other one. */
export function priorBelief(mean: readonly number[], deviations: { readonly first: number; readonly other: number }): Belief {
  const precisionAt = (index: number): number => 1 / (index === 0 ? deviations.first : deviations.other) ** 2;
  return { mean, precision: mean.map((_, row) => mean.map((_, column) => (row === column ? precisionAt(row) : 0))) };
}

/** Variance of the weighted sum, before any noise. */
const doubt = ({ precision }: Belief, features: readonly number[]): number => dot(features, solved(precision, features));

/** Probability of success from 0 to 1, drawn towards one half where little is known (MacKay 1992). */
export function chanceOf(belief: Belief, features: readonly number[]): number {
  return sigmoid(dot(belief.mean, features) / Math.sqrt(1 + (Math.PI * doubt(belief, features)) / 8));
}

/** Λ ← Λ + p(1−p)·φφᵀ; μ ← μ + Λ⁻¹φ(y − p). `offset`: what is added to the weighted sum, and stays as it is. */
export function afterOutcome({ mean, precision }: Belief, features: readonly number[], succeeded: boolean, offset = 0): Belief {
  const chance = sigmoid(dot(mean, features) + offset);
  const sharper = plus(precision, outer(features, chance * (1 - chance)));
  const step = solved(sharper, features);
  const error = (succeeded ? 1 : 0) - chance;
  return { mean: mean.map((weight, index) => weight + (step[index] as number) * error), precision: sharper };
}

/** Scatter of the log cost around what the features say; costs of equal situations differ by about half. */
const noise = 0.5;

/** Expected cost, in the unit in which costs were told. */
export function costOf(belief: Belief, features: readonly number[]): number {
  return Math.exp(dot(belief.mean, features) + (noise ** 2 + Math.min(1, doubt(belief, features))) / 2);
}

/** `cost` below 1 counts as 1. `offset`: what is added to the log, and stays as it is. */
export function afterCost({ mean, precision }: Belief, features: readonly number[], cost: number, offset = 0): Belief {
  const sharper = plus(precision, outer(features, 1 / noise ** 2));
  const step = solved(sharper, features);
  const error = (Math.log(Math.max(1, cost)) - dot(mean, features) - offset) / noise ** 2;
  return { mean: mean.map((weight, index) => weight + (step[index] as number) * error), precision: sharper };
}

/** The weighted sum of a situation: log odds of a success, or log of a cost. */
export const expectedSum = ({ mean }: Belief, features: readonly number[]): number => dot(mean, features);

/** What each feature adds to the weighted sum of a situation. */
export const contributions = ({ mean }: Belief, features: readonly number[]): number[] =>
  mean.map((weight, at) => weight * (features[at] as number));

/** A belief that drifts home while nothing speaks for it: `kept` of it, the rest of where it came from (precisions are weighed, and means by them). */
export function faded(belief: Belief, home: Belief, kept: number): Belief {
  const precision = plus(scaled(belief.precision, kept), scaled(home.precision, 1 - kept));
  const pulls = precision.map((_, at) => kept * pullOf(belief, at) + (1 - kept) * pullOf(home, at));
  return { mean: solved(precision, pulls), precision };
}

const pullOf = ({ mean, precision }: Belief, at: number): number => dot(precision[at] as readonly number[], mean);

/** The same belief where the constant is off by so much. The first feature is the constant. */
export const shifted = ({ mean, precision }: Belief, by: number): Belief => ({
  mean: mean.map((weight, index) => (index === 0 ? weight + by : weight)),
  precision,
});

/** The same belief where the constant is known less well: so much is added to its variance (Sherman & Morrison 1950). */
export function moreDoubtful({ mean, precision }: Belief, variance: number): Belief {
  const constant = precision[0] as readonly number[];
  const share = variance / (1 + variance * (constant[0] as number));
  return { mean, precision: plus(precision, outer(constant, -share)) };
}

/** Chances and costs of a situation as they may be, by so many draws (Thompson 1933): where little is known they differ widely. Of weights that are drawn only their sum is met. */
export function draws(
  { success, cost }: { readonly success: Belief; readonly cost: Belief },
  features: readonly number[],
  count: number,
  random: () => number,
): readonly { readonly chance: number; readonly cost: number }[] {
  const drawer = (belief: Belief) => {
    const [mean, deviation] = [expectedSum(belief, features), Math.sqrt(doubt(belief, features))];
    return (): number => mean + deviation * normal(random);
  };
  const [logOdds, logCost] = [drawer(success), drawer(cost)];
  return Array.from({ length: count }, () => ({ chance: sigmoid(logOdds()), cost: Math.exp(logCost() + noise ** 2 / 2) }));
}
