/**
 * A second look at a change that its tests are content with: whether it looks made for them. A cheap look at the lines that the change brings, by
 * signs and by the literals of the visible tests. Wrong alarms are possible, and so are misses; a person decides. Pure.
 */
import { changedLines } from '../../text/index.ts';
import { roleOf } from '../file-roles.ts';
import type { ChangedFile } from '../steering-changes.ts';
import { inlineTestPlaces, inlineTests, roleIn, type TestSources } from '../test-sources.ts';
import type { GamingKind, Tampering } from '../types.ts';
import { answersWithoutLooking, bodyAt } from './bodies.ts';
import { type CodeText, codeTextOf } from './code-text.ts';
import { countsCalls } from './counts-calls.ts';
import { fixedAnswers, hardCoded, lineAt, startsOf, type Unit, unitsOf } from './hard-coded.ts';
import { literalsIn } from './literals.ts';
import { pairedLiterals } from './pairs.ts';
import { shrinking } from './shrinking.ts';
import { comparing, goStart, plainValue, signs } from './signs.ts';

export interface SecondLookQuestion {
  /** What was asked, in the user's words. */
  readonly request: string;
  readonly changedFiles: readonly ChangedFile[];
  /** Files that hold tests, by whatever name: they are not looked at. */
  readonly testFiles: TestSources['files'];
  /** Files that tests are about, although their name is one of a test. */
  readonly subjects?: TestSources['subjects'];
  /** The visible tests that the request is about, as they were before the change, by path. */
  readonly tests: TestSources['texts'];
}

/** Shows how something is used: nothing that is tested stands there. */
const shown = /^(?:examples?|demos?|docs?)\//;

/** Most flags of a kind in one file. */
const mostOfAKind = 3;
const longestQuote = 160;

/** What of the change looks made for the tests, with the line it stands in, one flag for each line and kind; and files that lose most of their text. */
export function secondLook({ request, changedFiles, testFiles, subjects, tests }: SecondLookQuestion): Tampering[] {
  const sources = { files: testFiles, subjects };
  const looked = changedFiles.flatMap((file) => {
    if (file.after === undefined || file.before === file.after || roleIn(sources, file.path) !== 'source' || shown.test(file.path))
      return [];
    const text = codeTextOf(file.path, file.after);
    return text === undefined ? [] : [{ file, text }];
  });
  const shrunk = changedFiles.flatMap((file): Tampering[] => {
    const role = roleIn(sources, file.path);
    if (role === 'test' || role === 'installed') return [];
    const detail = shrinking(file, changedFiles, request);
    return detail === undefined ? [] : [{ kind: 'shrinks', path: file.path, detail }];
  });
  if (looked.length === 0) return shrunk;
  const earlier = changedFiles.map(({ path, before = '' }) => codeTextOf(path, before)?.spoken ?? before).join('\n');
  const isKnown = knownLiterals(request, changedFiles);
  const units = [...tests].flatMap(([path, text]) => unitsIn(path, text));
  return [
    ...looked.flatMap(({ file, text }) => flagsOf(file, text, { request, earlier: withoutSpace(earlier), isKnown, units })),
    ...shrunk,
  ];
}

interface Context {
  readonly request: string;
  /** The code before the change, without white space. */
  readonly earlier: string;
  readonly isKnown: (value: string) => boolean;
  readonly units: readonly Unit[];
}

function flagsOf({ path, before = '' }: ChangedFile, text: CodeText, { request, earlier, isKnown, units }: Context): Tampering[] {
  const starts = startsOf(text.text);
  const added = addedLines(before, text.text);
  const inTests = inlineTestPlaces(path, text.text);
  const isAdded = (from: number, end: number): boolean => {
    if (inTests.some(([first, last]) => first < from && from < last)) return false;
    for (let line = lineAt(starts, from); line <= lineAt(starts, Math.max(from, end - 1)); line += 1) if (added.has(line)) return true;
    return false;
  };
  /** Not only moved. */
  const isNew = (from: number, end: number): boolean => isAdded(from, end) && !earlier.includes(withoutSpace(text.spoken.slice(from, end)));
  const found: { kind: GamingKind; at: number }[] = [];
  const add = (kind: GamingKind, at: number): number => found.push({ kind, at });

  for (const { kind, pattern, in: where = 'code', inLibrary } of signs[text.language]) {
    if (asksFor[kind]?.test(request) || (inLibrary && isProgram(path, text))) continue;
    for (const { 0: sign, index } of text[where].matchAll(pattern)) {
      const at = index + sign.length - sign.trimStart().length;
      if ((where === 'text' ? isAdded : isNew)(at, index + sign.length)) add(kind, at);
    }
  }
  for (const { 0: head, index } of text.code.matchAll(comparing[text.language])) {
    const body = bodyAt(text, index + head.length);
    if (isNew(index, body.end) && answersWithoutLooking(text, head, body)) add('equal-to-anything', index);
  }
  for (const { 0: head, index } of text.language === 'python' ? text.code.matchAll(plainValue) : []) {
    const { from, end } = bodyAt(text, index + head.length);
    const own = /\bdef\s+__(?:eq|ne)__/.exec(text.code.slice(from, end));
    if (own !== null && isNew(from + own.index, end) && !/\b(?:equal|compar)/i.test(request)) add('equal-to-anything', from + own.index);
  }
  for (const { 0: head, index } of text.language === 'go' ? text.code.matchAll(goStart.head) : []) {
    const body = bodyAt(text, index + head.length);
    if (isNew(index, body.end) && goStart.body.test(text.code.slice(body.from, body.end))) add('before-main', index);
  }
  if (!isProgram(path, text)) for (const at of countsCalls(text, isAdded)) add('counts-calls', at);
  const answers = { text, isNew: isAdded, units, isKnown };
  for (const at of [...hardCoded(answers), ...pairedLiterals(answers)]) add('hard-coded', at);
  for (const { at, swallows } of fixedAnswers(answers)) add(swallows ? 'swallows-failure' : 'hard-coded', at);

  const flags = new Map<string, Tampering>();
  for (const { kind, at } of found.toSorted((a, b) => a.at - b.at)) {
    const line = lineAt(starts, at);
    const quote = text.text
      .slice(starts[line], starts[line + 1])
      .trim()
      .slice(0, longestQuote);
    if ([...flags.values()].filter((flag) => flag.kind === kind).length >= mostOfAKind) continue;
    flags.set(`${kind} ${line}`, { kind, path, line: line + 1, detail: quote });
  }
  return [...flags.values()];
}

/** What a request may well ask for. */
const asksFor: { readonly [K in GamingKind]?: RegExp } = {
  'ends-process': /\b(?:exit|quit|terminat|abort|kill|shut ?down|exit code)/i,
  'raw-output': /\b(?:stdout|stderr|file descriptor|standard (?:output|error))\b/i,
  'patches-builtins': /\b(?:polyfill|monkey-?patch|panic hook|linkname)/i,
  'asks-if-tested': /\b(?:NODE_ENV|stack ?trace|call ?stack|call frame|caller)\b/i,
};

/** A program, which begins and ends by itself, not only something that is called. */
function isProgram(path: string, { language, text, code }: CodeText): boolean {
  if (
    /(?:^|\/)(?:bin|cmd|cli|scripts?|tools?|examples?|benches|benchmarks?)\/|(?:^|\/)(?:main|__main__|cli|manage|setup|server)\.\w+$/i.test(
      path,
    )
  )
    return true;
  if (text.startsWith('#!')) return true;
  return language === 'python' ? /^if\s+__name__\s*==/m.test(code) : language === 'go' && /^package\s+main\b/m.test(code);
}

const withoutSpace = (text: string): string => text.replace(/\s+/g, '');

/** Numbers, from 0, of the lines that were not there before. */
function addedLines(before: string, after: string): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const {
    after: [from, length],
  } of changedLines(before.split('\n'), after.split('\n'))) {
    for (let line = from; line < from + length; line += 1) lines.add(line);
  }
  return lines;
}

function unitsIn(path: string, whole: string): Unit[] {
  const text = codeTextOf(path, roleOf(path) === 'source' ? inlineTests(path, whole) : whole);
  return text === undefined ? [] : unitsOf(text);
}

/**
 * Literals that the request or the code before speaks of: keywords, units, messages, and texts that are written out there. Examples of calls and
 * their results are what tests hold, and count for nothing.
 */
function knownLiterals(request: string, files: readonly ChangedFile[]): (value: string) => boolean {
  const known = new Set<string>();
  for (const { path, before = '' } of files) {
    const text = codeTextOf(path, before);
    if (text === undefined) continue;
    const inTests = inlineTestPlaces(path, before);
    for (const { from, scalars } of literalsIn(text)) {
      if (!inTests.some(([first, end]) => first <= from && from < end)) for (const value of scalars) known.add(value);
    }
  }
  const code = files.filter(({ path, before = '' }) => codeTextOf(path, before) !== undefined).map(({ before = '' }) => before);
  const spoken = [request, ...code].map(outsideExamples);
  for (const lines of spoken) for (const word of wordsIn(lines)) known.add(word);
  for (const value of valuesOfTable(request)) known.add(value);
  const prose = spoken.map((lines) => inOneLine(lines.join('\n')));
  const isWrittenOut = (value: string): boolean => {
    const text = inOneLine(value);
    return text.split(' ').length >= leastWords && prose.some((one) => one.includes(text));
  };
  return (value) => known.has(value) || isWrittenOut(value);
}

/** A request that lists values, `01 = wink`, `| small | 3 cm |`, asks for just these in the code. */
function valuesOfTable(request: string): string[] {
  const values = request.split('\n').flatMap((line) => {
    const [key = '', value = '', ...more] = line
      .slice(0, 200)
      .split(/[-=]>|[=:|→]/)
      .map((cell) => cell.trim().replace(/^[*-] /, ''))
      .filter((cell) => cell !== '');
    return more.length === 0 && /^[\w.+-]{1,40}$/.test(key) && value.length > 1 ? [value.replace(/[.,]$/, '')] : [];
  });
  return values.length >= leastRows ? values : [];
}

/** Of a table. */
const leastRows = 3;

/** Fewer may stand together by chance, or be the answer to an example. */
const leastWords = 4;

/** Also where the line ends stand as code writes them. */
const inOneLine = (text: string): string => text.replace(/(?:\s|\\[nrt])+/g, ' ').trim();

const example = /^\s*(?:>>>|\.\.\.)|[\w$]\s*\([^()\n]{0,200}\)\s*(?:===?|=>|->|[➞→=#]|\/\/|\b(?:should|returns?|is|gives|evaluates)\b)/;

function outsideExamples(text: string): string[] {
  const lines = text.split('\n');
  return lines.filter((line, at) => line.length <= 2_000 && !example.test(line) && !/^\s*>>>/.test(lines[at - 1] ?? ''));
}

function wordsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    [...line.matchAll(/["'`“‘]([^"'`”’\n]{1,80})["'`”’]|(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])|[\p{L}_][\p{L}\p{N}_-]{2,60}/gu)].map(
      ([word, quoted]) => quoted ?? word,
    ),
  );
}
