import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent, isThere, removeTree } from '../process/index.ts';
import { livingRuns } from './copies-folder.ts';
import { runReferences, storePath } from './store.ts';

/**
 * Removes the store of a workspace with all its snapshots, unless a living run has copies of it. Gives whether it is gone. What was applied stays in the
 * workspace, and can no longer be undone.
 */
export async function forgetStore(dataDir: string, workspace: string): Promise<boolean> {
  try {
    const data = await realpath(dataDir);
    const gitDir = storePath(data, workspace);
    const living = await livingRuns(data);
    for (const runId of living) if (await isThere(join(gitDir, runReferences(runId)))) return false;
    await removeTree(gitDir);
    return true;
  } catch (error) {
    if (isAbsent(error)) return true;
    throw error;
  }
}
