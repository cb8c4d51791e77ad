/**
 * What another way to begin would have earned, by runs that began as a logged draw said: the doubly robust estimate (Dudík, Langford & Li 2011), with the
 * weights of its correction normalised by their sum. Right when the probabilities are, however wrong the expectations may be. Pure.
 */

export interface LoggedChoice {
  readonly chosen: string;
  /** Of the run. */
  readonly reward: number;
  /** All that might have been chosen; `expected` is what was expected before the run. */
  readonly options: readonly { readonly name: string; readonly probability: number; readonly expected: number }[];
}

/** The probability with which a policy would have chosen an option; over all options they add up to 1. */
export type OtherPolicy = (logged: LoggedChoice, option: string) => number;

export interface OffPolicyEstimate {
  readonly runs: number;
  /** Mean reward; NaN where no run chose as the policy would. */
  readonly reward: number;
  /** 95 %, by the normal approximation. */
  readonly interval: { readonly low: number; readonly high: number };
  /** Runs that it is as good as: (Σw)² / Σw². */
  readonly effective: number;
  /** There are enough of them. */
  readonly trusted: boolean;
}

/** Below so many effective runs an estimate is no ground for anything. */
export const enoughEffective = 50;
const z95 = 1.959963984540054;

export function doublyRobust(logged: readonly LoggedChoice[], policy: OtherPolicy): OffPolicyEstimate {
  const runs = logged.length;
  const terms = logged.map((choice) => {
    const chosen = choice.options.find(({ name }) => name === choice.chosen);
    const direct = choice.options.reduce((sum, { name, expected }) => sum + policy(choice, name) * expected, 0);
    const weight = chosen === undefined ? 0 : policy(choice, choice.chosen) / chosen.probability;
    return { direct, weight, residual: choice.reward - (chosen?.expected ?? 0) };
  });
  const weights = terms.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0) return { runs, reward: Number.NaN, interval: { low: Number.NaN, high: Number.NaN }, effective: 0, trusted: false };
  const direct = terms.reduce((sum, term) => sum + term.direct, 0) / runs;
  const correction = terms.reduce((sum, { weight, residual }) => sum + weight * residual, 0) / weights;
  const reward = direct + correction;
  // How far each run moves the estimate.
  const moves = terms.map((term) => term.direct - direct + (runs * term.weight * (term.residual - correction)) / weights);
  const half = z95 * Math.sqrt(moves.reduce((sum, move) => sum + move ** 2, 0) / runs / Math.max(1, runs - 1));
  const effective = weights ** 2 / terms.reduce((sum, { weight }) => sum + weight ** 2, 0);
  return { runs, reward, interval: { low: reward - half, high: reward + half }, effective, trusted: effective > enoughEffective };
}
