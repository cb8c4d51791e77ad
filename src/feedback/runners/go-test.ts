import * as z from 'zod';
import type { Record } from '../records.ts';
import { type GoReading, goGuard, type PackageRun } from './go-guard.ts';
import { lineReader } from './lines.ts';
import { type Prepared, programName, type Runner } from './runner.ts';

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
    const [program = 'go', , ...rest] = argv;
    const guard = await goGuard(argv, place, ask);
    return {
      argv: [program, 'test', '-json', ...guard.options, ...rest.filter((word) => word !== '-json')],
      env: guard.env,
      ...(guard.reportFile === undefined ? {} : { reportFile: guard.reportFile }),
      ...eventReader(guard.read),
    };
  },
};

/** Last part of what a test or build printed, characters. */
const keptOutput = 8000;

interface Seen {
  readonly packageName: string;
  readonly test: string;
  output: string;
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
    const found = seen.get(key) ?? { packageName, test, output: '' };
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
    if (action === 'output' && !/^(=== |\s*--- (PASS|FAIL|SKIP)|PASS\n|FAIL\n)/.test(text))
      one.output = `${one.output}${text}`.slice(-keptOutput);
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
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What the events say, as records of the main process. */
function recordsOf(all: readonly Seen[], builds: ReadonlyMap<string, string>, problems: string): Record[] {
  const records: Record[] = [];
  // A test with subtests is told by them, unless it failed for itself.
  const isToldByParts = (one: Seen): boolean => {
    const parts = all.filter((other) => other.packageName === one.packageName && other.test.startsWith(`${one.test}/`));
    return parts.length > 0 && (one.outcome === 'passed' || parts.some((part) => part.outcome === 'failed'));
  };
  for (const one of all.filter((seen) => seen.test !== '')) {
    const { packageName: file, test: name, outcome, ms } = one;
    if (outcome === undefined) records.push({ t: 'start', file, name });
    else if (!isToldByParts(one)) {
      const message = outcome === 'passed' ? undefined : withoutGoroutines(one.output);
      records.push({ t: 'case', file, name, outcome, message, ms });
    }
  }
  for (const one of all.filter((seen) => seen.test === '')) {
    const testFailed = all.some(
      (other) => other.test !== '' && other.packageName === one.packageName && other.outcome !== 'passed' && other.outcome !== 'skipped',
    );
    if (one.outcome !== 'failed' || testFailed) continue;
    const build = one.failedBuild === undefined ? undefined : builds.get(one.failedBuild);
    const message = build ?? (problems + one.output).trim();
    records.push({ t: 'case', file: one.packageName, name: '', outcome: 'failed', message, whole: true });
  }
  const packages = packagesOf(all);
  if (packages.length > 0 && packages.every((one) => one.outcome !== undefined)) records.push({ t: 'end' });
  return records;
}

function packagesOf(all: readonly Seen[]): PackageRun[] {
  return all.flatMap(({ packageName: name, test, outcome, failedBuild }) =>
    test === '' ? [{ name, outcome, wasBuilt: failedBuild === undefined }] : [],
  );
}

/** A panic's stack without the standard library's frames and addresses. */
function withoutGoroutines(output: string): string {
  return output
    .replace(/^goroutine \d+ \[.*\n/gm, '')
    .replace(/^(?:testing(?:\/internal\/testdeps)?|runtime|panic|created by testing)[.(][^\n]*\n\t[^\n]*\n?/gm, '')
    .replace(/^(created by [^\n]*) in goroutine \d+$/gm, '$1')
    .replace(/\((?=0x[0-9a-f]|\{0x|\.\.\.)[^()\n]*\)/g, '(…)')
    .replace(/ \+0x[0-9a-f]+$/gm, '');
}
