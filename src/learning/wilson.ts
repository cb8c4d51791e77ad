export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 97.5 % point of the standard normal distribution. */
const z95 = 1.959963984540054;

/** Score interval of a rate (Wilson 1927), two-sided 95 % unless `z` says otherwise; 0 to 1 when nothing was tried. Holds near 0 and 1 and for few trials. */
export function wilson(successes: number, trials: number, z = z95): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const rate = successes / trials;
  const squared = z ** 2;
  const centre = (rate + squared / (2 * trials)) / (1 + squared / trials);
  const half = (z / (1 + squared / trials)) * Math.sqrt((rate * (1 - rate)) / trials + squared / (4 * trials ** 2));
  return { low: successes === 0 ? 0 : Math.max(0, centre - half), high: successes === trials ? 1 : Math.min(1, centre + half) };
}
