/**
 * What can be true at each step of a plan, found by walking it once without running anything: how many candidates there may be, which of
 * them nobody has tested, whose notes exist, and which conditions can hold. The validator, the analyser and the graph read the result.
 *
 * Loops are walked twice: the second round knows what the first may have left behind, and counts grow by the same amount from then on.
 */
import { type Chance, type FlowState, forget, join, joinSideBySide, type StepFlow, start } from './flow-state.ts';
import { formatPlace, type Place } from './place.ts';
import { childLists, stepsIn } from './places.ts';
import type { Plan } from './schema.ts';
import { type Step, stepKindOf } from './step-kinds.ts';

export interface Flow {
  readonly end: FlowState;
  /** By place, as `formatPlace` writes it. */
  at(place: Place): StepFlow;
}

export function planFlow(plan: Pick<Plan, 'steps'>): Flow {
  const found = new Map<string, StepFlow>();
  const end = plan.steps.reduce((state, step, index) => walk(step, ['steps', index], state, true, found), start);
  return {
    end,
    at(place) {
      const flow = found.get(formatPlace(place));
      if (!flow) throw new RangeError(`no step at ${formatPlace(place)}`);
      return flow;
    },
  };
}

type Found = Map<string, StepFlow>;

function walk(step: Step, place: Place, state: FlowState, reachable: boolean, found: Found): FlowState {
  const kind = stepKindOf(step);
  const entered = kind.inside?.entered(step, state) ?? {};
  record(found, place, { first: state, every: state, reachable, entered });
  return kind.flow(step, {
    place,
    state: forget(state, kind.changes),
    inside(list, from) {
      const alive = reachable && entered[list] !== 'never';
      const one = (child: Step, index: number, before: FlowState): FlowState => walk(child, [...place, list, index], before, alive, found);
      const steps = stepsIn(step, list);
      return kind.inside?.order === 'side-by-side'
        ? joinSideBySide(
            from,
            steps.map((child, index) => one(child, index, from)),
          )
        : steps.reduce((before, child, index) => one(child, index, before), from);
    },
  });
}

/** One reached twice is alive where it is alive either time. */
function record(found: Found, place: Place, now: StepFlow): void {
  const key = formatPlace(place);
  const before = found.get(key);
  if (!before || (!before.reachable && now.reachable)) found.set(key, now);
  else if (now.reachable) {
    const either = ([list, chance]: [string, Chance]): [string, Chance] => [list, chance === now.entered[list] ? chance : 'maybe'];
    found.set(key, {
      first: before.first,
      every: join([before.every, now.every]),
      reachable: true,
      entered: Object.fromEntries(Object.entries(before.entered).map(either)),
    });
  }
}

/** Every list of steps inside a step that can never be entered. */
export function deadLists(flow: Flow, step: Step, place: Place): string[] {
  const { reachable, entered } = flow.at(place);
  return reachable
    ? childLists(step)
        .map(({ list }) => list)
        .filter((list) => entered[list] === 'never')
    : [];
}
