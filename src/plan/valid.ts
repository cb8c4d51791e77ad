import { planInvalid } from '../errors.ts';
import { checkPlan } from './check.ts';
import { keptProblem } from './kept-problem.ts';
import { isError } from './problem.ts';
import type { Plan } from './schema.ts';
import { locateProblems, parsePlan, parsePlanValue } from './text.ts';

/**
 * A plan that may run, from a text (YAML or JSON) or from any value. Throws `plan-invalid` with all problems in its facts; warnings pass.
 */
export function validPlan(source: unknown): Plan {
  const parsed = typeof source === 'string' ? parsePlan(source) : parsePlanValue(source);
  if (!parsed.plan) throw planInvalid(parsed.problems.map(keptProblem));
  const problems = checkPlan(parsed.plan);
  if (!problems.some(isError)) return parsed.plan;
  const located = typeof source === 'string' ? locateProblems(source, problems) : problems;
  const errorsFirst = [...located.filter(isError), ...located.filter((found) => !isError(found))];
  throw planInvalid(errorsFirst.map(keptProblem), parsed.plan.name);
}
