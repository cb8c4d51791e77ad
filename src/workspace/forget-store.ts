import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent, namesAt, removeTree } from '../process/index.ts';
import { storePath } from './store.ts';

/**
 * Removes the store of a workspace with all its snapshots, unless a copy of it is in use. Gives whether it is gone. What was applied stays in the
 * workspace, and can no longer be undone.
 */
export async function forgetStore(dataDir: string, workspace: string): Promise<boolean> {
  try {
    const gitDir = storePath(await realpath(dataDir), workspace);
    if ((await namesAt(join(gitDir, 'worktrees'))).length > 0) return false;
    await removeTree(gitDir);
    return true;
  } catch (error) {
    if (isAbsent(error)) return true;
    throw error;
  }
}
