/**
 * Asks for the text of a request: one line with the history below it, and below that how it is sent (`SentWith`). "Write longer", and a row of how
 * it is sent, give the box back to the caller with what was typed so far.
 */
import type * as vscode from 'vscode';
import { type Mention, mentionsIn } from '../../request/index.ts';
import type { Added } from './context.ts';
import type { RequestHistory } from './history.ts';

/** `text` is what was typed; `change` is the `name` of the row that the user went to. */
export type Asked =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'longer'; readonly text: string }
  | { readonly kind: 'change'; readonly change: string; readonly text: string };

/** How the request is sent: a row that can be changed, or taken away. */
export interface SentWith {
  readonly name: string;
  /** Of a theme icon. */
  readonly icon: string;
  readonly text: string;
  readonly detail?: string;
  readonly remove?: () => void;
}

interface RequestItem extends vscode.QuickPickItem {
  readonly text: string;
  readonly is: 'typed' | 'past' | 'with' | 'line';
  readonly row?: SentWith;
}

export interface AskOptions {
  readonly title: string;
  /** What it is about, shown beside the title. */
  readonly about: string;
  /** What stands in the box at first. */
  readonly text: string;
  /** Asked anew whenever something was taken away. */
  readonly sentWith: () => readonly SentWith[];
  /** What a `#` word in the text stands for now. */
  readonly added: (mention: Mention) => Promise<Pick<Added, 'said'>>;
}

/** Undefined when the user leaves without a request. */
export function askRequest(
  { window, ThemeIcon, QuickPickItemKind, l10n }: Pick<typeof vscode, 'window' | 'ThemeIcon' | 'QuickPickItemKind' | 'l10n'>,
  history: RequestHistory,
  { title, about, text: first, sentWith, added }: AskOptions,
): Promise<Asked | undefined> {
  const longer = { iconPath: new ThemeIcon('edit'), tooltip: l10n.t('Write a longer request in an editor') };
  const change = { iconPath: new ThemeIcon('edit'), tooltip: l10n.t('Change this request in an editor') };
  const away = { iconPath: new ThemeIcon('close'), tooltip: l10n.t('Take away') };
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
        is: 'past',
      }));
  const ways = (): RequestItem[] => [
    { label: l10n.t('sent with'), kind: QuickPickItemKind.Separator, text: '', is: 'line' },
    ...mentionsIn(pick.value).map(
      ({ written }): RequestItem => ({
        label: '$(symbol-number)',
        description: said.get(written) ?? `${written} · …`,
        alwaysShow: true,
        text: '',
        is: 'line',
      }),
    ),
    ...sentWith().map(
      (row): RequestItem => ({
        label: `$(${row.icon})`,
        description: row.text,
        detail: row.detail,
        buttons: row.remove === undefined ? [] : [away],
        alwaysShow: true,
        text: '',
        is: 'with',
        row,
      }),
    ),
  ];
  /** What is shown of each `#` word, once it is known. */
  const said = new Map<string, string>();
  const lookUp = (): void => {
    for (const mention of mentionsIn(pick.value).filter(({ written }) => !said.has(written))) {
      said.set(mention.written, `${mention.written} · …`);
      added(mention).then(
        (found) => {
          said.set(mention.written, found.said);
          if (open) show();
        },
        (error: unknown) => {
          said.set(mention.written, `${mention.written} · ${error instanceof Error ? error.message : String(error)}`);
          if (open) show();
        },
      );
    }
  };
  let open = true;
  const show = (): void => {
    lookUp();
    const text = pick.value.trim();
    const typed: RequestItem = {
      label: text,
      description: l10n.t('Enter designs a team for it'),
      iconPath: new ThemeIcon('organization'),
      alwaysShow: true,
      text,
      is: 'typed',
    };
    pick.items = [...(text === '' ? [] : [typed]), ...past(text), ...ways()];
    // With nothing typed an old request is sent only when the user goes to it.
    pick.activeItems = text === '' ? [] : [typed];
  };
  pick.title = about === '' ? title : `${title} · ${about}`;
  pick.placeholder = l10n.t('What should change? For example: make the failing test pass');
  pick.ignoreFocusOut = true;
  pick.buttons = [longer];
  pick.value = first;
  show();
  return new Promise((resolve) => {
    const finish = (asked: Asked | undefined): void => {
      open = false;
      resolve(asked);
      pick.dispose();
    };
    pick.onDidChangeValue(show);
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      // What is typed may have gone on since its row was made.
      if (chosen?.row?.name) return finish({ kind: 'change', change: chosen.row.name, text: pick.value.trim() });
      const text = chosen?.is === 'past' ? chosen.text : pick.value.trim();
      if (text !== '') finish({ kind: 'text', text });
    });
    pick.onDidTriggerButton(() => finish({ kind: 'longer', text: pick.value.trim() }));
    pick.onDidTriggerItemButton(({ item, button }) => {
      if (button === change) finish({ kind: 'longer', text: item.text });
      else if (button === away) {
        item.row?.remove?.();
        show();
      } else void history.remove(item.text).then(show);
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
