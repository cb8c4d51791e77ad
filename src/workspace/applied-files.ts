import { mkdir, realpath } from 'node:fs/promises';
import { isTeamwrightError } from '../errors.ts';
import { treeChanges } from './diff.ts';
import { git, readBlobs } from './git.ts';
import { readInside } from './inside.ts';
import { findSource } from './source.ts';
import { checkedId, openStore } from './store.ts';
import type { Snapshot } from './types.ts';
import type { UndoOptions } from './undo-apply.ts';

/** A file that an apply wrote: before it, right after it, and on the disk now. Undefined where there was no such file. */
export interface AppliedFile {
  readonly path: string;
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
  readonly now: Buffer | undefined;
}

/** Reads what became of the files an apply wrote (`ApplyReport.undo`). Throws `workspace-unusable`, or `git-failed` when the snapshots are gone. */
export async function readApplied(options: UndoOptions, undo: Snapshot, signal: AbortSignal): Promise<AppliedFile[]> {
  const source = await findSource(options.workspace, signal);
  await mkdir(options.dataDir, { recursive: true });
  checkedId(options.runId, 'run');
  const store = await openStore(source, await realpath(options.dataDir), signal);
  const applied = (await git(store.place, ['rev-parse', '--verify', '--quiet', `${undo.commit}^1^{tree}`], { signal })).trim();
  const changes = (await treeChanges(store.place, source.prefix, undo.tree, applied, signal)).filter(({ before, after }) =>
    [before, after].every((side) => side?.mode !== '160000'),
  );
  const blobs = changes.flatMap(({ before, after }) => [before, after]).flatMap((side) => (side === undefined ? [] : [side.blob]));
  const contents = await readBlobs(store.place, blobs, signal);
  return Promise.all(
    changes.map(async ({ path, before, after }) => ({
      path,
      before: contents.get(before?.blob ?? ''),
      after: contents.get(after?.blob ?? ''),
      now: await readNow(source.workspace, path),
    })),
  );
}

/** A folder or a link in the file's place: the file is gone. */
async function readNow(workspace: string, path: string): Promise<Buffer | undefined> {
  try {
    return (await readInside(workspace, path))?.bytes;
  } catch (error) {
    if (isTeamwrightError(error, 'path-escapes')) return undefined;
    throw error;
  }
}
