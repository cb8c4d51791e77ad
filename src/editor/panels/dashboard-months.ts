/** What was spent, month by month and folder by folder. Pure. */
import path from 'node:path';
import { type MonthSpend, monthName, type Spend, spendOf } from '../../lessons/index.ts';
import { named as visibleText } from '../../text/index.ts';
import type { ChartModel } from '../../webviews/dashboard-types.ts';
import { counted, moneyCell, named, type Row } from './dashboard-cells.ts';
import { count, money, type Speech } from './words.ts';

/** Bars and rows that one card holds; what is older is counted in its sentence, and found by the filter. */
const mostMonths = 24;
const mostRows = 200;

export function monthCharts(lines: readonly MonthSpend[], speech: Speech): ChartModel[] {
  const { l10n, locale } = speech;
  const months = [...Map.groupBy(lines, ({ month }) => month)].map(([month, some]) => ({ month, ...spendOf(some) }));
  const amounts = [l10n.t('Money'), l10n.t('Read'), l10n.t('Written'), l10n.t('Calls'), l10n.t('Runs')];
  const cells = (spend: Spend): Row => [
    moneyCell(spend.usd, speech),
    counted(spend.inputTokens, speech),
    counted(spend.outputTokens, speech),
    counted(spend.calls, speech),
    counted(spend.runs, speech),
  ];
  const all = spendOf(lines);
  const told = [
    l10n.t('{0} and {1} tokens in all.', money(all.usd, speech), count(all.inputTokens + all.outputTokens, speech)),
    l10n.t('Months begin by the clock of this machine.'),
  ];
  return [
    {
      id: 'months',
      title: l10n.t('Spend per month'),
      summary: [...told, ...leftOut(months.length, mostMonths, speech)].join(' '),
      kind: 'category',
      columns: [l10n.t('Month'), ...amounts],
      rows: months
        .slice(0, mostMonths)
        .reverse()
        .map((one) => [named(monthName(one.month, locale)), ...cells(one)]),
      series: [{ column: 1, colour: 'blue' }],
      stacked: false,
      unit: 'usd',
    },
    {
      id: 'months-folders',
      title: l10n.t('Spend per month and folder'),
      summary: [told[0], ...leftOut(lines.length, mostRows, speech)].join(' '),
      kind: 'table',
      columns: [l10n.t('Month'), l10n.t('Folder'), ...amounts],
      rows: lines.slice(0, mostRows).map((one) => [named(monthName(one.month, locale)), named(folderName(one.workspace)), ...cells(one)]),
      series: [],
      stacked: false,
      unit: 'usd',
    },
  ];
}

/** Its name first, for that is what people know it by. */
export const folderName = (folder: string): string => visibleText(`${path.basename(folder)} (${path.dirname(folder)})`);

const leftOut = (all: number, most: number, { l10n }: Speech): string[] =>
  all <= most ? [] : [l10n.t('The newest {0} of {1} are shown; choose a month or a folder above for the others.', most, all)];
