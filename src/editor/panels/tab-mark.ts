/** The tab of a run says how the run stands, by its icon, and by a word in its title once the run is over. */
import type * as vscode from 'vscode';
import { type Badge, type RunState, stateBadge, status } from '../../trace/index.ts';
import { badgeIcon, capitalised } from '../words.ts';

type Api = Pick<typeof vscode, 'l10n' | 'ThemeIcon' | 'ThemeColor'>;

/** What a run was asked for, as much of it as a tab shows. */
export function shortRequest(state: RunState, runId: string): string {
  const [line = ''] = (state.start?.request.text ?? runId).split('\n', 1);
  const characters = [...line];
  return characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : line;
}

function runTitle({ l10n }: Pick<Api, 'l10n'>, state: RunState, runId: string, badge: Badge): string {
  const short = shortRequest(state, runId);
  return state.result === undefined ? l10n.t('Run: {0}', short) : l10n.t('{0}: {1}', capitalised(badge.word(l10n.t)), short);
}

/** `kind`: the review of a plan keeps its title, for it is about the plan. */
export function markTab(
  api: Api,
  panel: Pick<vscode.WebviewPanel, 'title' | 'iconPath'>,
  { kind, runId, state, ownerAlive }: { kind: 'review' | 'run'; runId: string; state: RunState; ownerAlive: boolean },
): void {
  const badge = stateBadge(state, status(state, ownerAlive));
  panel.iconPath = badgeIcon(api, badge);
  const title = kind === 'run' ? runTitle(api, state, runId, badge) : panel.title;
  if (panel.title !== title) panel.title = title;
}
