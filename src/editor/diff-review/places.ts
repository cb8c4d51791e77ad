/** Where hunks stand in the documents on screen, and which one a cursor is in. Pure, but for the classes of VS Code. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { changedLines } from '../../text/index.ts';
import type { FileHunks, Hunk } from '../../workspace/hunk-types.ts';
import { addressOf, type Side } from './documents.ts';
import type { Review } from './review.ts';

/** The file of a review that a document shows, and which side of it. A file of the workspace is the base side. */
export function shownFile(review: Review, uri: vscode.Uri): { file: FileHunks; side: Side } | undefined {
  const address = addressOf(uri);
  if (address === undefined) {
    if (uri.scheme !== 'file') return undefined;
    const relative = path.relative(review.folder, uri.fsPath).split(path.sep).join('/');
    const file = review.files.find((one) => (one.oldPath ?? one.path) === relative);
    return file && { file, side: 'base' };
  }
  if (address.runId !== review.runId || address.candidate !== review.candidate) return undefined;
  const file = review.files.find((one) => one.path === address.path);
  return file && { file, side: address.side };
}

/** The line of the base that a line of the file as it is now shows. `stays`: false where the file was changed since; then it is the line after. */
export function baseLine(before: string, now: string, line: number): { readonly line: number; readonly stays: boolean } {
  const [from, to] = [before, now].map((text) => text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) as [string[], string[]];
  let shift = 0;
  for (const { before: old, after } of changedLines(from, to, () => false)) {
    if (line < after[0]) break;
    if (line < after[0] + after[1]) return { line: old[0], stays: false };
    shift = old[0] + old[1] - (after[0] + after[1]);
  }
  return { line: line + shift, stays: true };
}

const rangeOf = (hunk: Hunk, side: Side) => (side === 'base' ? hunk.base : hunk.candidate);

/** The line a hunk is shown at, from 0; of a change that only takes lines away, the line after them. */
export function lineOf(hunk: Hunk, side: Side, lineCount: number): number {
  return Math.max(0, Math.min(rangeOf(hunk, side).start, lineCount - 1));
}

/** The lines of a hunk on screen; the one line it is shown at when it has none there. */
export function linesOf(hunk: Hunk, side: Side, lineCount: number): { first: number; last: number } {
  const first = lineOf(hunk, side, lineCount);
  const { start, end } = rangeOf(hunk, side);
  return { first, last: Math.max(first, Math.min(end === start ? first : end - 1, lineCount - 1)) };
}

/** The hunk a line is in. A file with one hunk that is no stretch of lines has it on every line. */
export function hunkAt(file: FileHunks, side: Side, line: number, lineCount: number): Hunk | undefined {
  const inLines = file.hunks.filter((hunk) => hunk.kind === 'lines');
  const found = inLines.find((hunk) => {
    const { first, last } = linesOf(hunk, side, lineCount);
    return first <= line && line <= last;
  });
  return found ?? file.hunks.find((hunk) => hunk.kind !== 'lines' && (inLines.length === 0 || line === 0));
}

/** The next hunk from a line, in the order of the files, around the end; `step` -1 goes back. */
export function neighbour(
  review: Review,
  at: { file: FileHunks; side: Side; line: number; lineCount: number } | undefined,
  step: 1 | -1,
): Hunk | undefined {
  const { hunks } = review;
  if (at === undefined) return hunks.at(step === 1 ? 0 : -1);
  const place = (hunk: Hunk): number => lineOf(hunk, at.side, at.lineCount);
  const own = at.file.hunks;
  const here =
    step === 1 ? own.find((hunk) => place(hunk) > at.line) : own.findLast((hunk) => linesOf(hunk, at.side, at.lineCount).last < at.line);
  if (here !== undefined) return here;
  const files = review.files;
  const next = files.at((files.indexOf(at.file) + step) % files.length);
  return step === 1 ? next?.hunks[0] : next?.hunks.at(-1);
}
