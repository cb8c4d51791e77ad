/** One attempt of an operator in a run, and what was known before it. What each field means stands in `docs/outcome-bank.md`. */
import * as z from 'zod';
import { requestKinds } from '../design/index.ts';
import { difficulties } from '../plan/schema.ts';

const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);

/** What was known before the attempt began. */
const beforeSchema = z.object({
  /** Of the task and the workspace. */
  language: z.string(),
  kind: z.enum(requestKinds).optional(),
  difficulty: z.enum(difficulties).optional(),
  files: count,
  bytes: count,
  lines: count,
  /** The visible tests at the start. Absent: they were not run. */
  testsPassed: count.optional(),
  testsFailed: count.optional(),
  /** They did not end by themselves. */
  testsCutOff: z.boolean().optional(),
  /** A failing one names an error that is no failed assertion. */
  raises: z.boolean().optional(),
  /** Of the model. */
  infill: z.enum(['suffix', 'marks']).optional(),
  weighs: z.boolean(),
  strength: z.enum(['weak', 'strong']).optional(),
  /** Of the run so far: attempts, those of the same operator, rounds of planning before this one. */
  attempts: count,
  tries: count,
  replans: count,
  /** Share of the visible tests that the best candidate passes; absent: there is none that was tested. */
  bestShare: share.optional(),
  /** Of what the attempt builds on; absent: not known. */
  baseShare: share.optional(),
  tokens: count,
  freshTokens: count,
  modelSeconds: seconds,
  testSeconds: seconds,
  budgetTokens: count.optional(),
  /** Of a place: its rank from 1, how suspicious it is, and how far the first place is ahead of the fifth. */
  rank: z.number().int().positive().optional(),
  suspicion: z.number().optional(),
  suspicionGap: z.number().optional(),
});

export const attemptSchema = z.object({
  runId: z.string().min(1),
  /** The models of the run. */
  worker: z.string(),
  strong: z.string(),
  /** From 1, by when they began; `of` them in the run. */
  order: z.number().int().positive(),
  of: z.number().int().positive(),
  operator: z.string().min(1),
  /** Model that was asked; absent: none. */
  model: z.string().optional(),
  /** Hash of what it was asked, and how often this run had asked it, this time included. */
  prompt: z.string().optional(),
  draw: z.number().int().positive(),
  plan: z.string(),
  step: z.string(),
  call: z.string(),
  before: beforeSchema,
  ended: z.enum(['candidate', 'same', 'refused', 'tried', 'nothing', 'note', 'valid', 'invalid', 'failed', 'done']),
  /** Order of the earlier attempt that gave the same files. */
  sameAs: z.number().int().positive().optional(),
  /** Order of the attempt it builds on, 0 for the start; absent: not known. */
  from: count.optional(),
  /** How a place was written anew. */
  how: z.string().optional(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  tree: z.string().optional(),
  /** The visible tests make it a solution; absent: nothing was tested. */
  visible: z.boolean().optional(),
  passed: count.optional(),
  failed: count.optional(),
  /** Signs of a hand on the tests, or of code made for them. */
  flagged: z.boolean().optional(),
  /** A small change that the model finds less likely than what stood there: no end of the run. */
  unlikely: z.boolean().optional(),
  /** The run handed it over. */
  chosen: z.boolean(),
  calls: count,
  inputTokens: count,
  cachedInputTokens: count,
  outputTokens: count,
  estimated: z.boolean(),
  modelSeconds: seconds,
  testSeconds: seconds,
});
export type Attempt = z.infer<typeof attemptSchema>;
export type Known = Attempt['before'];
