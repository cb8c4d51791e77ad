import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { applyFailed, errorText, isTeamwrightError, type TeamwrightError } from '../errors.ts';
import { ifThere, isThisProcess } from '../process/index.ts';
import { readContents } from './contents.ts';
import { removeEmptyFolders, type Staged, stage, temporaryName } from './inside.ts';
import { readJournal, removeJournal, sealJournal, takeApplyLock, writeJournal } from './journal.ts';
import type { Store } from './store.ts';
import type { Target } from './tree-with.ts';
import type { Snapshot } from './types.ts';

/** What a file of the workspace is known by: size and time of the last write. Undefined: there is none. */
type Mark = string | undefined;

/** Taken before the workspace is looked at. Whoever writes a file after that is not written over. */
export async function marksOf(store: Store, paths: readonly string[]): Promise<ReadonlyMap<string, Mark>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await markOf(store, path)] as const)));
}

async function markOf({ source }: Store, path: string): Promise<Mark> {
  const stats = await ifThere(lstat(join(source.workspace, path), { bigint: true }));
  return stats === undefined ? undefined : `${stats.size} ${stats.mtimeNs}`;
}

export interface Change {
  readonly targets: readonly Target[];
  /** A tree that has all targets. */
  readonly tree: string;
  /** Of the moment before the targets were decided: a file that was written since is left as it is now, and so are all others. */
  readonly marks: ReadonlyMap<string, Mark>;
}

/**
 * Writes all targets of a change, or none: every new content is on the disk before the first file is exchanged, and a failure brings back those that
 * were. `undo` names the state before: where a crash in the middle leads back to. `record` puts on record that everything is written; when it
 * rejects nothing was, and when the process ends in it, recovery takes all of it back. Throws `apply-conflict`, `disk-full`, or what `record`
 * threw; the workspace is then as it was.
 */
export async function writeChanges(store: Store, change: Change, undo: Snapshot, record?: () => Promise<void>): Promise<void> {
  const { gitDir } = store;
  const lock = takeApplyLock(gitDir);
  if ('heldBy' in lock) {
    const other = isThisProcess(lock.heldBy) ? 'change is being applied' : 'process is applying a change';
    throw applyFailed(`another ${other} to this workspace`);
  }
  try {
    if ((await readJournal(gitDir)) !== undefined) throw applyFailed('an apply that was cut short is still to be taken back');
    const exchange = await prepare(store, change, undo);
    try {
      await exchange.commit();
      await record?.();
      await sealJournal(gitDir);
    } catch (error) {
      // What cannot be brought back file by file is taken back when the workspace is opened: the journal stays.
      if (await exchange.rollBack()) await removeJournal(gitDir);
      throw asFailure(error);
    }
    await exchange.close();
    await removeJournal(gitDir);
  } finally {
    lock.release();
  }
}

/**
 * After a crash in the middle of an apply: temporary files are removed, and `takeBack` takes back what was written, with the writer it is given.
 * When that fails the journal stays. An apply that goes on is left alone.
 */
export async function recoverWrites(
  store: Store,
  takeBack: (undo: Snapshot, write: (change: Change) => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const { gitDir, source } = store;
  if ((await readJournal(gitDir)) === undefined) return;
  const lock = takeApplyLock(gitDir);
  if ('heldBy' in lock) return;
  try {
    const { undo, temporaries = [] } = (await readJournal(gitDir)) ?? {};
    // A file may have taken the place of its folder by now.
    for (const path of temporaries) await ifThere(rm(join(source.workspace, path), { force: true }));
    if (undo !== undefined) await takeBack(undo, (change) => writeBack(store, change, undo));
    await removeJournal(gitDir);
  } finally {
    lock.release();
  }
}

/** The journal that stands gives way to one that leads back to the same state, and is left to `recoverWrites`. */
async function writeBack(store: Store, change: Change, undo: Snapshot): Promise<void> {
  const exchange = await prepare(store, change, undo);
  try {
    await exchange.commit();
  } catch (error) {
    await exchange.rollBack();
    throw asFailure(error);
  }
  await exchange.close();
}

const asFailure = (error: unknown): TeamwrightError => (isTeamwrightError(error) ? error : applyFailed(errorText(error), error));

interface Exchange {
  /** Makes the new contents visible, one file after the other. */
  commit(): Promise<void>;
  /** Brings back what was exchanged, and removes the temporary files. False when a file could not be brought back. */
  rollBack(): Promise<boolean>;
  /** Removes the temporary files, and the folders that are empty now. */
  close(): Promise<void>;
}

/** Reads the contents and writes the journal. No file of the workspace is touched yet. */
async function prepare(store: Store, { targets, tree, marks }: Change, undo: Snapshot): Promise<Exchange> {
  const { workspace } = store.source;
  // Deletions first: a file may take the place of a folder.
  const order = [...targets].sort((a, b) => Number(a.wanted !== undefined) - Number(b.wanted !== undefined));
  const pieces = (await readContents(store, order, tree)).map((piece) => ({
    ...piece,
    names: [temporaryName(), temporaryName()] as const,
  }));
  const temporaries = pieces.flatMap(({ path, names }) => names.map((name) => path.split('/').with(-1, name).join('/')));
  await writeJournal(store.gitDir, { undo, temporaries }).catch((error: unknown) => {
    throw asFailure(error);
  });
  const staged: Staged[] = [];
  const removeTemporaries = async () => {
    for (const one of staged) await one.close();
  };
  return {
    commit: async () => {
      for (const { path, content, names } of pieces) staged.push(await stage(workspace, path, content, names));
      for (const one of staged) {
        if ((await markOf(store, one.path)) !== marks.get(one.path)) throw applyFailed(`${one.path} was changed at the same moment`);
        await one.commit();
      }
    },
    rollBack: async () => {
      let restored = true;
      for (const one of staged.toReversed()) {
        await one.rollBack().catch(() => {
          restored = false;
        });
      }
      await removeTemporaries();
      return restored;
    },
    close: async () => {
      await removeTemporaries();
      for (const { path, wanted } of pieces) if (wanted === undefined) await removeEmptyFolders(workspace, path);
    },
  };
}
