/** Months as the clock of this machine has them, and what was spent in them. Pure but for the machine's time zone. */
import type { RunFilter, Spend } from './index-types.ts';

/** `2026-11`; undefined for what is no month. */
export function monthSpan(text: string): Required<Pick<RunFilter, 'since' | 'until'>> | undefined {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined || month === undefined) return undefined;
  return { since: new Date(Number(year), Number(month) - 1, 1).getTime(), until: new Date(Number(year), Number(month), 1).getTime() };
}

/** `November 2026`, in the language of the locale. */
export function monthName(month: string, locale: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** All of it together. */
export function spendOf(lines: readonly Spend[]): Spend {
  const sum = { runs: 0, calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
  for (const line of lines) for (const name of Object.keys(sum) as (keyof Spend)[]) sum[name] += line[name];
  return sum;
}
