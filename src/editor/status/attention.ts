/** Notifications, and only where the user must act and no tab of the run is on screen: a plan waits, a change waits, a run was cut off. */
import type * as vscode from 'vscode';
import { requestTitle } from '../../request/index.ts';
import { stateBadge, status } from '../../trace/index.ts';
import type { RunHandle } from '../flow-types.ts';
import type { EditorRunBook } from '../runs/book.ts';

/** A tab that is just opening gets this long to appear, ms. */
const patienceMs = 1000;

export interface AttentionPorts {
  readonly vscode: Pick<typeof vscode, 'window' | 'l10n'>;
  readonly runs: EditorRunBook;
  /** A tab of the run is on screen. */
  readonly isVisible: (runId: string) => boolean;
  readonly open: (handle: RunHandle) => Promise<void>;
  readonly reviewDiff: (handle: RunHandle) => Promise<void>;
  readonly resume: (runId: string) => Promise<void>;
  readonly showFailure: (error: unknown) => Promise<void>;
}

export interface Attention extends vscode.Disposable {
  /** Runs that were live when the window was last seen, and are not any more. Asks once. */
  tellOfInterrupted(runIds: readonly string[]): Promise<void>;
}

export function createAttention({ vscode: api, runs, isVisible, open, reviewDiff, resume, showFailure }: AttentionPorts): Attention {
  const { window, l10n } = api;
  const timers = new Set<NodeJS.Timeout>();
  const later = (work: () => Promise<void>): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work().catch(showFailure);
    }, patienceMs);
    timers.add(timer);
  };
  const planWaits = async (handle: RunHandle): Promise<void> => {
    if (handle.proposal() === undefined || isVisible(handle.runId)) return;
    const review = l10n.t('Review Plan');
    const chosen = await window.showInformationMessage(l10n.t('The plan for “{0}” waits for your review.', titleOf(handle)), review);
    if (chosen === review) await open(handle);
  };
  const changeWaits = async (handle: RunHandle): Promise<void> => {
    if (isVisible(handle.runId)) return;
    const review = l10n.t('Review Change');
    const state = handle.state();
    const { tone, word } = stateBadge(state, status(state, false));
    const later = l10n.t('Later');
    const chosen =
      tone === 'good'
        ? await window.showInformationMessage(l10n.t('“{0}” is done and the tests pass.', titleOf(handle)), review, later)
        : await window.showWarningMessage(l10n.t('“{0}” ended with a change: {1}.', titleOf(handle), word(l10n.t)), review, later);
    if (chosen === review) await reviewDiff(handle);
  };
  const subscriptions = [
    runs.onDidChangeWaiting((handle) => handle.proposal() !== undefined && later(() => planWaits(handle))),
    runs.onDidEnd(({ handle, result }) => {
      if (result.diff !== undefined && result.diff.patch !== '') later(() => changeWaits(handle));
    }),
  ];
  return {
    tellOfInterrupted: async (runIds) => {
      const listed = await runs.list();
      for (const runId of runIds) {
        const listing = listed.find((each) => each.runId === runId);
        // Gone, alive in another window, or ended after all.
        if (listing === undefined || listing.summary.resumedAs !== undefined || !isCutOff(listing)) continue;
        const go = l10n.t('Resume');
        const look = l10n.t('Show');
        const chosen = await window.showInformationMessage(
          l10n.t('A run was interrupted: “{0}”. Nothing of it is lost.', listing.summary.title),
          go,
          look,
        );
        if (chosen === go) await resume(runId);
        else if (chosen === look) await open(await runs.open(runId));
      }
    },
    dispose: () => {
      for (const timer of timers) clearTimeout(timer);
      for (const each of subscriptions) each.dispose();
    },
  };
}

/** The process died, or the window was closed and had the time to say so. */
const isCutOff = ({ status, summary }: Awaited<ReturnType<EditorRunBook['list']>>[number]): boolean =>
  status === 'interrupted' || summary.outcome === 'stopped';

function titleOf(handle: RunHandle): string {
  const { start } = handle.state();
  return start === undefined ? handle.runId : requestTitle(start.request, 60);
}
