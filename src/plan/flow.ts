/**
 * What can be true at each step of a plan, found by walking it once without running anything: how many candidates there may be, which of
 * them nobody has tested, whose notes exist, and which conditions can hold. The validator, the analyser and the graph read the result.
 *
 * Loops are walked twice: the second round knows what the first may have left behind, and counts grow by the same amount from then on.
 */
import { childLists, formatPlace, type Place } from './places.ts';
import type { Condition, Plan, Step } from './schema.ts';
import { factsOf, implied, samplesOf, testsItself } from './step-kinds.ts';

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

export interface StepFlow {
  /** State when the step is first reached, and joined over every time it is reached. */
  readonly first: FlowState;
  readonly every: FlowState;
  readonly reachable: boolean;
  /** The lists of steps inside that can never be entered. */
  readonly dead: readonly ('steps' | 'else')[];
  /** A `repeat` may find its condition true at once. */
  readonly mayPass: boolean;
}

export interface Flow {
  readonly end: FlowState;
  /** By place, as `formatPlace` writes it. */
  at(place: Place): StepFlow;
}

const start: FlowState = {
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

export function planFlow(plan: Pick<Plan, 'steps'>): Flow {
  const found = new Map<string, StepFlow>();
  const end = walkList(plan.steps, ['steps'], start, true, found);
  return {
    end,
    at(place) {
      const flow = found.get(formatPlace(place));
      if (!flow) throw new RangeError(`no step at ${formatPlace(place)}`);
      return flow;
    },
  };
}

/** Whether a condition can, must or cannot hold. */
export function holds(state: FlowState, condition: Condition): 'never' | 'maybe' | 'always' {
  const known = state.known.get(condition);
  if (known === true) return 'always';
  return known === false || !state.possible.has(condition) ? 'never' : 'maybe';
}

type Found = Map<string, StepFlow>;

function walkList(steps: readonly Step[], list: Place, state: FlowState, reachable: boolean, found: Found): FlowState {
  return steps.reduce((before, step, index) => walk(step, [...list, index], before, reachable, found), state);
}

function walk(step: Step, place: Place, state: FlowState, reachable: boolean, found: Found): FlowState {
  const dead = deadLists(step, state);
  record(found, place, {
    first: state,
    every: state,
    reachable,
    dead,
    mayPass: step.do === 'repeat' && holds(state, step.until) !== 'never',
  });
  const inside = (list: 'steps' | 'else', steps: readonly Step[], from: FlowState): FlowState =>
    walkList(steps, [...place, list], from, reachable && !dead.includes(list), found);
  switch (step.do) {
    case 'group':
      return joinSideBySide(
        state,
        step.steps.map((child, index) => walk(child, [...place, 'steps', index], state, reachable, found)),
      );
    case 'when': {
      const chosen = inside('steps', step.steps, learn(state, step.if, true));
      const other = inside('else', step.else, learn(state, step.if, false));
      if (dead.includes('steps')) return other;
      return dead.includes('else') ? chosen : join([chosen, other]);
    }
    case 'repeat': {
      const first = inside('steps', step.steps, learn(state, step.until, false));
      if (dead.includes('steps')) return state;
      const rounds = step.max === 1 ? [first] : [first, inside('steps', step.steps, learn(first, step.until, false))];
      const joined = join(holds(state, step.until) === 'never' ? rounds : [state, ...rounds]);
      return grow(joined, first, rounds[1] ?? first, step.max - rounds.length);
    }
    default:
      return after(step, place, state);
  }
}

/** The state after a step that holds no others. */
function after(step: Step, place: Place, state: FlowState): FlowState {
  const facts = factsOf(step);
  const untestable = state.known.get('no-tests') === true;
  const kept = [...state.known].filter(([condition]) => !facts.changes.includes(condition));
  const next = { ...state, known: new Map([...kept, ...(untestable ? implied['no-tests'].yes : [])]) };
  const open = (...conditions: Condition[]): ReadonlySet<Condition> => new Set([...state.possible, ...conditions]);
  if (facts.makesCandidates) {
    const samples = samplesOf(step);
    const tested = testsItself(step);
    const { least, most } = state.unjudged;
    return withCandidates(state.candidates + samples, {
      ...next,
      unjudged: tested ? state.unjudged : { least: least + 1, most: most + samples },
      makers: [...new Set([...state.makers, step.id])],
      untested: untestable ? [] : [...state.untested, place],
      possible: open('tests-pass', 'tests-fail'),
    });
  }
  switch (step.do) {
    case 'test':
      return { ...next, unjudged: { least: 0, most: 0 }, untested: [] };
    case 'check':
      return { ...next, possible: open('checks-fail') };
    case 'review':
      return { ...next, possible: open('review-approves', 'review-rejects') };
    case 'select': {
      const { least, most } = state.unjudged;
      return {
        ...next,
        candidates: Math.min(state.candidates, step.keep),
        unjudged: { least: Math.min(least, step.keep), most: Math.min(most, step.keep) },
      };
    }
    default:
      return next;
  }
}

function deadLists(step: Step, state: FlowState): ('steps' | 'else')[] {
  if (step.do === 'repeat') return holds(state, step.until) === 'always' ? ['steps'] : [];
  if (step.do !== 'when') return [];
  const held = holds(state, step.if);
  return held === 'never' ? ['steps'] : held === 'always' ? ['else'] : [];
}

/** One reached twice is alive where it is alive either time. */
function record(found: Found, place: Place, now: StepFlow): void {
  const key = formatPlace(place);
  const before = found.get(key);
  if (!before || (!before.reachable && now.reachable)) found.set(key, now);
  else if (now.reachable) {
    found.set(key, {
      first: before.first,
      every: join([before.every, now.every]),
      reachable: true,
      dead: before.dead.filter((list) => now.dead.includes(list)),
      mayPass: before.mayPass || now.mayPass,
    });
  }
}

function learn(state: FlowState, condition: Condition, value: boolean): FlowState {
  const answers = value ? implied[condition].yes : implied[condition].no;
  // Where there are no tests, nobody can be asked to run them.
  const untested = condition === 'no-tests' && value ? [] : state.untested;
  return { ...state, untested, known: new Map([...state.known, ...answers, [condition, value]]) };
}

function withCandidates(candidates: number, state: FlowState): FlowState {
  return { ...state, candidates, possible: candidates < 2 ? state.possible : new Set([...state.possible, 'candidates-agree']) };
}

/** Any one of the states may be the case. */
function join(states: readonly FlowState[]): FlowState {
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
function joinSideBySide(before: FlowState, states: readonly FlowState[]): FlowState {
  const sum = (count: (state: FlowState) => number): number =>
    states.reduce((total, state) => total + count(state) - count(before), count(before));
  const joined = join(states);
  const stillUntested = before.untested.filter((place) => states.every((state) => includesPlace(state.untested, place)));
  const newlyUntested = joined.untested.filter((place) => !includesPlace(before.untested, place));
  return withCandidates(
    Math.max(
      0,
      sum((state) => state.candidates),
    ),
    {
      ...joined,
      unjudged: {
        least: Math.max(
          0,
          sum((state) => state.unjudged.least),
        ),
        most: Math.max(
          0,
          sum((state) => state.unjudged.most),
        ),
      },
      untested: [...stillUntested, ...newlyUntested],
    },
  );
}

/** What further rounds add: as much as the second added to the first. */
function grow(joined: FlowState, first: FlowState, second: FlowState, rounds: number): FlowState {
  const more = (count: (state: FlowState) => number): number => rounds * Math.max(0, count(second) - count(first));
  const unjudged = { ...joined.unjudged, most: joined.unjudged.most + more((state) => state.unjudged.most) };
  return withCandidates(joined.candidates + more((state) => state.candidates), { ...joined, unjudged });
}

const includesPlace = (places: readonly Place[], place: Place): boolean =>
  places.some((other) => formatPlace(other) === formatPlace(place));

const unitePlaces = (a: readonly Place[], b: readonly Place[]): readonly Place[] => [
  ...a,
  ...b.filter((place) => !includesPlace(a, place)),
];

/** Every list of steps inside a step that can never be entered, with its place. */
export function deadBranches(flow: Flow, step: Step, place: Place): Place[] {
  const { reachable, dead } = flow.at(place);
  if (!reachable) return [];
  return childLists(step)
    .filter(({ list }) => dead.includes(list))
    .map(({ list }) => [...place, list]);
}
