/**
 * The plan language, version 1: a team for one request, as data. A plan never contains the request's text and never contains code.
 *
 * A run holds a pool of candidates and a set of notes. Steps run in order; the steps inside a `group` run side by side. `generate` and
 * `revise` add candidates, `test` and `check` judge those not judged yet, `select` narrows the pool, `analyse` and `review` write notes,
 * and a step reads the notes of the steps it names in `uses`. References point backwards only.
 *
 * What each step kind is, does and can change is one table: `step-kinds.ts`. The rules a reader of plans relies on:
 * - Conditions speak of the run's candidates and reviews, never of the baseline. `tests-fail` is the contrary of `tests-pass`: no candidate
 *   passes, or there is none yet. A condition about tests runs them for the best candidate if they have not run. `no-tests` never changes.
 * - `repeat` looks at its condition before every round, the first one too: a body runs 0 to `max` times. `when` looks once.
 * - The steps of a `group` run at the same time. None reads a note or works on a candidate that another one makes, so their order is free.
 * - `write-tests` adds test files to the start; that is a candidate too, and samples made later `from: start` contain those tests.
 * - `test` and `check` are free for candidates that are judged already; `select` keeps the best `keep`, by the first rule that tells them apart.
 * - Notes are read in the order the steps were written; the order inside `uses`, `tools`, `write` and `checks` means nothing.
 * - Test files are outside every agent's write scope unless its output is `tests`. What decides which tests run, and what an editor, git, CI or an
 *   agent runs later, is outside it unless a glob of `write` is about such files.
 */
import * as z from 'zod';
import { abortSchema } from './abort.ts';
import { agentSchema, nameSchema } from './agent.ts';
import { type KnownStepKind, type Step, stepKinds } from './step-kinds.ts';

export { type Agent, nameSchema, type ToolName, toolNames, troubles } from './agent.ts';
export type { Condition } from './conditions.ts';
export type { Step, StepKind, StepOf } from './step-kinds.ts';

export const difficulties = ['easy', 'medium', 'hard'] as const;
export type Difficulty = (typeof difficulties)[number];

/** Steps of a plan, those inside others counted too. */
export const mostSteps = 100;

const stepSchema = z.lazy(() =>
  z.discriminatedUnion('do', stepKinds.map(schemaOf) as [ReturnType<typeof schemaOf>]),
) as unknown as z.ZodType<Step>;

function schemaOf({ do: kind, fields, inside }: KnownStepKind) {
  const own = Object.entries(fields).map(([name, { schema }]) => [name, schema]);
  const lists = Object.entries(inside?.lists ?? {}).map(([name, { least }]) => {
    const list = z.array(z.lazy(() => stepSchema)).max(mostSteps);
    return [name, least === 0 ? list.default([]) : list.min(least)];
  });
  return z.strictObject({
    id: nameSchema,
    do: z.literal(kind),
    ...(Object.fromEntries(own) as z.ZodRawShape),
    ...(Object.fromEntries(lists) as z.ZodRawShape),
  });
}

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
  name: nameSchema,
  /** Why this team; shown in the review. Never the request's text. */
  reason: z.string().max(2000).default(''),
  difficulty: z.enum(difficulties),
  agents: z.record(nameSchema, agentSchema),
  steps: z.array(stepSchema).min(1).max(mostSteps),
  budget: budgetSchema.prefault({}),
  finish: z
    .strictObject({
      /** tests-pass: success is a candidate without failing tests. answer: the last note is the result and no file changes. */
      when: z.enum(['tests-pass', 'answer']).default('tests-pass'),
      /** What is handed over when the tests still fail: the best candidate, or nothing. */
      otherwise: z.enum(['best', 'nothing']).default('best'),
    })
    .prefault({}),
  /** What the run is not to go on after; absent: what is usual. */
  abort: abortSchema.optional(),
});
export type Plan = z.infer<typeof planSchema>;

/** Steps may nest this deep at the very most, whatever the budget says; keeps every walk over a plan small. */
export const deepestNesting = 8;
