/** Writing the accepted hunks into the workspace, and taking them back: the questions before, the word after. */
import path from 'node:path';
import { applyRun, rejectRun, undoRun } from '../../run/index.ts';
import type { ApplyReport } from '../../workspace/types.ts';
import type { EditorHost, RunBook } from '../flow-types.ts';
import { savedOrLeft } from '../unsaved.ts';
import type { InTurn, Review } from './review.ts';
import { partText, type TestFlow } from './test-flow.ts';
import { doubtText } from './words.ts';

export interface ApplyFlowPorts {
  readonly host: EditorHost;
  readonly runs: RunBook;
  readonly inTurn: InTurn;
  /** Something of the run was written into its workspace, now. */
  readonly applied: (review: Review) => Promise<void>;
  readonly undone: (runId: string) => Promise<void>;
  /** Shows a file of the workspace beside the candidate's. */
  readonly compare: (review: Review, path: string) => Promise<void>;
  readonly tests: TestFlow;
  readonly signal: AbortSignal;
}

export interface ApplyFlow {
  apply(review: Review): Promise<void>;
  undo(runId: string): Promise<void>;
  /** Nothing of it is wanted. */
  rejectAll(review: Review, reason: string): Promise<void>;
}

export function createApplyFlow({ host, runs, inTurn, applied, undone, compare, tests, signal }: ApplyFlowPorts): ApplyFlow {
  const { window, l10n, Uri } = host.vscode;
  const { dataDir } = runs;

  /** The hunks to write; undefined when the user would rather not. */
  const chosen = async (review: Review): Promise<string[] | undefined> => {
    const { accepted, open, total } = review.tally();
    const ids = (all: boolean): string[] =>
      review.hunks.filter((hunk) => all || review.wordOn(hunk).decision === 'accepted').map(({ id }) => id);
    if (accepted === total) return ids(true);
    if (accepted === 0 && open === 0) {
      await window.showInformationMessage(l10n.t('Every hunk is rejected, so there is nothing to apply.'));
      return undefined;
    }
    if (open === 0) return ids(false);
    const acceptOpen = accepted === 0 && open === total ? l10n.t('Accept All and Apply') : l10n.t('Accept the Rest and Apply');
    const applyAccepted = l10n.t('Apply Accepted Only');
    const question =
      accepted === 0 ? l10n.t('No hunk is accepted yet.') : l10n.t('{0} of {1} hunks accepted, {2} undecided.', accepted, total, open);
    const detail = l10n.t('Rejected hunks are never written. Undecided ones stay in the review.');
    const buttons = accepted === 0 ? [acceptOpen] : [applyAccepted, acceptOpen];
    const answer = await window.showWarningMessage(question, { modal: true, detail }, ...buttons);
    if (answer === applyAccepted) return ids(false);
    if (answer !== acceptOpen) return undefined;
    return review.hunks.filter((hunk) => review.wordOn(hunk).decision !== 'rejected').map(({ id }) => id);
  };

  /** What is typed and not saved is not on the disk, where the change is merged. */
  const saved = (review: Review, hunks: readonly string[]): Promise<boolean> => {
    const touched = new Set(
      review.hunks
        .filter(({ id }) => hunks.includes(id))
        .flatMap((hunk) => [hunk.path, hunk.oldPath ?? hunk.path].map((file) => path.join(review.folder, file))),
    );
    return savedOrLeft(host.vscode, (file) => touched.has(file), {
      detail: l10n.t('The change is merged with what is on the disk.'),
      save: l10n.t('Save and Apply'),
    });
  };

  const write = async (review: Review, hunks: readonly string[], onConflict: 'refuse' | 'markers'): Promise<void> => {
    const { runId, candidate, diff } = review;
    const report = await inTurn(runId, () =>
      applyRun({ dataDir, runId, candidate, shown: diff.tree, hunks, others: 'open', onConflict }, signal),
    );
    review.recorded(
      review.hunks.filter(({ id }) => hunks.includes(id)),
      'accepted',
    );
    runs.touched(runId);
    if (report.applied.length > 0) await applied(review);
    if (report.conflicts.length > 0 && onConflict === 'refuse') await tellConflicts(review, hunks, report);
    else await tellApplied(review, hunks, report);
  };

  const tellConflicts = async (review: Review, hunks: readonly string[], report: ApplyReport): Promise<void> => {
    const markers = l10n.t('Merge with Conflict Markers');
    const look = l10n.t('Compare');
    const list = report.conflicts.map(({ path: file, detail }) => `${file}: ${detail}`).join('\n');
    const detail = l10n.t(
      '{0}\n\nYour files are as they were. With markers, each of these files gets both versions side by side, everything else is applied, and one undo brings it all back.',
      list,
    );
    const answer = await window.showWarningMessage(
      l10n.t('Nothing was written: you have changed the same lines since the run began.'),
      { modal: true, detail },
      look,
      markers,
    );
    if (answer === markers) await write(review, hunks, 'markers');
    else if (answer === look) await compare(review, report.conflicts[0]?.path ?? '');
  };

  const openFile = async ({ folder }: Review, file: string): Promise<void> => {
    await window.showTextDocument(Uri.file(path.join(folder, file)), { preview: false });
  };

  const tellApplied = async (review: Review, hunks: readonly string[], report: ApplyReport): Promise<void> => {
    if (report.applied.length === 0 && report.conflicts.length === 0) {
      await window.showInformationMessage(l10n.t('The workspace has this change already; nothing was written.'));
      return;
    }
    const marked = report.conflicts.filter(({ path: file }) => report.applied.includes(file));
    for (const { path: file } of marked) await openFile(review, file);
    const undo = l10n.t('Undo');
    const testIt = l10n.t('Test What I Accepted');
    const { text, canTest } = await testedText(review, hunks, report);
    const said = [appliedText(review, hunks, report), ...text].join(' ');
    const answer = await window.showInformationMessage(said, ...(canTest ? [testIt] : []), undo);
    if (answer === testIt) await tests.testAccepted(review);
    if (answer === undo) await takeBack(review.runId);
  };

  const appliedText = ({ hunks: all }: Review, hunks: readonly string[], { applied: written, conflicts }: ApplyReport): string => {
    const [only] = written;
    const [conflict] = conflicts;
    if (conflict !== undefined && conflicts.length === 1) return l10n.t('Applied, but {0} needs your merge.', conflict.path);
    if (conflict !== undefined) return l10n.t('Applied to {0} files; {1} of them need your merge.', written.length, conflicts.length);
    if (only !== undefined && written.length === 1) return l10n.t('Applied {0} of {1} hunks to {2}.', hunks.length, all.length, only);
    return l10n.t('Applied {0} of {1} hunks to {2} files.', hunks.length, all.length, written.length);
  };

  /** What is known of the tests with what was written; nothing to say where they pass. A part is tested by itself where that is quick. */
  const testedText = async (
    review: Review,
    hunks: readonly string[],
    { conflicts }: ApplyReport,
  ): Promise<{ readonly text: readonly string[]; readonly canTest: boolean }> => {
    if (hunks.length === review.hunks.length) {
      const doubt = doubtText(l10n, review);
      return { text: doubt === undefined ? [] : [l10n.t('{0}.', doubt)], canTest: false };
    }
    const { seen, canTest, isQuick } = await tests.known(review);
    const tested = seen === undefined && isQuick && conflicts.length === 0 ? await tests.test(review, hunks) : undefined;
    if (tested !== undefined) return { text: [partText(tested, l10n)], canTest: false };
    if (seen === undefined) return { text: [l10n.t('The tests have not run on this part alone.')], canTest };
    return { text: [partText({ hunks, of: review.hunks.length, counts: seen.counts, judgement: seen }, l10n)], canTest: false };
  };

  const takeBack = async (runId: string): Promise<void> => {
    const report = await inTurn(runId, () => undoRun({ dataDir, runId }, signal));
    runs.touched(runId);
    if (report.conflicts.length > 0) {
      const detail = report.conflicts.map(({ path: file, detail: why }) => `${file}: ${why}`).join('\n');
      await window.showWarningMessage(l10n.t('Nothing was taken back: these files have changed since.'), { modal: true, detail });
      return;
    }
    await undone(runId);
    const [only, ...more] = report.restored;
    const text =
      only !== undefined && more.length === 0
        ? l10n.t('Taken back: {0} is as it was before.', only)
        : l10n.t('Taken back: {0} files are as they were before.', report.restored.length);
    await window.showInformationMessage(text);
  };

  return {
    apply: async (review) => {
      const hunks = await chosen(review);
      if (hunks !== undefined && (await saved(review, hunks))) await write(review, hunks, 'refuse');
    },
    undo: takeBack,
    rejectAll: async (review, reason) => {
      const { runId, candidate, hunks } = review;
      await inTurn(runId, () => rejectRun({ dataDir, runId, candidate, reason }, signal));
      review.recorded(hunks, 'rejected', reason);
      runs.touched(runId);
    },
  };
}
