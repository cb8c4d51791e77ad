/** Which review is on screen: for commands without an argument, for `when` clauses, and so that nobody is notified of what they see. */
import type * as vscode from 'vscode';
import { addressOf } from './documents.ts';
import type { Review } from './review.ts';

type Api = Pick<typeof vscode, 'window' | 'commands'>;

/** True while a tab of a review is in front; menus and keys of the manifest ask for it. */
const activeKey = 'teamwright.diff.active';
/** What the tests say of the candidate in front; the manifest has a button to apply for each, named accordingly. */
const testsKey = 'teamwright.diff.tests';
const testsOf = ({ badge: { tone } }: Review): 'pass' | 'fail' | 'unknown' =>
  tone === 'good' ? 'pass' : tone === 'bad' ? 'fail' : 'unknown';

export interface ReviewTabs extends vscode.Disposable {
  current(): Review | undefined;
  isVisible(runId: string): boolean;
  opened(review: Review): void;
  /** The tabs that show this candidate. */
  of(review: Review): readonly vscode.Tab[];
  /** Another review is known: the tab in front may be its, after a reload. */
  look(): void;
}

export interface KnownReviews {
  reviewOf(uri: vscode.Uri): Review | undefined;
  all(): readonly Review[];
}

export function createReviewTabs({ window, commands }: Api, known: KnownReviews): ReviewTabs {
  let current: Review | undefined;
  let active: boolean | undefined;
  let tests: string | undefined;

  /** VS Code's multi-file diff has no input that extensions can read: it is known by its title, which VS Code adds a count of files to. */
  const shows = ({ title }: Review, tab: vscode.Tab): boolean =>
    tab.label.startsWith(title) && /^(?: \([^()]*\))?$/.test(tab.label.slice(title.length));
  const reviewIn = (tab: vscode.Tab | undefined): Review | undefined => tab && known.all().findLast((review) => shows(review, tab));

  const look = (): void => {
    const editor = window.activeTextEditor;
    const inEditor = editor && known.reviewOf(editor.document.uri);
    const inFront = reviewIn(window.tabGroups.activeTabGroup.activeTab) ?? inEditor;
    current = inFront ?? current;
    if (inFront !== undefined && tests !== testsOf(inFront)) {
      tests = testsOf(inFront);
      void commands.executeCommand('setContext', testsKey, tests);
    }
    if (active === (inFront !== undefined)) return;
    active = inFront !== undefined;
    void commands.executeCommand('setContext', activeKey, active);
  };
  const subscriptions = [
    window.tabGroups.onDidChangeTabs(look),
    window.tabGroups.onDidChangeTabGroups(look),
    window.onDidChangeActiveTextEditor(look),
  ];

  return {
    current: () => current,
    isVisible: (runId) =>
      window.visibleTextEditors.some(({ document }) => addressOf(document.uri)?.runId === runId) ||
      window.tabGroups.all.some((group) => reviewIn(group.activeTab)?.runId === runId),
    opened: (review) => {
      current = review;
    },
    of: (review) => window.tabGroups.all.flatMap(({ tabs }) => tabs.filter((tab) => shows(review, tab))),
    look,
    dispose: () => {
      for (const each of subscriptions) each.dispose();
      if (active) void commands.executeCommand('setContext', activeKey, false);
    },
  };
}
