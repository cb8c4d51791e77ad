/** Turns the schema's issues into problems that a person (or a small model) can act on. */
import type * as z from 'zod';
import { type Place, valueAt } from './place.ts';
import { errorAt, type Problem } from './problem.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** `value` is what was read; the messages quote it. At most 50 problems. */
export function shapeProblems(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.slice(0, 50).flatMap((issue) => problemsOf(issue, value));
}

function problemsOf(issue: Issue, whole: unknown): Problem[] {
  const place: Place = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const name = nameOf(place);
  const value = valueAt(whole, place);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => errorAt('unknown-field', [...place, key], `There is no field "${short(key)}" here; remove it.`));
    case 'invalid_key':
      return [errorAt('bad-value', place, `${name} cannot be a name here: it must be ${ruleOf(issue.issues[0])}.`)];
    case 'invalid_type':
      if (value === undefined)
        return [errorAt('missing-field', place, `${name} is missing; it must be ${kindNames[issue.expected] ?? issue.expected}.`)];
      return [errorAt('bad-value', place, `${name} must be ${kindNames[issue.expected] ?? issue.expected}, not ${shown(value)}.`)];
    case 'invalid_value':
      return [choiceProblem(place, name, value, issue.values.map(String))];
    case 'invalid_union': {
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      return [choiceProblem(place, name, value, options)];
    }
    case 'too_small':
    case 'too_big':
      return [errorAt('bad-value', place, `${name} must ${sizeRule(issue)}.`)];
    case 'invalid_format':
      return [errorAt('bad-value', place, `${name} must be ${ruleOf(issue)}, not ${shown(value)}.`)];
    default:
      return [errorAt('bad-value', place, `${name} does not fit: ${issue.message}.`)];
  }
}

/** `"agent"`, `An item of "tools"`, `The plan`. */
function nameOf(place: Place): string {
  const last = place.at(-1);
  if (last === undefined) return 'The plan';
  if (typeof last === 'string') return `"${short(last)}"`;
  return `An item of "${place.findLast((part) => typeof part === 'string') ?? 'the plan'}"`;
}

function choiceProblem(place: Place, name: string, value: unknown, choices: readonly string[]): Problem {
  const one = choices.length === 1 ? `must be ${choices[0]}` : `must be one of ${choices.join(', ')}`;
  if (value === undefined) return errorAt('missing-field', place, `${name} is missing; it ${one}.`);
  const hint = typeof value === 'string' ? didYouMean(value, choices) : '';
  return errorAt('bad-value', place, `${name} ${one}, not ${shown(value)}.${hint}`);
}

function sizeRule(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const limit = String(issue.code === 'too_small' ? issue.minimum : issue.maximum);
  const bound =
    issue.code === 'too_small'
      ? issue.inclusive === false
        ? 'more than'
        : 'at least'
      : issue.inclusive === false
        ? 'less than'
        : 'at most';
  if (issue.origin === 'string') return limit === '1' && bound === 'at least' ? 'not be empty' : `have ${bound} ${limit} characters`;
  if (issue.origin === 'array') return limit === '1' && bound === 'at least' ? 'not be empty' : `have ${bound} ${limit} items`;
  return `be ${bound} ${limit}`;
}

/** The schema's own words for a pattern it demands. */
const ruleOf = (issue: Issue | undefined): string => issue?.message ?? 'another text';

const kindNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of fields',
  record: 'a set of named agents',
};

const short = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}…`);

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a set of fields';
  return typeof value === 'string' ? `"${short(value)}"` : String(value);
}
