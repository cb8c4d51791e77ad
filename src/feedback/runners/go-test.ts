import * as z from 'zod';
import { caseBuilder, type Reading, unguarded } from '../reading.ts';
import { lineReader } from './lines.ts';
import { type Prepared, programName, type Runner, type RunPlace } from './runner.ts';

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
  prepare(argv, place) {
    const [program = 'go', , ...rest] = argv;
    return { argv: [program, 'test', '-json', ...rest.filter((word) => word !== '-json')], env: {}, ...eventReader(place) };
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

function eventReader(place: RunPlace): Pick<Prepared, 'onOutput' | 'read'> {
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
    read() {
      stdout.end();
      stderr.end();
      return { ...casesOf([...seen.values()], builds, problems, place), output: console };
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

function casesOf(all: readonly Seen[], builds: ReadonlyMap<string, string>, problems: string, place: RunPlace): Reading {
  const builder = caseBuilder({ root: place.root, normalise: place.normalise, separator: ' ', isFile: () => false });
  // A test with subtests is told by them, unless it failed for itself.
  const isToldByParts = (one: Seen): boolean => {
    const parts = all.filter((other) => other.packageName === one.packageName && other.test.startsWith(`${one.test}/`));
    return parts.length > 0 && (one.outcome === 'passed' || parts.some((part) => part.outcome === 'failed'));
  };
  for (const one of all.filter((seen) => seen.test !== '')) {
    if (one.outcome === undefined) builder.start(one.packageName, one.test);
    else if (!isToldByParts(one)) {
      const message = one.outcome === 'passed' ? undefined : withoutGoroutines(one.output);
      builder.add({ file: one.packageName, name: one.test, outcome: one.outcome, message, ms: one.ms });
    }
  }
  const packages = all.filter((seen) => seen.test === '');
  for (const one of packages) {
    const testFailed = all.some(
      (other) => other.test !== '' && other.packageName === one.packageName && other.outcome !== 'passed' && other.outcome !== 'skipped',
    );
    if (one.outcome !== 'failed' || testFailed) continue;
    const build = one.failedBuild === undefined ? undefined : builds.get(one.failedBuild);
    builder.add({ file: one.packageName, name: '', outcome: 'failed', message: build ?? (problems + one.output).trim(), whole: true });
  }
  return {
    cases: builder.cases(),
    pending: builder.pending(),
    ...unguarded('Read from what go test prints'),
    complete: packages.length > 0 && packages.every((one) => one.outcome !== undefined),
  };
}

/** A panic's stack without the standard library's frames and addresses. */
function withoutGoroutines(output: string): string {
  return output
    .replace(/^goroutine \d+ \[.*\n/gm, '')
    .replace(/^(?:testing|runtime|panic|created by testing)[.(][^\n]*\n\t[^\n]*\n?/gm, '')
    .replace(/^(created by [^\n]*) in goroutine \d+$/gm, '$1')
    .replace(/\((?=0x[0-9a-f]|\{0x|\.\.\.)[^()\n]*\)/g, '(…)')
    .replace(/ \+0x[0-9a-f]+$/gm, '');
}
