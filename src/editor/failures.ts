/** How a failure is told in the editor: a notification with the sentence, the next step, and the buttons that do it. */
import type * as vscode from 'vscode';
import { errorText, isTeamwrightError } from '../errors.ts';
import type { ToldFailure } from './failure-words-types.ts';
import { isKnownFailure } from './own-failures.ts';

type Api = Pick<typeof vscode, 'window' | 'commands' | 'l10n'>;

/** Never rejects: what goes wrong while telling is logged. A stop that the user asked for is no failure. */
export async function showFailure(api: Api, log: () => vscode.LogOutputChannel, error: unknown): Promise<void> {
  if (isTeamwrightError(error, 'stopped') || (error instanceof Error && error.name === 'Canceled')) return;
  log().error(error instanceof Error ? error : errorText(error));
  try {
    // The table is read at the first failure: it is large, and the start of the extension must be quick.
    const told = (await import('./failure-table.ts')).tellError(api, error);
    if (isKnownFailure(error)) await show(api, told);
    else await showUnknown(api, log, told);
  } catch (problem) {
    log().error(errorText(problem));
  }
}

async function show({ window, commands }: Api, { message, next, buttons = [] }: ToldFailure): Promise<void> {
  const text = [message, next].filter(Boolean).join(' ');
  const chosen = await window.showErrorMessage(text, ...buttons.map(({ title }) => title));
  const button = buttons.find(({ title }) => title === chosen);
  if (button) await commands.executeCommand(button.command, ...(button.argument === undefined ? [] : [button.argument]));
}

async function showUnknown({ window, l10n }: Api, log: () => vscode.LogOutputChannel, { message }: ToldFailure): Promise<void> {
  const showLog = l10n.t('Show Log');
  if ((await window.showErrorMessage(message, showLog)) === showLog) log().show();
}
