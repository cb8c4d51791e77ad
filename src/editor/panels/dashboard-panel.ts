/** The tab of the dashboard: asks the index of runs whenever it is looked at. */
import type * as vscode from 'vscode';
import { openRunIndex } from '../../lessons/index.ts';
import { realOrGiven } from '../../process/index.ts';
import { listingBadge, type RunListing } from '../../trace/index.ts';
import type { DashboardModel } from '../../webviews/dashboard-types.ts';
import type { EditorHost, RunBook } from '../flow-types.ts';
import { whenText } from '../words.ts';
import { atFirst, type Chosen, fits, runFilter } from './dashboard-filter.ts';
import { dashboardView } from './dashboard-view.ts';
import { createLearnedPart } from './learned-part.ts';
import { hostPage, type PageHost } from './page-host.ts';

export function openDashboardPanel(panel: vscode.WebviewPanel, host: EditorHost, runs: RunBook, clock: () => number): PageHost {
  const api = host.vscode;
  const closed = new AbortController();
  let chosen: Chosen = atFirst;
  let shownRuns: readonly RunListing[] = [];
  const learned = createLearnedPart(host, runs.dataDir, clock);

  const model = async (): Promise<DashboardModel> => {
    // The choice may change while its numbers are read: a model says what its own numbers are of.
    const wanted = chosen;
    const index = await openRunIndex(runs.dataDir);
    try {
      const { unreadable } = await index.update(closed.signal);
      const open = await openFolders(api);
      const filter = runFilter(wanted, open, clock());
      const listed = await runs.list('all');
      const folders = await index.workspaces();
      const months = await index.spendByMonth(runFilter({ ...wanted, time: 'all' }, open, clock()));
      const taught = await learned.model(filter.workspace ?? folders, closed.signal);
      shownRuns = listed.filter(({ summary, lastWriteAt }) => fits(filter, summary.workspace, summary.startedAt ?? lastWriteAt));
      const shown = dashboardView(
        {
          runs: shownRuns,
          totals: await index.totals(filter),
          months: await index.spendByMonth(filter),
          days: await index.days(filter),
          models: await index.spendByModel(filter),
          roles: await index.spendByRole(filter),
          teams: await index.teams(filter),
          unreadable: unreadable.length,
          changed: await index.changed(filter),
          filter: { chosen: wanted, open, folders, months: [...new Set(months.map(({ month }) => month))] },
        },
        { l10n: api.l10n, locale: api.env.language },
      );
      return { ...shown, ...(taught && { learned: taught }) };
    } finally {
      await index.close();
    }
  };

  /** An answer, or a change, is found again: one run is opened at once, of several the user takes one. */
  const openOneOf = async (some: readonly RunListing[]): Promise<void> => {
    const items = some.map(({ runId, summary, lastWriteAt }) => ({
      label: summary.title || runId,
      description: whenText(summary.startedAt ?? lastWriteAt, clock(), api.env.language),
      runId,
    }));
    const placeHolder = api.l10n.t('Which run?');
    const picked = items.length > 1 ? await api.window.showQuickPick(items, { placeHolder, matchOnDescription: true }) : items[0];
    if (picked !== undefined) await api.commands.executeCommand('teamwright.openRun', picked.runId);
  };

  const page = hostPage(host, panel, {
    page: 'dashboard',
    model,
    command: async (given) => {
      if (given.type === 'show-runs') return openOneOf(shownRuns.filter((listing) => listingBadge(listing).icon === given.icon));
      if (given.type === 'filter') chosen = { folder: given.folder, time: given.time };
      if (given.type === 'filter' || given.type === 'refresh' || (await learned.command(given))) page.refresh();
    },
  });
  // Numbers change when a run ends, not with each of its events.
  let live = runs.live().length;
  const subscription = runs.onDidChange(() => {
    const now = runs.live().length;
    if (now < live) page.refresh();
    live = now;
  });
  page.onDidDispose(() => {
    closed.abort();
    subscription.dispose();
  });
  return page;
}

/** Real paths, as traces name workspaces. */
async function openFolders(api: typeof vscode): Promise<string[]> {
  const folders = (api.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  return Promise.all(folders.map(({ uri }) => realOrGiven(uri.fsPath)));
}
