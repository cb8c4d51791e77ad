/** The words of lists, the status bar and notifications: what a run asks of the user and how it ended, in the user's language. */
import type * as vscode from 'vscode';
import { numbersIn } from '../text/index.ts';
import type { RunListing } from '../trace/index.ts';

type L10n = Pick<typeof vscode.l10n, 't'>;

/** The groups of lists of runs, by what is asked of the user. `review`: it ended with a change that the user has not judged yet. */
export const runGroups = ['waiting', 'running', 'review', 'interrupted', 'done', 'failed'] as const;
export type RunGroup = (typeof runGroups)[number];

export function groupOf({ status, summary }: Pick<RunListing, 'status' | 'summary'>): RunGroup {
  if (status === 'waiting-for-review') return 'waiting';
  if (status === 'running') return 'running';
  // Stopped by the user or with its window: it can be gone on from, until that was done.
  if (status === 'interrupted' || summary.outcome === 'stopped') return summary.resumedAs === undefined ? 'interrupted' : 'done';
  if (summary.changed === true && summary.standing.kind === 'none' && summary.verdict === undefined) return 'review';
  if (status === 'failed' || summary.outcome === 'tests-fail') return 'failed';
  return 'done';
}

/** Cut off, stopped or failed, and not gone on from yet. */
export const canResume = ({ status, summary }: Pick<RunListing, 'status' | 'summary'>): boolean =>
  summary.resumedAs === undefined && (status === 'interrupted' || summary.outcome === 'stopped' || summary.outcome === 'failed');

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
    case 'done':
      return t('Done');
    case 'failed':
      return t('Failed');
  }
}

/** How it ended, in a few words. */
export function outcomeText({ t }: L10n, { status, summary }: Pick<RunListing, 'status' | 'summary'>): string {
  switch (summary.standing.kind) {
    case 'none':
      break;
    case 'applied':
      return t('applied');
    case 'partly-applied':
      return t('applied in part');
    case 'undone':
      return t('taken back');
  }
  if (summary.verdict === 'rejected') return t('rejected');
  if (summary.verdict === 'sent-back') return t('sent back');
  switch (summary.outcome) {
    case undefined:
      break;
    case 'solved':
      return t('tests pass');
    case 'unproven':
      return t('not shown by any test');
    case 'tests-fail':
      return t('tests still fail');
    case 'no-tests':
      return t('no test could judge it');
    case 'answered':
      return t('answered');
    case 'budget':
      return t('the budget ran out');
    case 'stopped':
      return summary.resumedAs === undefined ? t('stopped') : t('resumed as another run');
    case 'failed':
      return summary.resumedAs === undefined ? t('failed') : t('resumed as another run');
    case 'declined':
      return t('plan declined');
  }
  if (status === 'interrupted') return summary.resumedAs === undefined ? t('interrupted') : t('resumed as another run');
  return status === 'waiting-for-review' ? t('plan waits for your review') : t('running');
}

/** `1/3 → 3/3 tests`: passed of all, before and after; undefined when nothing was tested. */
export function testsText({ t }: L10n, { before, after }: RunListing['summary']): string | undefined {
  const shown = (counts: NonNullable<typeof before>): string => `${counts.passed}/${counts.passed + counts.failed}`;
  if (before === undefined && after === undefined) return undefined;
  if (after === undefined) return before && t('{0} tests', shown(before));
  return before === undefined ? t('{0} tests', shown(after)) : t('{0} → {1} tests', shown(before), shown(after));
}

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
