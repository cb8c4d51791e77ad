/** Git opens `.gitignore` and `.gitattributes` whatever they are, and waits for the other end of a pipe for ever. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gitFailed } from '../errors.ts';
import { ifThere } from '../process/index.ts';

/** Git answers sooner on most workspaces; after that, looking is cheap beside the wait. */
const patienceMs = 2000;
const mostFolders = 50_000;

/**
 * Does work in which git reads a folder. When that takes long and the folder has a pipe or a socket where git expects a text, the work is
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
    throw gitFailed('status', `${found} is a pipe or a socket, where git looks for a text file`, folder, error);
  } finally {
    clearTimeout(timer);
    stuck.abort();
  }
}

async function specialText(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const queue = [folder];
  for (let looked = 0; queue.length > 0 && looked < mostFolders && !signal.aborted; looked += 1) {
    const here = queue.shift() ?? '';
    // A folder that cannot be read keeps git out as well.
    const entries = (await ifThere(readdir(here, { withFileTypes: true })).catch(() => undefined)) ?? [];
    for (const entry of entries) {
      const isText = entry.name === '.gitignore' || entry.name === '.gitattributes';
      if (isText && (entry.isFIFO() || entry.isSocket())) return join(here, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') queue.push(join(here, entry.name));
    }
  }
  return undefined;
}
