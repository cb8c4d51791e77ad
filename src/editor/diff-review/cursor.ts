/** From the place of a cursor, a lens or a menu to the hunk it is about; and from a hunk to its place on screen. */
import { access } from 'node:fs/promises';
import type * as vscode from 'vscode';
import type { FileHunks, Hunk } from '../../workspace/hunk-types.ts';
import { addressOf, diffRows, documentUri } from './documents.ts';
import type { HunkAddress } from './lenses.ts';
import { baseLine, hunkAt, linesOf, neighbour, shownFile } from './places.ts';
import type { Review } from './review.ts';
import { fileText } from './words.ts';

/** What commands get: from a lens or link, from the view of runs, from the menu of a line number, from anything else nothing that helps. */
export type HunkArgument =
  | HunkAddress
  | { readonly runIds: readonly string[] }
  | { readonly lineNumber: number; readonly uri: vscode.Uri }
  | undefined;

export interface ReviewFinder {
  readonly current: () => Review | undefined;
  reviewOf(uri: vscode.Uri): Review | undefined;
  /** Also one that was on screen before a reload. */
  load(runId: string, candidate: string): Promise<Review>;
}

export interface HunkPlace {
  readonly review: Review;
  readonly file: FileHunks;
  readonly hunk?: Hunk;
}

type Api = Pick<typeof vscode, 'window' | 'commands' | 'l10n' | 'Uri' | 'workspace' | 'Range' | 'Selection' | 'TextEditorRevealType'>;

export function createCursor(api: Api, finder: ReviewFinder) {
  const { window, commands, l10n } = api;

  /** A file of the workspace may have been edited since the run began: hunks are counted in the base. */
  const inEditor = (review: Review, { document, selection }: vscode.TextEditor, line = selection.active.line) => {
    const shown = shownFile(review, document.uri);
    if (shown === undefined) return undefined;
    const { before } = shown.file;
    if (addressOf(document.uri) !== undefined || before === undefined)
      return { ...shown, line, lineCount: document.lineCount, stays: true };
    return { ...shown, ...baseLine(before, document.getText(), line), lineCount: before.split('\n').length };
  };
  type Shown = NonNullable<ReturnType<typeof inEditor>>;
  const hunkOf = ({ file, side, line, lineCount, stays }: Shown) => (stays ? hunkAt(file, side, line, lineCount) : undefined);
  const reviewAt = (uri: vscode.Uri): Review | undefined => finder.reviewOf(uri) ?? finder.current();

  /** The hunk, or at least the file, that a command is about. */
  const placeOf = async (argument: HunkArgument): Promise<HunkPlace | undefined> => {
    if (argument !== undefined && 'runId' in argument) {
      const review = await finder.load(argument.runId, argument.candidate);
      const hunk = review.hunks.find((one) => one.id === argument.hunk);
      const file = review.files.find((one) => (hunk === undefined ? one.path === argument.path : one.hunks.includes(hunk)));
      return file && { review, file, hunk };
    }
    if (argument !== undefined && 'lineNumber' in argument) {
      const review = reviewAt(argument.uri);
      const editor = window.visibleTextEditors.find(({ document }) => document.uri.toString() === argument.uri.toString());
      const shown = review && editor && inEditor(review, editor, argument.lineNumber - 1);
      return review && shown && { review, file: shown.file, hunk: hunkOf(shown) };
    }
    const editor = window.activeTextEditor;
    const review = editor && reviewAt(editor.document.uri);
    const at = review && inEditor(review, editor);
    return review && at && { review, file: at.file, hunk: hunkOf(at) };
  };

  /** Puts the cursor on a hunk: in the editor it is shown in, else in the diff of its file. */
  const reveal = async (review: Review, hunk: Hunk): Promise<void> => {
    const right = documentUri(api, review.folder, {
      runId: review.runId,
      candidate: review.candidate,
      side: 'candidate',
      path: hunk.path,
    });
    const editor = window.activeTextEditor;
    if (editor?.document.uri.toString() === right.toString()) {
      const { first } = linesOf(hunk, 'candidate', editor.document.lineCount);
      editor.selection = new api.Selection(first, 0, first, 0);
      editor.revealRange(new api.Range(first, 0, first, 0), api.TextEditorRevealType.InCenterIfOutsideViewport);
      return;
    }
    await showFile(review, hunk);
  };

  /** The diff of a hunk's file, in an editor of its own, at the hunk. */
  const showFile = async (review: Review, hunk: Hunk): Promise<void> => {
    const address = { runId: review.runId, candidate: review.candidate, path: hunk.path };
    const right = documentUri(api, review.folder, { ...address, side: 'candidate' });
    const file = review.files.find((one) => one.hunks.includes(hunk));
    const row = (await diffRows(api, review, isThere)).find(([, , candidate]) => candidate.toString() === right.toString());
    if (file === undefined || row === undefined) return;
    const left = row[1] ?? documentUri(api, review.folder, { ...address, side: 'base' });
    const at = hunk.candidate.start;
    const title = l10n.t('{0} ({1})', fileText(file), review.candidate);
    await commands.executeCommand('vscode.diff', left, right, title, { preview: true, selection: new api.Range(at, 0, at, 0) });
  };

  return {
    placeOf,
    reveal,
    /** What stands in the workspace beside the candidate, whichever sides the review shows. */
    compare: (review: Review, hunk: Hunk): Promise<void> => showFile({ ...review, left: 'workspace' }, hunk),
    /** The next hunk from the cursor, or the one before it. */
    step: async (by: 1 | -1): Promise<void> => {
      const editor = window.activeTextEditor;
      const review = (editor && reviewAt(editor.document.uri)) ?? finder.current();
      const next = review && neighbour(review, editor && inEditor(review, editor), by);
      if (review !== undefined && next !== undefined) await reveal(review, next);
    },
  };
}

export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
