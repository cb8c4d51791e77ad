/** The order of the plan. What runs side by side finishes in any order; whatever must be the same in a replay follows the plan instead. */
import { allSteps, type Plan } from '../plan/index.ts';

/** Round, then steps and iterations from the outside in, sample, turn: numbers that compare like the plan reads. */
export type PlanPlace = readonly number[];

/** From the place of a call (`r0/group/draft/2`). */
export function placeInPlan(plan: Plan, call: string): PlanPlace {
  const order = stepOrder(plan);
  const [round = 'r0', ...parts] = call.split('/');
  return [Number(round.slice(1)), ...parts.map((part) => order.get(part) ?? numberIn(part))];
}

/** A sample, or a further go at the step (`round-2`, `again-1`). */
const numberIn = (part: string): number => Number(part.slice(part.lastIndexOf('-') + 1));

export function comparePlaces(a: PlanPlace, b: PlanPlace): number {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (value !== other) return value - other;
  }
  return a.length - b.length;
}

/** Notes (or anything a step leaves) as the plan names their steps. */
export function inPlanOrder<T extends { readonly step: string }>(plan: Plan, left: Iterable<T>): readonly T[] {
  const order = stepOrder(plan);
  return [...left].sort((a, b) => (order.get(a.step) ?? 0) - (order.get(b.step) ?? 0));
}

/** A plan under way does not change. */
const orders = new WeakMap<Plan, ReadonlyMap<string, number>>();

function stepOrder(plan: Plan): ReadonlyMap<string, number> {
  const known = orders.get(plan);
  if (known) return known;
  const order = new Map([...allSteps(plan.steps)].map((step, index) => [step.id, index]));
  orders.set(plan, order);
  return order;
}
