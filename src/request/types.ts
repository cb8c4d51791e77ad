import * as z from 'zod';

/** A place in the workspace: path with forward slashes, relative to the workspace; lines start at 1 and include both ends. */
const location = z.strictObject({
  path: z.string(),
  startLine: z.number().int().positive().optional(),
  endLine: z.number().int().positive().optional(),
});

/** Most UTF-16 units a request may have. */
export const longestRequest = 20_000;

/** What the user asked, what it was asked on, and after which run. */
export const requestSchema = z.strictObject({
  text: z.string().min(1).max(longestRequest),
  /** Selected text or file the request is about. */
  selection: location.extend({ text: z.string().optional() }).optional(),
  files: z.array(z.string()).default([]),
  failingTest: z.strictObject({ name: z.string(), path: z.string().optional() }).optional(),
  diagnostic: location.extend({ message: z.string() }).optional(),
  /** The run this one continues. */
  followsRun: z.string().optional(),
});

export type Request = z.infer<typeof requestSchema>;
