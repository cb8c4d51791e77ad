/** Which runs were about the same thing. */
import type { Request } from '../request/types.ts';
import { sha256 } from '../trace/index.ts';

const shortDigits = 16;

/** Of the request's words alone. A split into training and validation goes by this, so that no request stands on both sides. */
export const requestHash = (text: string): string => sha256(text.replaceAll('\r\n', '\n').trim());

/** The same words, asked on the same place of the same files: runs with one id may be compared. `tree` is what candidates start from. */
export function problemId(request: Request, tree: string): string {
  const { selection, failingTest, diagnostic, files } = request;
  const asked = [requestHash(request.text), selection ?? null, failingTest ?? null, diagnostic ?? null, [...files].sort(), tree];
  return sha256(JSON.stringify(asked)).slice(0, shortDigits);
}

export interface Generations {
  readonly prompts: number;
  readonly library: number;
  readonly weights: string;
}

/** What runs recorded before generations were counted belong to. */
export const firstGeneration: Generations = { prompts: 0, library: 0, weights: 'base' };

/** `p1-l3-base`: one word for filters and columns. */
export const generationName = ({ prompts, library, weights }: Generations): string => `p${prompts}-l${library}-${weights}`;
