/** What `repeat` and `when` can ask about a run, and what follows from the answer. */
import type { Say } from '../text/index.ts';

export const conditions = [
  'tests-pass',
  'tests-fail',
  'no-tests',
  'checks-fail',
  'review-rejects',
  'review-approves',
  'candidates-agree',
] as const;
export type Condition = (typeof conditions)[number];

/** What a step can leave behind: candidates in the pool, a note that later steps may name in `uses`, results of checks, a word on a candidate. */
export type Product = 'candidates' | 'note' | 'checks' | 'review';

type Answers = readonly (readonly [Condition, boolean])[];

interface ConditionFacts {
  /** As the rest of a sentence: `the tests pass`. */
  label(t: Say): string;
  /** What else is certain once the answer is yes, and once it is no. */
  readonly yes: Answers;
  readonly no: Answers;
  /** What has to be left behind for it to come true while a run goes on; undefined: it never changes. */
  readonly comesWith: readonly Product[] | undefined;
}

export const conditionFacts: Readonly<Record<Condition, ConditionFacts>> = {
  'tests-pass': {
    label: (t) => t('the tests pass'),
    yes: [
      ['tests-fail', false],
      ['no-tests', false],
    ],
    no: [['tests-fail', true]],
    comesWith: ['candidates'],
  },
  'tests-fail': {
    label: (t) => t('tests fail'),
    yes: [['tests-pass', false]],
    no: [
      ['tests-pass', true],
      ['no-tests', false],
    ],
    comesWith: ['candidates'],
  },
  'no-tests': {
    label: (t) => t('there are no tests'),
    yes: [
      ['tests-pass', false],
      ['tests-fail', true],
    ],
    no: [],
    comesWith: undefined,
  },
  'checks-fail': { label: (t) => t('a check fails'), yes: [], no: [], comesWith: ['candidates', 'checks'] },
  'review-rejects': { label: (t) => t('the review rejects'), yes: [['review-approves', false]], no: [], comesWith: ['review'] },
  'review-approves': { label: (t) => t('the review approves'), yes: [['review-rejects', false]], no: [], comesWith: ['review'] },
  'candidates-agree': { label: (t) => t('the candidates agree'), yes: [], no: [], comesWith: ['candidates'] },
};

/** Conditions about what the tests said of a candidate. */
export const testConditions = ['tests-pass', 'tests-fail'] as const satisfies readonly Condition[];
/** Conditions that another pool of candidates may answer otherwise. */
export const poolConditions = [...testConditions, 'checks-fail', 'candidates-agree'] as const satisfies readonly Condition[];
