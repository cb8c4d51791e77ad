/** What the product knows before it has seen anything itself: beliefs taught by the outcome bank of the benchmark (`node scripts/prior.ts`). */
import type { Learned } from './learner.ts';
import shipped from './prior.json' with { type: 'json' };

/** What something was taught by. */
export interface TeachingCard {
  /** Hash of the banks. */
  readonly bank: string;
  readonly models: readonly string[];
  readonly suites: readonly string[];
  readonly problems: number;
  readonly draws: number;
}

export interface Prior {
  readonly card: TeachingCard;
  readonly learned: Learned;
}

export const shippedPrior: Prior = shipped;
