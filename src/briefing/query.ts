/** What is looked for: the words and names of the request and of the failing tests it is about, with their weights. */
import { redIn } from '../feedback/index.ts';
import type { TestCase, TestReport } from '../feedback/types.ts';
import { namesIn, type RequestNames } from '../request/index.ts';
import type { Request } from '../request/types.ts';
import { stem, wordsOf } from './lexical.ts';

export interface Query {
  readonly names: RequestNames;
  /** Weight by stemmed word. */
  readonly words: ReadonlyMap<string, number>;
  /** Lower-case names of the request to search files for, and those of failure messages. */
  readonly needles: readonly string[];
  readonly failureNeedles: readonly string[];
  /** Identifiers whose definition is looked for, as written. */
  readonly identifiers: readonly string[];
  readonly failing: readonly FailingTest[];
}

export interface FailingTest {
  readonly test: TestCase;
  /** 1 for a test the request is about, less for one that merely fails. */
  readonly weight: number;
}

const mostWords = 40;
const mostFailing = 20;
/** Failing tests that the request does not speak of count half: it may be about something else. */
const besidesThePoint = 0.5;

export function queryOf(request: Request, baseline: TestReport | undefined): Query {
  const names = namesIn(request.text);
  const failing = failingTests(request, names, baseline);
  const words = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const word of wordsOf(text)) {
      if (words.size < mostWords || words.has(word)) words.set(word, Math.max(words.get(word) ?? 0, weight));
    }
  };
  const fromFailures = failing.slice(0, 5).flatMap(({ test }) => wordsInFailure(test.message ?? ''));
  for (const identifier of names.identifiers) {
    add(identifier, 1);
    words.set(identifier.toLowerCase(), 3);
  }
  for (const word of names.words) words.set(stem(word), 1);
  for (const { path } of names.paths) add(path, 1);
  for (const test of names.tests) add(test, 0.7);
  if (request.failingTest !== undefined) add(request.failingTest.name, 1);
  if (request.diagnostic !== undefined) for (const name of namesIn(request.diagnostic.message).identifiers) add(name, 1);
  if (request.selection?.text !== undefined)
    for (const name of namesIn(request.selection.text.slice(0, 4000)).identifiers.slice(0, 20)) add(name, 0.5);
  for (const name of fromFailures) add(name, 0.7);
  for (const { test, weight } of failing.slice(0, 5)) add(test.name, 0.5 * weight);
  for (const noise of noiseWords) words.delete(noise);

  const asked = unique([
    ...names.identifiers,
    ...(request.diagnostic === undefined ? [] : namesIn(request.diagnostic.message).identifiers),
  ]).filter(isName);
  const met = unique(fromFailures).filter((name) => isName(name) && !asked.includes(name));
  return { names, words, needles: needlesOf(asked), failureNeedles: needlesOf(met), identifiers: [...asked, ...met].slice(0, 30), failing };
}

const isName = (name: string): boolean => name.length > 2 && /^[\p{L}\p{N}_$]+$/u.test(name);
const needlesOf = (names: readonly string[]): string[] => unique(names.map((name) => name.toLowerCase())).filter((name) => name.length > 3);

const noiseWords = [
  'test',
  'should',
  'expect',
  'assert',
  'error',
  'function',
  'src',
  'lib',
  'index',
  'the',
  'and',
  'for',
  'not',
  'with',
].map(stem);

/** Names in the first lines of a failure, without the names of errors; what is quoted there is data more often than code. */
export function wordsInFailure(message: string): string[] {
  const said = message.split('\n', 4).filter((line) => !/^\s*(?:at |File "|❯|-->|\d+\s*\||Traceback)/.test(line));
  return namesIn(said.join('\n').slice(0, 600).replace(/["'`]/g, ' '))
    .identifiers.filter((name) => !/Error$|Exception$|^ERR_|^Assert|^NaN$/.test(name))
    .slice(0, 8);
}

/** Does the request speak of something that fails? */
const aboutFailure = /\b(?:fix|bug|fail\w*|broken?|breaks?|crash\w*|wrong|incorrect|error|regression|red|tests?\s+pass|pass(?:es|ing)?)\b/i;

/** The tests the request is about first, then in the report's order, at most 20. */
function failingTests(request: Request, names: RequestNames, baseline: TestReport | undefined): FailingTest[] {
  const pointed = request.failingTest;
  const text = request.text.toLowerCase();
  const isMeant = ({ name }: TestCase): boolean => {
    const lower = name.toLowerCase();
    const leaf = lower.split(/ > | › |::|\//).at(-1) ?? lower;
    if (pointed !== undefined && (lower.includes(pointed.name.toLowerCase()) || pointed.name.toLowerCase().includes(lower))) return true;
    return (leaf.length > 5 && text.includes(leaf)) || names.tests.some((test) => lower.includes(test.toLowerCase()));
  };
  const failed = baseline === undefined ? [] : redIn(baseline);
  const meant = failed.filter(isMeant);
  const others = failed.filter((test) => !meant.includes(test));
  const rest = meant.length > 0 || !aboutFailure.test(request.text) ? besidesThePoint : 1;
  return [...meant.map((test) => ({ test, weight: 1 })), ...others.map((test) => ({ test, weight: rest }))].slice(0, mostFailing);
}

const unique = <Item>(items: readonly Item[]): Item[] => [...new Set(items)];
