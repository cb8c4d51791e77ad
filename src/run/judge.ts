/** Tools judge candidates: the project's tests, then type check and lint. */
import pLimit from 'p-limit';
import { throwIfStopped } from '../errors.ts';
import {
  baselineIn,
  behaviourKey,
  breachesOf,
  type ChangedFile,
  compareReports,
  findTampering,
  isOutOfReach,
  isTestPath,
  type JudgementQuestion,
  judgementOf,
  type Narrowed,
  narrowed,
  roleOf,
  saysAnything,
  score,
  secondLook,
  undecided,
  unjudgedFiles,
  withoutTests,
} from '../feedback/index.ts';
import type { CheckName, CheckReport, Judgement, JudgementReason, Tampering, TestCommand, TestReport } from '../feedback/types.ts';
import type { Plan } from '../plan/schema.ts';
import type { EventOf } from '../trace/events.ts';
import { globTest } from '../workspace/index.ts';
import { type Again, again } from './again.ts';
import { allEnded } from './all-ended.ts';
import { askedIn, writtenRed } from './asked.ts';
import type { JudgeContext } from './context.ts';
import { countsOf } from './counts.ts';
import { tryOtherInputs } from './other-inputs.ts';
import { tryOtherSuites } from './other-suites.ts';
import { type Candidate, isInDoubt, type Verdict } from './pool.ts';

/**
 * Runs the project's tests on a candidate that they have not judged yet: of a long suite the failing tests first, and the whole once these pass. Without a
 * test command nothing runs.
 */
export async function testCandidate(candidate: Candidate, context: JudgeContext, signal: AbortSignal): Promise<void> {
  await runOn(candidate, context, signal, true);
}

/** The same for several, but the whole of a long suite runs on the best of them only, and on the next one when that breaks something. */
export async function testCandidates(
  candidates: readonly Candidate[],
  best: () => Candidate | undefined,
  context: JudgeContext,
  signal: AbortSignal,
): Promise<void> {
  await allEnded(candidates.map((candidate) => runOn(candidate, context, signal, false)));
  for (let one = best(); one && context.pool.wantsWhole(one); one = best()) await testCandidate(one, context, signal);
}

async function runOn(candidate: Candidate, context: JudgeContext, signal: AbortSignal, asWhole: boolean): Promise<void> {
  const { facts, ports, settings } = context;
  const { test } = facts;
  const isJudged = (): boolean => candidate.verdict !== undefined && !(asWhole && context.pool.wantsWhole(candidate));
  if (isJudged()) return;
  if (!test) return releaseCopy(candidate);
  while (!isJudged() && takeOver(candidate, context));
  if (isJudged()) return inTurn(candidate, () => releaseCopy(candidate));
  await inItsCopy(candidate, context, signal, async (root) => {
    const run = async (command: TestCommand): Promise<TestReport> => {
      const report = await ports.runTests(command, root, settings.testLimits, signal);
      // A run that was cut short by a stop says nothing about the candidate.
      throwIfStopped(signal);
      return report;
    };
    if (isJudged()) return;
    const part = candidate.verdict ? undefined : narrowed(test, facts.baseline, candidate.changed.filter(isTestPath));
    const report = part && (await run(part.test));
    if (report && saysAnything(report, part)) await book(report, candidate, root, context, signal, part);
    if (!isJudged()) await book(await run(test), candidate, root, context, signal);
  });
}

async function book(
  report: TestReport,
  candidate: Candidate,
  root: string,
  context: JudgeContext,
  signal: AbortSignal,
  part?: Narrowed,
): Promise<void> {
  const { again: looked, ...own } = await judge(report, candidate, root, context, signal, part);
  const passesPart = part !== undefined && own.judgement.state === 'solved';
  const { judgement, others } =
    own.judgement.state === 'solved' && part === undefined
      ? await tryOtherSuites(own.judgement, candidate, root, context, signal)
      : { judgement: part === undefined ? own.judgement : notAllRun(own.judgement, part), others: [] };
  throwIfStopped(signal);
  settle(
    candidate,
    { ...own, judgement, passesPart },
    report,
    {
      others: others.length > 0 ? others : undefined,
      only: part && [...part.places],
      again: looked && looked.without + looked.with > 0 ? looked : undefined,
    },
    context,
  );
}

function settle(
  candidate: Candidate,
  verdict: Verdict,
  report: TestReport,
  how: Pick<EventOf<'candidate.tested'>, 'others' | 'only' | 'again'>,
  { pool, ports }: JudgeContext,
): void {
  candidate.verdict = verdict;
  if (isInDoubt(candidate) && pool.isAfterDoubt(candidate)) pool.noteDoubtStays();
  ports.trace.emit({
    type: 'candidate.tested',
    candidate: candidate.id,
    report: ports.trace.blob(JSON.stringify(report)),
    counts: countsOf(report),
    ending: report.ending,
    delta: verdict.delta,
    tampering: [...verdict.tampering],
    breaches: [...verdict.breaches],
    judgement: verdict.judgement,
    tree: candidate.snapshot.tree,
    ...how,
    score: verdict.score,
    behaviour: verdict.behaviour,
    ms: report.ms,
  });
}

/** What the tests showed of these very bytes in a run that was interrupted. False: nothing (more) is on record. */
function takeOver(candidate: Candidate, context: JudgeContext): boolean {
  const known = context.past?.tested?.(candidate.snapshot.tree);
  if (known?.judgement === undefined) return false;
  const { tests, delta, tampering, breaches, judgement, score: reached = 0, behaviour = '', others, only, again: looked } = known;
  const report = judgement.flaky.length > 0 ? { ...tests, flaky: judgement.flaky } : tests;
  const passesPart = only !== undefined && judgement.reasons.every(({ kind }) => kind === 'not-all-run');
  const verdict = { report, delta, tampering, breaches, score: reached, behaviour, judgement, passesPart };
  settle(candidate, verdict, tests, { others, only, again: looked }, context);
  return true;
}

/** What the failing tests alone show is no solution yet. */
const notAllRun = (judgement: Judgement, { places }: Narrowed): Judgement => ({
  ...judgement,
  state: judgement.state === 'solved' ? 'unproven' : judgement.state,
  reasons: [...judgement.reasons, { kind: 'not-all-run', detail: places.join(', ') }],
});

export async function checkCandidate(
  candidate: Candidate,
  names: readonly CheckName[],
  context: JudgeContext,
  signal: AbortSignal,
): Promise<void> {
  const missing = (): readonly CheckName[] => names.filter((name) => !candidate.checks.some((check) => check.name === name));
  const book = (report: CheckReport): void => {
    candidate.checks.push(report);
    context.ports.trace.emit({ type: 'candidate.checked', candidate: candidate.id, report });
  };
  for (const name of missing()) {
    const known = context.past?.checked?.(candidate.snapshot.tree, name);
    if (known) book(known);
  }
  if (missing().length === 0) return;
  await inItsCopy(candidate, context, signal, async (root) => {
    const reports = await context.ports.runChecks(missing(), root, context.settings.testLimits, signal);
    throwIfStopped(signal);
    for (const report of reports) book(report);
  });
}

/**
 * Works in the candidate's copy, made again when it was given back, and gives it back: what a test run leaves there is no part of the
 * candidate, and a run with many candidates must not fill the disk. One after the other for one candidate, within the run's limit.
 */
async function inItsCopy(
  candidate: Candidate,
  context: JudgeContext,
  signal: AbortSignal,
  use: (root: string) => Promise<void>,
): Promise<void> {
  await inTurn(candidate, () =>
    context.sideBySide(async () => {
      await context.steering.ready(signal);
      try {
        candidate.copy ??= await context.ports.copies.create(`${candidate.id}-again`, candidate.snapshot, signal);
        await use(candidate.copy.root);
      } finally {
        await releaseCopy(candidate);
      }
    }),
  );
}

function inTurn(candidate: Candidate, work: () => Promise<void>): Promise<void> {
  candidate.oneAtATime ??= pLimit(1);
  return candidate.oneAtATime(work);
}

/** Gives a copy back once nobody needs its files; the snapshot stays. */
export async function releaseCopy(candidate: Candidate): Promise<void> {
  const copy = candidate.copy;
  candidate.copy = undefined;
  await copy?.remove();
}

async function judge(
  report: TestReport,
  candidate: Candidate,
  root: string,
  context: JudgeContext,
  signal: AbortSignal,
  part: Narrowed | undefined,
): Promise<Verdict & { again?: { without: number; with: number } }> {
  const { facts, ports } = context;
  const whole = facts.baseline ?? emptyReport;
  const baseline = part === undefined ? whole : baselineIn(whole, part, report);
  const named = facts.request.failingTest?.name;
  // A part is asked about what is in it.
  const isThere = (test: string): boolean => part === undefined || report.cases.some(({ id, name }) => id === test || name === test);
  const changedFiles = await Promise.all(
    candidate.changed.map(async (path) => ({
      path,
      before: await ports.copies.read(context.start, path),
      after: await ports.copies.read(candidate.snapshot, path),
    })),
  );
  const exam = findTampering({
    test: facts.test,
    before: facts.baseline && baseline,
    after: report,
    sources: facts.testSources,
    changedFiles,
  });
  const tests = await visibleTests(report, changedFiles, context);
  const { files: testFiles, subjects } = facts.testSources;
  const gaming = secondLook({ request: facts.request.text, changedFiles, testFiles, subjects, tests });
  const breaches = breachesOf({ report, baseline: facts.baseline, changed: candidate.changed });
  const question: JudgementQuestion = {
    baseline,
    report,
    named: named !== undefined && isThere(named) ? named : undefined,
    further: [...writtenRed(context), ...(facts.earlier?.targets ?? [])].filter(isThere),
    // The tests that were under way, run alone, show whether they hang.
    isUndecided: part === undefined && undecided(whole),
    isAsked: askedIn(facts, changedFiles),
    isOutOfReach: (test) => isOutOfReach(test, facts.request.text),
    breaches,
    tampering: exam.filter((found) => !isGranted(found, context.plan)),
    notRun: unjudgedFiles(facts.suites, candidate.changed),
  };
  const looks = facts.test && again({ test: facts.test, baseline: whole, report, root, candidate }, context, signal);
  const judgement = looks ? await judgedAgain(question, looks, part === undefined) : judgementOf(question);
  const [before, after] = [withoutTests(baseline, judgement.flaky), withoutTests(report, judgement.flaky)];
  const tried =
    judgement.state === 'solved' && gaming.length === 0 && part === undefined
      ? await tryOtherInputs({ candidate, report, changedFiles, tests }, context, signal)
      : { flags: [], behaviour: '' };
  return {
    report: judgement.flaky.length > 0 ? { ...report, flaky: judgement.flaky } : report,
    delta: compareReports(before, after),
    tampering: [...exam, ...gaming, ...tried.flags],
    breaches,
    score: score(after, before),
    behaviour: behaviourKey(after) + tried.behaviour,
    judgement,
    again: looks?.looked(),
  };
}

/** What only tests speak against. */
const byTests: readonly JudgementReason['kind'][] = ['target-fails', 'target-missing', 'broke', 'lost'];

/** Judges with what the tests show when they are run again, where they alone decide. What solved would rest on is asked of the whole suite (`last`). */
async function judgedAgain(question: JudgementQuestion, looks: Again, last: boolean): Promise<Judgement> {
  const passed = question.report.cases.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
  let flaky = looks.known().filter((id) => passed.includes(id));
  let judgement = judgementOf({ ...question, flaky });
  if (
    judgement.reasons.length > 0 &&
    judgement.reasons.every(({ kind, tests = [], count }) => byTests.includes(kind) && tests.length === count)
  ) {
    const suspects = [...new Set(judgement.reasons.flatMap(({ tests = [] }) => tests))];
    flaky = [...flaky, ...(await looks.excused(suspects))];
    const wavering = looks.wavering(suspects).filter((id) => !flaky.includes(id));
    judgement = judgementOf({ ...question, flaky, unsteady: wavering });
  }
  for (let asked: readonly string[] = []; last && judgement.state === 'solved' && judgement.targets.some((id) => !asked.includes(id)); ) {
    asked = judgement.targets;
    const found = await looks.steady(asked);
    flaky = [...new Set([...flaky, ...found.flaky])];
    judgement = judgementOf({ ...question, flaky, unsteady: found.unsteady });
  }
  return judgement;
}

/** Most files of tests that a second look reads. */
const mostTestFiles = 50;

/**
 * Texts, before the change, of the files whose tests the request is about: that were red, or that the run wrote. Runners of Go and
 * Rust do not always name the file: there it is the test beside what was changed, or in it.
 */
async function visibleTests(report: TestReport, changedFiles: readonly ChangedFile[], context: JudgeContext): Promise<Map<string, string>> {
  const { facts, ports, start } = context;
  const written = new Set(writtenRed(context));
  const red = [
    ...(facts.baseline?.cases.filter(({ outcome }) => outcome === 'failed') ?? []),
    ...report.cases.filter(({ id }) => written.has(id)),
  ].map(({ file }) => file);
  const beside = changedFiles.flatMap(({ path }) =>
    path.endsWith('.rs') ? [path] : path.endsWith('.go') ? [path.replace(/\.go$/, '_test.go')] : [],
  );
  const paths = [...new Set([...red, ...beside])]
    .filter((path): path is string => path !== undefined && path !== '')
    .slice(0, mostTestFiles);
  const texts = await Promise.all(paths.map(async (path) => [path, await ports.copies.read(start, path)] as const));
  return new Map(texts.flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
}

/**
 * What was found is what the plan said would be done: its file is one that an agent names (by its path, or by a glob that is about such files),
 * and it makes no test easier. It is shown all the same.
 */
function isGranted({ kind, path }: Tampering, plan: Plan): boolean {
  if (kind !== 'changed-config' && kind !== 'changed-expectation' && kind !== 'runs-later') return false;
  const named = Object.values(plan.agents).flatMap(({ write }) =>
    write.filter((glob) => roleOf(glob) !== 'source' || !/[*?[{]/.test(glob)),
  );
  return globTest(named)(path);
}

const emptyReport: TestReport = {
  ending: 'finished',
  exitCode: 0,
  cases: [],
  passed: 0,
  failed: 0,
  skipped: 0,
  green: false,
  guard: 'exit-code',
  breaches: [],
  doubts: [],
  output: '',
  ms: 0,
};
