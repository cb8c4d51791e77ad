import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Provisions } from './dependencies.ts';
import type { ProvidedFolder } from './types.ts';

/** Watches the user's package folders that copies link to: their state before the first copy against the state when asked. */
export interface DamageWatch {
  /** Settles when the state before is known. */
  readonly ready: Promise<void>;
  /** Tells which folders were really linked; only these are compared. */
  linked(provided: readonly ProvidedFolder[]): void;
  changed(): Promise<readonly string[]>;
}

const mostFiles = 200_000;
const mostReported = 100;

/** Files of large folders are compared by size and time. The state before is read at once; it is cheap beside a checkout. */
export function watchDamage(top: string, provisions: Provisions): DamageWatch {
  const before = new Map<string, string>();
  const linkedFolders = new Set<string>();
  const packages = provisions.folders.filter((folder) => !folder.built);
  const ready = (async () => {
    for (const { path } of packages) await readState(top, path, before);
  })();
  return {
    ready,
    linked: (provided) => {
      for (const folder of provided) if (folder.how === 'linked') linkedFolders.add(folder.path);
    },
    changed: async () => {
      await ready;
      const changed: string[] = [];
      for (const folder of linkedFolders) {
        const now = new Map<string, string>();
        await readState(top, folder, now);
        for (const [path, state] of now) if (before.get(path) !== state) changed.push(path);
        for (const path of before.keys()) if (path.startsWith(`${folder}/`) && !now.has(path)) changed.push(path);
      }
      return changed.sort().slice(0, mostReported);
    },
  };
}

async function readState(top: string, folder: string, state: Map<string, string>): Promise<void> {
  const queue = [folder];
  while (queue.length > 0 && state.size < mostFiles) {
    const here = queue.splice(0, 16);
    await Promise.all(
      here.map(async (path) => {
        for (const entry of await readdir(join(top, path), { withFileTypes: true }).catch(absentFolder)) {
          const child = `${path}/${entry.name}`;
          if (entry.isDirectory()) {
            // Interpreters put compiled files beside the sources they read; tools keep caches. Neither is damage.
            if (entry.name !== '__pycache__' && entry.name !== '.cache' && entry.name !== '.vite') queue.push(child);
          } else if (entry.isFile()) {
            const stats = await lstat(join(top, child));
            state.set(child, `${stats.size} ${stats.mtimeMs} ${stats.ino}`);
          }
        }
      }),
    );
  }
}

function absentFolder(error: unknown): [] {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
  throw error;
}
