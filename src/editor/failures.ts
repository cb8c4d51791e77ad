/** How a failure is told in the editor: the sentence, a next step in the editor's own words, and the buttons that do it. */
import type * as vscode from 'vscode';
import { type ErrorCode, errorText, isTeamwrightError } from '../errors.ts';
import { modelStep, type NextStep } from './models/next-steps.ts';

type Api = Pick<typeof vscode, 'window' | 'commands' | 'l10n'>;

/** What the runtime keeps of a failure, and what an error knows of itself. */
export interface KnownFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Never rejects: what goes wrong while telling is logged. A stop that the user asked for is no failure. */
export async function showFailure(api: Api, log: () => vscode.LogOutputChannel, error: unknown): Promise<void> {
  if (isTeamwrightError(error, 'stopped') || (error instanceof Error && error.name === 'Canceled')) return;
  log().error(error instanceof Error ? error : errorText(error));
  try {
    if (isTeamwrightError(error)) await tell(api, error.message, failureStep(api, error));
    else await tellUnknown(api, log, error);
  } catch (problem) {
    log().error(errorText(problem));
  }
}

async function tell({ window, commands }: Api, message: string, { next, buttons }: NextStep): Promise<void> {
  const text = [message, next].filter(Boolean).join(' ');
  const chosen = await window.showErrorMessage(text, ...buttons.map(({ title }) => title));
  const button = buttons.find(({ title }) => title === chosen);
  if (button) await commands.executeCommand(button.command, ...(button.argument === undefined ? [] : [button.argument]));
}

async function tellUnknown({ window, l10n }: Api, log: () => vscode.LogOutputChannel, error: unknown): Promise<void> {
  const showLog = l10n.t('Show Log');
  const message = l10n.t('Something went wrong inside Teamwright: {0}', errorText(error));
  if ((await window.showErrorMessage(message, showLog)) === showLog) log().show();
}

/** The next step of a failure: the editor's own where the core's speaks of the command line. Pure. */
export function failureStep(api: Pick<Api, 'l10n'>, failure: KnownFailure): NextStep {
  const step = modelStep(api, failure) ?? ownStep(api, failure.code);
  return { next: step.next ?? failure.next, buttons: step.buttons };
}

const none: NextStep = { buttons: [] };

function ownStep({ l10n }: Pick<Api, 'l10n'>, code: ErrorCode): NextStep {
  const settings = (title: string, query: string): NextStep['buttons'] => [
    { title, command: 'workbench.action.openSettings', argument: query },
  ];
  switch (code) {
    case 'bad-settings':
      return { buttons: settings(l10n.t('Open Settings'), '@ext:teamwright.teamwright') };
    case 'budget-exceeded':
      return { buttons: settings(l10n.t('Set Budget'), 'teamwright.budget') };
    case 'command-not-found':
      return {
        next: l10n.t('Install what the tests need, or name another command. Without tests nothing can judge a change.'),
        buttons: settings(l10n.t('Set Test Command'), 'teamwright.test.command'),
      };
    case 'disk-full':
      return {
        next: l10n.t('What was written before is kept. Free some space and try again.'),
        buttons: [{ title: l10n.t('Open Data Folder'), command: 'teamwright.openDataFolder' }],
      };
    case 'plan-invalid':
      return { next: l10n.t('Open the plan to see every problem at its line.'), buttons: [] };
    case 'run-unknown':
      return { next: l10n.t('It may have been deleted. The Teamwright view shows the runs there are.'), buttons: [] };
    case 'trace-unreadable':
      return { next: l10n.t('Nothing was changed. If the file is damaged, delete the run.'), buttons: [] };
    case 'replay-diverged':
      return { next: l10n.t('The trace can be read all the same.'), buttons: [] };
    default:
      return none;
  }
}
