/** Which workspace folder a request is about. Without an answer the user is told why, with the button that helps. */
import type * as vscode from 'vscode';
import { realOrGiven } from '../process/index.ts';

type Api = Pick<typeof vscode, 'workspace' | 'window' | 'commands' | 'l10n'>;

/** The folder of `uri`; else the only one, the active editor's, or the one the user picks. Undefined: there is none, and that was said. */
export async function chooseFolder(api: Api, uri?: vscode.Uri): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = api.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    await askForFolder(api);
    return undefined;
  }
  const at = uri ?? api.window.activeTextEditor?.document.uri;
  const around = at && api.workspace.getWorkspaceFolder(at);
  const folder =
    around ??
    (folders.length === 1
      ? folders[0]
      : await api.window.showWorkspaceFolderPick({ placeHolder: api.l10n.t('Which folder is the request about?') }));
  if (folder === undefined || folder.uri.scheme === 'file') return folder;
  await api.window.showWarningMessage(virtualText(api, folder));
  return undefined;
}

const virtualText = ({ l10n }: Api, { name }: vscode.WorkspaceFolder): string =>
  l10n.t('The folder {0} is virtual: it lies on no disk, so no test can run in it. Open a copy of it on a disk.', name);

async function askForFolder({ window, commands, l10n }: Api): Promise<void> {
  const open = l10n.t('Open Folder');
  const example = l10n.t('Open Example');
  const chosen = await window.showInformationMessage(l10n.t('Teamwright works on a folder, and none is open.'), open, example);
  if (chosen === open) await commands.executeCommand('workbench.action.files.openFolder');
  else if (chosen === example) await commands.executeCommand('teamwright.openExample');
}

/** The open folder at a real path, as traces name workspaces. */
export async function folderAt(api: Pick<Api, 'workspace'>, workspace: string): Promise<vscode.WorkspaceFolder | undefined> {
  for (const folder of api.workspace.workspaceFolders ?? []) {
    if (folder.uri.scheme === 'file' && (await realOrGiven(folder.uri.fsPath)) === workspace) return folder;
  }
  return undefined;
}
