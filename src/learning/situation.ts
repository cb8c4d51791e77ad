/** What is known before an attempt, as numbers that a belief can weigh. Pure. */

export interface Situation {
  readonly language: string;
  /** As the designers see the request. */
  readonly kind?: string;
  /** Of the source files in the briefing, without tests. */
  readonly bytes: number;
  readonly lines: number;
  /** The visible tests at the start. */
  readonly testsPassed?: number;
  readonly testsFailed?: number;
  readonly testsCutOff?: boolean;
  /** A failing test names an error that is no failed assertion. */
  readonly raises?: boolean;
  /** Share of the visible tests that the best candidate passes, 0 to 1. */
  readonly bestShare?: number;
  /** Attempts of the run so far, and those of the same operator. */
  readonly attempts: number;
  readonly tries: number;
  /** How far the first suspicious place is ahead of the fifth. */
  readonly suspicionGap?: number;
}

const bytesPerToken = 4;
const log2 = (value: number): number => Math.log2(Math.max(1, value));

/** Each from about −1 to 1, so that one prior fits all; an unknown value says nothing (0). The first is the constant. Named by what a high value means. */
const features: Readonly<Record<string, (situation: Situation) => number>> = {
  always: () => 1,
  'nothing to mend, something to write': ({ kind }) => (kind === undefined ? 0 : kind === 'bug-fix' ? -0.5 : 0.5),
  JavaScript: ({ language }) => (/^(java|type)script$/i.test(language) ? 0.5 : -0.5),
  'long files': ({ bytes }) => (log2(bytes / bytesPerToken) - 8) / 4,
  'many lines': ({ lines }) => (log2(lines) - 5) / 4,
  'most tests fail': ({ testsPassed = 0, testsFailed = 0 }) =>
    testsPassed + testsFailed === 0 ? 0 : testsFailed / (testsPassed + testsFailed) - 0.5,
  'a test ends in an exception': ({ raises }) => (raises === undefined ? 0 : raises ? 0.5 : -0.5),
  'a test runs out of time': ({ testsCutOff }) => (testsCutOff === undefined ? 0 : testsCutOff ? 0.5 : -0.5),
  'a candidate passes most tests': ({ bestShare }) => (bestShare === undefined ? 0 : bestShare - 0.5),
  'tried often already': ({ tries }) => log2(1 + tries) / 4,
  'much tried already': ({ attempts }) => log2(1 + attempts) / 4,
  'one place stands out': ({ suspicionGap }) => (suspicionGap === undefined ? 0 : Math.min(1, suspicionGap)),
};

export const featureNames: readonly string[] = Object.keys(features);

/** The same in words when the value is low. */
const opposites: Readonly<Record<string, string>> = {
  'nothing to mend, something to write': 'there is a mistake to mend',
  JavaScript: 'not JavaScript',
  'long files': 'short files',
  'many lines': 'few lines',
  'most tests fail': 'few tests fail',
  'a test ends in an exception': 'no test ends in an exception',
  'a test runs out of time': 'no test runs out of time',
};

export const inWords = (feature: string, isHigh: boolean): string => (isHigh ? feature : (opposites[feature] ?? `not: ${feature}`));

/** In the order of `featureNames`. */
export const featuresOf = (situation: Situation): number[] => Object.values(features).map((of) => of(situation));
