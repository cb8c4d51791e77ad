/** A run in a document, all that would go and nothing else: read, edited, and sent after a yes. */
import type * as vscode from 'vscode';
import { TeamwrightError } from '../../errors.ts';
import { type Draft, payloadRead, readablePayload, type Sharing, targetText } from '../../lessons/index.ts';
import type { EditorHost } from '../flow-types.ts';

export interface Sending extends vscode.Disposable {
  /** Shows what would be sent of a run. */
  share(runId: string): Promise<void>;
  /** Sends the document in front, if it is such a payload. */
  sendActive(): Promise<void>;
}

/** `drain` sends what is queued, and tells. */
export function createSending({ vscode: api }: EditorHost, sharing: Sharing, drain: () => Promise<void>): Sending {
  const { l10n, window, workspace } = api;
  /** By address of the document. */
  const drafts = new Map<string, Draft>();
  const closed = workspace.onDidCloseTextDocument((document) => drafts.delete(document.uri.toString()));

  const ask = async (document: vscode.TextDocument, draft: Draft): Promise<void> => {
    const send = l10n.t('Send');
    const consent = (await sharing.consents())[draft.workspace];
    const where = consent === undefined ? '' : targetText(consent.target);
    const text = l10n.t(
      'This is all that would go to {0}; only its line breaks and indents are for reading. Change what you like, then send it or close it.',
      where,
    );
    if ((await window.showInformationMessage(text, send)) === send) await sendDocument(document, draft);
  };

  const sendDocument = async (document: vscode.TextDocument, draft: Draft): Promise<void> => {
    const shown = document.getText();
    const read = payloadRead(shown);
    const payload = await draft.edited(read);
    if (payload.text !== read) {
      // What goes is what was seen: the cleaned text is shown before it is asked for again.
      const edit = new api.WorkspaceEdit();
      edit.replace(document.uri, new api.Range(document.positionAt(0), document.positionAt(shown.length)), readablePayload(payload.text));
      await workspace.applyEdit(edit);
      const send = l10n.t('Send');
      const text = l10n.t('Redaction found something in what you wrote and replaced it. Look at it again.');
      if ((await window.showWarningMessage(text, send)) === send) await sendDocument(document, draft);
      return;
    }
    const item = await sharing.approve(draft, payload);
    drafts.delete(document.uri.toString());
    if (item.status === 'refused') await sharing.retry(item.id);
    await drain();
  };

  return {
    share: async (runId) => {
      const draft = await sharing.draft(runId);
      const no = await sharing.blocked(draft.workspace);
      if (no !== undefined) throw new TeamwrightError('sharing-off', { workspace: draft.workspace, against: no });
      const document = await workspace.openTextDocument({ language: 'yaml', content: readablePayload(draft.payload.text) });
      drafts.set(document.uri.toString(), draft);
      await window.showTextDocument(document, { preview: false });
      await ask(document, draft);
    },
    sendActive: async () => {
      const document = window.activeTextEditor?.document;
      const draft = document && drafts.get(document.uri.toString());
      if (document !== undefined && draft !== undefined) return await sendDocument(document, draft);
      void window.showInformationMessage(l10n.t('The document in front is not a run to be shared. “Share Run…” opens one.'));
    },
    dispose: () => {
      closed.dispose();
      drafts.clear();
    },
  };
}
