/**
 * A change may reach into other projects of the workspace than the one whose tests the request is about. What passes those tests is tried on theirs as
 * well, once, before it counts as solved.
 */
import { compareReports, suitesOf } from '../feedback/index.ts';
import type { Judgement, TestCommand, TestReport } from '../feedback/types.ts';
import type { EventOf } from '../trace/events.ts';
import { again } from './again.ts';
import type { JudgeContext } from './context.ts';
import { countsOf } from './counts.ts';
import type { Candidate } from './pool.ts';

export type OtherSuite = NonNullable<EventOf<'candidate.tested'>['others']>[number];

/** Runs them in `root`, the candidate's copy. Gives what they showed, and the judgement with what they broke. */
export async function tryOtherSuites(
  judgement: Judgement,
  candidate: Candidate,
  root: string,
  context: JudgeContext,
  signal: AbortSignal,
): Promise<{ judgement: Judgement; others: OtherSuite[] }> {
  const { suites, test } = context.facts;
  const others: OtherSuite[] = [];
  const reasons = [...judgement.reasons];
  const flaky = [...judgement.flaky];
  for (const suite of suitesOf(suites, candidate.changed)) {
    if (suite === test) continue;
    const before = await baselineOf(suite, context, signal);
    const report = await context.ports.runTests(suite, root, context.settings.testLimits, signal);
    const { broken, missing } = compareReports(before, report);
    const red = [...broken, ...missing.filter((id) => before.cases.find((one) => one.id === id)?.outcome === 'passed')];
    const excused = await again({ test: suite, baseline: before, report, root, candidate }, context, signal).excused(red);
    const lost = red.filter((id) => !excused.includes(id));
    flaky.push(...excused);
    others.push({ display: suite.display, cwd: suite.cwd, counts: countsOf(report), broken: lost });
    if (lost.length > 0) reasons.push({ kind: 'broke', tests: lost.slice(0, mostNamed), count: lost.length });
    else if (before.ending === 'finished' && report.ending !== 'finished') reasons.push({ kind: 'ended-early', detail: report.ending });
  }
  const told = { ...judgement, flaky: flaky.slice(0, mostNamed) };
  return { judgement: reasons.length > judgement.reasons.length ? { ...told, state: 'red', reasons } : told, others };
}

const mostNamed = 20;

/** The suite without the change; run once for all candidates. */
function baselineOf(
  suite: TestCommand,
  { otherBaselines, ports, settings, start }: JudgeContext,
  signal: AbortSignal,
): Promise<TestReport> {
  const run = async (): Promise<TestReport> => {
    const copy = await ports.copies.create(`baseline-${otherBaselines.size}`, start, signal);
    try {
      return await ports.runTests(suite, copy.root, settings.testLimits, signal);
    } finally {
      await copy.remove();
    }
  };
  const known = otherBaselines.get(suite) ?? run();
  otherBaselines.set(suite, known);
  return known;
}
