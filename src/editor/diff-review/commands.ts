/** The commands of the review. Each takes what a lens, a hover or a menu hands over, or nothing: then it is about the cursor or the tab in front. */
import type { Hunk } from '../../workspace/hunk-types.ts';
import type { EditorHost, RunBook, RunHandle } from '../flow-types.ts';
import type { ApplyFlow } from './apply-flow.ts';
import { pickCandidate } from './candidates.ts';
import type { createCursor, HunkArgument } from './cursor.ts';
import { pickHunk } from './hunk-list.ts';
import type { Decision, InTurn, Review } from './review.ts';
import { sendBack } from './send-back.ts';
import type { TestFlow } from './test-flow.ts';

export interface ReviewCommandPorts {
  readonly host: EditorHost;
  readonly runs: RunBook;
  readonly inTurn: InTurn;
  /** Opens the review of a run, of another candidate than the one on screen when it is named. */
  readonly show: (handle: RunHandle, candidate?: string) => Promise<void>;
  /** Shows a run that was just started. */
  readonly showRun: (handle: RunHandle) => Promise<void>;
  readonly current: () => Review | undefined;
  readonly cursor: ReturnType<typeof createCursor>;
  readonly flow: ApplyFlow;
  readonly tests: TestFlow;
  /** Also one that is not on screen. */
  load(runId: string, candidate: string): Promise<Review>;
}

export type ReviewCommand = (argument?: HunkArgument) => Promise<void>;

export function reviewCommands(ports: ReviewCommandPorts): Readonly<Record<string, ReviewCommand>> {
  const { host, runs, cursor, flow } = ports;
  const { window, l10n } = host.vscode;

  const onHunk =
    (work: (review: Review, hunk: Hunk) => Promise<void>): ReviewCommand =>
    async (argument) => {
      const place = await cursor.placeOf(argument);
      if (place?.hunk !== undefined) return work(place.review, place.hunk);
      const next = l10n.t('Go to Next Change');
      if ((await window.showInformationMessage(l10n.t('The cursor is in no change of a review.'), next)) === next) await cursor.step(1);
    };
  const onFile =
    (decision: Decision): ReviewCommand =>
    async (argument) => {
      const place = await cursor.placeOf(argument);
      if (place === undefined) await window.showInformationMessage(l10n.t('The cursor is in no file of a review.'));
      else await place.review.decide(place.file.hunks, decision);
    };
  const onReview =
    (work: (review: Review) => Promise<void>): ReviewCommand =>
    async (argument) => {
      const named = argument !== undefined && 'runId' in argument ? await ports.load(argument.runId, argument.candidate) : undefined;
      const review = named ?? ports.current();
      if (review === undefined)
        await window.showInformationMessage(l10n.t('No change is under review. Open one from the Teamwright view.'));
      else await work(review);
    };
  const askReason = (prompt: string): Thenable<string | undefined> =>
    window.showInputBox({ prompt, placeHolder: l10n.t('For example: changes what the caller relies on'), ignoreFocusOut: true });

  return {
    'teamwright.diff.accept': onHunk((review, hunk) => review.decide([hunk], 'accepted')),
    'teamwright.diff.reject': onHunk((review, hunk) => review.decide([hunk], 'rejected')),
    'teamwright.diff.reopen': onHunk((review, hunk) => review.decide([hunk], 'open')),
    'teamwright.diff.rejectWithReason': onHunk(async (review, hunk) => {
      const reason = await askReason(l10n.t('Why is this hunk rejected?'));
      if (reason !== undefined) await review.decide([hunk], 'rejected', reason.trim());
    }),
    'teamwright.diff.acceptFile': onFile('accepted'),
    'teamwright.diff.rejectFile': onFile('rejected'),
    'teamwright.diff.acceptAll': onReview((review) => review.decide(review.hunks, 'accepted')),
    'teamwright.diff.rejectAll': onReview(async (review) => {
      const reason = await askReason(l10n.t('Why is the whole change rejected? (may stay empty)'));
      if (reason !== undefined) await flow.rejectAll(review, reason.trim());
    }),
    'teamwright.diff.nextHunk': () => cursor.step(1),
    'teamwright.diff.previousHunk': () => cursor.step(-1),
    'teamwright.diff.listHunks': onReview(async (review) => {
      const hunk = await pickHunk(host.vscode, review);
      if (hunk !== undefined) await cursor.reveal(review, hunk);
    }),
    'teamwright.diff.switchCandidate': onReview(async (review) => {
      const handle = await runs.open(review.runId);
      const candidate = await pickCandidate(host.vscode, handle.state(), review.candidate);
      if (candidate !== undefined) await ports.show(handle, candidate);
    }),
    'teamwright.diff.apply': onReview(flow.apply),
    // The same, by names that say what the tests say: the title of a command cannot change.
    'teamwright.diff.applyRed': onReview(flow.apply),
    'teamwright.diff.applyUnproven': onReview(flow.apply),
    'teamwright.diff.testAccepted': onReview(ports.tests.testAccepted),
    'teamwright.diff.sendBack': onReview((review) =>
      sendBack({ vscode: host.vscode, runs, inTurn: ports.inTurn, show: ports.showRun }, review),
    ),
    'teamwright.diff.undo': async (argument) => {
      const named = argument !== undefined && 'runIds' in argument ? argument.runIds : undefined;
      const runIds = named ?? [ports.current()?.runId ?? (await pickApplied(ports))];
      for (const runId of runIds) if (runId !== undefined) await flow.undo(runId);
    },
  };
}

async function pickApplied({ host, runs }: ReviewCommandPorts): Promise<string | undefined> {
  const { window, l10n } = host.vscode;
  const applied = (await runs.list()).filter(({ summary }) => summary.standing.apply);
  if (applied.length === 0) {
    await window.showInformationMessage(l10n.t('No run is applied, so there is nothing to take back.'));
    return undefined;
  }
  const items = applied.map(({ runId, summary }) => ({ label: summary.title || runId, runId }));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Which applied run should be taken back?') }))?.runId;
}
