/** Failures that only the editor meets. */
import type * as vscode from 'vscode';
import { isTeamwrightError, type TeamwrightError } from '../errors.ts';
import type { ToldFailure } from './failure-words-types.ts';

/** In the user's language from the start. */
export class EditorFailure extends Error {
  readonly told: ToldFailure;

  constructor(told: ToldFailure) {
    super(told.message);
    this.name = 'EditorFailure';
    this.told = told;
  }
}

/** Restricted Mode of VS Code. */
export const notTrusted = ({ l10n }: Pick<typeof vscode, 'l10n'>): EditorFailure =>
  new EditorFailure({
    message: l10n.t('This folder is in Restricted Mode, so Teamwright starts nothing in it.'),
    next: l10n.t('Trust the folder (Manage Workspace Trust) and try again. Past runs can be read all the same.'),
    buttons: [{ title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' }],
  });

/** Not a mistake of ours. */
export const isKnownFailure = (error: unknown): error is TeamwrightError | EditorFailure =>
  isTeamwrightError(error) || error instanceof EditorFailure;
