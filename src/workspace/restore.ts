/** A snapshot as plain files in a folder of its own, also when the workspace it was taken of is gone. */
import { randomBytes } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceUnusable } from '../errors.ts';
import { removeIndex } from './capture.ts';
import { git } from './git.ts';
import { storePath } from './store.ts';
import type { Snapshot } from './types.ts';

export interface RestoreOptions {
  readonly dataDir: string;
  /** The folder the snapshot was taken of, as the run recorded it. */
  readonly workspace: string;
  readonly snapshot: Snapshot;
  /** An empty folder. */
  readonly into: string;
}

/** Rejects with `workspace-unusable` when the snapshot's files are no longer there: its run was deleted, or its repository is gone. */
export async function restoreSnapshot({ dataDir, workspace, snapshot, into }: RestoreOptions, signal: AbortSignal): Promise<void> {
  try {
    const gitDir = storePath(await realpath(dataDir), workspace);
    await stat(gitDir);
    const index = join(gitDir, `restore-${randomBytes(6).toString('hex')}.index`);
    const place = { cwd: into, env: { GIT_DIR: gitDir, GIT_WORK_TREE: into, GIT_INDEX_FILE: index } };
    try {
      await git(place, ['read-tree', snapshot.tree], { signal });
      await git(place, ['checkout-index', '--all', '--force'], { signal });
    } finally {
      await removeIndex(index);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw workspaceUnusable(workspace, 'snapshot-gone', error);
  }
}
