/** Whether a candidate does what was asked, by what its tests show. */
import { failureSignature } from '../feedback/index.ts';
import type { TestCase, TestDelta, TestReport } from '../feedback/types.ts';
import type { RunFacts } from './context.ts';

export interface SolvedQuestion {
  readonly report: TestReport;
  readonly baseline: TestReport;
  readonly delta: TestDelta;
  readonly facts: Pick<RunFacts, 'request' | 'briefing'>;
  /** Files the candidate changed. */
  readonly changed: readonly string[];
  /** Text of the test files with failures, by path. */
  readonly testTexts: ReadonlyMap<string, string>;
}

/**
 * Solved: everything is green; or nothing broke and what still fails was not asked about. The request asks about the failing test it names.
 * When it names none but points at files (in its words, by selection or diagnostic), a failure is not asked about if it is the same as
 * before, stands in a file of which the change repaired nothing, and has nothing to do with those files or with what was changed; and the
 * change must have repaired something. A request that points at nothing asks about every failure.
 */
export function isSolved({ report, baseline, delta, facts, changed, testTexts }: SolvedQuestion): boolean {
  if (report.green) return true;
  if (report.ending !== 'finished' || delta.broken.length > 0) return false;
  const named = facts.request.failingTest?.name;
  if (named !== undefined) {
    const target = report.cases.filter((test) => test.name === named || test.id === named);
    return target.length > 0 && target.every((test) => test.outcome === 'passed');
  }
  const pointedAt = facts.briefing.files
    .filter((file) => file.reasons.some((reason) => pointing.includes(reason)))
    .map((file) => file.path);
  if (pointedAt.length === 0 || delta.fixed.length === 0) return false;
  const about = [...pointedAt, ...changed];
  const before = new Map(baseline.cases.map((test) => [test.id, test]));
  const repaired = new Set(delta.fixed.map((id) => before.get(id)?.file));
  return report.cases
    .filter((test) => test.outcome === 'failed')
    .every((test) => {
      const old = before.get(test.id);
      if (!old || !test.file || repaired.has(undefined) || repaired.has(test.file) || signatureOf(old) !== signatureOf(test)) return false;
      const text = testTexts.get(test.file);
      return text !== undefined && !about.some((path) => path === test.file || speaksOf(`${text}\n${test.message ?? ''}`, path));
    });
}

const pointing: readonly string[] = ['selected', 'diagnostic', 'named-in-request'];

function signatureOf(test: TestCase): string {
  return failureSignature({
    ending: 'finished',
    exitCode: 1,
    cases: [test],
    passed: 0,
    failed: 1,
    skipped: 0,
    green: false,
    guard: 'exit-code',
    breaches: [],
    doubts: [],
    output: '',
    ms: 0,
  });
}

/** The file's name without its ending stands in the text as a word: as an import, a path or a name. */
function speaksOf(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'iu').test(text);
}
