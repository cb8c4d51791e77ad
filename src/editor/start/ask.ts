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
  const past = (): RequestItem[] =>
    history.list().map((text) => ({
      label: firstLine(text),
      detail: text.includes('\n') ? l10n.t('{0} lines', text.split('\n').length) : undefined,
      iconPath: new ThemeIcon('history'),
      buttons: [change, forget],
      text,
      typed: false,
    }));
  const show = (): void => {
    const text = pick.value.trim();
    const typed: RequestItem[] =
      text === ''
        ? []
        : [
            {
              label: text,
              description: l10n.t('Enter designs a team for it'),
              iconPath: new ThemeIcon('organization'),
              alwaysShow: true,
              text,
              typed: true,
            },
          ];
    pick.items = [...typed, ...past().filter((item) => item.text !== text)];
  };
  pick.title = about === '' ? title : `${title} · ${about}`;
  pick.placeholder = l10n.t('What should change? For example: make the failing test pass');
  pick.matchOnDetail = true;
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
      const text = chosen?.text ?? pick.value.trim();
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

const firstLine = (text: string): string => {
  const [line = ''] = text.split('\n');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};
