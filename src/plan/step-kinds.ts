/**
 * What each step kind does, in one place. The validator, the analyser, the graph and the renderers read this table; a new step kind is a
 * line here and a case in the schema, and the compiler names every other place that must know it.
 */
import type { Agent, Condition, Step, StepKind } from './schema.ts';

export type StepOf<K extends StepKind> = Extract<Step, { do: K }>;

/** A table with one entry for every step kind. `satisfies StepTable<…>` turns a forgotten kind into a compile error. */
export type StepTable<Entry> = { readonly [K in StepKind]: Entry };

/** A function for every step kind, each with its own step type: `handlers[step.do](step as never, …)`. */
export type StepHandlers<Rest extends unknown[], Result> = { readonly [K in StepKind]: (step: StepOf<K>, ...rest: Rest) => Result };

/** For the end of a chain of cases: compiles only when none is left. */
export function noSuchStep(step: never): never {
  throw new TypeError(`unknown step kind: ${JSON.stringify(step)}`);
}

export interface StepKindFacts {
  /** What a person calls it. */
  readonly label: string;
  /** One line for the designer's prompt and the docs: what the step does. */
  readonly does: string;
  /** What its agent may hand over; empty for steps that call no model. */
  readonly outputs: readonly Agent['output'][];
  /** Adds candidates to the pool. */
  readonly makesCandidates: boolean;
  /** Works on candidates and has nothing to do when there are none. */
  readonly needsCandidates: boolean;
  /** Leaves a note that later steps may name in `uses`. */
  readonly writesNote: boolean;
  /** Holds other steps. */
  readonly nests: boolean;
  /** Conditions that may be different after it. */
  readonly changes: readonly Condition[];
}

const testConditions = ['tests-pass', 'tests-fail'] as const;
const poolConditions = [...testConditions, 'checks-fail', 'candidates-agree'] as const;

const made = { makesCandidates: true, writesNote: false, nests: false, changes: poolConditions } as const;
const noted = { makesCandidates: false, needsCandidates: false, writesNote: true, nests: false } as const;
const judged = { outputs: [], makesCandidates: false, needsCandidates: true, writesNote: false, nests: false } as const;
const nesting = { outputs: [], makesCandidates: false, needsCandidates: false, writesNote: false, nests: true, changes: [] } as const;

export const stepKinds = {
  generate: {
    ...made,
    label: 'write',
    does: 'an agent writes a change, in one or more samples',
    outputs: ['edits'],
    needsCandidates: false,
  },
  analyse: { ...noted, label: 'analyse', does: 'an agent thinks and leaves a note', outputs: ['note'], changes: [] },
  'write-tests': { ...made, label: 'write tests', does: 'an agent adds test files', outputs: ['tests'], needsCandidates: false },
  test: { ...judged, label: 'test', does: "runs the project's tests on the candidates", changes: [...testConditions, 'candidates-agree'] },
  check: { ...judged, label: 'check', does: 'runs type check or lint on the candidates', changes: ['checks-fail'] },
  review: {
    ...noted,
    label: 'review',
    does: 'an agent reads the best candidate and approves or rejects it',
    outputs: ['verdict'],
    changes: ['review-approves', 'review-rejects'],
  },
  revise: { ...made, label: 'revise', does: 'an agent repairs the best candidate', outputs: ['edits', 'tests'], needsCandidates: true },
  select: { ...judged, label: 'select', does: 'keeps the best candidates', changes: poolConditions },
  repeat: { ...nesting, label: 'repeat', does: 'runs its steps again until a condition holds' },
  when: { ...nesting, label: 'when', does: 'runs its steps only if a condition holds' },
  group: { ...nesting, label: 'side by side', does: 'runs its steps side by side' },
} as const satisfies StepTable<StepKindFacts>;

/** The same table, read by a kind that is known only at run time. */
export const factsOf = (step: Step): StepKindFacts => stepKinds[step.do];

/** The agent a step calls, if it calls one. */
export const agentOf = (step: Step): string | undefined => ('agent' in step ? step.agent : undefined);

/** How many times a step asks its agent at most in one pass. */
export const samplesOf = (step: Step): number => ('samples' in step ? step.samples : agentOf(step) === undefined ? 0 : 1);

/** True when what a step does depends on the candidates there are: it works on them, or asks a condition about them. */
export function takesCandidates(step: Step): boolean {
  if (step.do === 'generate') return step.from === 'best';
  if (step.do === 'when') return step.if !== 'no-tests';
  return step.do === 'repeat' || step.do === 'review' || factsOf(step).needsCandidates;
}

/** True when the step tests its own samples as they arrive. */
export const testsItself = (step: Step): boolean => 'stop' in step && step.stop === 'first-pass';

export const conditionLabels = {
  'tests-pass': 'the tests pass',
  'tests-fail': 'tests fail',
  'no-tests': 'there are no tests',
  'checks-fail': 'a check fails',
  'review-rejects': 'the review rejects',
  'review-approves': 'the review approves',
  'candidates-agree': 'the candidates agree',
} as const satisfies Record<Condition, string>;

/** What else is certain once the answer to a condition is. */
export const implied: Readonly<Record<Condition, { readonly yes: Answers; readonly no: Answers }>> = {
  'tests-pass': {
    yes: [
      ['tests-fail', false],
      ['no-tests', false],
    ],
    no: [['tests-fail', true]],
  },
  'tests-fail': {
    yes: [['tests-pass', false]],
    no: [
      ['tests-pass', true],
      ['no-tests', false],
    ],
  },
  'no-tests': {
    yes: [
      ['tests-pass', false],
      ['tests-fail', true],
    ],
    no: [],
  },
  'checks-fail': { yes: [], no: [] },
  'review-rejects': { yes: [['review-approves', false]], no: [] },
  'review-approves': { yes: [['review-rejects', false]], no: [] },
  'candidates-agree': { yes: [], no: [] },
};
type Answers = readonly (readonly [Condition, boolean])[];
