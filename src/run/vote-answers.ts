/** Small answers that a vote can be held on: how they are asked for, and the only form in which one counts. Pure. */
import type { StepOf } from '../plan/schema.ts';

export interface AnswerForm {
  /** For the prompt. */
  readonly ask: string;
  /** The answer in one form, so that equal ones are the same text; undefined where the reply is not exactly in the form asked for. */
  read(reply: string): string | undefined;
}

/** `paths`: the files that the agent is shown. */
export function answerFormOf({ answer, options }: Pick<StepOf<'vote'>, 'answer' | 'options'>, paths: readonly string[]): AnswerForm {
  return forms[answer](options, paths);
}

const forms: { readonly [Answer in StepOf<'vote'>['answer']]: (options: readonly string[], paths: readonly string[]) => AnswerForm } = {
  choice: (options) => ({
    ask: `Answer with exactly one of these lines, word for word, and nothing else:\n${options.join('\n')}`,
    read: (reply) => options.find((option) => option === reply.trim()),
  }),
  value: () => ({
    ask: 'Answer with one JSON value in one line, and nothing else: no words, no fences.',
    read(reply) {
      const line = reply.trim();
      if (line.includes('\n')) return undefined;
      try {
        return JSON.stringify(inOrder(JSON.parse(line)));
      } catch {
        // No JSON: what is not exactly in form is discarded, whatever is wrong with it.
        return undefined;
      }
    },
  }),
  files: (_options, paths) => ({
    ask: `Answer with paths of files that you were shown, one a line, and nothing else: ${paths.join(', ')}`,
    read(reply) {
      const lines = reply.trim().split(/\r?\n/);
      const isExact = lines.every((line) => paths.includes(line)) && new Set(lines).size === lines.length;
      return isExact ? lines.sort().join('\n') : undefined;
    },
  }),
};

/** The same value with the keys of its objects sorted. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
}
