/** Notifications, and only where the user must act and no tab of the run is on screen: a plan, a question or a change waits, a run was cut off. */
import type * as vscode from 'vscode';
import { TeamwrightError } from '../../errors.ts';
import { requestTitle } from '../../request/index.ts';
import { type Proposal, whyLook } from '../../run/index.ts';
import { named, numbersIn } from '../../text/index.ts';
import { stateBadge, status } from '../../trace/index.ts';
import type { RunHandle } from '../flow-types.ts';
import type { EditorRunBook } from '../runs/book.ts';

/** A tab that is just opening gets this long to appear, ms. */
const patienceMs = 1000;

/** Runs that one notification names. */
const mostTitles = 3;

export interface AttentionPorts {
  readonly vscode: Pick<typeof vscode, 'window' | 'l10n' | 'env'>;
  readonly runs: EditorRunBook;
  /** A tab of the run is on screen. */
  readonly isVisible: (runId: string) => boolean;
  /** Of the plan as it stands in the review of the run, edited or not. */
  readonly hashInReview: (runId: string) => string | undefined;
  readonly open: (handle: RunHandle) => Promise<void>;
  readonly reviewDiff: (handle: RunHandle) => Promise<void>;
  readonly resume: (runId: string) => Promise<void>;
  /** The view of all runs. */
  readonly showList: () => Promise<void>;
  readonly showFailure: (error: unknown) => Promise<void>;
}

export interface Attention extends vscode.Disposable {
  /** Runs that were live when the window was last seen, and are not any more. Asks once. */
  tellOfInterrupted(runIds: readonly string[]): Promise<void>;
}

export function createAttention({
  vscode: api,
  runs,
  isVisible,
  hashInReview,
  open,
  reviewDiff,
  resume,
  showList,
  showFailure,
}: AttentionPorts): Attention {
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
    const proposal = handle.proposal();
    if (proposal === undefined || isVisible(handle.runId)) return;
    const { hash, plan } = proposal;
    const show = l10n.t('Show');
    const yes = l10n.t('Approve');
    // What has to be said first is said by the plan itself, and so is what a plan before it left behind.
    const toSee = proposal.round > 0 || whyLook(proposal, { text: handle.state().start?.request.text ?? '' }) !== undefined;
    const agents = Object.keys(plan.agents).length;
    const chosen = toSee
      ? await window.showInformationMessage(l10n.t('The plan for “{0}” waits for your review.', titleOf(handle)), show)
      : await window.showInformationMessage(
          agents === 1
            ? l10n.t('The plan for “{0}” waits: {1}, one agent, {2}.', titleOf(handle), plan.name, priceOf(proposal))
            : l10n.t('The plan for “{0}” waits: {1}, {2} agents, {3}.', titleOf(handle), plan.name, agents, priceOf(proposal)),
          yes,
          show,
        );
    if (chosen === show) await open(handle);
    if (chosen !== yes) return;
    // What was told is what is approved: neither another plan, nor what was edited in its tab since.
    const now = hashInReview(handle.runId) ?? hash;
    if (now !== hash) throw new TeamwrightError('approval-stale', { seen: hash, now });
    handle.approve(hash);
  };
  const questionWaits = async (handle: RunHandle): Promise<void> => {
    const question = handle.question();
    if (question === undefined || isVisible(handle.runId)) return;
    const answer = l10n.t('Answer');
    const chosen = await window.showInformationMessage(l10n.t('{0} asks: {1}', named(question.agent), named(question.text)), answer);
    if (chosen === answer) await open(handle);
  };
  const priceOf = ({ estimate, plan }: Proposal): string => {
    const { money, count } = numbersIn(api.env.language);
    const tokens = l10n.t('{0} tokens', count(Math.min(estimate.tokens.most, plan.budget.tokens)));
    if (!estimate.usd.known) return l10n.t('price unknown, at most {0}', tokens);
    return estimate.usd.most === 0
      ? l10n.t('free, at most {0}', tokens)
      : l10n.t('at most {0} and {1}', money(Math.min(estimate.usd.most, plan.budget.usd)), tokens);
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
    runs.onDidChangeWaiting((handle) => {
      if (handle.proposal() !== undefined) later(() => planWaits(handle));
      if (handle.question() !== undefined) later(() => questionWaits(handle));
    }),
    runs.onDidEnd(({ handle, result }) => {
      if (result.diff !== undefined && result.diff.patch !== '') later(() => changeWaits(handle));
    }),
  ];
  return {
    tellOfInterrupted: async (runIds) => {
      const listed = await runs.list();
      // Not those that are gone, alive in another window, or ended after all.
      const cutOff = listed.filter((each) => runIds.includes(each.runId) && each.summary.resumedAs === undefined && isCutOff(each));
      const [first] = cutOff;
      if (first === undefined) return;
      const show = l10n.t('Show');
      const go = cutOff.length === 1 ? l10n.t('Resume') : l10n.t('Resume All');
      const titles = cutOff.map(({ summary }) => `“${summary.title}”`);
      const chosen = await window.showInformationMessage(
        cutOff.length === 1
          ? l10n.t('A run was interrupted: “{0}”. Nothing of it is lost.', first.summary.title)
          : l10n.t(
              '{0} runs were interrupted: {1}. Nothing of them is lost.',
              cutOff.length,
              titles.length > mostTitles ? `${titles.slice(0, mostTitles).join(', ')} …` : titles.join(', '),
            ),
        go,
        show,
      );
      if (chosen === go) for (const { runId } of cutOff) await resume(runId);
      else if (chosen === show && cutOff.length === 1) await open(await runs.open(first.runId));
      else if (chosen === show) await showList();
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
