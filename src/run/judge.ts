/** Tools judge candidates: the project's tests, then type check and lint. */
import { behaviourKey, compareReports, findTampering, score } from '../feedback/index.ts';
import type { CheckName, TestReport } from '../feedback/types.ts';
import type { TestCounts } from '../trace/events.ts';
import type { WorkspaceCopy } from '../workspace/types.ts';
import type { RunFacts, StepContext } from './context.ts';
import type { Candidate, Verdict } from './pool.ts';

export function countsOf(report: TestReport): TestCounts {
  return { passed: report.passed, failed: report.failed, skipped: report.skipped, green: report.green };
}

/** Runs the project's tests on a candidate that was not tested yet. Without a test command nothing happens. */
export async function testCandidate(candidate: Candidate, context: StepContext, signal: AbortSignal): Promise<void> {
  const { facts, ports, settings } = context;
  if (candidate.verdict || !facts.test) return;
  const copy = await copyOf(candidate, context, signal);
  const report = await ports.runTests(facts.test, copy.root, settings.testLimits, signal);
  const verdict = await judge(report, candidate, context);
  candidate.verdict = verdict;
  ports.trace.emit({
    type: 'candidate.tested',
    candidate: candidate.id,
    report: ports.trace.blob(JSON.stringify(report)),
    counts: countsOf(report),
    ending: report.ending,
    delta: verdict.delta,
    tampering: [...verdict.tampering],
    tree: candidate.snapshot.tree,
    ms: report.ms,
  });
}

export async function checkCandidate(
  candidate: Candidate,
  names: readonly CheckName[],
  context: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const missing = names.filter((name) => !candidate.checks.some((check) => check.name === name));
  if (missing.length === 0) return;
  const copy = await copyOf(candidate, context, signal);
  for (const report of await context.ports.runChecks(missing, copy.root, context.settings.testLimits, signal)) {
    candidate.checks.push(report);
    context.ports.trace.emit({ type: 'candidate.checked', candidate: candidate.id, report });
  }
}

/** The candidate's worktree, made again when it was given back. */
export async function copyOf(candidate: Candidate, context: StepContext, signal: AbortSignal): Promise<WorkspaceCopy> {
  candidate.copy ??= await context.ports.copies.create(`${candidate.id}-again`, candidate.snapshot, signal);
  return candidate.copy;
}

/** Gives a worktree back once nobody needs its files; the snapshot stays. */
export async function releaseCopy(candidate: Candidate): Promise<void> {
  const copy = candidate.copy;
  candidate.copy = undefined;
  await copy?.remove();
}

async function judge(report: TestReport, candidate: Candidate, context: StepContext): Promise<Verdict> {
  const { facts, ports } = context;
  const baseline = facts.baseline ?? emptyReport;
  const delta = compareReports(baseline, report);
  const changedFiles = await Promise.all(
    candidate.changed.map(async (path) => ({
      path,
      before: await ports.copies.read(context.start, path),
      after: await ports.copies.read(candidate.snapshot, path),
    })),
  );
  const tampering = findTampering({ before: facts.baseline, after: report, changedFiles });
  return {
    report,
    delta,
    tampering,
    score: score(report, baseline),
    behaviour: behaviourKey(report),
    solved: tampering.length === 0 && isSolved(report, delta.broken, facts),
  };
}

/**
 * Solved: everything green; or nothing broke and the failing test the request names passes (the project may have other failing tests that are
 * not asked about).
 */
function isSolved(report: TestReport, broken: readonly string[], facts: RunFacts): boolean {
  if (report.green) return true;
  const asked = facts.request.failingTest?.name;
  if (asked === undefined || report.ending !== 'finished' || broken.length > 0) return false;
  const target = report.cases.filter((test) => test.name === asked || test.id === asked);
  return target.length > 0 && target.every((test) => test.outcome === 'passed');
}

const emptyReport: TestReport = {
  ending: 'finished',
  exitCode: 0,
  cases: [],
  passed: 0,
  failed: 0,
  skipped: 0,
  green: false,
  output: '',
  ms: 0,
};
