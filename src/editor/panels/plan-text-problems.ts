import { checkPlan, isError, locateProblems, type Problem, parsePlan } from '../../plan/index.ts';
import type { Say } from '../../text/index.ts';
import { textWordsIn } from './problem-words.ts';

/** Every problem of a plan's text with its line, errors first, in the user's language. Pure. */
export function planTextProblems(text: string, l10n: { readonly t: Say }): Problem[] {
  const words = textWordsIn(l10n);
  return found(text).map((problem) => ({ ...problem, message: problem.say(words) }));
}

function found(text: string): readonly Problem[] {
  const parsed = parsePlan(text, { format: 'yaml' });
  if (!parsed.plan) return parsed.problems;
  const all = locateProblems(text, checkPlan(parsed.plan));
  return [...all.filter(isError), ...all.filter((problem) => !isError(problem))];
}
