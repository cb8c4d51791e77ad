/** Places inside a plan: `steps[2].agent`. */
import type { Plan, Step } from './schema.ts';

export type Place = readonly (string | number)[];

/** A place as people and editors read it; keys that are no plain names are quoted. The plan itself is ''. */
export function formatPlace(place: Place): string {
  let text = '';
  for (const part of place) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

export interface LocatedStep {
  readonly step: Step;
  readonly place: Place;
  /** Enclosing steps, outermost first, each with the list the way goes through. */
  readonly parents: readonly { readonly step: Step; readonly list: 'steps' | 'else' }[];
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

/** The lists of steps a step holds; an empty `else` is none. */
export function childLists(step: Step): readonly { readonly list: 'steps' | 'else'; readonly steps: readonly Step[] }[] {
  if (step.do === 'repeat' || step.do === 'group') return [{ list: 'steps', steps: step.steps }];
  if (step.do !== 'when') return [];
  const lists = [{ list: 'steps' as const, steps: step.steps }];
  return step.else.length === 0 ? lists : [...lists, { list: 'else' as const, steps: step.else }];
}
