/**
 * A longer request, written in an editor: an untitled document of the language `teamwright-request`. What it is about is kept beside it in the
 * workspace's memory, so that it survives a reload of the window together with the text.
 */
import type * as vscode from 'vscode';
import type { About } from './target.ts';
import type { Way } from './way.ts';

export const requestLanguage = 'teamwright-request';
const key = 'teamwright.requestDocuments';

export interface KeptRequest {
  /** Of the workspace folder. */
  readonly folder: string;
  readonly about: About;
  readonly followUp?: string;
  readonly way?: Way;
}

type Api = Pick<typeof vscode, 'workspace' | 'window' | 'WorkspaceEdit' | 'Range'>;

/** The cursor stands behind what is written already. */
export async function writeRequest(api: Api, memory: vscode.Memento, text: string, kept: KeptRequest): Promise<void> {
  const document = await api.workspace.openTextDocument({ language: requestLanguage, content: text });
  const all = memory.get<Record<string, KeptRequest>>(key, {});
  await memory.update(key, { ...all, [document.uri.toString()]: kept });
  const { end } = everything(document);
  await api.window.showTextDocument(document, { preview: false, selection: new api.Range(end, end) });
}

/** What the document is about; undefined when it was not made by `writeRequest`. */
export function keptRequest(memory: vscode.Memento, uri: vscode.Uri): KeptRequest | undefined {
  return memory.get<Record<string, KeptRequest>>(key, {})[uri.toString()];
}

/** The request was sent: its document is closed without a question. */
export async function closeRequest(api: Api, memory: vscode.Memento, uri: vscode.Uri): Promise<void> {
  const { [uri.toString()]: _sent, ...others } = memory.get<Record<string, KeptRequest>>(key, {});
  await memory.update(key, others);
  const tabs = api.window.tabGroups.all.flatMap((group) => group.tabs);
  const tab = tabs.find(({ input }) => (input as { uri?: vscode.Uri } | undefined)?.uri?.toString() === uri.toString());
  if (tab === undefined) return;
  // VS Code asks before it closes a document with text in it; an empty one goes without a word. It need not be on screen any more.
  const document = api.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (document !== undefined) {
    const emptied = new api.WorkspaceEdit();
    emptied.delete(uri, document.validateRange(everything(document)));
    await api.workspace.applyEdit(emptied);
  }
  await api.window.tabGroups.close(tab);
}

const everything = (document: vscode.TextDocument): vscode.Range =>
  document.lineAt(0).range.union(document.lineAt(document.lineCount - 1).range);
