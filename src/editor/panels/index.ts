/** The tabs of the editor: plan review, run and dashboard. One tab for each run and kind; a second opening brings it to front. */
import type * as vscode from 'vscode';
import { textsOfImages } from '../../request/index.ts';
import { tabStateSchema } from '../../webviews/messages-types.ts';
import { type EditorHost, type Panels, type PanelsPorts, panelTypes, type RunHandle } from '../flow-types.ts';
import { startWithProgress } from '../start/progress.ts';
import { openDashboardPanel } from './dashboard-panel.ts';
import type { PageHost } from './page-host.ts';
import { createPlanDocuments } from './plan-documents.ts';
import { openReviewPanel } from './review-panel.ts';
import { openRunPanel } from './run-panel.ts';
import { shortRequest } from './tab-mark.ts';

type Kind = keyof typeof panelTypes;

export function createPanels(host: EditorHost, { runs, reviewDiff }: PanelsPorts): Panels {
  const api = host.vscode;
  const documents = createPlanDocuments(host);
  /** By kind and run. */
  const open = new Map<string, PageHost>();
  const keyOf = (kind: Kind, runId: string): string => `${kind} ${runId}`;

  const titleOf = (kind: Kind, handle?: RunHandle): string => {
    const { l10n } = api;
    if (!handle) return l10n.t('Teamwright dashboard');
    const short = shortRequest(handle.state(), handle.runId);
    return kind === 'review' ? l10n.t('Plan: {0}', short) : l10n.t('Run: {0}', short);
  };

  const create = (kind: Kind, title: string, column: vscode.ViewColumn | undefined): vscode.WebviewPanel =>
    api.window.createWebviewPanel(panelTypes[kind], title, column ?? api.ViewColumn.Active, {});

  const keep = (kind: Kind, runId: string, page: PageHost): void => {
    const key = keyOf(kind, runId);
    open.set(key, page);
    page.onDidDispose(() => {
      if (open.get(key) === page) open.delete(key);
    });
  };

  /** Into the given panel, or one that is there already, or a new one. */
  const show = (kind: 'review' | 'run', handle: RunHandle, column?: vscode.ViewColumn, restored?: vscode.WebviewPanel): void => {
    const there = open.get(keyOf(kind, handle.runId));
    if (there && !restored) {
      there.panel.reveal(column);
      there.refresh();
      return;
    }
    const panel = restored ?? create(kind, titleOf(kind, handle), column);
    panel.title = titleOf(kind, handle);
    const shared = { host, runs, resume, clock: Date.now };
    const page =
      kind === 'review'
        ? openReviewPanel(panel, handle, { ...shared, documents, showRun: async (other, at) => show('run', other, at) })
        : openRunPanel(panel, handle, {
            ...shared,
            reviewDiff,
            sendBack,
            otherModel,
            testAccepted,
            showReview: async (other, at) => show('review', other, at),
          });
    keep(kind, handle.runId, page);
  };

  const showDashboard = (restored?: vscode.WebviewPanel): void => {
    const there = open.get(keyOf('dashboard', ''));
    if (there && !restored) {
      there.panel.reveal();
      there.refresh();
      return;
    }
    const panel = restored ?? create('dashboard', titleOf('dashboard'), undefined);
    keep('dashboard', '', openDashboardPanel(panel, host, runs, Date.now));
  };

  const resume = async (handle: RunHandle): Promise<void> => {
    await api.commands.executeCommand('teamwright.resumeRun', handle.runId);
  };

  const sendBack = async (handle: RunHandle): Promise<void> => {
    await api.commands.executeCommand('teamwright.followUp', handle.runId);
  };
  const testAccepted = async ({ runId, state }: RunHandle): Promise<void> => {
    const { standing, result } = state();
    const candidate = standing.apply?.candidate ?? result?.candidate;
    await api.commands.executeCommand('teamwright.diff.testAccepted', { runId, candidate });
  };
  const otherModel = async (handle: RunHandle): Promise<void> => {
    const { start } = handle.state();
    if (start === undefined) return;
    const chosen = (): string =>
      JSON.stringify(['models.worker', 'models.strong'].map((name) => api.workspace.getConfiguration('teamwright').get(name) ?? ''));
    const before = chosen();
    await api.commands.executeCommand('teamwright.models.choose');
    if (chosen() === before) return;
    const { request, workspace } = start;
    const imageTexts = await textsOfImages(request.images, handle.readBlob);
    const begun = await startWithProgress(api, (signal) => runs.start({ request, imageTexts, workspace, signal }));
    if (begun !== undefined) show('review', begun);
  };

  return {
    commands: {},
    open: async (handle) => show(waitsForPlan(handle) ? 'review' : 'run', handle),
    openDashboard: async () => showDashboard(),
    isVisible: (runId) => (['review', 'run'] as const).some((kind) => open.get(keyOf(kind, runId))?.panel.visible === true),
    activeRun: () => [...open].find(([key, { panel }]) => panel.active && !key.startsWith('dashboard'))?.[0].split(' ')[1],
    hashInReview: documents.hashOf,
    restore: async (panel, state) => {
      const parsed = tabStateSchema.safeParse(state);
      const kind = (Object.keys(panelTypes) as Kind[]).find((name) => panelTypes[name] === panel.viewType);
      if (kind === 'dashboard') return showDashboard(panel);
      if (!parsed.success || parsed.data.runId === undefined || kind === undefined) {
        // Nothing tells which run it was about.
        panel.dispose();
        return;
      }
      try {
        const handle = await runs.open(parsed.data.runId);
        // What VS Code remembers may be older than the answer to the plan.
        const answered = handle.proposal() === undefined && handle.state().plans.at(-1)?.approval === 'approved';
        show(answered ? 'run' : kind, handle, undefined, panel);
      } catch (error) {
        panel.dispose();
        throw error;
      }
    },
    // The tabs stay: VS Code deactivates us before it remembers which were open, and a closed one would not come back after a reload.
    dispose: () => documents.dispose(),
  };
}

/** Its plan waits, or is about to come: a run that was just asked for shows its review from the first moment. */
function waitsForPlan(handle: RunHandle): boolean {
  const { plans, result } = handle.state();
  return handle.proposal() !== undefined || (handle.live && result === undefined && plans.at(-1)?.approval !== 'approved');
}
