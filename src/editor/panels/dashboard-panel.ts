/** The tab of the dashboard: asks the index of runs whenever it is looked at. */
import type * as vscode from 'vscode';
import { openRunIndex } from '../../lessons/index.ts';
import { realOrGiven } from '../../process/index.ts';
import type { DashboardModel } from '../../webviews/dashboard-types.ts';
import type { EditorHost, RunBook } from '../flow-types.ts';
import { dashboardView } from './dashboard-view.ts';
import { hostPage, type PageHost } from './page-host.ts';

export function openDashboardPanel(panel: vscode.WebviewPanel, host: EditorHost, runs: RunBook): PageHost {
  const api = host.vscode;
  const closed = new AbortController();

  const model = async (): Promise<DashboardModel> => {
    const index = await openRunIndex(runs.dataDir);
    try {
      const { unreadable } = await index.update(closed.signal);
      const folders = await openFolders(api);
      const filter = folders.length === 0 ? {} : { workspace: folders };
      return dashboardView(
        {
          runs: await runs.list(),
          totals: await index.totals(filter),
          days: await index.days(filter),
          models: await index.spendByModel(filter),
          roles: await index.spendByRole(filter),
          teams: await index.teams(filter),
          unreadable: unreadable.length,
          changed: await index.changed(filter),
        },
        { l10n: api.l10n, locale: api.env.language },
      );
    } finally {
      await index.close();
    }
  };

  const page = hostPage(host, panel, { page: 'dashboard', model, command: (given) => given.type === 'refresh' && page.refresh() });
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
