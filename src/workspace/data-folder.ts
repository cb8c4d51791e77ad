import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { diskFull, errorText, type Facts, TeamwrightError } from '../errors.ts';
import { isWithin } from '../process/index.ts';
import { findSource, type Source } from './source.ts';

/**
 * For composition roots, before they write anything: the workspace can be used, and the data folder can be written and lies apart from it.
 * Throws `workspace-unusable`, `git-missing`, `data-folder-not-apart` or `data-folder-unusable`; nothing is made then.
 */
export async function checkDataFolder(workspace: string, dataDir: string, signal?: AbortSignal): Promise<void> {
  await openDataFolder(dataDir, await findSource(workspace, signal));
}

/**
 * Gives the real path of the data folder, made when it was absent, and the user's alone from then on. Clean-up deletes in there, so neither may lie inside the other; that is
 * found out before the folder is made.
 */
export async function openDataFolder(dataDir: string, source: Source): Promise<string> {
  try {
    const { exists, absent } = await nearestFolder(resolve(dataDir));
    const real = join(exists, ...absent);
    assertFolderApart(dataDir, real, source);
    // Level by level: the recursive form of Node never ends where a folder cannot be made although its parent is there (/proc).
    let made = exists;
    for (const name of absent) {
      made = join(made, name);
      await mkdir(made, { mode: 0o700 }).catch(unlessThere);
    }
    // `/.`: a file in its place is told as what it is.
    await access(`${real}/.`, constants.W_OK | constants.X_OK);
    await makePrivate(dataDir, real);
    return real;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(dataDir, error);
    if (!/^E[A-Z0-9]+$/.test(code)) throw error;
    throw new TeamwrightError(
      'data-folder-unusable',
      { dataDir, why: reasons[code] ?? 'other', detail: errorText(error) },
      { cause: error },
    );
  }
}

/**
 * Traces hold code and replies: nobody else may look into a folder that was there before, nor have put a link in its place. Where everybody puts
 * their files (`/tmp`) is no folder to close to them. Windows has no such modes: there a user's folders are theirs.
 */
async function makePrivate(dataDir: string, real: string): Promise<void> {
  const me = process.getuid?.();
  if (me === undefined) return;
  const refuse = (why: Facts['data-folder-unusable']['why']): never => {
    throw new TeamwrightError('data-folder-unusable', { dataDir, why, detail: '' });
  };
  const named = await lstat(resolve(dataDir));
  if (named.isSymbolicLink() && named.uid !== me && named.uid !== 0) refuse('link-of-another-user');
  const { uid, mode } = await stat(real);
  if (uid !== me && me !== 0) refuse('of-another-user');
  if ((mode & sticky) !== 0) refuse('shared');
  if ((mode & 0o077) !== 0) await chmod(real, mode & 0o700);
}

/** The bit of a folder in which everybody has files and may remove only their own. */
const sticky = 0o1000;

const reasons: Readonly<Record<string, Facts['data-folder-unusable']['why']>> = {
  EACCES: 'not-writable',
  EPERM: 'not-writable',
  EROFS: 'read-only',
  ENOTDIR: 'file-in-the-way',
  EEXIST: 'not-a-folder',
  ENOENT: 'not-to-be-made',
};

function assertFolderApart(dataDir: string, real: string, source: Source): void {
  const { top, workspace } = source;
  const why = isWithin(top, real) ? 'inside' : isWithin(real, top) ? 'around' : undefined;
  if (why === undefined) return;
  throw new TeamwrightError('data-folder-not-apart', { dataDir, workspace, why, top: top === workspace ? undefined : top });
}

/** The real path of the nearest folder at or above the path, and the names that are missing below it. */
async function nearestFolder(path: string): Promise<{ exists: string; absent: string[] }> {
  const absent: string[] = [];
  for (let here = path; ; here = dirname(here)) {
    try {
      return { exists: await realpath(here), absent };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(here) === here) throw error;
      absent.unshift(basename(here));
    }
  }
}

/** Another process may have made it meanwhile. A dangling link is told by what comes next. */
function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}
