/** The candidates of a run side by side, with what the tests said of each, to choose the one to review. */
import type * as vscode from 'vscode';
import { type CandidateState, candidateBadge, type RunState } from '../../trace/index.ts';
import { farFromGreen } from '../candidate-order.ts';
import { tamperingText, testText } from './words.ts';

type Api = Pick<typeof vscode, 'window' | 'l10n'>;

interface CandidateItem extends vscode.QuickPickItem {
  readonly candidate: string;
}

/** The chosen candidate first, then by failing tests. Pure, but for the words. */
export function candidateItems({ l10n }: Pick<Api, 'l10n'>, state: RunState, shown: string | undefined): CandidateItem[] {
  const chosen = state.result?.candidate;
  const rank = (candidate: CandidateState): number => (candidate.id === chosen ? -1 : farFromGreen(candidate));
  return [...state.candidates]
    .sort((a, b) => rank(a) - rank(b))
    .map((candidate) => {
      const { id, agent, changed } = candidate;
      const marks = [id === chosen && l10n.t('chosen'), id === shown && l10n.t('shown now')].filter(Boolean).join(', ');
      const tampering = tamperingText(l10n, candidate);
      const by = changed.length === 1 ? l10n.t('by {0}, 1 file', agent) : l10n.t('by {0}, {1} files', agent, changed.length);
      return {
        candidate: id,
        label: `$(${iconOf(state, candidate)}) ${id}`,
        description: [testText(l10n, candidate), marks && `(${marks})`].filter(Boolean).join(' '),
        detail: [by, tampering].filter(Boolean).join(' · '),
      };
    });
}

/** That of its badge, or a warning where tests were made easier. */
const iconOf = (state: RunState, candidate: CandidateState): string =>
  (candidate.test?.tampering.length ?? 0) > 0 ? 'warning' : candidateBadge(state, candidate).icon;

export async function pickCandidate(api: Api, state: RunState, shown: string | undefined): Promise<string | undefined> {
  const { window, l10n } = api;
  const items = candidateItems(api, state, shown);
  if (items.length === 0) {
    await window.showInformationMessage(l10n.t('This run made no candidate, so there is no change to review.'));
    return undefined;
  }
  const placeHolder = l10n.t('Which candidate do you want to review?');
  return (await window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))?.candidate;
}
