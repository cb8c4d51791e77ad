/** What is typed and not saved is not on the disk, which is all that a run sees and that a change is merged with. */
import type * as vscode from 'vscode';

type Api = Pick<typeof vscode, 'workspace' | 'window' | 'l10n'>;

export interface SaveQuestion {
  /** What comes of it when it is not saved. */
  readonly detail: string;
  readonly save: string;
  /** The button that goes on without saving, where that makes sense. */
  readonly leave?: string;
}

/** True: go on, everything is saved or left on purpose. False: the user would rather not, or a file could not be saved. */
export async function savedOrLeft(
  { workspace, window, l10n }: Api,
  fits: (file: string) => boolean,
  question: SaveQuestion,
): Promise<boolean> {
  const unsaved = workspace.textDocuments.filter(({ uri, isDirty }) => isDirty && uri.scheme === 'file' && fits(uri.fsPath));
  if (unsaved.length === 0) return true;
  const { detail, save, leave } = question;
  const names = unsaved.map(({ uri }) => workspace.asRelativePath(uri)).join(', ');
  const buttons = leave === undefined ? [save] : [save, leave];
  const answer = await window.showWarningMessage(l10n.t('Not saved yet: {0}', names), { modal: true, detail }, ...buttons);
  if (answer !== save) return answer !== undefined && answer === leave;
  for (const document of unsaved) if (!(await document.save())) return false;
  return true;
}
