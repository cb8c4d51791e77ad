/**
 * Which lines each test runs over: one run of the tests with a recorder beside the guard. It tells where to look for a mistake and decides nothing, so
 * what it reports of the tests is not kept.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { takeScratch, textAtNow } from '../process/index.ts';
import { jsonIn } from '../text/index.ts';
import { guardFile } from './guard-files.ts';
import { type RunTestsOptions, runTests } from './run-tests.ts';
import type { Coverage, LineRuns, RunLimits, RunnerName, TestCommand, TestReport } from './types.ts';

/** Runners whose tests can be told apart while they run. */
const recorded: readonly RunnerName[] = ['node-test', 'vitest', 'jest', 'mocha', 'pytest', 'unittest', 'go-test'];
/** Of all records together, bytes: more would only cost time. */
const mostBytes = 64 * 1024 * 1024;

const recordSchema = z.object({
  test: z.string(),
  /** Which of its process: several tests may have one name. */
  nth: z.number().int(),
  outcome: z.string(),
  /** Path relative to the copy → numbers of the lines that ran, from 1. */
  files: z.record(z.string(), z.array(z.number().int().nonnegative())),
});
type Record = z.infer<typeof recordSchema> & { /** Of the process that wrote it. */ readonly from: string };

/** Undefined: this runner's tests cannot be told apart, or nothing was recorded. Never throws for what the tests do, but as `runTests` does. */
export async function coverageOf(
  command: TestCommand,
  root: string,
  limits: RunLimits,
  options: RunTestsOptions,
  signal: AbortSignal,
): Promise<Coverage | undefined> {
  if (!recorded.includes(command.runner)) return undefined;
  const folder = takeScratch('disk');
  try {
    const report = await runTests(withRecorder(command), root, limits, { ...options, lines: folder }, signal);
    return coverageFrom(recordsIn(folder), report);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Mocha takes hooks around each test only from a file it is told of. */
function withRecorder(command: TestCommand): TestCommand {
  if (command.runner !== 'mocha' || command.argv === undefined) return command;
  return { ...command, argv: [...command.argv, '--require', guardFile('recorder.cjs')] };
}

/** The tests' own code can write there too: what it writes changes the order of tries and nothing else. */
function recordsIn(folder: string): Record[] {
  const records: Record[] = [];
  let bytes = 0;
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    bytes += lstatSync(file).size;
    const text = bytes > mostBytes ? undefined : textAtNow(file);
    for (const line of text?.split('\n') ?? []) {
      const record = recordSchema.safeParse(jsonIn(line)).data;
      if (record !== undefined) records.push({ ...record, from: name });
    }
  }
  return records;
}

/** What was written several times while it was under way ran over all of those lines, and ended as it says once it has ended. */
function wholeRecords(parts: readonly Record[]): Record[] {
  const records = new Map<string, Record>();
  for (const part of parts) {
    const key = `${part.from} ${part.nth}`;
    const before = records.get(key);
    records.set(key, before === undefined ? part : together(before, part));
  }
  return [...records.values()];
}

function together(before: Record, { outcome, files }: Record): Record {
  const all = new Map(Object.entries(before.files));
  for (const [path, lines] of Object.entries(files)) all.set(path, [...new Set([...(all.get(path) ?? []), ...lines])]);
  return { ...before, outcome: outcome === 'under-way' ? before.outcome : outcome, files: Object.fromEntries(all) };
}

/** What ran outside all tests (a module as it was loaded) counts for each of them, where no test ran over it again. */
function coverageFrom(parts: readonly Record[], { cases }: TestReport): Coverage | undefined {
  const records = wholeRecords(parts);
  const failed = new Set(cases.flatMap(({ name, outcome }) => (outcome === 'failed' ? [name] : [])));
  const isRed = ({ test, outcome }: Record): boolean =>
    outcome === 'failed' || outcome === 'under-way' || (outcome === 'unknown' && failed.has(test));
  const isTest = ({ outcome, files }: Record): boolean => outcome !== 'none' && Object.keys(files).length > 0;
  const tests = records.filter(isTest);
  const failing = tests.filter(isRed).length;
  if (failing === 0) return undefined;
  const passing = tests.length - failing;
  const files = new Map<string, Map<number, LineRuns>>();
  const linesOf = (path: string): Map<number, LineRuns> => {
    const known = files.get(path) ?? new Map<number, LineRuns>();
    files.set(path, known);
    return known;
  };
  for (const one of tests) {
    const red = isRed(one);
    for (const [path, lines] of Object.entries(one.files)) {
      const runs = linesOf(path);
      for (const line of lines) {
        const { failing: reds = 0, passing: greens = 0 } = runs.get(line) ?? {};
        runs.set(line, { failing: reds + Number(red), passing: greens + Number(!red) });
      }
    }
  }
  for (const { outcome, files: loaded } of records) {
    if (outcome !== 'none') continue;
    for (const [path, lines] of Object.entries(loaded)) {
      const runs = linesOf(path);
      for (const line of lines) if (!runs.has(line)) runs.set(line, { failing, passing });
    }
  }
  return { failing, passing, files };
}
