/** The few statistics that a comparison of arms needs. All pure; randomness is a seed. */
import { type Interval, seededRandom } from '../learning/index.ts';

/** 0 where there is none. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export interface Description {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  /** Sample standard deviation (n − 1); 0 for fewer than two values. */
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

/** NaN in every place but `n` and `sd` when there is no value. */
export function describe(values: readonly number[]): Description {
  const n = values.length;
  if (n === 0) return { n, mean: Number.NaN, median: Number.NaN, sd: 0, min: Number.NaN, max: Number.NaN };
  const sorted = [...values].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const variance = n < 2 ? 0 : sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { n, mean, median: quantile(sorted, 0.5), sd: Math.sqrt(variance), min: sorted[0] as number, max: sorted[n - 1] as number };
}

/** Linear between neighbours (type 7 of Hyndman & Fan 1996). `sorted` ascending, not empty; `share` from 0 to 1. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const below = sorted[low] as number;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return below + (above - below) * (place - low);
}

export interface PairedComparison {
  /** Tasks that both arms have, and the different problems among them. */
  readonly tasks: number;
  readonly problems: number;
  /** Mean of a − b. */
  readonly difference: number;
  /** 95 %, percentile bootstrap. */
  readonly interval: Interval;
  /** Two-sided: twice the smaller share of resamples on the wrong side of 0, ties counted on both sides, +1 in both counts, at most 1. */
  readonly p: number;
  readonly resamples: number;
}

/** What two arms made of a task, each the mean over seeds (0 to 1 for pass rates), and the problem it is a form of; without one it is its own. */
export type Pair = readonly [a: number, b: number, problem?: string];

/**
 * Paired bootstrap over problems (Efron & Tibshirani 1993, chapters 13 and 16; Koehn 2004 for comparing systems; clusters as in Cameron, Gelbach
 * & Miller 2008). The problem is what is drawn again, with all of its tasks, so neither seeds of one task nor forms of one problem count as
 * independent evidence. Equal seeds give equal results.
 */
export function pairedBootstrap(pairs: readonly Pair[], seed: number, resamples = 10_000): PairedComparison {
  const tasks = pairs.length;
  if (tasks === 0) return { tasks, problems: 0, difference: 0, interval: { low: -1, high: 1 }, p: 1, resamples };
  const clusters = [...Map.groupBy(pairs, ([, , problem], index) => problem ?? index).values()];
  const problems = clusters.length;
  const differences = Float64Array.from(clusters, (own) => own.reduce((sum, [a, b]) => sum + a - b, 0));
  const sizes = Float64Array.from(clusters, (own) => own.length);
  const difference = differences.reduce((sum, value) => sum + value, 0) / tasks;
  const random = seededRandom(seed);
  const means = new Float64Array(resamples);
  let notAbove = 0;
  let notBelow = 0;
  for (let round = 0; round < resamples; round += 1) {
    let sum = 0;
    let size = 0;
    for (let draw = 0; draw < problems; draw += 1) {
      const drawn = Math.floor(random() * problems);
      sum += differences[drawn] as number;
      size += sizes[drawn] as number;
    }
    // Sums of decimals miss 0 by a hair; such a mean is 0.
    const mean = Math.abs(sum) < 1e-9 ? 0 : sum / size;
    means[round] = mean;
    if (mean <= 0) notAbove += 1;
    if (mean >= 0) notBelow += 1;
  }
  means.sort();
  return {
    tasks,
    problems,
    difference,
    interval: { low: quantile(means, 0.025), high: quantile(means, 0.975) },
    p: Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (resamples + 1)),
    resamples,
  };
}
