/** What is wrong with a plan, for people (message), for machines (code) and for editors (place, line, column). */
import { english, type Say } from '../text/index.ts';
import type { Agent } from './agent.ts';
import { formatPlace, type Place } from './place.ts';

export const problemCodes = {
  // the text
  'not-text': 'the text is too long, broken, or not a plan at all',
  syntax: 'the YAML or JSON cannot be read',
  'unknown-field': 'a field the plan language does not have',
  'missing-field': 'a field that must be there',
  'bad-value': 'a value that does not fit its field',
  'too-deep': 'nested deeper than the language or the budget allows',
  'too-many-steps': 'more steps than a plan may have',
  'hidden-characters': 'characters that hide what a text says',
  // references
  'duplicate-id': 'two steps with one name',
  'unknown-step': 'a reference to a step that does not exist',
  'self-reference': 'a step that uses itself, or the step it is in',
  'forward-reference': 'a reference to a later step',
  'other-branch': 'a reference to a step that never runs in the same pass',
  'side-by-side': 'a reference between steps that run at the same time',
  'no-note': 'a reference to a step that writes no note',
  'unknown-agent': 'a step whose agent does not exist',
  'unused-agent': 'an agent that no step calls',
  // agents
  'brief-too-short': 'instructions that state no objective',
  'wrong-output': 'an agent that hands over something else than its step needs',
  'too-many-rights': 'a role with more rights than its work',
  'no-write-scope': 'an agent that must write and may not',
  'scope-escapes': 'a write scope that leaves the workspace',
  'scope-names-tests': 'a write scope that names files which stay closed all the same',
  'command-escapes': 'a command that would run anything',
  'no-command': 'the right to run commands without any, or commands without the right',
  'idle-right': 'a right that the agent never comes to use',
  'more-rights': 'a stand-in with more rights than the one it stands in for',
  'same-samples': 'several samples that will all be the same',
  'no-rescue': 'a replacement that changes nothing',
  // flow
  'nothing-made': 'a step that needs a candidate before there is one',
  unreachable: 'steps that can never run',
  'endless-wait': 'a repeat that nothing inside can end',
  'select-in-group': 'a selection from a pool that others are filling',
  'selects-nothing': 'a selection that cannot narrow the pool',
  'vote-hopeless': 'a vote of an agent that is not right more often than wrong',
  'debates-alone': 'a debate of fewer than two different agents',
  'vote-too-short': 'a vote that may not ask for as many replies as it needs',
  'no-test-at-end': 'candidates that nobody tests',
  'no-change': 'a plan for a change that makes none',
  'answer-changes-files': 'a plan for an answer that changes files',
  'no-answer': 'a plan for an answer that writes none',
  // limits
  'budget-too-small': 'a budget the plan cannot keep',
  'too-many-agents': 'more agents than the budget allows',
  'above-effort': 'more agents than the request looks worth',
  'above-difficulty': 'more calls than the difficulty calls for',
  // secrecy
  'request-inside': "the request's text inside the plan",
} as const;
export type ProblemCode = keyof typeof problemCodes;

/** What a sentence about a plan is made of. Who reads a file knows `"write"` and `generate`; the form has its own words, in its user's language. */
export interface PlanWords {
  readonly t: Say;
  /** In quotation marks. */
  field(name: string): string;
  /** Of a step. */
  kind(name: string): string;
  /** What an agent hands over, in quotation marks. */
  output(name: Agent['output']): string;
}

export type Sentence = (words: PlanWords) => string;

/** As a file says it. */
export const textWords: PlanWords = {
  t: english,
  field: (name) => `"${name}"`,
  kind: (name) => name,
  output: (name) => `"${name}"`,
};

export interface Problem {
  readonly code: ProblemCode;
  /** An error keeps the plan from running; a warning is shown. */
  readonly severity: 'error' | 'warning';
  /** `steps[2].agent`; '' is the plan as a whole. */
  readonly path: string;
  /** The same, in parts. */
  readonly place: Place;
  /** One sentence for people, in English and the words of a file. */
  readonly message: string;
  /** The same in any words. */
  readonly say: Sentence;
  /** Position in the text it was read from, both from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** What is about the text itself is said in the words of a file to everybody. */
type Said = string | Sentence;

export const problem = (severity: Problem['severity'], code: ProblemCode, place: Place, said: Said): Problem => ({
  code,
  severity,
  path: formatPlace(place),
  place,
  message: typeof said === 'string' ? said : said(textWords),
  say: typeof said === 'string' ? () => said : said,
});

export const errorAt = (code: ProblemCode, place: Place, said: Said): Problem => problem('error', code, place, said);
export const warningAt = (code: ProblemCode, place: Place, said: Said): Problem => problem('warning', code, place, said);

export const isError = (found: Problem): boolean => found.severity === 'error';

/** `3:5 error steps[0].agent: There is no agent "codr". [unknown-agent]` */
export function problemText(found: Problem): string {
  const where = found.line === undefined ? '' : `${found.line}:${found.column} `;
  const path = found.path === '' ? '' : `${found.path}: `;
  return `${where}${found.severity} ${path}${found.message} [${found.code}]`;
}
