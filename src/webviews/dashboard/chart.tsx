/** One chart, drawn by uPlot in the colours of the theme. Screen readers get its sentence; the table beside it has the numbers. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { ChartModel } from '../dashboard-types.ts';

const height = 180;

export function Chart({ chart, locale }: { readonly chart: ChartModel; readonly locale: string }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    let drawn: uPlot | undefined;
    const draw = (): void => {
      drawn?.destroy();
      drawn = new uPlot(optionsOf(chart, locale, element.clientWidth), dataOf(chart), element);
    };
    draw();
    const onSize = new ResizeObserver(() => drawn && Math.abs(drawn.width - element.clientWidth) > 1 && draw());
    onSize.observe(element);
    // Another theme sets other classes on the body.
    const onTheme = new MutationObserver(draw);
    onTheme.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    return () => {
      onSize.disconnect();
      onTheme.disconnect();
      drawn?.destroy();
    };
  }, [chart, locale]);
  return <div ref={frame} class="chart" role="img" aria-label={`${chart.title}. ${chart.summary}`} />;
}

function dataOf(chart: ChartModel): uPlot.AlignedData {
  const x = chart.rows.map((row, index) => (chart.kind === 'time' ? (row[0]?.value ?? 0) : index));
  const columns = chart.series.map(({ column }) => chart.rows.map((row) => row[column]?.value ?? null));
  if (!chart.stacked) return [x, ...columns];
  // The first series lies on top of all that follow it, so that drawing them in turn shows each one's own part.
  const heights = columns.map((_, from) => x.map((_, row) => columns.slice(from).reduce((sum, column) => sum + (column[row] ?? 0), 0)));
  return [x, ...heights];
}

function optionsOf(chart: ChartModel, locale: string, width: number): uPlot.Options {
  const style = getComputedStyle(document.body);
  const colour = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  const text = colour('--vscode-foreground', '#888888');
  const lines = `color-mix(in srgb, ${text} 18%, transparent)`;
  const font = `11px ${colour('--vscode-font-family', 'sans-serif')}`;
  const axis = { stroke: text, font, ticks: { stroke: lines, width: 1 }, grid: { stroke: lines, width: 1 } };
  const names = chart.rows.map((row) => row[0]?.text ?? '');
  const values = axisFormat(chart.unit, locale);
  // Two that are compared stand side by side; what is stacked, or alone, stands in the middle.
  const isPair = chart.kind === 'category' && !chart.stacked && chart.series.length === 2;
  const barsOf = (at: number) => uPlot.paths.bars?.(isPair ? { size: [0.3, 48], align: at === 0 ? -1 : 1 } : { size: [0.6, 48], align: 0 });
  const count = Math.max(1, chart.rows.length);
  return {
    width: Math.max(120, width),
    height,
    // Days are drawn at their midnight in UTC.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: chart.series.length > 1, live: false },
    cursor: { show: false },
    scales: {
      x: chart.kind === 'time' ? timeRange(chart) : { time: false, range: [-0.6, count - 0.4] },
      y:
        chart.unit === 'percent'
          ? { range: [0, 1] }
          : { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 0) * 1.1 || 1] },
    },
    axes: [
      chart.kind === 'time'
        ? {
            ...axis,
            size: 32,
            grid: { show: false },
            space: 64,
            values: (_, splits) => splits.map((at) => day(at, locale)),
            incrs: [1, 2, 3, 7, 14, 30, 90].map((days) => days * 86_400),
          }
        : {
            ...axis,
            size: 32,
            grid: { show: false },
            splits: names.map((_, index) => index),
            values: (_, splits) => splits.map((at) => shorten(names[at] ?? '', width / count)),
          },
      {
        ...axis,
        size: 56,
        ...(chart.unit === 'count' && {
          incrs: [1, 2, 5].flatMap((step) => [step, step * 10, step * 100, step * 1000]).sort((a, b) => a - b),
        }),
        values: (_, splits) => splits.map(values),
      },
    ],
    series: [
      {},
      ...chart.series.map(({ column, colour: name }, at): uPlot.Series => {
        const stroke = colour(`--vscode-charts-${name}`, text);
        const drawnAsBars = chart.kind === 'category' || chart.stacked;
        const bars = barsOf(at);
        return {
          label: chart.columns[column] ?? '',
          stroke,
          width: drawnAsBars ? 0 : 2,
          points: { show: !drawnAsBars, size: 5, fill: stroke },
          spanGaps: true,
          ...(drawnAsBars && bars && { paths: bars, fill: stroke }),
        };
      }),
    ],
  };
}

function timeRange(chart: ChartModel): uPlot.Scale {
  const times = chart.rows.map((row) => row[0]?.value ?? 0);
  const half = 43_200;
  return { time: true, range: [Math.min(...times) - half, Math.max(...times) + half] };
}

const day = (seconds: number, locale: string): string =>
  new Date(seconds * 1000).toLocaleDateString(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });

const shorten = (text: string, space: number): string => {
  const letters = Math.max(4, Math.floor(space / 6.5));
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
};

function axisFormat(unit: ChartModel['unit'], locale: string): (value: number) => string {
  const forms: Record<ChartModel['unit'], Intl.NumberFormatOptions> = {
    count: { maximumFractionDigits: 0 },
    percent: { style: 'percent', maximumFractionDigits: 0 },
    usd: { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 },
    tokens: { notation: 'compact' },
    score: { maximumFractionDigits: 2 },
  };
  const format = new Intl.NumberFormat(locale, forms[unit]);
  return (value) => format.format(value);
}
