/** All hunks of a review as a list, to go to one of them by keyboard. */
import type * as vscode from 'vscode';
import type { Hunk } from '../../workspace/hunk-types.ts';
import type { Decision, Review } from './review.ts';
import { fileText, hunkText, tallyText, wordText } from './words.ts';

interface HunkItem extends vscode.QuickPickItem {
  readonly hunk?: Hunk;
}

const icons: Readonly<Record<Decision, string>> = { accepted: 'check', rejected: 'close', open: 'circle-outline' };

/** What the user chose to go to. */
export async function pickHunk(
  api: Pick<typeof vscode, 'window' | 'l10n' | 'QuickPickItemKind'>,
  review: Review,
): Promise<Hunk | undefined> {
  const { window, l10n, QuickPickItemKind } = api;
  const items = review.files.flatMap((file): HunkItem[] => [
    { label: fileText(file), kind: QuickPickItemKind.Separator },
    ...file.hunks.map((hunk): HunkItem => {
      const word = review.wordOn(hunk);
      const lines = [...hunk.removed.map((line) => `− ${line.trim()}`), ...hunk.added.map((line) => `+ ${line.trim()}`)];
      return {
        label: `$(${icons[word.decision]}) ${hunkText(l10n, hunk)}`,
        description: wordText(l10n, word),
        detail: lines.slice(0, 3).join('  '),
        hunk,
      };
    }),
  ]);
  const placeHolder = tallyText(l10n, review.tally());
  return (await window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))?.hunk;
}
