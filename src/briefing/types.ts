import * as z from 'zod';
import { testCommandSchema, testReportSchema } from '../feedback/types.ts';

/** `small-workspace`: there are so few files that all are worth showing. */
export const relevanceReasons = [
  'selected',
  'diagnostic',
  'stack-frame',
  'failing-test',
  'named-in-request',
  'lexical',
  'imported',
  'importer',
  'small-workspace',
] as const;
export type RelevanceReason = (typeof relevanceReasons)[number];

export const relevantFileSchema = z.strictObject({
  /** Relative to the workspace, forward slashes. */
  path: z.string(),
  /** Why it is here, best reason first. */
  reasons: z.array(z.enum(relevanceReasons)),
  score: z.number(),
  bytes: z.number().int(),
  /** Whole text, or the most relevant part when `truncated`. */
  text: z.string(),
  truncated: z.boolean(),
  isTest: z.boolean(),
  /** Where it is not plain UTF-8; `guessed`: by the looks of its bytes. */
  encoding: z.strictObject({ name: z.string(), guessed: z.boolean() }).optional(),
});
export type RelevantFile = z.infer<typeof relevantFileSchema>;

export const gitStateSchema = z.strictObject({
  kind: z.enum(['repository', 'none', 'empty-repository']),
  branch: z.string().optional(),
  detached: z.boolean().default(false),
  head: z.string().optional(),
  /** Counts of files that differ from HEAD, and that git does not know. */
  changed: z.number().int().default(0),
  untracked: z.number().int().default(0),
  submodules: z.array(z.string()).default([]),
});
export type GitState = z.infer<typeof gitStateSchema>;

/** Facts gathered without a model. */
export const briefingSchema = z.strictObject({
  version: z.literal(1),
  languages: z.array(z.strictObject({ name: z.string(), files: z.number().int(), bytes: z.number().int() })),
  packageManager: z.string().optional(),
  test: testCommandSchema.optional(),
  /** The tests before anything was changed; absent when there is no test command or it was not run. */
  baseline: testReportSchema.optional(),
  files: z.array(relevantFileSchema),
  /** Text of AGENTS.md (or a file that stands for it), bounded. */
  instructions: z.strictObject({ path: z.string(), text: z.string(), truncated: z.boolean() }).optional(),
  git: gitStateSchema,
  fileCount: z.number().int(),
  /** What was left out and why, in sentences for the user. */
  leftOut: z.array(z.string()),
  /** A file that the request names and that is in no encoding that can be told, where the same is true of all others that it names. */
  unusable: z.string().optional(),
  ms: z.number(),
});
export type Briefing = z.infer<typeof briefingSchema>;
