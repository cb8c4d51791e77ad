import { checkPlan, isError, locateProblems, type Problem, parsePlan } from '../../plan/index.ts';

/** Every problem of a plan's text with its line, errors first. Pure. */
export function planTextProblems(text: string): Problem[] {
  const parsed = parsePlan(text, { format: 'yaml' });
  if (!parsed.plan) return [...parsed.problems];
  const found = locateProblems(text, checkPlan(parsed.plan));
  return [...found.filter(isError), ...found.filter((problem) => !isError(problem))];
}
