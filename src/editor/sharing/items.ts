/** The list of what waits, what was shared, when and where; and taking it back. */
import type * as vscode from 'vscode';
import { readablePayload, type SharedItem, type Sharing, targetText } from '../../lessons/index.ts';
import { realOrGiven } from '../../process/index.ts';
import { numbersIn } from '../../text/index.ts';
import type { EditorHost } from '../flow-types.ts';
import { chooseFolder } from '../folders.ts';

export async function showItems(host: EditorHost, sharing: Sharing, drain: () => Promise<void>): Promise<void> {
  const { env, l10n, window, workspace } = host.vscode;
  const items = await sharing.items();
  if (items.length === 0) {
    void window.showInformationMessage(l10n.t('Nothing was shared from this machine.'));
    return;
  }
  const picked = await window.showQuickPick(
    [...items].reverse().map((item) => ({
      label: item.id,
      description: stateText(l10n, item),
      detail: [
        day(item.sharedAt ?? item.queuedAt),
        targetText(item.target),
        numbersIn(env.language).bytes(item.bytes),
        `SHA-256 ${item.sha256.slice(0, 16)}`,
      ].join(' · '),
      item,
    })),
    { placeHolder: l10n.t('What was shared, and what waits'), matchOnDetail: true, matchOnDescription: true },
  );
  if (picked === undefined) return;
  const { item } = picked;
  const show = { label: l10n.t('Show what was sent') };
  const remove = { label: item.attempts === 0 ? l10n.t('Take it out of the queue') : l10n.t('Ask for its deletion') };
  const again = { label: l10n.t('Send now') };
  const waits = item.status === 'waiting' || item.status === 'refused';
  const gone = item.status === 'deleted' || item.status === 'removed';
  const actions = [...(gone ? [] : [show]), ...(waits ? [again] : []), ...(gone ? [] : [remove])];
  if (actions.length === 0) return;
  const action = await window.showQuickPick(actions, { placeHolder: item.id });
  if (action === show) {
    const document = await workspace.openTextDocument({
      language: 'yaml',
      content: readablePayload((await sharing.payloadText(item.id)) ?? ''),
    });
    await window.showTextDocument(document, { preview: true });
  } else if (action === again) {
    await sharing.retry(item.id);
    await drain();
  } else if (action === remove) await takeBack(host, sharing, [item]);
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

export function stateText(l10n: typeof vscode.l10n, { status, problem }: SharedItem): string {
  switch (status) {
    case 'waiting':
      return problem === undefined ? l10n.t('waits to be sent') : l10n.t('waits: {0}', problem);
    case 'refused':
      return l10n.t('not sent: {0}', problem ?? '');
    case 'shared':
      return l10n.t('shared');
    case 'deleting':
      return problem === undefined ? l10n.t('deletion asked for') : l10n.t('deletion not confirmed: {0}', problem);
    case 'deleted':
      return l10n.t('deleted');
    case 'removed':
      return l10n.t('taken out of the queue');
  }
}

/** Turns a folder off, empties its queue, and offers the deletion of what is out there. */
export async function withdraw(host: EditorHost, sharing: Sharing): Promise<void> {
  const { l10n, window } = host.vscode;
  const folder = await chooseFolder(host.vscode);
  if (folder === undefined) return;
  const { removed, outThere } = await sharing.withdraw(await realOrGiven(folder.uri.fsPath));
  if (outThere.length === 0) {
    void window.showInformationMessage(l10n.t('Sharing is off for {0}; {1} taken out of the queue.', folder.name, removed.length));
    return;
  }
  const ask = l10n.t('Ask for Deletion');
  const text = l10n.t('Sharing is off for {0}. {1} shared before are still out there.', folder.name, outThere.length);
  if ((await window.showWarningMessage(text, ask)) === ask) await takeBack(host, sharing, outThere);
}

async function takeBack(host: EditorHost, sharing: Sharing, items: readonly SharedItem[]): Promise<void> {
  const { l10n, window } = host.vscode;
  const after = await withStop(host.vscode, l10n.t('Taking back'), async (signal) => {
    const done: SharedItem[] = [];
    for (const item of items) done.push(await sharing.takeBack(item.id, signal));
    return done;
  });
  const open = after.filter(({ status }) => status !== 'deleted' && status !== 'removed');
  if (open.length > 0) {
    void window.showWarningMessage(
      l10n.t('Deletion is not confirmed for {0}: {1}. Try it again later.', open.length, open[0]?.problem ?? ''),
    );
    return;
  }
  const kept = after.some(({ target, status }) => status === 'deleted' && target.kind === 'hugging-face');
  const note = kept ? ` ${l10n.t('The history of the data set keeps it until you squash it or delete the data set.')}` : '';
  void window.showInformationMessage(`${l10n.t('Taken back: {0}.', after.length)}${note}`);
}

/** With a notification that can stop it. */
export function withStop<T>(api: typeof vscode, title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  return Promise.resolve(
    api.window.withProgress({ location: api.ProgressLocation.Notification, title, cancellable: true }, async (_progress, token) => {
      token.onCancellationRequested(() => stop.abort());
      return await work(stop.signal);
    }),
  );
}
