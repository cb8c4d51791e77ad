/** Restricted Mode: past runs can be read, and nothing runs: no process, no request to a server. */
import type * as vscode from 'vscode';

/** Commands that only read or only open something of VS Code. All others need the user's trust in the folder. */
const readingCommands: readonly string[] = [
  'teamwright.openRun',
  'teamwright.showTrace',
  'teamwright.copyDiagnostics',
  'teamwright.refreshRuns',
  'teamwright.openDataFolder',
  'teamwright.openDashboard',
  'teamwright.openSettings',
  'teamwright.openWalkthrough',
  'teamwright.openExample',
];

type Api = Pick<typeof vscode, 'workspace' | 'window' | 'commands' | 'l10n'>;

/** Whether the command may go on; when not, says why, with a button that manages the trust. */
export function mayRun(api: Api, command: string): boolean {
  if (api.workspace.isTrusted || readingCommands.includes(command)) return true;
  void refuse(api);
  return false;
}

/** The sentence that Restricted Mode gets in place of anything that would run. */
export async function refuse({ window, commands, l10n }: Api): Promise<void> {
  const manage = l10n.t('Manage Workspace Trust');
  const message = l10n.t('This folder is in Restricted Mode, so Teamwright starts nothing in it. Past runs can be read.');
  if ((await window.showWarningMessage(message, manage)) === manage) await commands.executeCommand('workbench.trust.manage');
}
