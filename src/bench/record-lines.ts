/** Files of one JSON record a line, as results and attempts are kept. */
import type * as z from 'zod';
import { benchUnusable, errorText } from '../errors.ts';
import { readLines } from '../trace/index.ts';

/** What stops the reading of a file, by what it holds. */
type Why = 'results-unreadable' | 'bank-unreadable' | 'journal-unreadable';

/**
 * The records of a file in their order, and a sentence for each line that is none; a torn last line is one of them. An absent file is empty. Rejects
 * with `bench-unusable` when it cannot be read.
 */
export async function readRecords<Shape>(
  file: string,
  schema: z.ZodType<Shape>,
  why: Why,
): Promise<{ records: Shape[]; problems: string[] }> {
  const records: Shape[] = [];
  const problems: string[] = [];
  let lineNumber = 0;
  try {
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        lineNumber += 1;
        const text = line.bytes.toString('utf8');
        if (text.trim() === '' && !line.tooLong) continue;
        const read = readAs(text, schema);
        if ('value' in read) records.push(read.value);
        else problems.push(`${file}:${lineNumber}: ${line.complete ? read.problem : 'the last line is incomplete'}`);
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw benchUnusable({ why, file, detail: errorText(error) });
  }
  return { records, problems };
}

/** What a text of JSON holds, or why it is nothing of that shape. */
export function readAs<Shape>(text: string, schema: z.ZodType<Shape>): { readonly value: Shape } | { readonly problem: string } {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return { value: parsed.data };
    const issue = parsed.error.issues[0];
    return { problem: `${issue?.path.join('.')}: ${issue?.message}` };
  } catch (error) {
    return { problem: errorText(error) };
  }
}
