/**
 * Whether a change does what was asked, by what its tests show. A green run alone proves nothing: every test that the request is about must have
 * been seen to pass, each by its own record, and everything the baseline knew must be accounted for. Pure.
 */
import { compareReports, failureSignature } from './compare.ts';
import { withoutTests } from './flaky.ts';
import type { Breach, Judgement, JudgementReason, Tampering, TestCase, TestReport } from './types.ts';
import { unguardedBecause } from './types.ts';

export interface JudgementQuestion {
  /** Without the change. */
  readonly baseline: TestReport;
  /** With it. */
  readonly report: TestReport;
  /** Name or id of the failing test that the request names. */
  readonly named?: string;
  /**
   * Ids of further tests that must pass: those that the run wrote before the change and that failed then, and those that an earlier run made pass
   * from which this one goes on.
   */
  readonly further?: readonly string[];
  /** Whether the whole suite met its limit of time without the change, before anything failed: see `undecided`. */
  readonly isUndecided?: boolean;
  /** Whether a test that fails as it did before may have to do with what was asked: then it counts. Beside a test that was mended it always does. */
  readonly isAsked: (test: TestCase) => boolean;
  /** Whether a test that fails as before does so for what no change can mend: it decides nothing, also beside a test that was mended. */
  readonly isOutOfReach?: (test: TestCase) => boolean;
  readonly breaches: readonly Breach[];
  /** Ids of tests that changed their mind on the unchanged code, and passed with the change once at least: they decide nothing. */
  readonly flaky?: readonly string[];
  /** Ids of tests that change their mind with the change, and did not without it. */
  readonly unsteady?: readonly string[];
  /** Changed files of code that no test command of the workspace is about. */
  readonly notRun?: readonly string[];
  /** What the change does to its own exam and nobody allowed. */
  readonly tampering: readonly Tampering[];
}

/** Most tests that a reason names. */
const mostNamed = 20;

export function judgementOf(asked: JudgementQuestion): Judgement {
  const { flaky = [], unsteady = [] } = asked;
  const question = withoutFlaky(asked, flaky);
  const { baseline, report, breaches, tampering } = question;
  const delta = compareReports(baseline, report);
  const targets = targetsOf(question);
  const vanished = accountFor([...targets.missing, ...lostOf(question)], question);
  const isTarget = new Set(targets.missing);
  const passing = [...targets.passing, ...vanished.replaced.filter(({ id }) => isTarget.has(id)).map(({ by }) => by)];
  const reasons: JudgementReason[] = [];
  const say = (kind: JudgementReason['kind'], tests: readonly string[]): void => {
    if (tests.length > 0) reasons.push({ kind, tests: tests.slice(0, mostNamed), count: tests.length });
  };
  const asBefore = (isShortOfTime(baseline) || question.isUndecided) && isLimit(report.ending);
  const cut = report.cases.filter((test) => test.cut).map(({ id }) => id);
  if (asBefore) reasons.push({ kind: 'not-seen', detail: report.ending, tests: cut.slice(0, mostNamed), count: cut.length });
  else if (report.ending !== 'finished') reasons.push({ kind: 'ended-early', detail: report.ending });
  say(
    'target-fails',
    targets.failing.filter((id) => !unsteady.includes(id)),
  );
  say(
    'broke',
    delta.broken.filter((id) => !unsteady.includes(id)),
  );
  say('unsteady', unsteady);
  say(
    'target-missing',
    vanished.missing.filter((id) => isTarget.has(id)),
  );
  say(
    'lost',
    vanished.missing.filter((id) => !isTarget.has(id)),
  );
  for (const { kind, detail } of breaches) reasons.push({ kind: 'breach', detail: `${kind}: ${detail}` });
  for (const { kind, path, detail } of tampering) reasons.push({ kind: 'touches-tests', detail: `${path}: ${detail}`, tampering: kind });
  const isRed = reasons.some(({ kind }) => redKinds.includes(kind));
  const showsNothing = passing.length === 0 || question.namesFlaky;
  // Who was asked about is not sure while nothing was mended: what stays red may be it.
  const inDoubt = showsNothing && asked.named === undefined && reasons.every(({ kind }) => kind === 'not-seen') ? targets.unrelated : [];
  if (reasons.length === 0 && showsNothing) {
    const were = asked.baseline.cases.filter(({ id, outcome }) => outcome === 'failed' && flaky.includes(id)).map(({ id }) => id);
    if (were.length > 0) say('only-flaky', were);
    else if (inDoubt.length === 0) reasons.push({ kind: 'nothing-was-red' });
  }
  say('perhaps-meant', inDoubt);
  return {
    state: isRed ? 'red' : reasons.length > 0 ? 'unproven' : 'solved',
    reasons,
    targets: passing.slice(0, mostNamed),
    unrelated: inDoubt.length > 0 ? [] : targets.unrelated.slice(0, mostNamed),
    ...(targets.outOfReach.length > 0 ? { outOfReach: targets.outOfReach.slice(0, mostNamed) } : {}),
    flaky: flaky.slice(0, mostNamed),
    notRun: [...(question.notRun ?? [])].slice(0, mostNamed),
    unguarded: unguardedBecause(report),
  };
}

const redKinds: readonly JudgementReason['kind'][] = ['ended-early', 'target-fails', 'broke', 'unsteady'];

interface Settled extends JudgementQuestion {
  /** The test that the request names is among those that decide nothing. */
  readonly namesFlaky: boolean;
}

/** The same question, as if these tests were not there. */
function withoutFlaky(question: JudgementQuestion, flaky: readonly string[]): Settled {
  const { baseline, report, named, further = [] } = question;
  return {
    ...question,
    baseline: withoutTests(baseline, flaky),
    report: withoutTests(report, flaky),
    namesFlaky: named !== undefined && report.cases.some((test) => isNamed(test, named) && flaky.includes(test.id)),
    further: further.filter((id) => !flaky.includes(id)),
  };
}

/**
 * A limit that the tests met without the change is none of its doing, and what was under way then is no failure: what was seen was seen. Where nothing else
 * was red it is the hang itself that is to be mended.
 */
const isShortOfTime = ({ ending, cases }: TestReport): boolean =>
  isLimit(ending) && cases.some(({ outcome, cut }) => outcome === 'failed' && !cut);

/**
 * Whether a whole suite met its limit of time while it was getting on, before anything failed, so that it can show of no change that it is right. A
 * single test that hangs is silent, and may be what is to be mended; a build or a command that is silent tells nothing either way.
 */
export const undecided = ({ ending, cases }: TestReport): boolean =>
  (ending === 'time-limit' || (ending === 'silence-limit' && cases.length === 0)) &&
  cases.every(({ outcome, cut }) => outcome !== 'failed' || cut);

const isLimit = (ending: TestReport['ending']): boolean => ending === 'time-limit' || ending === 'silence-limit';

interface Targets {
  readonly passing: string[];
  readonly failing: string[];
  /** Absent now, or skipped: not seen to pass. */
  readonly missing: string[];
  /** As red as before, and not asked about. */
  readonly unrelated: string[];
  /** As red as before, for what the machine does not let them reach. */
  readonly outOfReach: string[];
}

function targetsOf({
  baseline,
  report,
  named,
  namesFlaky,
  isUndecided,
  further = [],
  isAsked,
  isOutOfReach = () => false,
}: Settled): Targets {
  const now = new Map(report.cases.map((test) => [test.id, test]));
  const targets: Targets = { passing: [], failing: [], missing: [], unrelated: [], outOfReach: [] };
  const place = (test: TestCase | undefined, id: string): void => {
    if (test === undefined || test.outcome === 'skipped') targets.missing.push(id);
    else (test.outcome === 'passed' ? targets.passing : targets.failing).push(id);
  };
  const before = new Map(baseline.cases.map((test) => [test.id, test]));
  const isNew = (test: TestCase): boolean => !before.has(test.id);
  const mended = new Set(
    baseline.cases.filter((old) => old.outcome === 'failed' && now.get(old.id)?.outcome === 'passed').map(({ file }) => file),
  );
  // Tests in no file (lists of cases, what prints TAP) may all belong together, or none: what is as red as before beside a mended one counts by its words.
  const isBeside = ({ file, whole }: TestCase): boolean => (file === undefined && !whole ? mended.size === 0 : mended.has(file));
  if (named !== undefined) {
    const found = report.cases.filter((test) => test.name === named || test.id === named);
    if (found.length === 0 && !namesFlaky) targets.missing.push(named);
    for (const test of found) place(test, test.id);
  }
  for (const old of baseline.cases) {
    if (old.outcome !== 'failed') continue;
    const test = now.get(old.id);
    if (old.cut && (isShortOfTime(baseline) || isUndecided) && (test === undefined || test.cut)) continue;
    const isAbout = (one: TestCase): boolean => (named === undefined ? isBeside(one) || isAsked(one) : isNamed(one, named));
    const isAsBefore = test?.outcome === 'failed' && isSameFailure(old, test);
    if (isAsBefore && named === undefined && isOutOfReach(old) && isOutOfReach(test)) {
      targets.outOfReach.push(old.id);
    } else if (isAsBefore && !isAbout(test)) {
      targets.unrelated.push(old.id);
    } else if (named !== undefined) continue;
    else if (test === undefined && old.whole) targets.missing.push(...unlessReached(old, report, isNew));
    else if (test === undefined) targets.missing.push(old.id);
    else place(test, old.id);
  }
  // What the baseline could not reach (it broke off, or a file of tests did not load), and what a change brings.
  const wasCutShort = baseline.ending !== 'finished' || baseline.cases.some((test) => test.whole && test.outcome === 'failed');
  for (const test of report.cases) {
    if (isNew(test) && !further.includes(test.id) && (test.outcome === 'failed' || (wasCutShort && test.outcome === 'passed')))
      place(test, test.id);
  }
  for (const id of further) if (before.get(id)?.outcome !== 'failed') place(now.get(id), id);
  return targets;
}

const isNamed = (test: TestCase, named: string): boolean => test.name === named || test.id === named;

/** A file, suite or build that failed as a whole has no passing counterpart: the tests behind it must have been seen, one of them at least. */
function unlessReached(whole: TestCase, report: TestReport, isNew: (test: TestCase) => boolean): string[] {
  const behind = report.cases.filter((test) => test.outcome === 'passed' && (!whole.file || test.file === whole.file));
  return behind.some(isNew) || (behind.length > 0 && !whole.file) ? [] : [whole.id];
}

/**
 * Tests that go by another name now (a name made of values, "failed after case 0" in place of the cases) are no loss: as many new ones of the same
 * file pass. That a file passes is no test. The guard says when a test was registered elsewhere.
 */
function accountFor(
  vanished: readonly string[],
  { baseline, report }: JudgementQuestion,
): { missing: string[]; replaced: { id: string; by: string }[] } {
  const before = new Map(baseline.cases.map((test) => [test.id, test]));
  const now = new Set(report.cases.map(({ id }) => id));
  const fresh = report.cases.filter((test) => !before.has(test.id) && test.outcome === 'passed' && !test.whole && test.id !== test.file);
  const found: ReturnType<typeof accountFor> = { missing: [], replaced: [] };
  for (const id of vanished) {
    const old = before.get(id);
    const at = old === undefined || old.whole || now.has(id) ? -1 : fresh.findIndex(({ file }) => file === old.file);
    const [by] = at < 0 ? [] : fresh.splice(at, 1);
    if (by === undefined) found.missing.push(id);
    else found.replaced.push({ id, by: by.id });
  }
  return found;
}

/** Tests that passed before and were not seen now, or only skipped. */
function lostOf({ baseline, report }: JudgementQuestion): string[] {
  const now = new Map(report.cases.map((test) => [test.id, test]));
  return baseline.cases
    .filter((test) => test.outcome === 'passed' && test.id !== test.file && (now.get(test.id)?.outcome ?? 'skipped') === 'skipped')
    .map(({ id }) => id);
}

/** The same failure for the same reason. */
function isSameFailure(old: TestCase, test: TestCase): boolean {
  const signature = (one: TestCase): string => failureSignature({ ending: 'finished', green: false, cases: [one] });
  return signature(old) === signature(test);
}
