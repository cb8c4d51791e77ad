/**
 * Tests that change their mind when nothing changed: seen to pass and to fail on the same bytes. Such a test is flaky, and what it says decides
 * nothing. Pure.
 */
import type { TestCase, TestReport } from './types.ts';

type TestNamed = Pick<TestCase, 'id' | 'file' | 'whole'>;

/** What a report says of a test; undefined where it did not run, was skipped, or was ended by us. */
export function seenIn({ cases, ending, green }: TestReport, { id, file, whole }: TestNamed): 'passed' | 'failed' | undefined {
  const found = cases.find((one) => one.id === id);
  if (found !== undefined) return found.outcome === 'skipped' || found.cut ? undefined : found.outcome;
  if (ending !== 'finished') return undefined;
  const inFile = cases.filter((one) => file !== undefined && one.file === file);
  // A file, suite or build that failed as a whole has no passing counterpart but the tests behind it.
  if (whole) return (file === undefined ? green : inFile.some(({ outcome }) => outcome === 'passed')) ? 'passed' : undefined;
  return inFile.some((one) => one.whole && one.outcome === 'failed') ? 'failed' : undefined;
}

/** Those of `tests` that passed in one and failed in another of these reports of the same bytes. */
export function changedTheirMind(reports: readonly TestReport[], tests: readonly TestNamed[]): string[] {
  return tests
    .filter((test) => {
      const seen = new Set(reports.map((report) => seenIn(report, test)));
      return seen.has('passed') && seen.has('failed');
    })
    .map(({ id }) => id);
}

/** The failing tests that say something: those that are known to be flaky do not. */
export const redIn = ({ cases, flaky = [] }: TestReport): TestCase[] =>
  cases.filter(({ id, outcome }) => outcome === 'failed' && !flaky.includes(id));

/** Files of those tests; undefined stands for what lies in none. */
export const redFiles = (report: TestReport): ReadonlySet<string | undefined> => new Set(redIn(report).map(({ file }) => file));

/** The report as it would be without these tests. */
export function withoutTests(report: TestReport, ids: readonly string[]): TestReport {
  if (ids.length === 0) return report;
  const cases = report.cases.filter(({ id }) => !ids.includes(id));
  const count = (outcome: TestCase['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const green = report.ending === 'finished' && failed === 0 && passed > 0 && report.breaches.length === 0;
  return { ...report, cases, passed, failed, skipped, green };
}
