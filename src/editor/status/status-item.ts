/** The one status bar item: what runs now, how far it is, and what waits for the user, counted. Absent while there is nothing to say. */
import type * as vscode from 'vscode';
import { requestTitle } from '../../request/index.ts';
import { type Badge, badge, type RunState, stateBadge, status, type Tone } from '../../trace/index.ts';
import { tellAll } from '../failure-table.ts';
import type { RunHandle } from '../flow-types.ts';
import type { EditorRunBook } from '../runs/book.ts';
import { capitalised } from '../words.ts';

/** At most so often, ms: events come in bursts. */
const drawMs = 250;

/** Things that wait, named in the tooltip. */
const mostNamed = 5;

type Api = Pick<typeof vscode, 'window' | 'StatusBarAlignment' | 'ThemeColor' | 'MarkdownString' | 'l10n'>;

export function createStatusItem(api: Api, runs: EditorRunBook): vscode.Disposable {
  let item: vscode.StatusBarItem | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Runs of this window that ended with a change or badly, until the user has looked at them or judged them; a bad end also until another begins. */
  let ended: readonly RunHandle[] = [];

  const draw = (): void => {
    ended = ended.filter((handle) => handle.state().verdict === undefined);
    const shown = statusOf(api, runs.live(), runs.starting().length, ended);
    if (shown === undefined) {
      item?.hide();
      return;
    }
    item ??= api.window.createStatusBarItem('teamwright.status', api.StatusBarAlignment.Left, 50);
    item.name = 'Teamwright';
    item.text = shown.text;
    item.tooltip = linked(api, shown);
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
      ended = ended.filter(changeWaits);
      soon();
    }),
    runs.onDidEnd(({ handle, result }) => {
      const wanted = result.diff !== undefined && result.diff.patch !== '';
      if (wanted || endBadge(handle).tone === 'bad') ended = [...ended.filter(changeWaits), handle];
      soon();
    }),
    runs.onDidLookAt((runId) => {
      ended = ended.filter((handle) => handle.runId !== runId);
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
  /** A sentence for each thing that waits or goes on. */
  readonly tooltip: string;
  /** Of the background, where the user is needed: a colour of the theme. */
  readonly colour?: string;
  /** The run that a click opens; several: the user picks. */
  readonly runId?: string;
}

/** What a tooltip offers besides the click: every run, and a new one. */
const offered = { 'teamwright.runs.focus': 'all', 'teamwright.newRequest': 'new' } as const;

function linked({ MarkdownString, l10n }: Pick<Api, 'MarkdownString' | 'l10n'>, { tooltip }: Shown): vscode.MarkdownString {
  const titles = { all: l10n.t('Show All Runs'), new: l10n.t('New Request…') };
  const text = new MarkdownString();
  text.isTrusted = { enabledCommands: Object.keys(offered) };
  for (const line of tooltip.split('\n')) {
    text.appendText(line);
    text.appendMarkdown('\n\n');
  }
  text.appendMarkdown(
    Object.entries(offered)
      .map(([command, name]) => `[${titles[name]}](command:${command})`)
      .join(' · '),
  );
  return text;
}

type Live = Pick<RunHandle, 'runId' | 'state' | 'proposal'>;
type Ended = Pick<RunHandle, 'runId' | 'state'>;

/** Pure. `ended`: as they ended, the last one last. */
export function statusOf(
  { l10n }: Pick<typeof vscode, 'l10n'>,
  live: readonly Live[],
  starting: number,
  ended: readonly Ended[],
): Shown | undefined {
  const waits = waiting({ l10n }, live, ended);
  // Only what holds up a run comes before what goes on.
  if (waits.some(({ kind }) => kind !== 'change')) return waitingShown({ l10n }, waits);
  const [first] = live;
  if (first !== undefined) {
    const state = first.state();
    const progress = progressOf({ l10n }, state);
    const icon = state.paused ? badge('paused').icon : `${badge('running').icon}~spin`;
    const more = live.length > 1 ? ` +${live.length - 1}` : '';
    return {
      text: `$(${icon}) Teamwright: ${progress}${more}`,
      tooltip: [
        ...live.map((each) => l10n.t('“{0}”: {1}', titleOf(each.state()), progressOf({ l10n }, each.state()))),
        ...namedOf(waits),
      ].join('\n'),
      runId: live.length === 1 ? first.runId : undefined,
    };
  }
  if (starting > 0)
    return { text: `$(sync~spin) ${l10n.t('Teamwright: starting')}`, tooltip: l10n.t('Teamwright asks its models what they can do.') };
  const last = ended.at(-1);
  if (last === undefined) return undefined;
  if (waits.length > 1) return waitingShown({ l10n }, waits);
  const { icon, tone, word } = endBadge(last);
  const said = capitalised(word(l10n.t));
  const { result } = last.state();
  return {
    text: `$(${icon}) ${changeWaits(last) ? l10n.t('{0}: change to review', said) : said}`,
    tooltip: [
      changeWaits(last) ? changeText({ l10n }, last) : l10n.t('“{0}”: {1}', titleOf(last.state()), word(l10n.t)),
      ...(result?.failure ? [tellAll({ l10n }, result.failure)] : []),
    ].join('\n'),
    colour: backgrounds[tone],
    runId: last.runId,
  };
}

interface Waiting {
  readonly kind: 'plan' | 'question' | 'change';
  readonly runId: string;
  readonly text: string;
}

function waiting({ l10n }: Pick<typeof vscode, 'l10n'>, live: readonly Live[], ended: readonly Ended[]): Waiting[] {
  return [
    ...live
      .filter((handle) => handle.proposal() !== undefined)
      .map(({ runId, state }) => ({
        kind: 'plan' as const,
        runId,
        text: l10n.t('The plan for “{0}” waits for your review.', titleOf(state())),
      })),
    ...live.flatMap(({ runId, state }) =>
      state()
        .questions.filter(({ open }) => open)
        .map(({ question }) => ({ kind: 'question' as const, runId, text: l10n.t('“{0}” asks you: {1}', titleOf(state()), question) })),
    ),
    ...ended.filter(changeWaits).map((each) => ({ kind: 'change' as const, runId: each.runId, text: changeText({ l10n }, each) })),
  ];
}

/** One kind of thing is called by its name; several kinds are one number, and the tooltip names each. */
function waitingShown({ l10n }: Pick<typeof vscode, 'l10n'>, waits: readonly Waiting[]): Shown {
  const kinds = [...new Set(waits.map(({ kind }) => kind))];
  const runs = [...new Set(waits.map(({ runId }) => runId))];
  const few = waits.length === 1;
  const text = {
    plan: few ? l10n.t('Plan to review') : l10n.t('{0} plans to review', waits.length),
    question: few ? l10n.t('Question to answer') : l10n.t('{0} questions to answer', waits.length),
    change: few ? l10n.t('Change to review') : l10n.t('{0} changes to review', waits.length),
  };
  const [kind = 'plan'] = kinds;
  return {
    text: `$(${badge('waiting').icon}) ${kinds.length === 1 ? text[kind] : l10n.t('{0} wait for you', waits.length)}`,
    tooltip: namedOf(waits).join('\n'),
    colour: backgrounds[badge('waiting').tone],
    runId: runs.length === 1 ? runs[0] : undefined,
  };
}

function namedOf(waits: readonly Waiting[]): string[] {
  const texts = waits.map(({ text }) => text);
  return texts.length <= mostNamed ? texts : [...texts.slice(0, mostNamed), `… +${texts.length - mostNamed}`];
}

/** It ended with a change that nobody has judged or applied. */
function changeWaits({ state }: Pick<RunHandle, 'state'>): boolean {
  const { result, verdict, standing } = state();
  return result?.patch !== undefined && verdict === undefined && standing.kind === 'none';
}

const changeText = ({ l10n }: Pick<typeof vscode, 'l10n'>, handle: Ended): string =>
  l10n.t('“{0}” has a change for you to review: {1}.', titleOf(handle.state()), endBadge(handle).word(l10n.t));

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
