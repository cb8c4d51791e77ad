/** Plans as files: read with every problem by line, written without overwriting. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorText, planUnreadable } from '../errors.ts';
import { checkPlan, isError, locateProblems, type Plan, type Problem, parsePlan, planHash, printPlan } from '../plan/index.ts';
import { badArgument } from './bad-argument.ts';

export interface CheckedPlan {
  readonly plan?: Plan;
  readonly hash?: string;
  /** Errors and warnings, with line and column. */
  readonly problems: readonly Problem[];
}

/** Shape and sense of a plan's text. Pure. */
export function checkPlanText(text: string): CheckedPlan {
  const parsed = parsePlan(text);
  if (!parsed.plan) return { problems: parsed.problems };
  const problems = locateProblems(text, checkPlan(parsed.plan));
  return { plan: parsed.plan, hash: planHash(parsed.plan), problems };
}

export const isRunnable = (checked: CheckedPlan): boolean => checked.plan !== undefined && !checked.problems.some(isError);

export async function readPlanText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw planUnreadable(file, error);
  }
}

/** Writes readable YAML (JSON for a `.json` name). Rejects with `bad-argument` when the file exists and `force` is not set. */
export async function writePlanFile(file: string, plan: Plan, force: boolean): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, printPlan(plan, /\.json$/i.test(file) ? 'json' : 'yaml'), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw badArgument(`${file} exists already.`, 'Name another file, or add --force.');
    throw badArgument(`${file} cannot be written: ${errorText(error)}.`, 'Name another file.');
  }
}
