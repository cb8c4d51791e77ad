/** The documents of a review: each side of each file, at addresses that say all that is needed to read it again after a reload. */
import path from 'node:path';
import type * as vscode from 'vscode';
import type { FileHunks } from '../../workspace/hunk-types.ts';
import { candidateScheme } from '../flow-types.ts';
import type { Review } from './review.ts';

export type Side = 'base' | 'candidate';

export interface DocumentAddress {
  readonly runId: string;
  readonly candidate: string;
  readonly side: Side;
  /** In the workspace, forward slashes. */
  readonly path: string;
}

type UriClass = Pick<typeof vscode, 'Uri'>;

/** Its path is that of the real file: VS Code names the document by it, and sees no renaming between the sides. */
export function documentUri({ Uri }: UriClass, folder: string, { runId, candidate, side, path: file }: DocumentAddress): vscode.Uri {
  const query = new URLSearchParams({ run: runId, candidate, side, file }).toString();
  return Uri.file(path.join(folder, file)).with({ scheme: candidateScheme, query });
}

/** Undefined for anything that is no document of a review. Pure. */
export function addressOf(uri: Pick<vscode.Uri, 'scheme' | 'query'>): DocumentAddress | undefined {
  if (uri.scheme !== candidateScheme) return undefined;
  const query = new URLSearchParams(uri.query);
  const [runId, candidate, side, file] = ['run', 'candidate', 'side', 'file'].map((name) => query.get(name));
  if (!runId || !candidate || !file || (side !== 'base' && side !== 'candidate')) return undefined;
  return { runId, candidate, side, path: file };
}

/** What stands in the document; a file that is no text, or whose only change is its mode, gets a sentence. */
export function documentText({ l10n }: Pick<typeof vscode, 'l10n'>, file: FileHunks, side: Side): string {
  const kinds = file.hunks.map((hunk) => hunk.kind);
  const text = side === 'base' ? file.before : file.after;
  if (text !== undefined) return text.replace(/^\ufeff/, '');
  const absent = side === 'base' ? kinds.includes('added') : kinds.includes('deleted');
  if (absent) return '';
  return side === 'base' ? l10n.t('This file is no text.') : l10n.t('This file is no text. It changes as a whole.');
}

/** A row of VS Code's multi-file diff: the name it goes by, the left side, the right side. */
export type DiffRow = readonly [vscode.Uri, vscode.Uri | undefined, vscode.Uri];

/** The left side is the real file where it exists, unless the change stands applied: then it is the file as the run began. */
export async function diffRows(
  api: Pick<typeof vscode, 'Uri' | 'workspace'>,
  { runId, candidate, folder, files, left }: Review,
  exists: (file: string) => Promise<boolean>,
): Promise<DiffRow[]> {
  return Promise.all(
    files.map(async (file): Promise<DiffRow> => {
      const real = api.Uri.file(path.join(folder, file.oldPath ?? file.path));
      const right = documentUri(api, folder, { runId, candidate, side: 'candidate', path: file.path });
      const isText = file.before !== undefined || file.hunks.some((hunk) => hunk.kind === 'added');
      if (left === 'workspace' && isText && (await exists(real.fsPath))) return [api.Uri.file(path.join(folder, file.path)), real, right];
      const base = documentUri(api, folder, { runId, candidate, side: 'base', path: file.path });
      return [right, file.hunks.some((hunk) => hunk.kind === 'added') ? undefined : base, right];
    }),
  );
}
