/** The files that the user is working on, as git tells it. */
import { throwIfStopped } from '../errors.ts';
import { askGit, isNeverShown, workspaceFolder } from '../workspace/index.ts';

const limits = { ms: 5000, bytes: 4_000_000 };

/**
 * Files below the folder that differ from HEAD, or that git does not know and does not ignore; forward slashes, relative to the folder. Without those
 * that are gone and those that look like a secret. Empty where there is no repository, or git does not answer in time.
 */
export async function changedFiles(root: string, signal: AbortSignal): Promise<string[]> {
  throwIfStopped(signal);
  const cwd = await workspaceFolder(root);
  const [prefix, status] = await Promise.all([
    askGit({ cwd }, ['rev-parse', '--show-prefix'], limits, signal),
    askGit(
      { cwd },
      ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignore-submodules=all', '--', '.'],
      limits,
      signal,
    ),
  ]);
  if (prefix.ending !== 'done' || status.ending !== 'done') return [];
  const above = prefix.stdout.replace(/\r?\n$/, '');
  return status.stdout
    .split('\0')
    .filter((entry) => entry.length > 3 && entry[1] !== 'D' && !entry.startsWith('D '))
    .map((entry) => entry.slice(3))
    .filter((file) => file.startsWith(above) && !file.endsWith('/'))
    .map((file) => file.slice(above.length))
    .filter((file) => !isNeverShown(file));
}
