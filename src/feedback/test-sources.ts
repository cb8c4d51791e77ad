/** The files that hold the tests a run was seen to run, and what in them is test. */
import { type FileRole, roleOf } from './file-roles.ts';
import type { TestReport } from './types.ts';

export interface TestSources {
  /** Relative to the workspace: files of tests, by whatever name. */
  readonly files: ReadonlySet<string>;
  /** Text of those files and of source files with tests inside, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that the tests are about, although their name is one that tests have: `test.js`, which is asked for and holds no test. */
  readonly subjects?: ReadonlySet<string>;
}

export const noTestSources: TestSources = { files: new Set(), texts: new Map() };

/** Most files that are read for this; their names count in any number. */
const mostTexts = 200;

/**
 * `read` gives the text of a file of the workspace as it was when the tests ran, undefined for what is no text there. `asked`: paths that the request
 * names.
 */
export async function testSourcesOf(
  report: TestReport,
  read: (path: string) => Promise<string | undefined>,
  asked: readonly string[] = [],
): Promise<TestSources> {
  const named = [...new Set(report.cases.flatMap(({ file }) => (file === undefined ? [] : [file])))];
  const texts = new Map<string, string>();
  for (const path of named.slice(0, mostTexts)) {
    const text = await read(path);
    if (text !== undefined) texts.set(path, text);
  }
  const isInline = (path: string): boolean => roleOf(path) === 'source' && inlineTests(path, texts.get(path) ?? '') !== '';
  const subjects: string[] = [];
  // A runner may take the file itself for a test: it has nothing but that one.
  const hasTests = (path: string): boolean => report.cases.some(({ file, id, whole }) => file === path && id !== path && whole !== true);
  for (const path of asked.filter((one) => isTestByName(one) && !hasTests(one))) {
    const text = await read(path);
    const stem = path.replace(/^.*\//, '').replace(/\.\w+$/, '');
    if (text !== undefined && !holdsTests.test(text) && [...texts].some(([file, test]) => file !== path && takesIn(test, stem)))
      subjects.push(path);
  }
  return { files: new Set(named.filter((path) => !isInline(path) && !subjects.includes(path))), texts, subjects: new Set(subjects) };
}

/** What a file is, where it is known which files hold the tests and which ones these are about. */
export function roleIn({ files, subjects }: Pick<TestSources, 'files' | 'subjects'>, path: string): FileRole {
  if (files.has(path)) return 'test';
  return subjects?.has(path) ? 'source' : roleOf(path);
}

/** What tests, and what they are written with, ask for, by the ending of a file. */
const forTests: readonly (readonly [RegExp, RegExp])[] = [
  [/\.go$/i, /^(?:import)?[ \t]*(?:[\w.]+[ \t]+)?"testing"/m],
  [/\.py$/i, /^[ \t]*(?:import|from)[ \t]+(?:pytest|unittest)\b/m],
  [/\.[cm]?[jt]sx?$/i, /\b(?:from|require\(|import)[ \t]*['"](?:node:test|vitest|@jest\/globals|mocha|chai)['"]/],
  [/\.java$/i, /^import[ \t]+(?:static[ \t]+)?org\.(?:junit|assertj|hamcrest|testng)\b/m],
];

/** A file or folder named after what tests do: `testutil.rs`, `assertions.py`, `testing/same.js`. */
const namedForTests =
  /(?:^|\/)(?:tests?(?:[-_.]|ing|utils?|help|support|kit|case|lib|common|base)|assert|expect(?!ed)|specs?(?:[-_.]|help))[\w.-]*(?:\/|$)/i;

/**
 * A test, or a helper of tests, which may lie among the sources by any name: it takes in what tests are written with, or is named after what they do
 * and asserts something.
 */
export const servesTests = (path: string, text: string): boolean =>
  forTests.some(([of, asks]) => of.test(path) && asks.test(text)) || (namedForTests.test(path) && /\b(?:assert|expect)/.test(text));

/** By its own name, not by the folder it lies in. */
const isTestByName = (path: string): boolean =>
  roleOf(path) === 'test' && roleOf(`${path.slice(0, path.lastIndexOf('/') + 1)}x${path.slice(path.lastIndexOf('.'))}`) === 'source';

const holdsTests =
  /\b(?:test|it|describe|suite)(?:\.\w+)?\s*\(\s*["'`]|\bassert\w*[\s.(!]|\bexpect\s*\(|\bdef\s+test|\bfunc\s+Test|\b(?:unittest|pytest)\b|node:test|#\[test\]/;

/** A test imports a module of this name. */
const takesIn = (test: string, stem: string): boolean =>
  test.split('\n').some((line) => /\b(?:import|require|from)\b/.test(line) && line.split(/[^\w-]+/).includes(stem));

/**
 * The tests inside a source file: Rust's test modules, functions and documentation, Python's doctests, `import.meta.vitest`. Empty when it
 * holds none.
 */
export function inlineTests(path: string, text: string): string {
  if (/\.rs$/i.test(path)) return [...blocksAfter(text, rustTest), ...rustExamples(text)].join('\n');
  if (/\.pyi?$/i.test(path)) return doctests(text).join('\n');
  if (/\.[cm]?[jt]sx?$/i.test(path)) return blocksAfter(text, scriptTest).join('\n');
  return '';
}

/** Where blocks of tests stand in a source file. */
export function inlineTestPlaces(path: string, text: string): readonly (readonly [from: number, end: number])[] {
  if (/\.rs$/i.test(path)) return placesAfter(text, rustTest);
  return /\.[cm]?[jt]sx?$/i.test(path) ? placesAfter(text, scriptTest) : [];
}

const scriptTest = /import\.meta\.vitest\b/g;

const rustTest = /#\[\s*(?:cfg\s*\((?:[^)\]]*\b)?test\b[^\]]*|(?:[\w:]+::)?(?:test|rstest|test_case|bench|should_panic)\b[^\]]*)\]/g;

const blocksAfter = (text: string, mark: RegExp): string[] => placesAfter(text, mark).map(([from, end]) => text.slice(from, end));

/** Each mark with the block in braces that follows it; a mark inside the block before it is part of that. */
function placesAfter(text: string, mark: RegExp): [from: number, end: number][] {
  const places: [number, number][] = [];
  let end = 0;
  for (const { index } of text.matchAll(mark)) {
    if (index < end) continue;
    end = endOfBlock(text, index);
    places.push([index, end]);
  }
  return places;
}

/** Braces inside strings and comments are counted too: what is cut off or taken in by that is compared with itself. */
function endOfBlock(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '{') depth += 1;
    else if (letter === '}') {
      depth -= 1;
      if (depth <= 0) return at + 1;
    } else if (letter === ';' && depth === 0) return at + 1;
  }
  return text.length;
}

/** Code in documentation comments. */
function rustExamples(text: string): string[] {
  const examples: string[] = [];
  let inside = false;
  for (const line of text.split('\n')) {
    const comment = /^\s*\/\/[/!] ?(.*)$/.exec(line)?.[1];
    if (comment === undefined) inside = false;
    else if (comment.trimStart().startsWith('```')) inside = !inside;
    else if (inside) examples.push(comment);
  }
  return examples;
}

/** Prompts with what they expect: the lines below one up to an empty line or the next prompt. */
function doctests(text: string): string[] {
  const found: string[] = [];
  let expecting = false;
  for (const line of text.split('\n')) {
    const bare = line.trim();
    if (bare.startsWith('>>>') || (expecting && bare.startsWith('...'))) expecting = true;
    else if (bare === '' || bare === '"""' || bare === "'''") expecting = false;
    if (expecting) found.push(bare);
  }
  return found;
}
