/**
 * A long suite while work goes on: the command for the files that hold the failing tests, in place of the whole. It decides nothing but that a change
 * does not do it yet; what passes here is tried on the whole suite. Pure.
 */
import { redIn } from './flaky.ts';
import { cargoCall } from './runners/cargo-call.ts';
import type { RunnerName, TestCase, TestCommand, TestReport } from './types.ts';

export interface Narrowed {
  readonly test: TestCommand;
  /** What it runs: files relative to the workspace, packages of Go. */
  readonly places: readonly string[];
  /** How long these took at the baseline, about, ms. */
  readonly ms: number;
}

/** A suite that takes less is run as a whole each time, ms. */
const long = 5_000;
/** Of the tests' time that the failing files may take, at most: else little is won. */
const worthwhile = 0.6;
/** Files that a command line is given, at most. */
const mostPlaces = 40;
const startMs = 1_000;

/**
 * The command for the failing tests of a suite that took long (`longMs` or more), with other files of tests that a change brings (`more`); undefined
 * where the suite is short, nothing was red, or this command cannot be given files.
 */
export function narrowed(
  test: TestCommand | undefined,
  baseline: TestReport | undefined,
  more: readonly string[] = [],
  longMs = long,
): Narrowed | undefined {
  if (baseline === undefined) return undefined;
  const failed = redIn(baseline);
  // What was under way at a limit of time is red only because we ended it, where something else is red.
  const red = failed.some(({ cut }) => !cut) ? failed.filter(({ cut }) => !cut) : failed;
  return narrowedTo(test, baseline, red, { more, longMs });
}

/** The command for the files of these tests, which a report of the whole tells of, in place of all. A suite that takes less than `longMs` is left as it is. */
export function narrowedTo(
  test: TestCommand | undefined,
  report: TestReport,
  tests: readonly TestCase[],
  { more = [], longMs = long }: { readonly more?: readonly string[]; readonly longMs?: number } = {},
): Narrowed | undefined {
  if (test?.argv === undefined || test.before !== undefined || report.ms < longMs) return undefined;
  const found = tests.map(placeOf);
  if (found.length === 0 || found.some((place) => place === undefined)) return undefined;
  const places = [...new Set([...found.filter((place) => place !== undefined), ...more])];
  const timeIn = (cases: readonly TestCase[]): number => cases.reduce((sum, { ms = 0 }) => sum + ms, 0);
  const ms = timeIn(casesIn(report.cases, places));
  if (places.length > mostPlaces || ms > worthwhile * Math.max(timeIn(report.cases), report.ms)) return undefined;
  const argv = ways[test.runner]?.(test.argv, places, report, test.cwd);
  if (argv === undefined) return undefined;
  return { test: { ...test, argv, display: argv.join(' ') }, places, ms: Math.min(report.ms, ms + startMs) };
}

/** The tests of these places. */
const casesIn = (cases: readonly TestCase[], places: readonly string[]): TestCase[] =>
  cases.filter((test) => places.includes(placeOf(test) ?? ''));

/** The baseline as it would be had only this been run: by it a report of the narrowed command is judged. */
export function baselineIn(baseline: TestReport, { places }: Narrowed, report: TestReport): TestReport {
  const run = [...places, ...report.cases.map(placeOf).filter((place) => place !== undefined)];
  return { ...baseline, cases: casesIn(baseline.cases, run) };
}

/**
 * Whether a run of the narrowed command says anything: it came to its end, or to a limit, and saw tests where it should. A runner that is not content
 * though no test failed (a threshold of coverage) is one that wants the whole.
 */
export function saysAnything({ ending, cases }: TestReport, { places }: Narrowed): boolean {
  if (ending === 'time-limit' || ending === 'silence-limit') return true;
  const isOfRunner = ({ whole, file, id }: TestCase): boolean => whole === true && file === undefined && / run$/.test(id);
  return ending === 'finished' && casesIn(cases, places).length > 0 && !cases.some(isOfRunner);
}

/** The file of a test; of Go its package. */
const placeOf = ({ file, id, whole }: TestCase): string | undefined =>
  file ?? (/^[\w./-]+ /.test(id) && !whole ? id.slice(0, id.indexOf(' ')) : undefined);

type Way = (argv: readonly string[], places: readonly string[], baseline: TestReport, cwd: string) => string[] | undefined;

/** The words of the command in front of its options, and those that stand for all options and places behind. */
const filesBehind =
  (head: (words: readonly string[]) => number, ...added: readonly string[]): Way =>
  (argv, places, baseline, cwd) => {
    const own = places.map((place) => below(cwd, place));
    const at = head(argv);
    if (at < 0 || own.some((place) => place === undefined)) return undefined;
    const known = baseline.cases.flatMap(({ file }) => (file === undefined ? [] : (below(cwd, file) ?? [])));
    const options = withoutPlaces(argv.slice(at), known);
    return options && [...argv.slice(0, at), ...options, ...added, ...own.filter((place) => place !== undefined)];
  };

const after =
  (word: string) =>
  (words: readonly string[]): number =>
    words.indexOf(word) + 1 || -1;

const ways: { readonly [K in RunnerName]?: Way } = {
  'node-test': filesBehind(after('--test')),
  vitest: filesBehind((words) => (words[1] === 'run' ? 2 : words[1] === undefined || words[1].startsWith('-') ? 1 : -1)),
  jest: filesBehind(() => 1, '--runTestsByPath'),
  mocha: filesBehind(() => 1),
  pytest: filesBehind((words) => after('pytest')(words.map((word) => word.replace(/^.*[\\/]/, '')))),
  unittest: (argv, places, baseline, cwd) =>
    // Discovery names tests by the folder it begins in; a program of the project's own has its own way.
    argv.slice(3).every((word) => /^-[vfcb]+$/.test(word)) ? filesBehind(after('unittest'))(argv, places, baseline, cwd) : undefined,
  'go-test': (argv, places) => {
    const at = argv.findIndex((word) => /^\.{1,2}\/(?:.*\/)?\.\.\.$/.test(word));
    return at < 0 ? undefined : [...argv.slice(0, at), ...places, ...argv.slice(at + 1)];
  },
  'cargo-test': (argv, places) => {
    const targets = places.map((place) => /^tests\/([\w-]+)\.rs$/.exec(place)?.[1] ?? (place === 'src/lib.rs' ? '' : undefined));
    const call = cargoCall(argv);
    if (call?.runs !== 'test' || call.rest.length > 0 || targets.includes(undefined)) return undefined;
    return [...argv, ...targets.flatMap((target) => (target === '' ? ['--lib'] : ['--test', target ?? '']))];
  },
};

/** A path of the workspace as the command sees it that runs in `cwd`; undefined when it lies elsewhere. */
function below(cwd: string, path: string): string | undefined {
  if (cwd === '') return path;
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : undefined;
}

/** Options that stand by themselves: what follows is no value of theirs. */
const bare =
  /^(?:-[a-zA-Z]{1,4}|--(?:verbose|quiet|recursive|silent|bail|ci|exit|coverage|passWithNoTests|runInBand|watch=\w+|no-[\w-]+|strict-markers|exitfirst|showlocals)|--[\w-]+=.*)$/;
/** Short ones that do take a value. */
const takesValue = /^-(?:[cCkmpnrtWoS]|.*[kmpno])$/;

/** The words without the files and folders of tests; undefined when one of them may be the value of an option. */
function withoutPlaces(words: readonly string[], files: readonly string[]): string[] | undefined {
  const kept: string[] = [];
  for (const [index, word] of words.entries()) {
    if (!isPlace(word, files)) {
      kept.push(word);
      continue;
    }
    const before = words[index - 1] ?? '';
    if (before.startsWith('-') && (!bare.test(before) || takesValue.test(before))) return undefined;
  }
  return kept;
}

function isPlace(word: string, files: readonly string[]): boolean {
  if (word.startsWith('-')) return false;
  const path = word.replace(/^\.\//, '').replace(/\/$/, '');
  return path === '.' || /[*?{]/.test(path) || files.some((file) => file === path || file.startsWith(`${path}/`));
}
