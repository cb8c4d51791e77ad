/** The cells of the dashboard's tables: each amount as it is said, and as it is drawn. */
import { numbersIn } from '../../text/index.ts';
import type { ChartModel } from '../../webviews/dashboard-types.ts';
import { count, money, percent, type Speech } from './words.ts';

export type Row = ChartModel['rows'][number];
export type Cell = Row[number];

export const named = (text: string): Cell => ({ text: text === '' ? '–' : text, value: null });
export const counted = (value: number, speech: Speech): Cell => ({ text: count(value, speech), value });
export const moneyCell = (value: number, speech: Speech): Cell => ({ text: money(value, speech), value });
export const shareCell = (value: number | undefined, speech: Speech): Cell => ({
  text: value === undefined ? '–' : percent(value, speech),
  value: value ?? null,
});
export const scoreCell = (value: number | undefined, speech: Speech): Cell => ({
  text: value === undefined ? '–' : numbersIn(speech.locale).score(value),
  value: value ?? null,
});

/** A day of the calendar, wherever the clock stands: it is drawn at its midnight in UTC. */
export function dayCell({ day }: { readonly day: string }, { locale }: Speech): Cell {
  const at = Date.parse(`${day}T00:00:00Z`);
  return { text: new Date(at).toLocaleDateString(locale, { dateStyle: 'medium', timeZone: 'UTC' }), value: at / 1000 };
}
