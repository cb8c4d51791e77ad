/** Sending a change back: the user's remarks, and what was rejected and why, are the request of a run that goes on from this one. */
import type * as vscode from 'vscode';
import { parseRequest } from '../../request/index.ts';
import { giveVerdict } from '../../run/index.ts';
import type { RunBook, RunHandle } from '../flow-types.ts';
import { startWithProgress } from '../start/progress.ts';
import type { InTurn, Review } from './review.ts';

/** Lines of one rejected hunk that the request quotes. */
const quotedLines = 6;

/** The request's text: the remarks, then each rejected hunk that has a reason. It is for the model, and so in no language but the user's own. Pure. */
export function remarksText(remarks: string, review: Pick<Review, 'hunks' | 'wordOn'>): string {
  const rejected = review.hunks.filter((hunk) => review.wordOn(hunk).decision === 'rejected');
  const told = rejected.map((hunk) => {
    const { reason } = review.wordOn(hunk);
    const lines = hunk.added.slice(0, quotedLines).map((line) => `    ${line}`);
    const place = `- ${hunk.path}, line ${hunk.candidate.start + 1}${reason === '' ? '' : `: ${reason}`}`;
    return [place, ...(hunk.kind === 'lines' ? lines : [])].join('\n');
  });
  const rest = told.length === 0 ? [] : ['', 'Rejected parts of the change:', ...told];
  return [remarks.trim(), ...rest].join('\n').trim();
}

export interface SendBackPorts {
  readonly vscode: Pick<typeof vscode, 'window' | 'l10n' | 'ProgressLocation'>;
  readonly runs: RunBook;
  readonly inTurn: InTurn;
  readonly show: (handle: RunHandle) => Promise<void>;
}

export async function sendBack({ vscode: api, runs, inTurn, show }: SendBackPorts, review: Review): Promise<void> {
  const { window, l10n } = api;
  const { runId, candidate, diff } = review;
  const remarks = await window.showInputBox({
    title: l10n.t('Send back with remarks'),
    prompt: l10n.t('What should be different? Rejected hunks and your reasons go along. A new plan comes for your review.'),
    ignoreFocusOut: true,
    validateInput: (text) => (remarksText(text, review) === '' ? l10n.t('Say what should change.') : undefined),
  });
  if (remarks === undefined) return;
  const text = remarksText(remarks, review);
  const request = parseRequest({
    text,
    files: review.files.filter(({ after }) => after !== undefined).map((file) => file.path),
    followsRun: runId,
  });
  await inTurn(runId, () => giveVerdict({ dataDir: runs.dataDir, runId }, { candidate, decision: 'sent-back', reason: remarks.trim() }));
  // The next round starts from what was on screen.
  const continues = { runId, how: 'follow-up', candidate } as const;
  const handle = await startWithProgress(api, (signal) => runs.start({ request, workspace: diff.workspace, continues, signal }));
  if (handle === undefined) return;
  runs.touched(runId);
  await show(handle);
}
