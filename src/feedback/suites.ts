/**
 * The test commands of a workspace: one for each project in it (a language, a package, a module), and which of them a request is about. Which files a
 * command is about follows from its runner and its folder; a project further in has its own.
 */
import { throwIfStopped } from '../errors.ts';
import type { Fenced } from '../process/index.ts';
import { roleOf } from './file-roles.ts';
import { findProjects } from './projects.ts';
import { pythonsOf } from './pythons.ts';
import { readLine } from './read-line.ts';
import type { RunnerName, TestCommand } from './types.ts';

export interface TestSettings {
  /** The user's own test command, one line as typed; wins over everything found. */
  readonly testCommand?: string;
  /** For the interpreter that is asked what it can import; it may be the workspace's own. */
  readonly fence?: Fenced;
  /** Nothing is started: which Python tests run is then told from files alone. */
  readonly startNothing?: boolean;
}

/**
 * How the tests of this workspace are run, from what its files say: the workspace's own command first, then those of projects further in. Empty when
 * nothing says so. Reads a few files, starts at most a few short processes.
 */
export async function findSuites(root: string, settings: TestSettings, signal: AbortSignal): Promise<readonly TestCommand[]> {
  throwIfStopped(signal);
  const wished = settings.testCommand?.trim();
  if (wished) {
    const pythons = pythonsOf(settings.fence, settings.startNothing ?? false, signal);
    return [await readLine(wished, { root, folder: '', path: root, isTop: true }, 'settings', pythons, wished)];
  }
  return findProjects(root, settings, signal);
}

/** What a request says about where its work is. */
export interface SuiteHints {
  /** Files it names or stands on, relative to the workspace. */
  readonly paths: readonly string[];
  /** Its words, lower case. */
  readonly words: readonly string[];
  /** Names of tests. */
  readonly tests: readonly string[];
}

/** The suite that a request is about; the workspace's own when nothing speaks for another one. */
export function suiteFor(suites: readonly TestCommand[], hints: SuiteHints): TestCommand | undefined {
  const points = suites.map((suite) => pointsOf(suite, suites, hints));
  const most = Math.max(0, ...points);
  return suites[points.indexOf(most)] ?? suites[0];
}

/** Suites that files belong to, each once. What belongs to none (documentation, data) names none. */
export function suitesOf(suites: readonly TestCommand[], paths: readonly string[]): readonly TestCommand[] {
  return suites.filter((suite) => paths.some((path) => covers(suite, path, suites)));
}

/** Whether the suite is the one that runs the tests about this file. */
export function covers(suite: TestCommand, path: string, suites: readonly TestCommand[]): boolean {
  if (!isAbout(suite, path)) return false;
  return !suites.some((other) => other.cwd.length > suite.cwd.length && isAbout(other, path));
}

const isAbout = (suite: TestCommand, path: string): boolean => isBelow(suite.cwd, path) && (endingsOf(suite)?.test(path) ?? true);

const isBelow = (folder: string, path: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** Changed files of code that no suite is about: whatever ran says nothing of them. */
export function unjudgedFiles(suites: readonly TestCommand[], paths: readonly string[]): readonly string[] {
  return paths.filter((path) => code.test(path) && roleOf(path) === 'source' && !suites.some((suite) => covers(suite, path, suites)));
}

/** Files that hold code which tests are usually written about. */
const code =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|pyi?|go|rs|java|kts?|scala|groovy|rb|php|cs|fs|vb|swift|m|mm|c|cc|cpp|cxx|h|hpp|zig|nim|dart|exs?|erl|hs|ml|clj|lua|jl|r|pl|sh)$/i;

// ---- what a runner is about -----------------------------------------------------------------------------------------------------

const javascript = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/i;
const python = /\.pyi?$/i;

const endings: { readonly [K in RunnerName]: RegExp | undefined } = {
  'node-test': javascript,
  vitest: javascript,
  jest: javascript,
  mocha: javascript,
  pytest: python,
  unittest: python,
  'go-test': /\.go$/i,
  'cargo-test': /\.rs$/i,
  // Any command may test anything; one that a manifest names is about the manifest's language.
  command: undefined,
};

const ofManifest: readonly (readonly [RegExp, RegExp])[] = [
  [/package\.json$/, javascript],
  [/(?:pom\.xml|build\.gradle(?:\.kts)?)$/, /\.(?:java|kts?|scala|groovy)$/i],
  [/(?:\.slnx?|\.[cf]sproj)$/, /\.(?:cs|fs|vb)$/i],
  [/mix\.exs$/, /\.exs?$/i],
  [/Gemfile$/, /\.rb$/i],
  [/(?:composer\.json|phpunit\.xml(?:\.dist)?)$/, /\.php$/i],
  [/deno\.jsonc?$/, javascript],
  [/(?:pyproject\.toml|setup\.(?:py|cfg)|pytest\.ini|tox\.ini|noxfile\.py|manage\.py)$/, python],
];

function endingsOf({ runner, source }: TestCommand): RegExp | undefined {
  return endings[runner] ?? ofManifest.find(([manifest]) => manifest.test(source))?.[1];
}

const languageWords: { readonly [K in RunnerName]: readonly string[] } = {
  'node-test': ['javascript', 'typescript', 'node', 'js', 'ts'],
  vitest: ['javascript', 'typescript', 'vitest', 'js', 'ts'],
  jest: ['javascript', 'typescript', 'jest', 'js', 'ts'],
  mocha: ['javascript', 'typescript', 'mocha', 'js', 'ts'],
  pytest: ['python', 'pytest', 'py'],
  unittest: ['python', 'unittest', 'py'],
  'go-test': ['go', 'golang'],
  'cargo-test': ['rust', 'cargo'],
  command: [],
};

/** A file counts most, the deeper the suite's folder the more; then the manner of a test's name, then a word for the language or the folder. */
function pointsOf(suite: TestCommand, suites: readonly TestCommand[], { paths, words, tests }: SuiteHints): number {
  const files = paths.filter((path) => covers(suite, path, suites)).length;
  const named = tests.filter((name) => testNames[suite.runner]?.test(name)).length;
  const folder = suite.cwd.split('/').at(-1)?.toLowerCase() ?? '';
  const spoken = words.filter((word) => languageWords[suite.runner].includes(word) || (folder.length > 2 && word === folder)).length;
  return files * 100 + named * 10 + spoken;
}

const testNames: Partial<Record<RunnerName, RegExp>> = {
  pytest: /^test_\w+$/,
  unittest: /^test_\w+$/,
  'go-test': /^Test[A-Z]\w*$/,
  'cargo-test': /^(?:\w+::)+\w+$/,
};
