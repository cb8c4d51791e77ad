import { lstat, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { copyNotIsolated, errorText, isTeamwrightError } from '../errors.ts';
import { isWithin } from '../process/index.ts';
import { git } from './git.ts';
import type { Store } from './store.ts';

/** A data folder inside the workspace would put the copies there too: refused before anything is made. */
export function assertApart(workspaceTop: string, folder: string): void {
  if (isWithin(workspaceTop, folder)) throw copyNotIsolated(folder, 'it lies inside the workspace');
  if (isWithin(folder, workspaceTop)) throw copyNotIsolated(folder, 'the workspace lies inside it');
}

/**
 * Verifies a new worktree before anything is done in it: it is where it was asked for (no symbolic link on the way), apart from the
 * workspace, its own top level, and belongs to our store. Throws `copy-not-isolated`. Gives its record folder in the store.
 */
export async function verifyCopy(store: Store, root: string, signal: AbortSignal | undefined): Promise<string> {
  const refuse = (why: string) => copyNotIsolated(root, why);
  try {
    if ((await realpath(root)) !== root) throw refuse('its path leads through a symbolic link');
    assertApart(store.source.top, root);
    const link = await lstat(join(root, '.git'));
    if (!link.isFile()) throw refuse('its .git is not a worktree link');
    const record = /^gitdir: (.+)\n?$/.exec(await readFile(join(root, '.git'), 'utf8'))?.[1];
    if (record === undefined) throw refuse('its .git cannot be read');
    const answer = await git({ cwd: root }, ['rev-parse', '--path-format=absolute', '--show-toplevel', '--git-dir', '--git-common-dir'], {
      signal,
    });
    const [top = '', gitDir = '', commonDir = ''] = await Promise.all(
      answer
        .trimEnd()
        .split('\n')
        .map((path) => realpath(path)),
    );
    if (top !== root) throw refuse(`git takes ${top} for its top level`);
    if (commonDir !== store.gitDir) throw refuse(`git takes ${commonDir} for its repository`);
    if (gitDir !== (await realpath(record)) || !isWithin(join(store.gitDir, 'worktrees'), gitDir))
      throw refuse('its worktree record is not ours');
    return gitDir;
  } catch (error) {
    if (isTeamwrightError(error, 'copy-not-isolated') || isTeamwrightError(error, 'stopped')) throw error;
    throw refuse(errorText(error));
  }
}
