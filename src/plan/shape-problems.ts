/** Turns the schema's issues into problems that a person (or a small model) can act on. */
import type * as z from 'zod';
import type { Say } from '../text/index.ts';
import { commandRule, nameRule } from './agent.ts';
import { type Place, valueAt } from './place.ts';
import { errorAt, type PlanWords, type Problem, type Sentence } from './problem.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** `value` is what was read; the messages quote it. At most 50 problems. */
export function shapeProblems(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.slice(0, 50).flatMap((issue) => problemsOf(issue, value));
}

function problemsOf(issue: Issue, whole: unknown): Problem[] {
  const place: Place = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const value = valueAt(whole, place);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        errorAt('unknown-field', [...place, key], ({ t }) => t('There is no field "{0}" here; remove it.', short(key))),
      );
    case 'invalid_key':
      return [
        errorAt('bad-value', place, (words) =>
          words.t('{0} cannot be a name here: it must be {1}.', nameOf(place, words), ruleOf(issue.issues[0], words.t)),
        ),
      ];
    case 'invalid_type':
      if (value === undefined)
        return [
          errorAt('missing-field', place, (words) =>
            words.t('{0} is missing; it must be {1}.', nameOf(place, words), kindName(issue.expected, words.t)),
          ),
        ];
      return [
        errorAt('bad-value', place, (words) =>
          words.t('{0} must be {1}, not {2}.', nameOf(place, words), kindName(issue.expected, words.t), shown(value, words.t)),
        ),
      ];
    case 'invalid_value':
      return [choiceProblem(place, value, issue.values.map(String))];
    case 'invalid_union': {
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      return [choiceProblem(place, value, options)];
    }
    case 'too_small':
    case 'too_big':
      return [errorAt('bad-value', place, sizeRule(issue, place))];
    case 'invalid_format':
      return [
        errorAt('bad-value', place, (words) =>
          words.t('{0} must be {1}, not {2}.', nameOf(place, words), ruleOf(issue, words.t), shown(value, words.t)),
        ),
      ];
    default:
      return [errorAt('bad-value', place, (words) => words.t('{0} does not fit: {1}.', nameOf(place, words), issue.message))];
  }
}

/** `"agent"`, `An item of "tools"`, `The plan`. */
function nameOf(place: Place, { t, field }: PlanWords): string {
  const last = place.at(-1);
  if (last === undefined) return t('The plan');
  if (typeof last === 'string') return field(short(last));
  const list = place.findLast((part) => typeof part === 'string');
  return list === undefined ? t('An item of the plan') : t('An item of {0}', field(list));
}

function choiceProblem(place: Place, value: unknown, choices: readonly string[]): Problem {
  const list = choices.join(', ');
  if (value === undefined)
    return errorAt('missing-field', place, (words) =>
      words.t(
        choices.length === 1 ? '{0} is missing; it must be {1}.' : '{0} is missing; it must be one of {1}.',
        nameOf(place, words),
        list,
      ),
    );
  return errorAt('bad-value', place, (words) => {
    const hint = typeof value === 'string' ? didYouMean(value, choices, words.t) : '';
    const said = words.t(
      choices.length === 1 ? '{0} must be {1}, not {2}.' : '{0} must be one of {1}, not {2}.',
      nameOf(place, words),
      list,
      shown(value, words.t),
    );
    return `${said}${hint}`;
  });
}

function sizeRule(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>, place: Place): Sentence {
  const small = issue.code === 'too_small';
  const limit = String(small ? issue.minimum : issue.maximum);
  const mayBe = issue.inclusive !== false;
  return (words) => {
    const { t } = words;
    const name = nameOf(place, words);
    if (issue.origin !== 'string' && issue.origin !== 'array') {
      if (small) return t(mayBe ? '{0} must be at least {1}.' : '{0} must be more than {1}.', name, limit);
      return t(mayBe ? '{0} must be at most {1}.' : '{0} must be less than {1}.', name, limit);
    }
    if (small && mayBe && limit === '1') return t('{0} must not be empty.', name);
    if (issue.origin === 'string')
      return t(small ? '{0} must have at least {1} characters.' : '{0} must have at most {1} characters.', name, limit);
    return t(small ? '{0} must have at least {1} items.' : '{0} must have at most {1} items.', name, limit);
  };
}

/** The schema's own words for a pattern it demands. */
const ruleOf = (issue: Issue | undefined, t: Say): string => {
  if (issue?.message === nameRule) return t('a lower-case name of up to 40 letters, digits and dashes, starting with a letter');
  if (issue?.message === commandRule) return t('a program and its words, one space between them, without quotes or signs of a shell');
  return issue?.message ?? t('another text');
};

function kindName(expected: string, t: Say): string {
  const names: Readonly<Record<string, string>> = {
    string: t('a text'),
    number: t('a number'),
    int: t('a whole number'),
    boolean: t('true or false'),
    array: t('a list'),
    object: t('a set of fields'),
    record: t('a set of named agents'),
  };
  return names[expected] ?? expected;
}

const short = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}…`);

function shown(value: unknown, t: Say): string {
  if (Array.isArray(value)) return t('a list');
  if (typeof value === 'object' && value !== null) return t('a set of fields');
  return typeof value === 'string' ? `"${short(value)}"` : String(value);
}
