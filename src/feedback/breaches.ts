import { signKey } from './reading.ts';
import type { Breach, TestReport } from './types.ts';

export interface BreachQuestion {
  readonly report: TestReport;
  /** The same tests without the change; absent where none were run. */
  readonly baseline?: TestReport;
  /** Files the change touched, relative to the workspace. */
  readonly changed: readonly string[];
}

/**
 * Signs that a change took a hand in its own judging: the breaches of its report; doubts that a changed file gave cause for, or that nobody knows
 * the cause of; and a guard that saw the tests of the baseline and none now. What the baseline shows as well is the project's own way.
 */
export function breachesOf({ report, baseline, changed }: BreachQuestion): Breach[] {
  const own = new Set([...(baseline?.breaches ?? []), ...(baseline?.doubts ?? [])].map(signKey));
  const touched = new Set(changed);
  const caused = report.doubts.flatMap((doubt): Breach[] => {
    const { kind, detail, file } = doubt;
    if (kind === 'unguarded' || own.has(signKey(doubt)) || (file !== undefined && !touched.has(file))) return [];
    return [{ kind, detail: file === undefined ? detail : `${detail}: ${file}` }];
  });
  const lost = baseline?.guard === 'records' && report.guard === 'exit-code' && report.ending === 'finished' && report.passed > 0;
  const blinded: Breach[] = lost
    ? [{ kind: 'unguarded', detail: 'The guard saw the tests before the change, and none of them after it' }]
    : [];
  return [...report.breaches, ...caused, ...blinded].filter((one) => !own.has(signKey(one)));
}
