import type { Briefing } from './types.ts';

/** Something can judge a change. A command of which only the exit code is known may run tests. */
export function hasTests({ test, baseline }: Pick<Briefing, 'test' | 'baseline'>): boolean {
  if (test === undefined) return false;
  if (test.runner === 'command' || baseline === undefined || baseline.ending !== 'finished') return true;
  return baseline.passed + baseline.failed + baseline.skipped > 0;
}
