/** The diff review: VS Code's own multi-file diff of a candidate, accepted or rejected hunk by hunk, applied, taken back, or sent back. */
import type * as vscode from 'vscode';
import { stopped } from '../../errors.ts';
import { candidateDiff } from '../../run/index.ts';
import { candidateBadge } from '../../trace/index.ts';
import { candidateScheme, type DiffReview, type DiffReviewPorts, type EditorHost, type RunHandle } from '../flow-types.ts';
import { folderAt } from '../folders.ts';
import { refuse } from '../trust.ts';
import { createApplyFlow } from './apply-flow.ts';
import { pickCandidate } from './candidates.ts';
import { reviewCommands } from './commands.ts';
import { createCursor, isThere } from './cursor.ts';
import { createDecorations } from './decorations.ts';
import { addressOf, diffRows, documentText } from './documents.ts';
import { createLenses } from './lenses.ts';
import { shownFile } from './places.ts';
import { createReview, type Review, turns } from './review.ts';
import { createSurvivalWatch } from './survival-watch.ts';
import { createReviewTabs } from './tabs.ts';
import { createTestFlow } from './test-flow.ts';
import { reviewTitle } from './words.ts';

export function createDiffReview(host: EditorHost, ports: DiffReviewPorts): DiffReview {
  const api = host.vscode;
  const { runs } = ports;
  const end = new AbortController();
  const changed = new api.EventEmitter<Review>();
  const inTurn = turns();
  const reviews = new Map<string, Promise<Review>>();
  const ready = new Map<string, Review>();

  const keyOf = (runId: string, candidate: string): string => `${runId} ${candidate}`;
  const make = async (handle: RunHandle, candidate: string | undefined): Promise<Review> => {
    const { runId } = handle;
    // Words that are on their way to the trace are waited for.
    const diff = await inTurn(runId, () => candidateDiff({ dataDir: runs.dataDir, runId, candidate }, end.signal));
    const state = handle.state();
    const { test } = state.candidates.find(({ id }) => id === diff.candidate) ?? {};
    const badge = candidateBadge(state, { id: diff.candidate, ...(test && { test }) });
    const failing = badge.kind === 'tests-fail' && test ? [...test.delta.broken, ...test.delta.stillFailing] : [];
    const title = reviewTitle(api.l10n, state, runId, diff.candidate, badge);
    const left = state.standing.apply ? 'base' : 'workspace';
    const folder = (await folderAt(api, diff.workspace))?.uri.fsPath ?? diff.workspace;
    const review = createReview(
      diff,
      { title, left, folder, badge, failing },
      {
        dataDir: runs.dataDir,
        changed,
        touched: runs.touched,
        inTurn,
      },
    );
    // The newest comes last: tabs of runs with the same request have the same title.
    ready.delete(keyOf(runId, diff.candidate));
    ready.set(keyOf(runId, diff.candidate), review);
    tabs.look();
    return review;
  };
  const load = (runId: string, candidate: string): Promise<Review> => {
    const key = keyOf(runId, candidate);
    const there = reviews.get(key);
    if (there !== undefined) return there;
    const made = runs.open(runId).then((handle) => make(handle, candidate));
    reviews.set(key, made);
    made.catch(() => reviews.delete(key)); // its caller is told; the next one tries again
    return made;
  };
  const reviewOf = (uri: vscode.Uri): Review | undefined => {
    const address = addressOf(uri);
    return address && ready.get(keyOf(address.runId, address.candidate));
  };

  const show = async (handle: RunHandle, candidate?: string): Promise<void> => {
    const wanted = candidate ?? (handle.state().result?.snapshot ? undefined : await pickCandidate(api, handle.state(), undefined));
    if (wanted === undefined && !handle.state().result?.snapshot) return;
    const review = await make(handle, wanted);
    reviews.set(keyOf(review.runId, review.candidate), Promise.resolve(review));
    tabs.opened(review);
    const earlier = tabs.of(review);
    await api.commands.executeCommand('vscode.changes', review.title, await diffRows(api, review, isThere));
    // A review is work: its tab must not give way to the next file that is looked at.
    await api.commands.executeCommand('workbench.action.keepEditor');
    if (earlier.length > 0) await api.window.tabGroups.close(earlier, true);
    drawAll();
  };

  const tabs = createReviewTabs(api, { reviewOf, all: () => [...ready.values()] });
  const decorations = createDecorations(api);
  const drawAll = (): void => {
    for (const editor of api.window.visibleTextEditors)
      if (addressOf(editor.document.uri)) decorations.draw(editor, reviewOf(editor.document.uri));
  };
  const watch = createSurvivalWatch({ host, runs, clock: Date.now, inTurn, signal: end.signal });
  const tests = createTestFlow({ host, runs, inTurn, signal: end.signal });
  const flow = createApplyFlow({
    host,
    runs,
    inTurn,
    applied: ({ runId, diff }) => watch.applied(runId, diff.workspace),
    undone: watch.undone,
    compare: async (review, file) => {
      const hunk = review.hunks.find((one) => one.path === file || one.oldPath === file);
      if (hunk !== undefined) await cursor.compare(review, hunk);
    },
    tests,
    signal: end.signal,
  });
  const cursor = createCursor(api, { current: tabs.current, reviewOf, load });
  const lenses = createLenses(api, { onDidChange: changed.event, reviewOf });
  const owned: vscode.Disposable[] = [
    changed,
    tabs,
    decorations,
    watch,
    lenses,
    api.languages.registerCodeLensProvider({ scheme: candidateScheme }, lenses),
    changed.event(drawAll),
    api.window.onDidChangeVisibleTextEditors(drawAll),
  ];

  return {
    commands: reviewCommands({ host, runs, inTurn, show, showRun: ports.show, current: tabs.current, load, cursor, flow, tests }),
    // Not only commands lead here: the page of a past run does too, and reading a diff starts git.
    open: (handle) => (api.workspace.isTrusted ? show(handle) : refuse(api)),
    isVisible: tabs.isVisible,
    textOf: async (uri) => {
      const address = addressOf(uri);
      if (address === undefined) return '';
      if (!api.workspace.isTrusted) return api.l10n.t('In Restricted Mode changes are not shown: reading them starts git.');
      const review = await load(address.runId, address.candidate);
      const shown = shownFile(review, uri);
      return shown === undefined ? '' : documentText(api, shown.file, shown.side);
    },
    dispose: () => {
      end.abort(stopped('the closing of the window'));
      for (const each of owned) each.dispose();
    },
  };
}
