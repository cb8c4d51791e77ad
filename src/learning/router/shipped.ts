/** The router's weights that ship with the product, and what taught them (`node scripts/router.ts`). */
import type { TeachingCard } from '../prior.ts';
import type { RouterWeights } from './policy.ts';
import shipped from './router.json' with { type: 'json' };

export interface ShippedRouter {
  readonly card: TeachingCard & {
    /** Of what an untrained router would choose, the share of which the outcome was recorded: there the gradient was exact. */
    readonly recorded: number;
    /** Requests of which the words were known as well. */
    readonly requests: number;
  };
  readonly weights: RouterWeights;
}

export const shippedRouter: ShippedRouter = shipped;
