/** The steps of a plan, and where each stands. */
import type { Place } from './place.ts';
import type { Agent, Plan } from './schema.ts';
import { agentNameOf, type Step, stepKindOf } from './step-kinds.ts';

export interface LocatedStep {
  readonly step: Step;
  readonly place: Place;
  /** Enclosing steps, outermost first, each with the list the way goes through. */
  readonly parents: readonly { readonly step: Step; readonly list: string }[];
}

/** Every step with its place, parents before children, in the order they are written. */
export function* locateSteps(plan: Pick<Plan, 'steps'>): Generator<LocatedStep> {
  yield* locate(plan.steps, ['steps'], []);
}

function* locate(steps: readonly Step[], list: Place, parents: LocatedStep['parents']): Generator<LocatedStep> {
  for (const [index, step] of steps.entries()) {
    const place = [...list, index];
    yield { step, place, parents };
    for (const child of childLists(step)) {
      yield* locate(child.steps, [...place, child.list], [...parents, { step, list: child.list }]);
    }
  }
}

/** The steps of one list of a step. */
export const stepsIn = (step: Step, list: string): readonly Step[] =>
  (step as unknown as Readonly<Record<string, readonly Step[]>>)[list] ?? [];

/** The lists of steps a step holds; an empty one is none. */
export const childLists = (step: Step): readonly { readonly list: string; readonly steps: readonly Step[] }[] =>
  Object.keys(stepKindOf(step).inside?.lists ?? {})
    .map((list) => ({ list, steps: stepsIn(step, list) }))
    .filter(({ steps }) => steps.length > 0);

/** Direct children of a step, in order. */
export const childSteps = (step: Step): readonly Step[] => childLists(step).flatMap(({ steps }) => steps);

/** Every step of the list, parents before children, in order. */
export function* allSteps(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step;
    yield* allSteps(childSteps(step));
  }
}

/** The agent a step calls; undefined when it calls none, or one that the plan does not have. */
export function agentOfStep(plan: Pick<Plan, 'agents'>, step: Step): Agent | undefined {
  const name = agentNameOf(step);
  return name !== undefined && Object.hasOwn(plan.agents, name) ? plan.agents[name] : undefined;
}
