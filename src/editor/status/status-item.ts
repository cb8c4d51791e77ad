/** The one status bar item: what runs now, how far it is, and whether the user is needed. Absent while there is nothing to say. */
import type * as vscode from 'vscode';
import { requestTitle } from '../../request/index.ts';
import { type Badge, badge, type RunState, stateBadge, status, type Tone } from '../../trace/index.ts';
import type { RunHandle } from '../flow-types.ts';
import type { EditorRunBook } from '../runs/book.ts';
import { capitalised } from '../words.ts';

/** At most so often, ms: events come in bursts. */
const drawMs = 250;

type Api = Pick<typeof vscode, 'window' | 'StatusBarAlignment' | 'ThemeColor' | 'l10n'>;

export function createStatusItem(api: Api, runs: EditorRunBook): vscode.Disposable {
  let item: vscode.StatusBarItem | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** How the last run ended, until the user has looked at it or judged it, or another one begins. */
  let ended: RunHandle | undefined;

  const draw = (): void => {
    if (ended?.state().verdict !== undefined) ended = undefined;
    const shown = statusOf(api, runs.live(), runs.starting().length, ended);
    if (shown === undefined) {
      item?.hide();
      return;
    }
    item ??= api.window.createStatusBarItem('teamwright.status', api.StatusBarAlignment.Left, 50);
    item.name = 'Teamwright';
    item.text = shown.text;
    item.tooltip = shown.tooltip;
    item.accessibilityInformation = { label: shown.tooltip, role: 'button' };
    item.backgroundColor = shown.colour === undefined ? undefined : new api.ThemeColor(shown.colour);
    item.command = {
      command: 'teamwright.showActive',
      title: 'Teamwright',
      ...(shown.runId !== undefined && { arguments: [shown.runId] }),
    };
    item.show();
  };
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      draw();
    }, drawMs);
  };
  const subscriptions = [
    runs.onDidChange(soon),
    runs.onDidChangeWaiting(soon),
    runs.onDidBegin(() => {
      ended = undefined;
      soon();
    }),
    runs.onDidEnd(({ handle, result }) => {
      const wanted = result.diff !== undefined && result.diff.patch !== '';
      ended = wanted || endBadge(handle).tone === 'bad' ? handle : undefined;
      soon();
    }),
    runs.onDidLookAt((runId) => {
      if (ended?.runId === runId) ended = undefined;
      soon();
    }),
  ];
  draw();
  return {
    dispose: () => {
      clearTimeout(timer);
      for (const each of subscriptions) each.dispose();
      item?.dispose();
    },
  };
}

interface Shown {
  readonly text: string;
  readonly tooltip: string;
  /** Of the background, where the user is needed: a colour of the theme. */
  readonly colour?: string;
  /** The run that a click opens; several: the user picks. */
  readonly runId?: string;
}

/** Pure. */
export function statusOf(
  { l10n }: Pick<typeof vscode, 'l10n'>,
  live: readonly Pick<RunHandle, 'runId' | 'state' | 'proposal'>[],
  starting: number,
  ended: Pick<RunHandle, 'runId' | 'state'> | undefined,
): Shown | undefined {
  const waiting = live.filter((handle) => handle.proposal() !== undefined);
  const [first] = waiting.length > 0 ? waiting : live;
  const more = live.length > 1 ? ` +${live.length - 1}` : '';
  const runId = live.length === 1 ? first?.runId : undefined;
  if (first !== undefined && waiting.length > 0) {
    return {
      text: `$(${badge('waiting').icon}) ${waiting.length === 1 ? l10n.t('Plan to review') : l10n.t('{0} plans to review', waiting.length)}`,
      tooltip:
        waiting.length === 1
          ? l10n.t('The plan for “{0}” waits for your review.', titleOf(first.state()))
          : l10n.t('{0} plans wait for your review.', waiting.length),
      colour: backgrounds[badge('waiting').tone],
      runId: waiting.length === 1 ? first.runId : undefined,
    };
  }
  if (first !== undefined) {
    const state = first.state();
    const progress = progressOf({ l10n }, state);
    const icon = state.paused ? badge('paused').icon : `${badge('running').icon}~spin`;
    return { text: `$(${icon}) Teamwright: ${progress}${more}`, tooltip: l10n.t('“{0}”: {1}', titleOf(state), progress), runId };
  }
  if (starting > 0)
    return { text: `$(sync~spin) ${l10n.t('Teamwright: starting')}`, tooltip: l10n.t('Teamwright asks its models what they can do.') };
  if (ended === undefined) return undefined;
  const { icon, tone, word } = endBadge(ended);
  const state = ended.state();
  const waits = state.result?.patch !== undefined && state.verdict === undefined && state.standing.kind === 'none';
  const said = capitalised(word(l10n.t));
  return {
    text: `$(${icon}) ${waits ? l10n.t('{0}: change to review', said) : said}`,
    tooltip: waits
      ? l10n.t('“{0}” has a change for you to review: {1}.', titleOf(state), word(l10n.t))
      : l10n.t('“{0}”: {1}', titleOf(state), word(l10n.t)),
    colour: backgrounds[tone],
    runId: ended.runId,
  };
}

/** VS Code has two backgrounds that ask for attention, and none that praises. */
const backgrounds: Readonly<Record<Tone, string | undefined>> = {
  good: undefined,
  bad: 'statusBarItem.errorBackground',
  caution: 'statusBarItem.warningBackground',
  busy: undefined,
  quiet: undefined,
};

/** Of a run that has a result. */
const endBadge = (handle: Pick<RunHandle, 'state'>): Badge => stateBadge(handle.state(), status(handle.state(), false));

/** What happens now: the step and its place among all, or what comes before there are steps. */
function progressOf({ l10n }: Pick<typeof vscode, 'l10n'>, state: RunState): string {
  if (state.paused) return l10n.t('paused');
  if (state.snapshot === undefined) return l10n.t('taking a copy');
  if (state.briefing === undefined) return l10n.t('running the tests as they are');
  if (state.plans.at(-1)?.approval !== 'approved') return l10n.t('designing the team');
  const current = state.steps.filter(({ state: each }) => each !== 'pending');
  const step = state.steps.findLast(({ state: each }) => each === 'running');
  return step === undefined
    ? l10n.t('step {0} of {1}', current.length, state.steps.length)
    : l10n.t('{0}, step {1} of {2}', step.step, current.length, state.steps.length);
}

const titleOf = (state: RunState): string => (state.start === undefined ? '' : requestTitle(state.start.request, 60));
