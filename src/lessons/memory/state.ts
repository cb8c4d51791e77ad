/**
 * What a failing project looks like before anything is done, so that one is found again that was like it (PRAXIS, arXiv 2511.22074: recall by overlap
 * of the state and similarity of the directive, together). Pure.
 */
import { extname } from 'node:path';
import * as z from 'zod';
import { wordsInFailure, wordsOf } from '../../briefing/index.ts';
import type { Briefing } from '../../briefing/types.ts';
import { redIn } from '../../feedback/index.ts';
import type { TestCase } from '../../feedback/types.ts';

export const failingStateSchema = z.object({
  language: z.string(),
  runner: z.string(),
  /** Kinds of the errors of tests that fail. */
  errors: z.array(z.string()),
  /** What these tests and their messages name. */
  names: z.array(z.string()),
  /** Endings of the files of these tests, and of the sources in the briefing. */
  fileKinds: z.array(z.string()),
});
export type FailingState = z.infer<typeof failingStateSchema>;

const most = { tests: 5, names: 24 };

/** Undefined where no test fails: then there is nothing to go by. */
export function failingState({ languages, test, baseline, files }: Briefing): FailingState | undefined {
  const red = baseline === undefined ? [] : redIn(baseline).slice(0, most.tests);
  if (red.length === 0) return undefined;
  const sources = files.flatMap(({ path, isTest }) => (isTest ? [] : [path]));
  return {
    language: (languages[0]?.name ?? '').toLowerCase(),
    runner: test?.runner ?? '',
    errors: each(red.map(errorOf)),
    names: each(red.flatMap(namesOf)).slice(0, most.names),
    fileKinds: each([...red.flatMap(({ file }) => file ?? []), ...sources].map(endingOf)),
  };
}

const each = (words: readonly string[]): string[] => [...new Set(words)].sort();
const endingOf = (path: string): string => extname(path);
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).split('.', 1)[0] ?? '';

/** The name of the error, the same for all that only say that two values differ. */
function errorOf({ message = '', cut }: TestCase): string {
  if (cut) return 'time-out';
  const [named] = /\b[A-Z]\w*(?:Error|Exception)\b/.exec(message) ?? [];
  return named === undefined || named.startsWith('Assertion') ? 'difference' : named;
}

const namesOf = ({ name, file = '', message = '' }: TestCase): string[] => [
  ...wordsOf(`${name} ${baseOf(file)}`),
  ...wordsOf(wordsInFailure(message).join(' ')),
];

/** What of two states is compared, and how much each part counts. Without a name in common two states are at most 5 of 8 alike. */
const parts = [
  { weight: 1, of: ({ language }) => [language] },
  { weight: 1, of: ({ runner }) => [runner] },
  { weight: 2, of: ({ errors }) => errors },
  { weight: 3, of: ({ names }) => names },
  { weight: 1, of: ({ fileKinds }) => fileKinds },
] as const satisfies readonly { weight: number; of: (state: FailingState) => readonly string[] }[];

/** 0 to 1: shares of what is in both among what is in either, part by part. */
export function overlap(a: FailingState, b: FailingState): number {
  const all = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.reduce((sum, { weight, of }) => sum + weight * jaccard(of(a), of(b)), 0) / all;
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const both = inBoth(a, b).length;
  const either = new Set([...a, ...b]).size;
  return either === 0 ? 1 : both / either;
}

export const inBoth = (a: readonly string[], b: readonly string[]): string[] => a.filter((word) => b.includes(word));

/** Words that stand in any request. */
const filler: ReadonlySet<string> = new Set(['the', 'and', 'for', 'not', 'with', 'that', 'this']);
const saying = (text: string): string[] => each(wordsOf(text)).filter((word) => !filler.has(word));

/** 0 to 1, by the words that two requests share. */
export function alike(a: string, b: string): number {
  const [left, right] = [saying(a), saying(b)];
  return left.length === 0 || right.length === 0 ? 0 : inBoth(left, right).length / Math.sqrt(left.length * right.length);
}
