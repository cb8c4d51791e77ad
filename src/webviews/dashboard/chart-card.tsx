/** A chart with its sentence and the table behind it. */
import type { ChartModel } from '../dashboard-types.ts';
import { say } from '../link.ts';
import { useViewState } from '../parts/view-state.ts';
import { Chart } from './chart.tsx';

export function ChartCard({ chart, locale }: { readonly chart: ChartModel; readonly locale: string }) {
  const [shown, setShown] = useViewState<boolean>(`table.${chart.id}`, chart.kind === 'table');
  const drawn = chart.kind !== 'table' && chart.rows.length > 0;
  return (
    <section class={chart.kind === 'table' ? 'card wide' : 'card'} aria-label={chart.title}>
      <div class="card-head">
        <h2>{chart.title}</h2>
        {drawn && (
          <button type="button" class="link" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? say('hideTable') : say('showTable')}
          </button>
        )}
      </div>
      <p class="muted">{chart.summary}</p>
      {drawn && <Chart chart={chart} locale={locale} />}
      {/* Out of sight it is still there for screen readers. */}
      {shown || !drawn ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <div class="table-frame" tabIndex={0}>
          <Table chart={chart} />
        </div>
      ) : (
        <div class="only-read">
          <Table chart={chart} />
        </div>
      )}
    </section>
  );
}

function Table({ chart }: { readonly chart: ChartModel }) {
  if (chart.rows.length === 0) return <p class="muted">{say('noNumbersYet')}</p>;
  return (
    <table class="numbers">
      <caption class="only-read">{chart.title}</caption>
      <thead>
        <tr>
          {chart.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {chart.rows.map(([name, ...cells], at) => (
          <tr key={at}>
            <th scope="row">{name?.text}</th>
            {cells.map((cell, index) => (
              <td key={chart.columns[index + 1]}>{cell.text}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
