/** Git opens `.gitignore`, `.gitattributes` and the files of its own folder whatever they are, and waits for the other end of a pipe for ever. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { gitFailed } from '../errors.ts';
import { ifThere, textAtNow } from '../process/index.ts';

/** Git answers sooner on most workspaces; after that, looking is cheap beside the wait. */
const patienceMs = 2000;
const mostFolders = 50_000;

/**
 * Does work in which git reads a folder. When that takes long and a pipe, a socket or a device stands where git expects a file, the work is
 * stopped and `git-failed` names the file; otherwise it has all the time it needs.
 */
export async function unlessWaiting<T>(
  folder: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const stuck = new AbortController();
  let found: string | undefined;
  const timer = setTimeout(async () => {
    found = await specialText(folder, stuck.signal);
    if (found !== undefined) stuck.abort();
  }, patienceMs);
  try {
    return await work(signal === undefined ? stuck.signal : AbortSignal.any([signal, stuck.signal]));
  } catch (error) {
    if (found === undefined) throw error;
    throw gitFailed('status', `${found} is a pipe, a socket or a device, where git looks for a file`, folder, error);
  } finally {
    clearTimeout(timer);
    stuck.abort();
  }
}

async function specialText(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const queue = [...foldersAbove(folder).flatMap(gitFolders), { path: folder, ofGit: false }];
  for (let looked = 0; queue.length > 0 && looked < mostFolders && !signal.aborted; looked += 1) {
    const { path: here, ofGit } = queue.shift() ?? { path: '', ofGit: false };
    // A folder that cannot be read keeps git out as well.
    const entries = (await ifThere(readdir(here, { withFileTypes: true })).catch(() => undefined)) ?? [];
    for (const entry of entries) {
      const path = join(here, entry.name);
      if (await (ofGit ? isWaitedFor(path, entry) : isSpecialText(entry))) return path;
      if (entry.name === '.git' && !ofGit) queue.push(...gitFolders(here));
      else if (entry.isDirectory()) queue.push({ path, ofGit });
    }
  }
  return undefined;
}

const foldersAbove = (folder: string): string[] => (dirname(folder) === folder ? [folder] : [folder, ...foldersAbove(dirname(folder))]);

/** Where git looks for the repository of a folder: its `.git`, or what that names, with the common folder of a worktree. */
function gitFolders(folder: string): { path: string; ofGit: true }[] {
  const own = join(folder, '.git');
  const named = /^gitdir: (.+)$/.exec(smallTextAt(own).trimEnd())?.[1];
  const git = named === undefined ? own : resolve(folder, named);
  const common = smallTextAt(join(git, 'commondir')).trim();
  return [git, ...(common === '' ? [] : [resolve(git, common)])].map((path) => ({ path, ofGit: true }));
}

/** What cannot be read as a text names nothing. */
function smallTextAt(file: string): string {
  try {
    return textAtNow(file) ?? '';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return '';
  }
}

const isSpecialText = (entry: Dirent): boolean =>
  (entry.name === '.gitignore' || entry.name === '.gitattributes') && (entry.isFIFO() || entry.isSocket());

/** Any file of git's own folder, or what a link there leads to. (A socket is refused at once, and git has one of its own there.) */
async function isWaitedFor(path: string, entry: Dirent): Promise<boolean> {
  const found = entry.isSymbolicLink() ? await ifThere(stat(path)).catch(() => undefined) : entry;
  return found !== undefined && (found.isFIFO() || found.isCharacterDevice() || found.isBlockDevice());
}
