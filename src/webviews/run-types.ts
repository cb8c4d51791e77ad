/** The page "Run": the team at work, and the ways to steer it. */
import * as z from 'zod';
import { blockSchema } from './answer-types.ts';
import { badgeSchema } from './badge-types.ts';
import { graphSchema } from './graph-types.ts';
import { noticeSchema } from './plan-types.ts';

/** Tests that are red, with what they expected and got. */
export const failingSchema = z.strictObject({
  sentence: z.string(),
  tests: z.array(z.strictObject({ name: z.string(), message: z.string() })),
});

const budgetName = z.enum(['tokens', 'usd', 'seconds', 'calls']);

export const runModelSchema = z.strictObject({
  page: z.literal('run'),
  runId: z.string(),
  badge: badgeSchema,
  paused: z.boolean(),
  request: z.string(),
  /** What the request came with: the run that it goes on from, and pictures. */
  along: z.array(z.string()),
  notice: noticeSchema.optional(),
  /** What an agent wants to know of the user; the run waits for it, in this window. */
  question: z.strictObject({ agent: z.string(), text: z.string(), options: z.array(z.string()) }).optional(),
  /** What was asked for, of a run that answered a question. */
  answer: z.array(blockSchema).optional(),
  /** Why the run ended as it did, in sentences. */
  outcome: z.array(z.string()),
  /** Beside the badge: tests, files, money, time. */
  verdict: z.array(z.string()),
  /** What happens at this moment, a line for each thing that goes on. */
  now: z.array(z.string()),
  /** Of a run that ended red: what fails still, and how. */
  failing: failingSchema.optional(),
  /** When it began, where, and what it has asked. */
  facts: z.array(z.string()),
  /** Rounds of plan and execution, and which one the graph shows. */
  rounds: z.array(z.strictObject({ round: z.number().int(), label: z.string() })),
  round: z.number().int(),
  graph: graphSchema,
  /** Path of the step in the trace, by node; what "skip" names. Only steps that can still be skipped. */
  skippable: z.record(z.string(), z.string()),
  budget: z.array(
    z.strictObject({ name: budgetName, label: z.string(), used: z.string(), limit: z.string(), share: z.number(), limitValue: z.number() }),
  ),
  /** Calls of models, the last ones; what they say is streamed by `call`. */
  tries: z.array(z.strictObject({ call: z.string(), name: z.string(), active: z.boolean(), badge: badgeSchema.optional() })),
  agents: z.array(
    z.strictObject({
      name: z.string(),
      active: z.boolean(),
      model: z.string(),
      calls: z.string(),
      tokens: z.string(),
      money: z.string(),
      time: z.string(),
    }),
  ),
  /** Lines that a repair suspects, and what came of each. */
  places: z.array(
    z.strictObject({
      path: z.string(),
      line: z.number().int(),
      label: z.string(),
      why: z.string(),
      said: z.string(),
      tone: z.enum(['plain', 'good', 'bad']),
    }),
  ),
  candidates: z.array(
    z.strictObject({
      id: z.string(),
      chosen: z.boolean(),
      madeBy: z.string(),
      files: z.string(),
      tests: z.string(),
      /** What the tests say of it. */
      badge: badgeSchema,
      delta: z.array(z.string()),
      remarks: z.array(z.string()),
    }),
  ),
  notes: z.array(z.strictObject({ title: z.string(), text: z.string() })),
  log: z.array(
    z.strictObject({ seq: z.number().int(), time: z.string(), text: z.string(), tone: z.enum(['plain', 'good', 'bad', 'warning']) }),
  ),
  /** Entries before the first one shown. */
  logOmitted: z.number().int(),
  can: z.strictObject({
    steer: z.boolean(),
    stop: z.boolean(),
    diff: z.boolean(),
    resume: z.boolean(),
    review: z.boolean(),
    /** It ended without what was asked for: another try, with a hint or with another model. */
    again: z.boolean(),
    /** What was accepted was not tested like this yet. */
    testAccepted: z.boolean(),
  }),
});
export type RunModel = z.infer<typeof runModelSchema>;

/** New text of calls since the last message; `restart` throws away what was shown of that call. */
export const streamSchema = z.strictObject({
  type: z.literal('stream'),
  parts: z.array(z.strictObject({ call: z.string(), text: z.string(), thinking: z.boolean(), restart: z.boolean() })),
});
export type StreamPart = z.infer<typeof streamSchema>['parts'][number];

/** From 1. */
const line = z.number().int().positive();

export const runCommands = [
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('continue') }),
  z.strictObject({ type: z.literal('stop') }),
  z.strictObject({ type: z.literal('skip'), path: z.string().max(1000) }),
  z.strictObject({ type: z.literal('hint'), agent: z.string().max(200).optional(), text: z.string().trim().min(1).max(2000) }),
  /** `question`: the one on screen; '' lets the agent decide. */
  z.strictObject({ type: z.literal('answer'), question: z.string().max(1000), text: z.string().trim().max(2000) }),
  z.strictObject({ type: z.literal('raise-budget'), name: budgetName, limit: z.number().positive() }),
  z.strictObject({ type: z.literal('open-diff') }),
  z.strictObject({ type: z.literal('open-review') }),
  z.strictObject({ type: z.literal('test-accepted') }),
  z.strictObject({ type: z.literal('resume') }),
  z.strictObject({ type: z.literal('send-back') }),
  z.strictObject({ type: z.literal('other-model') }),
  z.strictObject({ type: z.literal('open-place'), path: z.string().max(1000), line: line.optional(), endLine: line.optional() }),
  z.strictObject({ type: z.literal('point'), path: z.string().max(1000), line }),
  z.strictObject({ type: z.literal('select-round'), round: z.number().int().nonnegative() }),
] as const;
