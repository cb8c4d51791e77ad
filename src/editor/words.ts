/** The words of lists, the status bar and notifications: what a run asks of the user and how it ended, in the user's language. */
import type * as vscode from 'vscode';
import { numbersIn } from '../text/index.ts';
import { type Badge, listingBadge, type RunBadgeKind, type RunListing, type TestedFacts, type Tone, testsBeside } from '../trace/index.ts';

type L10n = Pick<typeof vscode.l10n, 't'>;

/** The groups of lists of runs, by what is asked of the user. `review`: it ended with a change that the user has not judged yet. */
export const runGroups = ['waiting', 'running', 'review', 'interrupted', 'unproven', 'done', 'failed', 'closed'] as const;
export type RunGroup = (typeof runGroups)[number];

type Listed = Pick<RunListing, 'status' | 'summary'>;

const groups: Readonly<Record<RunBadgeKind, RunGroup>> = {
  running: 'running',
  paused: 'running',
  waiting: 'waiting',
  interrupted: 'interrupted',
  stopped: 'interrupted',
  applied: 'done',
  solved: 'done',
  answered: 'done',
  'applied-unproven': 'unproven',
  'applied-red': 'unproven',
  'applied-in-part': 'unproven',
  'part-solved': 'done',
  'part-unproven': 'unproven',
  'part-red': 'unproven',
  'applied-to-merge': 'unproven',
  'tests-fail': 'failed',
  'no-change': 'failed',
  budget: 'failed',
  failed: 'failed',
  unproven: 'closed',
  'no-tests': 'closed',
  resumed: 'closed',
  'kept-red': 'failed',
  'kept-unproven': 'closed',
  declined: 'closed',
  rejected: 'closed',
  'sent-back': 'closed',
  undone: 'closed',
};

export function groupOf(listing: Listed): RunGroup {
  const { summary } = listing;
  const group = groups[listingBadge(listing).kind];
  const isOver = group === 'done' || group === 'failed' || group === 'closed';
  const isOpen = summary.changed === true && summary.standing.kind === 'none' && summary.verdict === undefined;
  return isOver && isOpen && summary.resumedAs === undefined ? 'review' : group;
}

/** Cut off, stopped or failed, and not gone on from yet. */
export const canResume = ({ status, summary }: Listed): boolean => goesOn({ ...summary, status });

/** The same, of what a badge is about. */
export const goesOn = ({ status, outcome, resumedAs }: Pick<TestedFacts, 'status' | 'outcome' | 'resumedAs'>): boolean =>
  resumedAs === undefined && (status === 'interrupted' || outcome === 'stopped' || outcome === 'failed');

/** Title of a group in the list. */
export function groupTitle({ t }: L10n, group: RunGroup): string {
  switch (group) {
    case 'waiting':
      return t('Plan waits for your review');
    case 'running':
      return t('Running');
    case 'review':
      return t('Change to review');
    case 'interrupted':
      return t('Interrupted');
    case 'unproven':
      return t('Applied, not shown by tests');
    case 'done':
      return t('Done');
    case 'failed':
      return t('Failed');
    case 'closed':
      return t('Closed');
  }
}

/** `1/3 → 3/3 tests`: passed of all, before and after; only before where nobody has tested what stands now. Undefined when nothing was tested. */
export const testsText = (l10n: L10n, { status, summary }: Listed): string | undefined => testsWords(l10n, { ...summary, status });

/** The same, of what a badge is about. */
export function testsWords({ t }: L10n, facts: TestedFacts): string | undefined {
  const { before, after } = testsBeside(facts);
  const shown = (counts: NonNullable<typeof before>): string => `${counts.passed}/${counts.passed + counts.failed}`;
  if (after === undefined) return before && t('{0} tests before', shown(before));
  return before === undefined ? t('{0} tests', shown(after)) : t('{0} → {1} tests', shown(before), shown(after));
}

/** The colour of each tone in the workbench: by at least 3:1 on lists in VS Code's own themes. */
const toneColours: Readonly<Record<Tone, string>> = {
  good: 'charts.green',
  bad: 'charts.red',
  caution: 'list.warningForeground',
  busy: 'charts.blue',
  quiet: 'descriptionForeground',
};

/** The icon of a badge in lists and tabs; what goes on turns. */
export function badgeIcon(
  { ThemeIcon, ThemeColor }: Pick<typeof vscode, 'ThemeIcon' | 'ThemeColor'>,
  { icon, tone, kind }: Badge,
): vscode.ThemeIcon {
  return new ThemeIcon(kind === 'running' ? `${icon}~spin` : icon, new ThemeColor(toneColours[tone]));
}

/** For the beginning of a line, in the user's language. */
export const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Money when there was any, else tokens; undefined when nothing was spent. */
export function costText({ l10n, env }: Pick<typeof vscode, 'l10n' | 'env'>, { spend }: RunListing['summary']): string | undefined {
  const numbers = numbersIn(env.language);
  if (spend.usd > 0) return numbers.money(spend.usd);
  const tokens = spend.inputTokens + spend.outputTokens;
  if (tokens === 0) return undefined;
  return l10n.t('{0} tokens', numbers.count(tokens));
}

/** What speaks against a place, in a few words: `because` of `places.ranked`. */
export function placeWords(because: readonly string[], { t }: L10n): string {
  const words: Readonly<Record<string, string>> = {
    unwritten: t('not written yet'),
    surprise: t('surprises the model'),
    spectrum: t('failing tests ran over it'),
    frame: t('named by a failure'),
  };
  const known = because.flatMap((kind) => words[kind] ?? []);
  return known.length === 0 ? t('in a file that is in play') : known.join(', ');
}

/** When it was, as short as it can be understood: the time of today, the day of this year, or the date; by the clock of this machine. */
export function whenText(at: number, now: number, locale: string): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return then.toLocaleTimeString(locale, { timeStyle: 'short' });
  const isThisYear = then.getFullYear() === today.getFullYear();
  return then.toLocaleDateString(locale, { day: 'numeric', month: 'short', ...(!isThisYear && { year: 'numeric' }) });
}
