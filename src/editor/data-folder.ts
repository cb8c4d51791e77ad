/** "Open data folder": in the file manager of this machine, or, where the files are on another one, in a window. */
import { mkdir } from 'node:fs/promises';
import type { EditorHost } from './flow-types.ts';

export async function openDataFolder({ vscode: api }: EditorHost, dataDir: string): Promise<void> {
  const folder = api.Uri.file(dataDir);
  if (api.workspace.isTrusted) await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (api.env.remoteName === undefined && api.env.uiKind === api.UIKind.Desktop) {
    await api.commands.executeCommand('revealFileInOS', folder);
    return;
  }
  const open = api.l10n.t('Open in a New Window');
  const copy = api.l10n.t('Copy Path');
  const chosen = await api.window.showInformationMessage(api.l10n.t('The data folder is {0}.', dataDir), open, copy);
  if (chosen === open) await api.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
  else if (chosen === copy) await api.env.clipboard.writeText(dataDir);
}
