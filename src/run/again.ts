/**
 * Runs tests again on the same bytes where they alone would decide: what solved would rest on, and what failed only now. A test that changes its mind on
 * the unchanged code is flaky and decides nothing. One that does so only with the change is the change's doing: code must not be excused for
 * failing now and then.
 */
import { throwIfStopped } from '../errors.ts';
import { changedTheirMind, narrowedTo, saysAnything, seenIn } from '../feedback/index.ts';
import type { TestCase, TestCommand, TestReport } from '../feedback/types.ts';
import type { Snapshot } from '../workspace/types.ts';
import type { JudgeContext, Looks } from './context.ts';

/** The looks at this command and tree, those to come too. */
export function looksAt(looks: Looks, { cwd, display }: TestCommand, { tree }: Snapshot): TestReport[] {
  const key = [tree, cwd, display].join('\0');
  const known = looks.get(key) ?? [];
  looks.set(key, known);
  return known;
}

/** Looks that are cheap are worth taking more than once. */
const cheapMs = 2_000;
const mostCheap = 3;
/** Looks at the unchanged code for a test that failed with the change again, and for one that passed then. */
const mostInDoubt = { again: 2, wavered: 8 };
const mostWithChange = 5;
/** Beyond the first look on either side nothing is begun after that long. */
const patienceMs = 30_000;
/** More tests than these do not turn red by chance. */
const mostSuspects = 20;

/** Whether one more look is to be taken after these. */
const worthAnother = (looks: readonly TestReport[]): boolean =>
  looks.length === 0 || (looks.length < mostCheap && time(looks) + (looks.at(-1)?.ms ?? 0) < cheapMs);

const time = (reports: readonly TestReport[]): number => reports.reduce((sum, { ms }) => sum + ms, 0);

/** A command for these tests alone where that saves time; what comes of it when it says nothing is the whole. */
async function runThese(
  test: TestCommand,
  whole: TestReport,
  tests: readonly TestCase[],
  run: (test: TestCommand) => Promise<TestReport>,
  longMs?: number,
): Promise<TestReport> {
  const part = narrowedTo(test, whole, tests, { longMs });
  const report = part && (await run(part.test));
  return part && report && saysAnything(report, part) ? report : run(test);
}

/** From what length on a suite is narrowed to the tests in question, ms: what an order among tests does shows in the whole only. */
const longForTargets = 1_000;

/** A suite whose red tests take longer is looked at again only once something would rest on them, ms. */
const longBefore = 10_000;

/** Before anything is paid: looks once more at what is red, and gives the tests that changed their mind. */
export async function lookAtRed(
  test: TestCommand,
  baseline: TestReport,
  looks: TestReport[],
  run: (test: TestCommand) => Promise<TestReport>,
): Promise<string[]> {
  const red = baseline.cases.filter(({ outcome, cut }) => outcome === 'failed' && !cut);
  const ms = narrowedTo(test, baseline, red, { longMs: longForTargets })?.ms ?? baseline.ms;
  if (baseline.ending !== 'finished' || red.length === 0 || ms > longBefore) return [];
  while (worthAnother(looks)) looks.push(await runThese(test, baseline, red, run, longForTargets));
  return changedTheirMind([baseline, ...looks], red);
}

export interface Doubt {
  readonly test: TestCommand;
  /** The whole suite without the change. */
  readonly baseline: TestReport;
  readonly report: TestReport;
  /** The candidate's copy, in which tests ran already. */
  readonly root: string;
  readonly candidate: { readonly id: string; readonly snapshot: Snapshot };
}

export interface Again {
  /** Tests that changed their mind without the change and passed with it: of `ids`, those that failed with it. */
  excused(ids: readonly string[]): Promise<string[]>;
  /** Of tests that pass with the change: those that may pass without it (`flaky`), and those that fail with it at times (`unsteady`). */
  steady(ids: readonly string[]): Promise<{ flaky: string[]; unsteady: string[] }>;
  /** Those that changed their mind with the change. */
  wavering(ids: readonly string[]): string[];
  /** Those known to be flaky so far. */
  known(): string[];
  /** How many more runs of tests there were, without the change and with it. */
  looked(): { without: number; with: number };
}

export function again({ test, baseline, report, root, candidate }: Doubt, context: JudgeContext, signal: AbortSignal): Again {
  const { ports, settings, start, facts } = context;
  const cases = new Map([...baseline.cases, ...report.cases].map((one) => [one.id, one]));
  const casesOf = (ids: readonly string[]): TestCase[] => ids.flatMap((id) => cases.get(id) ?? []);
  const looks = looksAt(facts.looks, test, start);
  const before = looks.length;
  const without = (): TestReport[] => [...(start.tree === facts.start.tree ? [baseline] : []), ...looks];
  const withChange = [report];
  const isFlaky = (id: string): boolean => changedTheirMind(without(), casesOf([id])).length > 0;
  const passes = (id: string): boolean => withChange.some((one) => casesOf([id]).some((found) => seenIn(one, found) === 'passed'));

  const run = async (ids: readonly string[], at: string, longMs?: number): Promise<TestReport> => {
    const ran = await runThese(test, baseline, casesOf(ids), (command) => ports.runTests(command, at, settings.testLimits, signal), longMs);
    throwIfStopped(signal);
    return ran;
  };
  const inFreshCopy = async (ids: readonly string[], snapshot: Snapshot, name: string, longMs?: number): Promise<TestReport> => {
    const copy = await ports.copies.create(name, snapshot, signal);
    try {
      return await run(ids, copy.root, longMs);
    } finally {
      await copy.remove();
    }
  };
  const lookWithout = async (ids: readonly string[], longMs?: number): Promise<void> => {
    looks.push(await inFreshCopy(ids, start, `${candidate.id}-without-${looks.length + 1}`, longMs));
  };
  const lookWith = async (ids: readonly string[]): Promise<void> => {
    withChange.push(await run(ids, root));
  };

  return {
    excused: async (ids) => {
      if (ids.length === 0 || ids.length > mostSuspects) return [];
      const wasRed = casesOf(ids).filter((one) => seenIn(baseline, one) !== 'passed');
      if (wasRed.length > 0 && looks.length === 0) await lookWithout(ids);
      // What is red each time without the change is red for a reason.
      if (wasRed.some(({ id }) => !isFlaky(id))) return [];
      await lookWith(ids);
      const most = ids.some(passes) ? mostInDoubt.wavered : mostInDoubt.again;
      const seen = (id: string): number => looks.filter((one) => casesOf([id]).some((found) => seenIn(one, found) !== undefined)).length;
      const open = (): string[] => ids.filter((id) => !isFlaky(id) && seen(id) < most);
      for (let n = 0; open().length > 0 && n < most && (n === 0 || time(looks) < patienceMs); n += 1) await lookWithout(open());
      const flaky = ids.filter(isFlaky);
      // One that stays red decides all the same.
      if (flaky.length < ids.length) return [];
      while (!flaky.every(passes) && withChange.length <= mostWithChange && time(withChange.slice(1)) < patienceMs) {
        await lookWith(flaky.filter((id) => !passes(id)));
      }
      return flaky.filter(passes);
    },
    steady: async (ids) => {
      const covering = (): TestReport[] => looks.filter((one) => casesOf(ids).some((found) => seenIn(one, found) !== undefined));
      for (let n = 0; n < mostCheap && worthAnother(covering()) && (n === 0 || covering().length > 0); n += 1) {
        await lookWithout(ids, longForTargets);
      }
      const flaky = casesOf(ids)
        // What an earlier run made pass, from which this one goes on, passes without the change as well.
        .filter(
          (one) => isFlaky(one.id) || (seenIn(baseline, one) !== 'passed' && without().some((each) => seenIn(each, one) === 'passed')),
        )
        .map(({ id }) => id);
      const fit = ids.filter((id) => !flaky.includes(id));
      const mine: TestReport[] = [];
      while (fit.length > 0 && worthAnother(mine)) {
        mine.push(await inFreshCopy(fit, candidate.snapshot, `${candidate.id}-with-${withChange.length + mine.length}`, longForTargets));
      }
      withChange.push(...mine);
      const isSteady = (one: TestCase): boolean =>
        mine.every(
          (each) => each.ending === 'finished' && each.breaches.length <= report.breaches.length && seenIn(each, one) !== 'failed',
        );
      return { flaky, unsteady: casesOf(fit).flatMap((one) => (isSteady(one) ? [] : [one.id])) };
    },
    wavering: (ids) => changedTheirMind(withChange, casesOf(ids)),
    known: () => changedTheirMind(without(), [...cases.values()]),
    looked: () => ({ without: looks.length - before, with: withChange.length - 1 }),
  };
}
