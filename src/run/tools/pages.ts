/** Answers that are too long for one turn: the first part is shown, and the rest is kept, to be read on. */
import * as z from 'zod';
import { type Pages, tool } from './tool.ts';

/** Shown of one answer at once, characters. */
const pageCharacters = 8_000;
/** Kept of one answer, characters; of all answers of an agent the last so many. */
const keptCharacters = 400_000;
const keptAnswers = 20;

export function createPages(): Pages {
  const kept = new Map<number, readonly string[]>();
  let made = 0;
  const part = (answer: number, lines: readonly string[], from: number): string => {
    let to = from - 1;
    for (let room = pageCharacters; to < lines.length && (to < from || room > (lines[to]?.length ?? 0)); to += 1)
      room -= (lines[to]?.length ?? 0) + 1;
    const shown = lines.slice(from - 1, to).join('\n');
    const rest = lines.length - to;
    if (rest === 0) return shown;
    return `${shown}\n… ${rest} more lines. To read on, call more with {"answer": ${answer}, "from": ${to + 1}}.`;
  };
  return {
    first(text) {
      if (text.length <= pageCharacters) return text;
      made += 1;
      kept.set(made, text.slice(0, keptCharacters).split('\n').flatMap(folded));
      kept.delete(made - keptAnswers);
      return part(made, kept.get(made) ?? [], 1);
    },
    more(answer, from) {
      const lines = kept.get(answer);
      if (lines === undefined) throw new Error(`There is no answer ${answer} to read on in.`);
      if (from > lines.length) throw new Error(`Answer ${answer} has ${lines.length} lines.`);
      return part(answer, lines, from);
    },
  };
}

/** A line that would fill a page by itself, in pieces. */
const folded = (line: string): string[] => (line.length <= 2000 ? [line] : (line.match(/[\s\S]{1,2000}/g) ?? []));

export const moreTool = tool(
  'Read on in an answer that was too long.',
  z.strictObject({ answer: z.int().positive(), from: z.int().positive() }),
  async ({ answer, from }, { pages }) => {
    if (pages === undefined) throw new Error('There is nothing to read on in.');
    return pages.more(answer, from);
  },
);
