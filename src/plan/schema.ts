/**
 * The plan language, version 1: a team for one request, as data. A plan never contains the request's text and never contains code.
 *
 * A run holds a pool of candidates and a set of notes. Steps run in order; the steps inside a `group` run side by side. `generate` and
 * `revise` add candidates, `test` and `check` judge those not judged yet, `select` narrows the pool, `analyse` and `review` write notes,
 * and a step reads the notes of the steps it names in `uses`. References point backwards only.
 *
 * What each step kind does, and which conditions it can change, is one table: `step-kinds.ts`. The rules a reader of plans relies on:
 * - Conditions speak of the run's candidates and reviews, never of the baseline. `tests-fail` is the contrary of `tests-pass`: no candidate
 *   passes, or there is none yet. A condition about tests runs them for the best candidate if they have not run. `no-tests` never changes.
 * - `repeat` looks at its condition before every round, the first one too: a body runs 0 to `max` times. `when` looks once.
 * - The steps of a `group` run at the same time. None reads a note or works on a candidate that another one makes, so their order is free.
 * - `write-tests` adds test files to the start; that is a candidate too, and samples made later `from: start` contain those tests.
 * - `test` and `check` are free for candidates that are judged already; `select` keeps the best `keep`, by the first rule that tells them apart.
 * - Notes are read in the order the steps were written; the order inside `uses`, `tools`, `write` and `checks` means nothing.
 * - Test files are outside every agent's write scope unless its output is `tests`.
 */
import * as z from 'zod';

export const toolNames = ['read', 'list', 'search', 'edit', 'test'] as const;
export type ToolName = (typeof toolNames)[number];

export const difficulties = ['easy', 'medium', 'hard'] as const;
export type Difficulty = (typeof difficulties)[number];

/** What an agent hands over: edits to files, a note in prose, a verdict on a candidate, or test files. */
export const outputs = ['edits', 'note', 'verdict', 'tests'] as const;

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'a lower-case name of up to 40 letters, digits and dashes, starting with a letter');

/** One agent. Instructions (objective), output, tools and write (boundaries) are the four parts every brief must have. */
export const agentSchema = z.strictObject({
  role: id.describe('planner, coder, tester, reviewer, debugger, or any other short name'),
  instructions: z.string().trim().min(1).max(2000).describe('The objective of this agent in its own words; never the request itself'),
  output: z.enum(outputs),
  tier: z.enum(['worker', 'strong']).default('worker'),
  tools: z.array(z.enum(toolNames)).max(toolNames.length).describe('Empty: one reply, no tools'),
  write: z.array(z.string().min(1).max(200)).max(20).describe('Globs this agent may write; empty: nothing'),
  temperature: z.number().min(0).max(2).default(0.2),
});
export type Agent = z.infer<typeof agentSchema>;

const common = { id };
const uses = z.array(id).max(16).default([]).describe('Steps whose notes this step reads');

export const conditions = [
  'tests-pass',
  'tests-fail',
  'no-tests',
  'checks-fail',
  'review-rejects',
  'review-approves',
  'candidates-agree',
] as const;
export type Condition = (typeof conditions)[number];

export const selectors = ['tests', 'behaviour', 'votes'] as const;
export const checkKinds = ['types', 'lint'] as const;

export interface GenerateStep {
  id: string;
  do: 'generate';
  agent: string;
  samples: number;
  stop: 'first-pass' | 'never';
  from: 'start' | 'best';
  uses: string[];
}
export interface AnalyseStep {
  id: string;
  do: 'analyse';
  agent: string;
  uses: string[];
}
export interface WriteTestsStep {
  id: string;
  do: 'write-tests';
  agent: string;
  uses: string[];
}
export interface TestStep {
  id: string;
  do: 'test';
}
export interface CheckStep {
  id: string;
  do: 'check';
  checks: ('types' | 'lint')[];
}
export interface ReviewStep {
  id: string;
  do: 'review';
  agent: string;
  uses: string[];
}
export interface ReviseStep {
  id: string;
  do: 'revise';
  agent: string;
  samples: number;
  stop: 'first-pass' | 'never';
  uses: string[];
}
export interface SelectStep {
  id: string;
  do: 'select';
  by: ('tests' | 'behaviour' | 'votes')[];
  keep: number;
}
export interface RepeatStep {
  id: string;
  do: 'repeat';
  until: Condition;
  max: number;
  steps: Step[];
}
export interface WhenStep {
  id: string;
  do: 'when';
  if: Condition;
  steps: Step[];
  else: Step[];
}
export interface GroupStep {
  id: string;
  do: 'group';
  steps: Step[];
}
export type Step =
  | GenerateStep
  | AnalyseStep
  | WriteTestsStep
  | TestStep
  | CheckStep
  | ReviewStep
  | ReviseStep
  | SelectStep
  | RepeatStep
  | WhenStep
  | GroupStep;
export type StepKind = Step['do'];

const samples = z.number().int().min(1).max(64).default(1);
const stop = z
  .enum(['first-pass', 'never'])
  .default('first-pass')
  .describe('first-pass: test every sample as it arrives and stop at the first that passes; never: make all samples');
const nested = z
  .array(z.lazy(() => stepSchema))
  .min(1)
  .max(32);

export const stepSchema: z.ZodType<Step> = z.lazy(() =>
  z.discriminatedUnion('do', [
    z.strictObject({
      ...common,
      do: z.literal('generate'),
      agent: id,
      samples,
      stop,
      from: z.enum(['start', 'best']).default('start'),
      uses,
    }),
    z.strictObject({ ...common, do: z.literal('analyse'), agent: id, uses }),
    z.strictObject({ ...common, do: z.literal('write-tests'), agent: id, uses }),
    z.strictObject({ ...common, do: z.literal('test') }),
    z.strictObject({ ...common, do: z.literal('check'), checks: z.array(z.enum(checkKinds)).min(1).max(2) }),
    z.strictObject({ ...common, do: z.literal('review'), agent: id, uses }),
    z.strictObject({ ...common, do: z.literal('revise'), agent: id, samples, stop, uses }),
    z.strictObject({
      ...common,
      do: z.literal('select'),
      by: z.array(z.enum(selectors)).min(1).max(3).default(['tests', 'behaviour', 'votes']),
      keep: z.number().int().min(1).max(16).default(1),
    }),
    z.strictObject({ ...common, do: z.literal('repeat'), until: z.enum(conditions), max: z.number().int().min(1).max(10), steps: nested }),
    z.strictObject({
      ...common,
      do: z.literal('when'),
      if: z.enum(conditions),
      steps: nested,
      else: z
        .array(z.lazy(() => stepSchema))
        .max(32)
        .default([]),
    }),
    z.strictObject({ ...common, do: z.literal('group'), steps: nested }),
  ]),
);

/** Limits the runtime enforces before each call. Tokens count input and output; seconds are wall clock of the run. */
export const budgetSchema = z.strictObject({
  tokens: z.number().int().positive().default(60_000),
  usd: z.number().nonnegative().default(1),
  seconds: z.number().positive().default(900),
  calls: z.number().int().positive().default(20),
  /** Most agents of the plan. */
  agents: z.number().int().positive().default(6),
  /** Deepest nesting of steps. */
  depth: z.number().int().positive().default(4),
});
export type Budget = z.infer<typeof budgetSchema>;

export const planSchema = z.strictObject({
  teamwright: z.literal(1),
  name: id,
  /** Why this team; shown in the review. Never the request's text. */
  reason: z.string().max(2000).default(''),
  difficulty: z.enum(difficulties),
  agents: z.record(id, agentSchema),
  steps: z.array(stepSchema).min(1).max(32),
  budget: budgetSchema.prefault({}),
  finish: z
    .strictObject({
      /** tests-pass: success is a candidate without failing tests. answer: the last note is the result and no file changes. */
      when: z.enum(['tests-pass', 'answer']).default('tests-pass'),
      /** What is handed over when the tests still fail: the best candidate, or nothing. */
      otherwise: z.enum(['best', 'nothing']).default('best'),
    })
    .prefault({}),
});
export type Plan = z.infer<typeof planSchema>;

/** Steps may nest this deep at the very most, whatever the budget says; keeps every walk over a plan small. */
export const deepestNesting = 8;

/** Direct children of a step, in order. */
export function childSteps(step: Step): readonly Step[] {
  if (step.do === 'repeat' || step.do === 'group') return step.steps;
  if (step.do === 'when') return [...step.steps, ...step.else];
  return [];
}

/** Every step of the list, parents before children, in order. */
export function* allSteps(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step;
    yield* allSteps(childSteps(step));
  }
}
