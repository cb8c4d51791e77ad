/** How numbers are said to people, the same on every screen that is text. */
import type { TestCounts } from './events.ts';

export const number = (value: number): string => Math.round(value).toLocaleString('en-US');

/** US dollars; four digits below a dollar, because a call often costs less than a cent. */
export const money = (usd: number): string => (usd === 0 ? '$0' : usd < 1 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`);

/** Milliseconds as people say them. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

export const size = (bytes: number): string =>
  bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;

export const range = (least: number, most: number, say: (value: number) => string): string =>
  least === most ? say(least) : `${say(least)}–${say(most)}`;

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

/** Text from outside (requests, model names, paths) on a terminal: control characters must not move the cursor or hide anything. */
export const visible = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, '·');
