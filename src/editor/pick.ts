/** A quick pick that fills while its sources answer, and gives what was chosen. */
import type * as vscode from 'vscode';

export interface Choice<T> extends vscode.QuickPickItem {
  /** Absent on separators. */
  readonly value?: T;
}

export interface PickOptions<T> {
  readonly title: string;
  readonly placeholder: string;
  /** What is there at once. */
  readonly items: readonly Choice<T>[];
  /** Adds what comes later: calls `show` with all items whenever there are more. Its signal fires when the list is closed. */
  readonly fill?: (show: (items: readonly Choice<T>[]) => void, signal: AbortSignal) => Promise<void>;
  /** Goes one list back, by button and by its key. */
  readonly back?: boolean;
}

export type Picked<T> = { readonly kind: 'chosen'; readonly value: T } | { readonly kind: 'back' } | { readonly kind: 'closed' };

/** Rejects with what `fill` rejects with; closing the list is no failure. */
export async function pick<T>(api: Pick<typeof vscode, 'window' | 'QuickInputButtons'>, options: PickOptions<T>): Promise<Picked<T>> {
  const list = api.window.createQuickPick<Choice<T>>();
  const closed = new AbortController();
  list.title = options.title;
  list.placeholder = options.placeholder;
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.items = options.items;
  if (options.back) list.buttons = [api.QuickInputButtons.Back];
  const answer = Promise.withResolvers<Picked<T>>();
  list.onDidAccept(() => {
    const value = list.selectedItems[0]?.value;
    if (value !== undefined) answer.resolve({ kind: 'chosen', value });
  });
  list.onDidTriggerButton(() => answer.resolve({ kind: 'back' }));
  list.onDidHide(() => answer.resolve({ kind: 'closed' }));
  list.show();
  if (options.fill !== undefined) {
    list.busy = true;
    const show = (items: readonly Choice<T>[]): void => {
      if (closed.signal.aborted) return;
      const active = list.activeItems[0]?.label;
      list.items = items;
      // What a person is looking at stays where it is.
      const same = items.find(({ label, value }) => value !== undefined && label === active);
      if (same !== undefined) list.activeItems = [same];
    };
    options.fill(show, closed.signal).then(
      () => {
        if (!closed.signal.aborted) list.busy = false;
      },
      (error: unknown) => {
        if (!closed.signal.aborted) answer.reject(error);
      },
    );
  }
  try {
    return await answer.promise;
  } finally {
    closed.abort();
    list.dispose();
  }
}
