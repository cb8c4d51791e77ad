/** The table of step kinds, in the order lists show them. Adding one is a file in `kinds/` and a line here; its runner is a line in `run/execute.ts`. */

import type { Say } from '../text/index.ts';
import { analyse } from './kinds/analyse.ts';
import { chain } from './kinds/chain.ts';
import { check } from './kinds/check.ts';
import { debate } from './kinds/debate.ts';
import { generate } from './kinds/generate.ts';
import { group } from './kinds/group.ts';
import { merge } from './kinds/merge.ts';
import { repair } from './kinds/repair.ts';
import { repeat } from './kinds/repeat.ts';
import { review } from './kinds/review.ts';
import { revise } from './kinds/revise.ts';
import { select } from './kinds/select.ts';
import { tellApart } from './kinds/tell-apart.ts';
import { test } from './kinds/test.ts';
import { vote } from './kinds/vote.ts';
import { votePart } from './kinds/vote-part.ts';
import { when } from './kinds/when.ts';
import { writeTests } from './kinds/write-tests.ts';
import { withAgent } from './step-answers.ts';
import type { Fields, OwnStep, StepKindDefinition, StepKindFacts } from './step-kind.ts';

const table = [
  generate,
  analyse,
  writeTests,
  test,
  check,
  review,
  merge,
  revise,
  repair,
  vote,
  votePart,
  debate,
  tellApart,
  select,
  repeat,
  chain,
  when,
  group,
] as const;

type Definition = (typeof table)[number];
export type StepKind = Definition['do'];

type OwnOf<Kind> = Kind extends StepKindDefinition<infer Name, infer Own, infer _List> ? OwnStep<Name, Own, never> : never;
type ListOf<Kind> = Kind extends StepKindDefinition<infer _Name, infer _Own, infer List> ? List : never;
type StepFrom<Kind> = Kind extends Definition ? OwnOf<Kind> & { [List in ListOf<Kind>]: Step[] } : never;
/** One step of a plan: `do` says which kind. */
export type Step = StepFrom<Definition>;
export type StepOf<Kind extends StepKind> = Extract<Step, { do: Kind }>;

/** A kind that is known only at run time. */
export interface KnownStepKind extends StepKindFacts<Step> {
  readonly do: StepKind;
  readonly fields: Fields;
  readonly fresh: Readonly<Record<string, unknown>>;
}

// A kind is only ever asked about steps of its own: whoever asks has found it by the step's `do`.
export const stepKinds = table as unknown as readonly KnownStepKind[];

const byName: ReadonlyMap<string, KnownStepKind> = new Map(stepKinds.map((kind) => [kind.do, kind]));

/** Undefined for a name that is no kind. */
export const stepKindNamed = (name: string): KnownStepKind | undefined => byName.get(name);

/** Anything that says which kind it is: a step, a sketch of one, the kind itself. */
type OfKind = { readonly do: StepKind };

export const stepKindOf = (one: OfKind): KnownStepKind => byName.get(one.do) as KnownStepKind;

/** The name of the agent a step calls, if it calls one. */
export const agentNameOf = (step: Step): string | undefined => ('agent' in step ? step.agent : undefined);

/** All agents that a step calls, the one it is named after first. */
export const agentNamesOf = (step: Step): readonly string[] =>
  'agent' in step ? [step.agent, ...('others' in step ? step.others : [])] : [];

/** The step in a few words: `write ×3 · coder`. */
export function stepTitle(step: Step, t: Say): string {
  const kind = stepKindOf(step);
  if (kind.title) return kind.title(step, t);
  return 'agent' in step ? withAgent(kind.label(t), step) : kind.label(t);
}

export const makesCandidates = (one: OfKind): boolean => stepKindOf(one).leaves.includes('candidates');
export const writesNote = (one: OfKind): boolean => stepKindOf(one).leaves.includes('note');

/** A new step of a kind: what the schema and the kind say it starts with. `inner` goes into each list that must not be empty. */
export function freshStep(kind: KnownStepKind, { id, agent, inner }: { id: string; agent: string; inner: () => readonly Step[] }): Step {
  const values = Object.entries(kind.fields).map(([name, { schema }]) => {
    const chosen = name === 'agent' ? agent : kind.fresh[name];
    return [name, chosen ?? schema.parse(undefined)];
  });
  const lists = Object.entries(kind.inside?.lists ?? {}).map(([list, { least }]) => [list, least === 0 ? [] : inner()]);
  return structuredClone({ id, do: kind.do, ...Object.fromEntries(values), ...Object.fromEntries(lists) }) as Step;
}
