/**
 * What a step kind says of itself: one file a kind in `kinds/`, one line in the table of `step-kinds.ts`. Everything else asks that table and
 * knows no kind by its name: the schema and its types, the canonical form, the validator, price, flow, graph, texts, form, docs, and what a
 * designer is told. Every question is to be answered; a kind that has nothing to say takes the answer from `step-answers.ts`.
 */
import type * as z from 'zod';
import type { Say } from '../text/index.ts';
import type { Agent } from './agent.ts';
import type { Condition, Product } from './conditions.ts';
import type { AnalysisFacts, Cost } from './cost.ts';
import type { Chance, FlowState, StepFlow } from './flow-state.ts';
import type { Place } from './place.ts';
import type { Problem } from './problem.ts';

/** A step as whoever holds it sees it: something to hand on. */
export interface InnerStep {
  readonly id: string;
  readonly do: string;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** A field of a step, besides its name and its kind. */
export interface Field<Schema extends z.ZodType = z.ZodType> {
  /** Its bounds are those of the form, its default is what a new step has. */
  readonly schema: Schema;
  /** Came after plans were named by their hash: with its default it takes no part, so that a plan keeps its name. */
  readonly late?: true;
  /** Of values that mean the same, the one that takes part in the hash. Absent: every value means something else. */
  level?(value: z.output<Schema>): z.output<Schema>;
  /** How it is written in a form. A choice that offers nothing is not shown. */
  readonly control: 'number' | 'select' | 'set' | 'lines';
  label(t: Say): string;
  help?(t: Say): string;
  options?(scope: FieldScope<z.output<Schema>>): readonly Option[];
}

/** What a choice may draw from. */
export interface FieldScope<Value> {
  readonly value: Value;
  readonly t: Say;
  /** Names of the plan's agents. */
  readonly agents: readonly string[];
  /** Steps before this one that leave a note. */
  readonly notes: readonly string[];
}

/** By name. `agent`, `uses` and `samples` mean the same in every kind: the agent it calls, the notes it reads, how often it asks. */
export type Fields = Readonly<Record<string, Field>>;

/** A step of one kind, the steps inside it unseen. */
export type OwnStep<Name extends string, Own extends Fields, List extends string> = { id: string; do: Name } & {
  [Key in keyof Own]: z.output<Own[Key]['schema']>;
} & { [Key in List]: InnerStep[] };

/** Fields that have no default. */
type Required<Own extends Fields> = {
  [Key in keyof Own as undefined extends z.input<Own[Key]['schema']> ? never : Key]: z.input<Own[Key]['schema']>;
};

export interface StepKindFacts<Step extends InnerStep = InnerStep, List extends string = string> {
  // ---- in words
  /** What a person calls it. */
  label(t: Say): string;
  /** One line for forms and docs: what the step does. */
  does(t: Say): string;
  /** The step in a few words: `select the best by tests`. Absent: its label, with its agent. */
  title?(step: Step, t: Say): string;
  /** What its agent does, in the sentence that tells the whole plan: `coder writes the change`. Absent: it calls none. */
  tells?(step: Step, t: Say): string;
  /** What a terminal says besides. */
  details(step: Step): readonly string[];

  // ---- what it is
  /** What its agent may hand over; empty for steps that call no model. The first is what a new agent for it gets. */
  readonly outputs: readonly Agent['output'][];
  /** How many times it asks its agent at most in one pass. */
  samples(step: Step): number;
  /** Calls of its own agents that must wait for each other. Absent: one, where it calls an agent. */
  layers?(step: Step): number;
  readonly leaves: readonly Product[];
  /** Works on candidates and has nothing to do when there are none. */
  readonly needsCandidates: boolean;
  /** What it does depends on the candidates there are: it works on them, or asks a condition about them. */
  takesCandidates(step: Step): boolean;
  /** Must not run beside a step that makes candidates: runs would differ by who is first. Absent: when it takes them. */
  races?(step: Step): boolean;
  /** Has nothing to do while nothing speaks against the best candidate: may stand in a `when: tests-fail` that a flat list cannot say. */
  readonly idleWhenGreen: boolean;
  /** Conditions that may be different after it. */
  readonly changes: readonly Condition[];

  // ---- what follows
  /** What can be true after it. */
  flow(step: Step, at: FlowPoint<List>): FlowState;
  price(step: Step, at: PricePoint<List>): Cost;
  /** What is wrong with it where it stands, besides what all kinds have in common. */
  problems(step: Step, at: Surroundings): readonly Problem[];

  // ---- how it is made
  /** What a designer is told of it; undefined: a model does not write such a step. */
  readonly sketch: SketchFacts | undefined;
  /** The steps it holds; undefined: none. */
  readonly inside: Inside<Step, List> | undefined;
}

export interface StepKindDefinition<Name extends string = string, Own extends Fields = Fields, List extends string = string>
  extends StepKindFacts<NoInfer<OwnStep<Name, Own, List>>, List> {
  readonly do: Name;
  readonly fields: Own;
  /** What a new step starts with where the schema has no default; its agent is chosen. */
  readonly fresh: Omit<Required<Own>, 'agent'>;
}

/** Gives the definition back; finds out its types. */
export const stepKind = <const Name extends string, Own extends Fields, List extends string = never>(
  kind: StepKindDefinition<Name, Own, List>,
): StepKindDefinition<Name, Own, List> => kind;

/** Gives the field back; finds out its type. */
export const field = <Schema extends z.ZodType>(given: Field<Schema>): Field<Schema> => given;

export interface FlowPoint<List extends string> {
  readonly place: Place;
  /** Before the step; of what the step may change nothing is certain any more. */
  readonly state: FlowState;
  /** After a list of its steps that begins with this state. */
  inside(list: List, from: FlowState): FlowState;
}

export interface PricePoint<List extends string> {
  readonly here: StepFlow;
  readonly facts: AnalysisFacts;
  /** The one it calls; undefined when it calls none, or one that does not exist. */
  readonly agent: Agent | undefined;
  /** Any agent of the plan; undefined: there is none of that name. */
  agentNamed(name: string): Agent | undefined;
  inside(list: List): Cost;
}

export interface Surroundings {
  readonly place: Place;
  readonly here: StepFlow;
  /** Other steps run at the same time. */
  readonly sideBySide: boolean;
  /** What the steps inside it leave behind. */
  readonly leftInside: ReadonlySet<Product>;
}

/** What a sketch of a team says of a step: name, agent, samples, notes it reads, rounds. */
export interface SketchFacts {
  /** For the prompt, behind the name; '' when the name says it. */
  readonly says: string;
  /** Rounds make sense: it is repeated, with a test after it, until the tests pass. */
  readonly rounds?: true;
  /** Fields that every such step gets. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

/** Where the way through a plan leaves a node of the graph. */
export interface Exit {
  readonly from: string;
  readonly label?: string;
}

export interface Inside<Step extends InnerStep, List extends string> {
  /** Its lists in their order: the fewest steps of each, and the line above it where it is not the first. */
  readonly lists: Readonly<Record<List, { readonly least: 0 | 1; readonly heading?: string }>>;
  /** How the steps of a list run. */
  readonly order: 'in-turn' | 'side-by-side';
  /** Only one of the lists runs. */
  readonly exclusive: boolean;
  /** The lists may run several times; the number of the round stands in the places of their steps. */
  readonly rounds: boolean;
  /** How often at most. Absent: once. */
  mostRounds?(step: Step): number;
  readonly shape: 'choice' | 'frame';
  entered(step: Step, state: FlowState): Readonly<Record<List, Chance>>;
  /** Why a list that is never entered is not. */
  unreachable(step: Step, list: List, t: Say): string;
  /** Agent calls that must wait for each other. */
  layers(inside: (list: List) => number): number;
  /** Where the way leaves it; draws the steps inside. */
  draw(pen: Pen<List>, t: Say): readonly Exit[];
  /**
   * The same work as steps of a flat list, the last of them repeated `rounds` times; undefined where a flat list cannot say it.
   * `factsOf` is asked about steps inside.
   */
  flat(
    step: Step,
    factsOf: (inner: InnerStep) => StepKindFacts,
  ): { readonly steps: readonly InnerStep[]; readonly rounds?: number } | undefined;
}

export interface Pen<List extends string> {
  /** A way out of the node itself. */
  exit(label?: string): Exit;
  /** Draws a list whose way in has this label; gives its ways out. */
  inside(list: List, label?: string): readonly Exit[];
  /** Draws ways back to the node. */
  back(exits: readonly Exit[], label: string): void;
}
