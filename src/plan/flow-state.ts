/** What can be true at one point of a plan, and how such states follow from each other. Pure. */
import { type Condition, conditionFacts } from './conditions.ts';
import { formatPlace, type Place } from './place.ts';

export interface FlowState {
  /** Most candidates in the pool. */
  readonly candidates: number;
  /** Candidates whose tests have not run: at least, at most. */
  readonly unjudged: { readonly least: number; readonly most: number };
  /** Steps whose candidates may be in the pool. */
  readonly makers: readonly string[];
  /** Places of steps whose candidates no `test` step has followed yet. */
  readonly untested: readonly Place[];
  /** Conditions that can hold. */
  readonly possible: ReadonlySet<Condition>;
  /** Conditions whose answer is certain here. */
  readonly known: ReadonlyMap<Condition, boolean>;
}

/** Whether something can, must or cannot be the case. */
export type Chance = 'never' | 'maybe' | 'always';

export interface StepFlow {
  /** State when the step is first reached, and joined over every time it is reached. */
  readonly first: FlowState;
  readonly every: FlowState;
  readonly reachable: boolean;
  /** For each list of steps inside: whether it is entered at all. */
  readonly entered: Readonly<Record<string, Chance>>;
}

export const start: FlowState = {
  candidates: 0,
  unjudged: { least: 0, most: 0 },
  makers: [],
  untested: [],
  possible: new Set(['no-tests', 'tests-fail']),
  known: new Map([
    ['tests-pass', false],
    ['tests-fail', true],
  ]),
};

export function holds(state: FlowState, condition: Condition): Chance {
  const known = state.known.get(condition);
  if (known === true) return 'always';
  return known === false || !state.possible.has(condition) ? 'never' : 'maybe';
}

export const opposite = { never: 'always', maybe: 'maybe', always: 'never' } as const satisfies Record<Chance, Chance>;

/** Nothing is certain any more of these conditions, but what there being no tests says of them. */
export function forget(state: FlowState, changed: readonly Condition[]): FlowState {
  const kept = [...state.known].filter(([condition]) => !changed.includes(condition));
  return { ...state, known: new Map([...kept, ...(isUntestable(state) ? conditionFacts['no-tests'].yes : [])]) };
}

export function learn(state: FlowState, condition: Condition, value: boolean): FlowState {
  const { yes, no } = conditionFacts[condition];
  // Where there are no tests, nobody can be asked to run them.
  const untested = condition === 'no-tests' && value ? [] : state.untested;
  return { ...state, untested, known: new Map([...state.known, ...(value ? yes : no), [condition, value]]) };
}

/** These conditions can hold from now on. */
export const open = (state: FlowState, ...opened: readonly Condition[]): FlowState => ({
  ...state,
  possible: new Set([...state.possible, ...opened]),
});

/** What a step adds to the pool: at most `count` candidates, tested as they arrive or not. */
export interface Made {
  readonly id: string;
  readonly place: Place;
  readonly count: number;
  readonly tested: boolean;
}

export function make(state: FlowState, { id, place, count, tested }: Made): FlowState {
  const { least, most } = state.unjudged;
  return withCandidates(state.candidates + count, {
    ...open(state, 'tests-pass', 'tests-fail'),
    unjudged: tested ? state.unjudged : { least: least + 1, most: most + count },
    makers: [...new Set([...state.makers, id])],
    untested: isUntestable(state) ? [] : [...state.untested, place],
  });
}

/** What a step adds at most that it has tested by its end. */
export const withMore = (state: FlowState, count: number): FlowState => withCandidates(state.candidates + count, state);

/** Any one of the states may be the case. */
export function join(states: readonly FlowState[]): FlowState {
  const [first = start, ...others] = states;
  return others.reduce(
    (a, b) => ({
      candidates: Math.max(a.candidates, b.candidates),
      unjudged: { least: Math.min(a.unjudged.least, b.unjudged.least), most: Math.max(a.unjudged.most, b.unjudged.most) },
      makers: [...new Set([...a.makers, ...b.makers])],
      untested: unitePlaces(a.untested, b.untested),
      possible: new Set([...a.possible, ...b.possible]),
      known: new Map([...a.known].filter(([condition, value]) => b.known.get(condition) === value)),
    }),
    first,
  );
}

/** All of the states are the case, each having started from `before`. */
export function joinSideBySide(before: FlowState, states: readonly FlowState[]): FlowState {
  const sum = (count: (state: FlowState) => number): number =>
    Math.max(
      0,
      states.reduce((total, state) => total + count(state) - count(before), count(before)),
    );
  const joined = join(states);
  const stillUntested = before.untested.filter((place) => states.every((state) => includesPlace(state.untested, place)));
  const newlyUntested = joined.untested.filter((place) => !includesPlace(before.untested, place));
  return withCandidates(
    sum((state) => state.candidates),
    {
      ...joined,
      unjudged: { least: sum((state) => state.unjudged.least), most: sum((state) => state.unjudged.most) },
      untested: [...stillUntested, ...newlyUntested],
    },
  );
}

/** What further rounds add: as much as the second added to the first. */
export function grow(joined: FlowState, first: FlowState, second: FlowState, rounds: number): FlowState {
  const more = (count: (state: FlowState) => number): number => rounds * Math.max(0, count(second) - count(first));
  const unjudged = { ...joined.unjudged, most: joined.unjudged.most + more((state) => state.unjudged.most) };
  return withCandidates(joined.candidates + more((state) => state.candidates), { ...joined, unjudged });
}

const isUntestable = (state: FlowState): boolean => state.known.get('no-tests') === true;

function withCandidates(candidates: number, state: FlowState): FlowState {
  return { ...(candidates < 2 ? state : open(state, 'candidates-agree')), candidates };
}

const includesPlace = (places: readonly Place[], place: Place): boolean =>
  places.some((other) => formatPlace(other) === formatPlace(place));

const unitePlaces = (a: readonly Place[], b: readonly Place[]): readonly Place[] => [
  ...a,
  ...b.filter((place) => !includesPlace(a, place)),
];
