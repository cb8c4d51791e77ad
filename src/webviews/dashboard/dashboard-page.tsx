/** Numbers over all runs. Behind each chart stands its table: the same rows, for whoever would rather read, or must. */
import { useEffect } from 'preact/hooks';
import type { DashboardModel } from '../dashboard-types.ts';
import { say, send } from '../link.ts';
import { Badge } from '../parts/badge.tsx';
import { Button, Notice } from '../parts/basics.tsx';
import { Select } from '../parts/select.tsx';
import { useViewState } from '../parts/view-state.ts';
import { ChartCard } from './chart-card.tsx';
import { Learned } from './learned.tsx';

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
                <button type="button" class="state" title={say('showRuns')} onClick={() => send({ type: 'show-runs', icon: badge.icon })}>
                  <Badge badge={badge} /> {count}
                </button>
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
      <Learned learned={model.learned} locale={model.locale} />
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
