import { createHash } from 'node:crypto';
import type { TestCase, TestDelta, TestReport } from './types.ts';

/** Baseline → after, by test id. A `whole` failure that is absent from a finished run is fixed; other absent cases are missing. */
export function compareReports(baseline: TestReport, after: TestReport): TestDelta {
  const before = byId(baseline);
  const now = byId(after);
  const delta = { fixed: [], broken: [], stillFailing: [], added: [], missing: [], newlySkipped: [] } as Record<keyof TestDelta, string[]>;
  for (const [id, old] of before) {
    const current = now.get(id);
    if (current === undefined) {
      if (old.whole && old.outcome === 'failed' && after.ending === 'finished') delta.fixed.push(id);
      else if (!(old.whole && old.outcome !== 'passed')) delta.missing.push(id);
      else delta.stillFailing.push(id);
    } else if (current.outcome === 'failed') (old.outcome === 'failed' ? delta.stillFailing : delta.broken).push(id);
    else if (current.outcome === 'skipped' && old.outcome !== 'skipped') delta.newlySkipped.push(id);
    else if (current.outcome === 'passed' && old.outcome === 'failed') delta.fixed.push(id);
  }
  for (const id of now.keys()) if (!before.has(id)) delta.added.push(id);
  return delta;
}

/**
 * Share of the target tests that pass, 0 to 1; regressions count against it (systems.md 12). Targets are the tests that failed at the
 * baseline, and those it could not reach (new, or behind a file that did not load). With no target, the share of passing tests that stayed so.
 */
export function score(report: TestReport, baseline: TestReport): number {
  const before = byId(baseline);
  const now = byId(report);
  const passes = (id: string): boolean => now.get(id)?.outcome === 'passed';
  const oldPasses = [...before.values()].filter((one) => one.outcome === 'passed').map((one) => one.id);
  const lost = oldPasses.filter((id) => !passes(id)).length;
  const targets = [
    ...[...before.values()].filter((one) => one.outcome === 'failed' && (!one.whole || now.has(one.id))).map((one) => one.id),
    ...[...now.values()].filter((one) => !before.has(one.id) && one.outcome !== 'skipped').map((one) => one.id),
  ];
  if (targets.length === 0) {
    if (oldPasses.length === 0) return report.green ? 1 : 0;
    return (oldPasses.length - lost) / oldPasses.length;
  }
  const reached = targets.filter(passes).length;
  // A failing test may be replaced by others (a renamed one, or "failed after case 0" by the cases themselves), but not just vanish.
  const gone = targets.filter((id) => !now.has(id)).length;
  const replaced = report.ending === 'finished' ? Math.min(gone, targets.filter((id) => !before.has(id) && passes(id)).length) : 0;
  return Math.max(0, reached - lost) / (targets.length - replaced);
}

/** Short, stable text of what fails and how: the same for the same failure, whatever the machine, the time or the order of tests. */
export function failureSignature(report: Pick<TestReport, 'green' | 'cases' | 'ending'>): string {
  if (report.green) return 'green';
  const failing = report.cases
    .filter((one) => one.outcome === 'failed')
    .map((one) => `${one.id}: ${reason(one)}`)
    .sort();
  const shown = failing.slice(0, 5);
  if (failing.length > shown.length) {
    const rest = createHash('sha256').update(failing.slice(5).join('\n')).digest('hex').slice(0, 8);
    shown.push(`and ${failing.length - 5} more (${rest})`);
  }
  return [report.ending === 'finished' ? '' : `[${report.ending}]`, ...(shown.length > 0 ? shown : ['no test failed, none passed'])]
    .filter((line) => line !== '')
    .join('\n');
}

/** The line of a message that says why: an error's own line rather than its stack or the code around it. */
function reason(one: TestCase): string {
  const lines = (one.message ?? '').split('\n').map((line) => line.trim());
  const telling = lines.find((line) => /^(E {2}|\w*(Error|Exception|Failure)\b|AssertionError|panicked|error(\[|:)|assertion )/.test(line));
  return (telling ?? lines.find((line) => line !== '' && !/^[#●]/.test(line)) ?? 'failed')
    .replace(/:\d+(:\d+)?\b/g, '')
    .replace(/\s+/g, ' ')
    .slice(0, 160);
}

/** Candidates with the same key behave alike on every test: one class for voting (outcomes, and how the failing ones fail). */
export function behaviourKey(report: TestReport): string {
  const vector = report.cases.map((one) => `${one.id}\0${one.outcome}\0${one.outcome === 'failed' ? reason(one) : ''}`).sort();
  return createHash('sha256')
    .update(`${report.ending}\n${vector.join('\n')}`)
    .digest('hex')
    .slice(0, 16);
}

function byId(report: TestReport): Map<string, TestCase> {
  return new Map(report.cases.map((one) => [one.id, one]));
}
