import * as z from 'zod';

/** A place in the workspace: path with forward slashes, relative to the workspace; lines start at 1 and include both ends. */
const location = z.strictObject({
  path: z.string(),
  startLine: z.number().int().positive().optional(),
  endLine: z.number().int().positive().optional(),
});

/** Most UTF-16 units a request may have. */
export const longestRequest = 20_000;

export const imageKinds = ['png', 'jpeg', 'webp', 'gif'] as const;
export type ImageKind = (typeof imageKinds)[number];

/** Most pictures of a request, and how large one may be: what every known service takes (5 MiB, 8,000 pixels a side at Anthropic's). */
export const mostImages = 5;
export const mostImageBytes = 5 * 1024 * 1024;
export const longestImageSide = 8000;

/** A picture that goes along. What it holds is a text of its own (`images.ts`), kept once, and named here by its sha256. */
const imageSchema = z.strictObject({
  name: z.string().min(1).max(255),
  kind: z.enum(imageKinds),
  bytes: z.number().int().positive(),
  /** Pixels. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  data: z.string().regex(/^[0-9a-f]{64}$/),
});
export type RequestImage = z.infer<typeof imageSchema>;

/** What the user asked, what it was asked on, and after which run. */
export const requestSchema = z.strictObject({
  text: z.string().min(1).max(longestRequest),
  /** Selected text or file the request is about. */
  selection: location.extend({ text: z.string().optional() }).optional(),
  files: z.array(z.string()).default([]),
  failingTest: z.strictObject({ name: z.string(), path: z.string().optional() }).optional(),
  diagnostic: location.extend({ message: z.string() }).optional(),
  images: z.array(imageSchema).min(1).max(mostImages).optional(),
  /** The run this one continues. */
  followsRun: z.string().optional(),
});

export type Request = z.infer<typeof requestSchema>;
