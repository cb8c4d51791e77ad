/** Tables and test counts of a trace as text. */
import type { TestCounts } from './events.ts';

export function counts(tests: TestCounts): string {
  const parts = [`${tests.passed} passed`, `${tests.failed} failed`];
  if (tests.skipped > 0) parts.push(`${tests.skipped} skipped`);
  return parts.join(', ');
}

/** Columns padded to their widest cell; `right` names the columns that align right. Lines without trailing spaces. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const pad = (cell: string, column: number): string => {
    const gap = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
    return right.includes(column) ? gap + cell : cell + gap;
  };
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}
