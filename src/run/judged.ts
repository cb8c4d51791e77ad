/**
 * What tools said of candidates in an interrupted run. A resumed run makes the same trees again; what was judged of them by the same command is taken
 * over, and not run a second time.
 */
import { isTeamwrightError } from '../errors.ts';
import { type CheckReport, type TestReport, testReportSchema } from '../feedback/types.ts';
import { jsonIn } from '../text/index.ts';
import type { EventOf, TraceEvent } from '../trace/events.ts';
import type { OpenRun } from '../trace/index.ts';

/** A result with all that follows from it. */
export interface JudgedOnce extends EventOf<'candidate.tested'> {
  readonly tests: TestReport;
}

export interface Judged {
  /** The tests as they were before any change: what the run judged by, then the further looks at what was red. Empty: not on record. */
  readonly seen: readonly TestReport[];
  /** By tree, in order: of a long suite the failing tests come first. */
  readonly tested: ReadonlyMap<string, readonly JudgedOnce[]>;
  /** By tree and name. */
  readonly checked: ReadonlyMap<string, CheckReport>;
}

export const checkKey = (tree: string, name: string): string => `${tree}\0${name}`;

/**
 * Runs of tests that were cut off, those of older traces, which do not say enough, and those whose texts are gone or damaged are left out: these tests
 * run again.
 */
export async function judgedIn(events: readonly TraceEvent[], run: Pick<OpenRun, 'readBlob'>): Promise<Judged> {
  const reportAt = async (blob: string): Promise<TestReport | undefined> => {
    try {
      return testReportSchema.safeParse(jsonIn(await run.readBlob(blob))).data;
    } catch (error) {
      if (isTeamwrightError(error, 'trace-unreadable')) return undefined;
      throw error;
    }
  };
  const trees = new Map<string, string>();
  const tested = new Map<string, readonly JudgedOnce[]>();
  const checked = new Map<string, CheckReport>();
  let seen: readonly TestReport[] = [];
  for (const event of events) {
    if (event.type === 'briefing.done' && event.seen !== undefined) {
      const reports = await Promise.all(event.seen.map(reportAt));
      const known = reports.filter((report) => report !== undefined);
      seen = known.length === reports.length ? known : [];
    }
    if (event.type === 'candidate.made') trees.set(event.candidate, event.snapshot.tree);
    if (event.type === 'candidate.checked') checked.set(checkKey(trees.get(event.candidate) ?? '', event.report.name), event.report);
    if (event.type !== 'candidate.tested' || event.ending !== 'finished') continue;
    if (event.score === undefined || event.behaviour === undefined || event.judgement === undefined) continue;
    const tests = await reportAt(event.report);
    if (tests !== undefined) tested.set(event.tree, [...(tested.get(event.tree) ?? []), { ...event, tests }]);
  }
  return { seen, tested, checked };
}

/** Of a run and the one it was resumed from: what the newer one took over stands in both. */
export function judgedInBoth(older: Judged, newer: Judged): Judged {
  const tested = new Map(older.tested);
  for (const [tree, results] of newer.tested) if (results.length >= (tested.get(tree)?.length ?? 0)) tested.set(tree, results);
  return {
    seen: newer.seen.length > 0 ? newer.seen : older.seen,
    tested,
    checked: new Map([...older.checked, ...newer.checked]),
  };
}

/** Each result of a tree once, in order. */
export function inOrder({ tested }: Judged): (tree: string) => JudgedOnce | undefined {
  const taken = new Map<string, number>();
  return (tree) => {
    const at = taken.get(tree) ?? 0;
    taken.set(tree, at + 1);
    return tested.get(tree)?.[at];
  };
}
