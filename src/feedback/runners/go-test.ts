import * as z from 'zod';
import { jsonIn } from '../../text/index.ts';
import type { Record } from '../records.ts';
import { beforeArguments, type GoReading, goGuard, type PackageRun } from './go-guard.ts';
import { lineReader } from './lines.ts';
import { type Prepared, programName, type Runner, withoutOption } from './runner.ts';

/** One event of `go test -json` (cmd/test2json, and build events since Go 1.24). */
const eventSchema = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
  Elapsed: z.number().optional(),
  ImportPath: z.string().optional(),
  FailedBuild: z.string().optional(),
});

export const goTest: Runner = {
  name: 'go-test',
  recognises: (words) => programName(words[0]) === 'go' && words[1] === 'test',
  async prepare(argv, place, ask) {
    const [program = 'go', , ...words] = argv;
    const guard = await goGuard(argv, place, ask);
    const rest = words.filter((word) => word !== '-json');
    return {
      argv: [program, 'test', '-json', ...guard.options, ...(guard.countsLines ? countingLines(rest) : rest)],
      env: guard.env,
      ...(guard.reportFile === undefined ? {} : { reportFile: guard.reportFile }),
      ...eventReader(guard.read),
    };
  },
};

/** As words that build the whole module to count what runs, and run its tests one at a time, whatever the command says of both. */
function countingLines(words: readonly string[]): string[] {
  const own = beforeArguments(words);
  const valued = ['covermode', 'coverpkg', 'coverprofile', 'parallel'].flatMap((name) => [`-${name}`, `--${name}`]);
  const kept = withoutOption(own, ...valued).filter((word) => !/^--?cover(=|$)/.test(word));
  return ['-covermode=atomic', '-coverpkg=./...', '-parallel=1', ...kept, ...words.slice(own.length)];
}

/** Last part of what a test or build printed, characters. */
const keptOutput = 8000;
/** How a program of tests begins its last words: what comes first in them says most, and little of what was printed before is of interest then. */
const lastWords = /^(?:panic: |fatal error: |runtime: goroutine stack exceeds|unexpected fault address|SIG[A-Z]+: )/;
const keptBefore = 500;

interface Seen {
  readonly packageName: string;
  readonly test: string;
  output: string;
  /** What a program that broke off said of it, from its first word on. */
  crash: string;
  outcome?: 'passed' | 'failed' | 'skipped';
  ms?: number;
  failedBuild?: string;
}

function eventReader(reading: GoReading): Pick<Prepared, 'onOutput' | 'read'> {
  const seen = new Map<string, Seen>();
  const builds = new Map<string, string>();
  let console = '';
  let problems = '';

  const find = (packageName: string, test: string): Seen => {
    const key = `${packageName}\0${test}`;
    const found = seen.get(key) ?? { packageName, test, output: '', crash: '' };
    seen.set(key, found);
    return found;
  };
  const onLine = (line: string): void => {
    const event = eventOf(line);
    if (event === undefined) {
      problems = `${problems}${line}\n`.slice(-keptOutput);
      return;
    }
    const { Action: action, Package: packageName, Output: text = '' } = event;
    console = `${console}${text}`.slice(-4 * keptOutput);
    if (action.startsWith('build-')) {
      const build = event.ImportPath ?? '';
      builds.set(build, `${builds.get(build) ?? ''}${text}`.slice(0, keptOutput));
      return;
    }
    if (packageName === undefined) return;
    const one = find(packageName, event.Test ?? '');
    if (action === 'output' && !/^(=== |\s*--- (PASS|FAIL|SKIP)|PASS\n|FAIL\n)/.test(text)) {
      if (one.crash !== '' || lastWords.test(text)) one.crash = `${one.crash}${text}`.slice(0, keptOutput);
      else one.output = `${one.output}${text}`.slice(-keptOutput);
    }
    if (event.FailedBuild !== undefined) one.failedBuild = event.FailedBuild;
    if (action === 'pass' || action === 'fail' || action === 'skip') {
      one.outcome = action === 'pass' ? 'passed' : action === 'fail' ? 'failed' : 'skipped';
      if (event.Elapsed !== undefined) one.ms = event.Elapsed * 1000;
    }
  };
  const stdout = lineReader(onLine);
  const stderr = lineReader((line) => {
    problems = `${problems}${line}\n`.slice(-keptOutput);
  });
  return {
    onOutput: (chunk, stream) => (stream === 'stdout' ? stdout : stderr).add(chunk),
    read(cutShort) {
      stdout.end();
      stderr.end();
      const all = [...seen.values()];
      return { ...reading(recordsOf(all, builds, problems), packagesOf(all), cutShort), output: console };
    },
  };
}

function eventOf(line: string): z.infer<typeof eventSchema> | undefined {
  if (!line.startsWith('{')) return undefined;
  return eventSchema.safeParse(jsonIn(line)).data;
}

/** What the events say, as records of the main process. */
function recordsOf(all: readonly Seen[], builds: ReadonlyMap<string, string>, problems: string): Record[] {
  const records: Record[] = [];
  const packages = packagesOf(all);
  const failed = new Set(packages.flatMap(({ name, outcome }) => (outcome === 'failed' ? [name] : [])));
  // A package that failed has ended: so has a test of which nothing more was said (a panic, `os.Exit`, a time-out).
  const isOver = ({ outcome, packageName }: Seen): boolean => outcome !== undefined || failed.has(packageName);
  const isRed = (one: Seen): boolean => isOver(one) && one.outcome !== 'passed' && one.outcome !== 'skipped';
  for (const { packageName, tests } of byPackage(all)) {
    const words = wordsOf(tests, isRed);
    for (const one of tests) {
      const { test: name, outcome = 'failed', ms } = one;
      if (!isOver(one)) records.push({ t: 'start', file: packageName, name });
      else if (!isToldByParts(one, tests, isRed)) {
        const message = outcome === 'passed' ? undefined : withoutGoroutines(words.get(one) ?? '') || (one.outcome ? '' : endedWithout);
        records.push({ t: 'case', file: packageName, name, outcome, message, ms });
      }
    }
  }
  for (const one of all.filter((seen) => seen.test === '')) {
    if (one.outcome !== 'failed' || all.some((other) => other.test !== '' && other.packageName === one.packageName && isRed(other)))
      continue;
    const build = one.failedBuild === undefined ? undefined : builds.get(one.failedBuild);
    const message = build ?? (problems + said(one)).trim();
    records.push({ t: 'case', file: one.packageName, name: '', outcome: 'failed', message, whole: true });
  }
  if (packages.length > 0 && packages.every((one) => one.outcome !== undefined)) records.push({ t: 'end' });
  return records;
}

const said = ({ output, crash }: Seen): string => (crash === '' ? output : `${output.slice(-keptBefore)}${crash}`);

const endedWithout = 'The program of the tests ended before this test did.';

function byPackage(all: readonly Seen[]): { packageName: string; tests: Seen[] }[] {
  const tests = all.filter(({ test }) => test !== '');
  return [...Map.groupBy(tests, ({ packageName }) => packageName)].map(([packageName, own]) => ({ packageName, tests: own }));
}

const partsOf = ({ test }: Seen, tests: readonly Seen[]): Seen[] => tests.filter((other) => other.test.startsWith(`${test}/`));

/** A test with subtests is told by them, unless it failed for itself. */
function isToldByParts(one: Seen, tests: readonly Seen[], isRed: (one: Seen) => boolean): boolean {
  const parts = partsOf(one, tests);
  return parts.length > 0 && (one.outcome === 'passed' || parts.some(isRed));
}

/**
 * What each test has to say for itself. A panic in a subtest is printed as the words of the test around it: words of a test that is told by its parts
 * stand with the last of them that failed.
 */
function wordsOf(tests: readonly Seen[], isRed: (one: Seen) => boolean): Map<Seen, string> {
  const words = new Map(tests.map((one) => [one, said(one)]));
  for (const one of tests.filter((each) => isRed(each) && said(each) !== '')) {
    const parts = partsOf(one, tests).filter((each) => isRed(each) && !isToldByParts(each, tests, isRed));
    const part = parts.findLast(({ outcome }) => outcome === 'failed') ?? parts.at(-1);
    if (part !== undefined) words.set(part, `${words.get(part)}${said(one)}`);
  }
  return words;
}

function packagesOf(all: readonly Seen[]): PackageRun[] {
  return all.flatMap(({ packageName: name, test, outcome, failedBuild }) =>
    test === '' ? [{ name, outcome, wasBuilt: failedBuild === undefined }] : [],
  );
}

/** A panic's stack without the standard library's frames and addresses. */
function withoutGoroutines(output: string): string {
  return output
    .replace(/^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[.*\n/gm, '')
    .replace(/^(?:testing(?:\/internal\/testdeps)?|runtime|panic|time|created by (?:testing|runtime|time))[.(][^\n]*\n\t[^\n]*\n?/gm, '')
    .replace(/^(created by [^\n]*) in goroutine \d+$/gm, '$1')
    .replace(/\((?=0x[0-9a-f]|\{0x|\.\.\.)[^()\n]*\)/g, '(…)')
    .replace(/(?: (?:\+|fp=|sp=|pc=)0x[0-9a-f]+)+$/gm, '');
}
