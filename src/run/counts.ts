import type { TestReport } from '../feedback/types.ts';
import type { TestCounts } from '../trace/events.ts';

export function countsOf(report: TestReport): TestCounts {
  const { passed, failed, skipped, green, wanted } = report;
  return { passed, failed, skipped, green, ...(wanted && { wanted }) };
}
