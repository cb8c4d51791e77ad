/** Asks for the text of a request: one line with the history below it, or "write longer", which the caller then does in an editor. */
import type * as vscode from 'vscode';
import type { RequestHistory } from './history.ts';

export type Asked = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'longer'; readonly text: string };

interface RequestItem extends vscode.QuickPickItem {
  readonly text: string;
  /** Not yet sent: what stands in the input. */
  readonly typed: boolean;
}

export interface AskOptions {
  readonly title: string;
  /** What it is about, shown beside the title. */
  readonly about: string;
}

/** Undefined when the user leaves without a request. */
export function askRequest(
  { window, ThemeIcon, l10n }: Pick<typeof vscode, 'window' | 'ThemeIcon' | 'l10n'>,
  history: RequestHistory,
  { title, about }: AskOptions,
): Promise<Asked | undefined> {
  const longer = { iconPath: new ThemeIcon('edit'), tooltip: l10n.t('Write a longer request in an editor') };
  const change = { iconPath: new ThemeIcon('edit'), tooltip: l10n.t('Change this request in an editor') };
  const forget = { iconPath: new ThemeIcon('trash'), tooltip: l10n.t('Remove from the history') };
  const pick = window.createQuickPick<RequestItem>();
  // VS Code sorts what its own search finds to the top and makes it active, at once, while the row of what is typed still waits for us: Enter
  // would send an old request in place of the typed one. It searches labels, so an old request has none, and is found here.
  const past = (typed: string): RequestItem[] =>
    history
      .list()
      .filter((text) => text !== typed && holdsWords(text, typed))
      .map((text) => ({
        label: '$(history)',
        description: firstLine(text),
        detail: text.includes('\n') ? l10n.t('{0} lines', text.split('\n').length) : undefined,
        buttons: [change, forget],
        alwaysShow: true,
        text,
        typed: false,
      }));
  const show = (): void => {
    const text = pick.value.trim();
    const typed: RequestItem = {
      label: text,
      description: l10n.t('Enter designs a team for it'),
      iconPath: new ThemeIcon('organization'),
      alwaysShow: true,
      text,
      typed: true,
    };
    pick.items = [...(text === '' ? [] : [typed]), ...past(text)];
    // With nothing typed an old request is sent only when the user goes to it.
    pick.activeItems = text === '' ? [] : [typed];
  };
  pick.title = about === '' ? title : `${title} · ${about}`;
  pick.placeholder = l10n.t('What should change? For example: make the failing test pass');
  pick.ignoreFocusOut = true;
  pick.buttons = [longer];
  show();
  return new Promise((resolve) => {
    const finish = (asked: Asked | undefined): void => {
      resolve(asked);
      pick.dispose();
    };
    pick.onDidChangeValue(show);
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      // What is typed may have gone on since its row was made.
      const text = chosen === undefined || chosen.typed ? pick.value.trim() : chosen.text;
      if (text !== '') finish({ kind: 'text', text });
    });
    pick.onDidTriggerButton(() => finish({ kind: 'longer', text: pick.value.trim() }));
    pick.onDidTriggerItemButton(({ item, button }) => {
      if (button === change) finish({ kind: 'longer', text: item.text });
      else void history.remove(item.text).then(show);
    });
    pick.onDidHide(() => finish(undefined));
    pick.show();
  });
}

/** Every word of `typed` is somewhere in the text. */
const holdsWords = (text: string, typed: string): boolean =>
  typed.split(/\s+/).every((word) => text.toLocaleLowerCase().includes(word.toLocaleLowerCase()));

const firstLine = (text: string): string => {
  const [line = ''] = text.split('\n');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};
