import type { TestReport } from '../feedback/types.ts';
import type { TestCounts } from '../trace/events.ts';

export function countsOf(report: TestReport): TestCounts {
  return { passed: report.passed, failed: report.failed, skipped: report.skipped, green: report.green };
}
