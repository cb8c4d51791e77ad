/** How a failure is told in the editor: the sentence, a next step in the editor's own words, and the button that does it. */
import type * as vscode from 'vscode';
import { type ErrorCode, errorText, isTeamwrightError } from '../errors.ts';

type Api = Pick<typeof vscode, 'window' | 'commands' | 'l10n'>;

interface Step {
  /** In place of a next step that speaks of the command line. */
  readonly next?: string;
  readonly button?: { readonly title: string; readonly command: string; readonly argument?: unknown };
}

/** Never rejects: what goes wrong while telling is logged. A stop that the user asked for is no failure. */
export async function showFailure(api: Api, log: () => vscode.LogOutputChannel, error: unknown): Promise<void> {
  if (isTeamwrightError(error, 'stopped') || (error instanceof Error && error.name === 'Canceled')) return;
  log().error(error instanceof Error ? error : errorText(error));
  const known = isTeamwrightError(error);
  const step = known ? stepFor(api, error.code) : {};
  const next = known ? (step.next ?? error.next) : '';
  const message = known ? error.message : api.l10n.t('Something went wrong inside Teamwright: {0}', errorText(error));
  const showLog = api.l10n.t('Show Log');
  const button = step.button?.title ?? (known ? undefined : showLog);
  try {
    const chosen = await api.window.showErrorMessage([message, next].filter(Boolean).join(' '), ...(button === undefined ? [] : [button]));
    if (chosen === undefined) return;
    if (chosen === showLog) log().show();
    else if (step.button)
      await api.commands.executeCommand(step.button.command, ...(step.button.argument === undefined ? [] : [step.button.argument]));
  } catch (problem) {
    log().error(errorText(problem));
  }
}

/** The next step for a code, where the editor has a better one than the command line. */
export function stepFor({ l10n }: Pick<Api, 'l10n'>, code: ErrorCode): Step {
  const models = { title: l10n.t('Choose Models…'), command: 'teamwright.models.choose' };
  switch (code) {
    case 'bad-settings':
      return {
        button: { title: l10n.t('Open Settings'), command: 'workbench.action.openSettings', argument: '@ext:teamwright.teamwright' },
      };
    case 'local-model-missing':
    case 'local-model-corrupt':
    case 'local-model-failed':
      return { next: l10n.t('Set it up again, or choose another model.'), button: models };
    case 'model-not-found':
    case 'model-refused':
    case 'model-unauthorized':
    case 'model-unreachable':
    case 'model-bad-reply':
      return { next: l10n.t('Check the server, its key and its models, or choose another model.'), button: models };
    case 'download-failed':
      return { next: l10n.t('Check the network and try again: what arrived so far is kept.'), button: models };
    case 'plan-invalid':
      return { next: l10n.t('Open the plan to see every problem at its line.') };
    case 'run-unknown':
      return { next: l10n.t('It may have been deleted. The Teamwright view shows the runs there are.') };
    case 'command-not-found':
      return {
        next: l10n.t('Install what the tests need, or name another command. Without tests nothing can judge a change.'),
        button: { title: l10n.t('Set Test Command'), command: 'workbench.action.openSettings', argument: 'teamwright.test.command' },
      };
    case 'disk-full':
      return {
        next: l10n.t('What was written before is kept. Free some space and try again.'),
        button: { title: l10n.t('Open Data Folder'), command: 'teamwright.openDataFolder' },
      };
    case 'trace-unreadable':
      return { next: l10n.t('Nothing was changed. If the file is damaged, delete the run.') };
    case 'replay-diverged':
      return { next: l10n.t('The trace can be read all the same.') };
    case 'bad-argument':
    case 'plan-unreadable':
      return {};
    default:
      return {};
  }
}
