/** Numbers over all runs. Behind each chart stands its table: the same rows, for whoever would rather read, or must. */
import { useEffect } from 'preact/hooks';
import type { ChartModel, DashboardModel } from '../dashboard-types.ts';
import { say, send } from '../link.ts';
import { Badge } from '../parts/badge.tsx';
import { Button, Notice } from '../parts/basics.tsx';
import { Select } from '../parts/select.tsx';
import { useViewState } from '../parts/view-state.ts';
import { Chart } from './chart.tsx';

export function DashboardPage({ model }: { readonly model: DashboardModel }) {
  return (
    <main class="page dashboard-page">
      <header class="heading with-button">
        <h1>{say('dashboard')}</h1>
        <Button secondary icon="refresh" onClick={() => send({ type: 'refresh' })}>
          {say('refresh')}
        </Button>
      </header>
      <Notice notice={model.notice} />
      <Filter filter={model.filter} />
      {model.empty ? (
        <p class="muted">{model.filter.narrowed ? say('noRunFits') : say('noRunsYet')}</p>
      ) : (
        <>
          <dl class="totals">
            {model.totals.map(({ label, value, detail }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd class="total">{value}</dd>
                <dd class="muted">{detail}</dd>
              </div>
            ))}
          </dl>
          <ul class="states" aria-label={say('runStates')}>
            {model.states.map(({ badge, count }) => (
              <li key={badge.word}>
                <Badge badge={badge} /> {count}
              </li>
            ))}
          </ul>
          <div class="charts">
            {model.charts.map((chart) => (
              <ChartCard key={chart.id} chart={chart} locale={model.locale} />
            ))}
          </div>
        </>
      )}
    </main>
  );
}

/** What the numbers are of. It is kept with the tab, so a page that is made anew asks for it again. */
function Filter({ filter: { folder, time } }: Pick<DashboardModel, 'filter'>) {
  const [keptFolder, keepFolder] = useViewState('filter.folder', folder.value);
  const [keptTime, keepTime] = useViewState('filter.time', time.value);
  const isOther = keptFolder !== folder.value || keptTime !== time.value;
  useEffect(() => {
    if (isOther) send({ type: 'filter', folder: keptFolder, time: keptTime });
  }, [keptFolder, keptTime]);
  return (
    <fieldset class="filter" aria-label={say('filter')}>
      <Select label={say('folder')} value={keptFolder} options={folder.options} onChange={keepFolder} />
      <Select label={say('time')} value={keptTime} options={time.options} onChange={keepTime} />
      <p class="only-read" role="status">
        {isOther ? say('loading') : ''}
      </p>
    </fieldset>
  );
}

function ChartCard({ chart, locale }: { readonly chart: ChartModel; readonly locale: string }) {
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
