/**
 * Which candidate to improve next, by Thompson sampling (REx, arXiv 2405.17503): of each a number is drawn from Beta(1 + C·h, 1 + C·(1 − h) + fails), and the
 * highest is taken. h: the share of the tests asked for that it passes; fails: how often it was improved without gain. So one that passes more is
 * improved sooner, and one that leads nowhere gives way. The numbers follow from the run's seed and the place of the call: a replay draws the same.
 */
import { createHash } from 'node:crypto';

/** How much a test result weighs against chance (the paper's C). */
const certainty = 20;

export interface Arm {
  readonly candidate: string;
  /** h */
  readonly share: number;
  readonly fails: number;
}

export interface DrawnArm extends Arm {
  /** What was drawn for it, 0 to 1. */
  readonly drawn: number;
}

/** The arms with what was drawn for each, the highest first. `seed` names the draw; an arm's number does not depend on which others there are. */
export function draw<One extends Arm>(arms: readonly One[], seed: string, nameOf: (arm: One) => string): readonly (One & DrawnArm)[] {
  return arms
    .map((arm) => {
      const share = Math.min(1, Math.max(0, arm.share));
      const random = uniform(`${seed}\0${nameOf(arm)}`);
      return { ...arm, drawn: beta(1 + certainty * share, 1 + certainty * (1 - share) + arm.fails, random) };
    })
    .sort((a, b) => b.drawn - a.drawn);
}

/** Numbers between 0 and 1, neither of them included. */
function* uniform(seed: string): Generator<number, never> {
  for (let count = 0; ; count += 1) {
    const hash = createHash('sha256').update(`${seed}\0${count}`).digest('hex');
    yield (Number.parseInt(hash.slice(0, 12), 16) + 0.5) / 16 ** 12;
  }
}

type Random = Generator<number, never>;

function beta(a: number, b: number, random: Random): number {
  const [x, y] = [gamma(a, random), gamma(b, random)];
  return x / (x + y);
}

/** G. Marsaglia and W. W. Tsang, ACM TOMS 26 (2000); for shapes of 1 and more. */
function gamma(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    const u = random.next().value;
    if (v > 0 && Math.log(u) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Box and Muller. */
function normal(random: Random): number {
  const [u, v] = [random.next().value, random.next().value];
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}
