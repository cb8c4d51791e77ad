/** Texts of a trace, read forgivingly: one that was lost in a crash is absent, and the rest of the record is true all the same. */
import { isTeamwrightError } from '../errors.ts';

/** The text with this sha256. Rejects with `trace-unreadable` when it is not there. */
export type ReadBlob = (sha256: string) => Promise<string>;

/** The text, or undefined when none is named or it was lost. */
export type ReadText = (sha256: string | undefined) => Promise<string | undefined>;

export function textsOf(readBlob: ReadBlob): ReadText {
  return async (sha256) => {
    if (sha256 === undefined) return undefined;
    try {
      return await readBlob(sha256);
    } catch (error) {
      if (isTeamwrightError(error, 'trace-unreadable')) return undefined;
      throw error;
    }
  };
}

/** Undefined for a text that is absent, no JSON, or of another shape than `schema`. */
export function parsedText<T>(
  text: string | undefined,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): T | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
