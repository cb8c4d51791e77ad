/**
 * Several models in one schedule: what one of them does is work of its own, with its own chance, and its tokens count by what they cost. A model that
 * nobody was taught about is used by its description: as another one that is known, moved by how large it is and what it costs. Pure.
 */
import { type Belief, moreDoubtful, shifted } from './belief.ts';
import type { Learned } from './learner.ts';
import type { Operator } from './operators.ts';
import { billionsOf, type ModelDescription } from './router/describe.ts';

const by = ' by ';

/** What a schedule calls the work of a model; of the first one, and what asks no model, the operator alone. */
export const workOf = (operator: Operator, model?: string): Operator => (model === undefined ? operator : `${operator}${by}${model}`);

/** Undefined model: the first one, or none. */
export function partsOf(work: Operator): { readonly operator: Operator; readonly model?: string } {
  const [operator = '', ...model] = work.split(by);
  return model.length === 0 ? { operator } : { operator, model: model.join(by) };
}

/** A list that ends in small changes and has no draft: a run looks for one before it hands such a change over. */
export const lacksDraft = (order: readonly Operator[]): boolean =>
  order.includes('changes') && !order.some((work) => partsOf(work).operator === 'draft');

/**
 * What a token of each model counts as, in tokens of the cheapest: by their prices, where all are known, differ, and none is free; else by their
 * sizes, because a larger one takes longer.
 */
export function ratesOf(models: readonly ModelDescription[]): readonly number[] {
  const prices = models.map(({ price = 0 }) => price);
  const arePrices = prices.every((price) => price > 0) && new Set(prices).size > 1;
  const costs = arePrices ? prices : models.map(billionsOf);
  const least = Math.min(...costs);
  return costs.map((cost) => cost / least);
}

/** Log odds that a model of twice the size has more, before anything is known of it: an estimate, so it comes with doubt. */
const byDoubling = 0.5;
/** Variance that is added to what was known of the other model: of the log odds, and of the log cost. */
const newDoubt = { success: 1, cost: 0.25 };

/**
 * What is believed of a model's work, from what is known of the work of `from`; the same one is known as it is. `rate`: what a token counts as, in
 * tokens of `from`. Only work that asks a model is taken over.
 */
export function described(known: Learned, from: ModelDescription, to: ModelDescription, rate: number): Learned {
  const isNew = from.name !== to.name;
  const ability = byDoubling * Math.log2(billionsOf(to) / billionsOf(from));
  const moved = (belief: Belief, shift: number, variance: number): Belief => moreDoubtful(shifted(belief, shift), isNew ? variance : 0);
  return Object.fromEntries(
    Object.entries(known).flatMap(([work, own]) => {
      const { operator, model } = partsOf(work);
      if (model !== undefined || own.calls === 0) return [];
      const success = moved(own.success, ability, newDoubt.success);
      const cost = moved(own.cost, Math.log(rate), newDoubt.cost);
      return [[workOf(operator, to.name), { ...own, success, cost }]];
    }),
  );
}
