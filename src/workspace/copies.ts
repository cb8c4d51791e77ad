import { lstat, mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pLimit from 'p-limit';
import { copyNotIsolated, isTeamwrightError, throwIfStopped } from '../errors.ts';
import { removeTree } from '../process/index.ts';
import { recoverApply } from './apply.ts';
import { applyEdits } from './apply-edits.ts';
import { besideProject, layBeside } from './beside.ts';
import { copiesFolder, takeFolder } from './copies-folder.ts';
import { type CommonRepository, checkOut, commonRepository, layRepository } from './copy-repository.ts';
import { openDataFolder } from './data-folder.ts';
import { type Asked, allowedSecrets, chooseProvisions, type Provisions, provide } from './dependencies.ts';
import { diffTrees, listTree, readFromTree } from './diff.ts';
import { type FileTimes, fileTimes, keepTimes } from './file-times.ts';
import { git } from './git.ts';
import type { Content } from './inside.ts';
import { mergeTrees } from './merge.ts';
import { moveToTrash } from './removal.ts';
import { captureWorkspace } from './snapshot.ts';
import { findSource } from './source.ts';
import { anchor, checkedId, clearTemporary, openStore } from './store.ts';
import { clearCopies } from './sweep.ts';
import { treeWithContents } from './tree-with.ts';
import type { Snapshot, WorkspaceCopies, WorkspaceCopy, WorkspaceSettings } from './types.ts';

export interface OpenOptions {
  readonly workspace: string;
  readonly runId: string;
  /** The user's data folder for Teamwright; must lie outside the workspace. */
  readonly dataDir: string;
  readonly settings?: WorkspaceSettings;
}

export const defaults = { largestFileBytes: 50_000_000, copyFiles: 4_000, copyBytes: 100_000_000, secrets: [], beside: [] } as const;

/** Copies of this process, so that opening a run twice does not take a copy from under the first. */
const living = new Set<string>();

/** Longest wait of `dispose` for the deletion itself, ms. The copies are out of the way before that. */
const disposeWaitMs = 900;

/**
 * Opens the copies of one run. Nothing is copied yet. Throws `workspace-unusable`, `git-missing`, `data-folder-unusable`, or
 * `data-folder-not-apart` when the data folder and the workspace lie inside each other.
 */
export async function openWorkspaceCopies(options: OpenOptions, signal?: AbortSignal): Promise<WorkspaceCopies> {
  const runId = checkedId(options.runId, 'run');
  const settings = { ...defaults, ...options.settings };
  const source = await findSource(options.workspace, signal);
  const dataDir = await openDataFolder(options.dataDir, source);
  const runFolder = join(copiesFolder(dataDir), runId);
  const store = await openStore(source, dataDir, signal);
  await recoverApply({ store, runId, largestFileBytes: settings.largestFileBytes }, signal);
  const allowed = allowedSecrets(source.prefix, settings.secrets);
  const beside = besideProject(source.top, settings.beside);
  const limits = { copyFiles: settings.copyFiles, copyBytes: settings.copyBytes };
  const oneAtATime = pLimit(1);
  const twoAtATime = pLimit(2);
  const removals = new Set<Promise<void>>();
  removing(clearLeft());
  const tops = new Set<string>();
  let provisions: Provisions | undefined;
  let times: FileTimes | undefined;
  let common: Promise<CommonRepository> | undefined;
  let taken: Promise<unknown> | undefined;

  /** What killed processes left. */
  async function clearLeft(): Promise<void> {
    await clearTemporary(store.gitDir);
    await clearCopies(dataDir, Date.now(), runId);
  }

  async function snapshot(signal: AbortSignal): ReturnType<WorkspaceCopies['snapshot']> {
    return oneAtATime(async () => {
      throwIfStopped(signal);
      const capture = await captureWorkspace(store, settings.largestFileBytes, signal);
      const asked: Asked | undefined = allowed === undefined ? capture.asked : (path) => allowed(path) || (capture.asked?.(path) ?? false);
      const untrackedSecrets = capture.leftOut.filter((left) => left.reason === 'secret').map((left) => left.path);
      const parents = capture.head === undefined ? [] : [capture.head];
      const [written, provided, taken] = await Promise.all([
        fileTimes(store, capture.tree, signal),
        chooseProvisions(source.top, capture.ignored, asked, untrackedSecrets),
        anchor(store, runId, capture.tree, parents, 'The workspace as it was', signal),
      ]);
      times = written;
      provisions = provided;
      const carriedAnyway = new Set(provided.files);
      if (source.kind === 'folder') await git(store.place, ['update-ref', 'refs/teamwright/last', taken.commit], { signal });
      return {
        snapshot: taken,
        leftOut: capture.leftOut.filter((left) => !carriedAnyway.has(left.path)),
        storedOtherwise: capture.storedOtherwise.flatMap((one) =>
          one.path.startsWith(source.prefix) ? [{ ...one, path: one.path.slice(source.prefix.length) }] : [],
        ),
      };
    });
  }

  async function create(id: string, from: Snapshot, signal: AbortSignal): Promise<WorkspaceCopy> {
    checkedId(id, 'copy');
    throwIfStopped(signal);
    taken ??= takeFolder(dataDir, runId).then(() => layBeside(runFolder, beside));
    await taken;
    const top = join(runFolder, id);
    return twoAtATime(async () => {
      throwIfStopped(signal);
      await makePlace(id, top);
      tops.add(top);
      living.add(top);
      try {
        const inCommon = await both(commonOf(from.tree, signal), checkOut(store, top, from.tree, signal));
        const kept = times === undefined ? new Map() : await keepTimes(store, times, top, from.tree, signal);
        const wanted = provisions ?? { folders: [], files: [] };
        const beside = [...wanted.folders.map(({ path }) => path), ...wanted.files];
        await layRepository(inCommon, store, top, { tree: from.tree, times: kept, beside }, signal);
        const provided = await provide(source.top, top, wanted, limits, signal);
        return workspaceCopy(id, top, from, provided);
      } catch (error) {
        await discard(top);
        throwIfStopped(signal);
        throw error;
      }
    });
  }

  /** Made by the first copy that needs it. A copy that waited for another one's, which was stopped, makes its own. */
  async function commonOf(tree: string, signal: AbortSignal): Promise<CommonRepository> {
    const make = async (): Promise<CommonRepository> => commonRepository(store, await mkdtemp(join(runFolder, '.common-')), tree, signal);
    const begun = common;
    const awaited = begun ?? make();
    common = awaited;
    try {
      return await awaited;
    } catch (error) {
      if (common === awaited) common = undefined;
      throwIfStopped(signal);
      if (begun === undefined || !isTeamwrightError(error, 'stopped')) throw error;
      return commonOf(tree, signal);
    }
  }

  /** An empty real folder. What a dead process of this run left there is moved away; a link is refused. */
  async function makePlace(id: string, top: string): Promise<void> {
    if (living.has(top)) throw new Error(`There is a copy named ${id} already.`);
    if ((await realpath(runFolder)) !== runFolder) throw copyNotIsolated(runFolder, 'its path leads through a symbolic link');
    try {
      await mkdir(top);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if ((await lstat(top)).isSymbolicLink()) throw copyNotIsolated(top, 'a symbolic link stands in its place');
      const trashed = await moveToTrash(dataDir, top);
      if (trashed !== undefined) removing(removeTree(trashed));
      await mkdir(top);
    }
  }

  function workspaceCopy(id: string, top: string, base: Snapshot, provided: WorkspaceCopy['provided']): WorkspaceCopy {
    const root = source.prefix === '' ? top : join(top, source.prefix);
    // The candidate is what was written on purpose, and nothing else of what is in the copy by then.
    const written = new Map<string, Content>();
    let latest = base.commit;
    return {
      root,
      id,
      base,
      provided,
      edit: (edits, scope, hidden) => applyEdits(root, edits, scope, hidden, (path, content) => written.set(source.prefix + path, content)),
      freeze: async (message) => {
        const frozen = await anchor(store, runId, await treeWithContents(store, base.tree, written), [latest], message);
        latest = frozen.commit;
        return frozen;
      },
      remove: () => discard(top),
    };
  }

  /**
   * Takes a copy away: out of sight when this resolves. The deletion itself goes on beside the run (a minute for 100,000 files); what a killed
   * process leaves in the trash the next sweep deletes.
   */
  async function discard(top: string): Promise<void> {
    tops.delete(top);
    living.delete(top);
    const trashed = await moveToTrash(dataDir, top);
    if (trashed !== undefined) removing(removeTree(trashed));
  }

  /** What it cannot remove, a sweep does. */
  function removing(work: Promise<void>): void {
    const removal = work.catch(() => undefined).finally(() => removals.delete(removal));
    removals.add(removal);
  }

  async function dispose(): Promise<void> {
    if (taken === undefined) return;
    await taken;
    taken = undefined;
    for (const top of tops) living.delete(top);
    tops.clear();
    const trashed = await moveToTrash(dataDir, runFolder);
    if (trashed !== undefined) removing(removeTree(trashed));
    await within(disposeWaitMs, Promise.allSettled(removals));
  }

  return {
    workspace: source.workspace,
    beside: beside.map(({ path }) => join(runFolder, path)),
    snapshot,
    create,
    topOf: (root) =>
      resolve(
        root,
        ...source.prefix
          .split('/')
          .filter(Boolean)
          .map(() => '..'),
      ),
    diff: (from, to) => diffTrees(store.place, source.prefix, from.tree, to.tree),
    merge: async ({ base, first, second }, message, signal) => {
      const merged = await mergeTrees(store, { base: base.tree, first: first.tree, second: second.tree }, signal);
      if ('conflicts' in merged) return merged;
      return { snapshot: await anchor(store, runId, merged.tree, [first.commit, second.commit], message, signal) };
    },
    files: (of, signal) => listTree(store.place, of.tree, source.prefix, signal),
    read: (from, path) => readFromTree(store.place, from.tree, source.prefix + path.replaceAll('\\', '/').replace(/^(\.\/)+/, '')),
    dispose,
  };
}

/** Waits for the work, but not longer than `ms`; the work goes on. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

/** What the first gives when both are done, however each ends. */
async function both<T>(first: Promise<T>, second: Promise<unknown>): Promise<T> {
  await Promise.allSettled([first, second]);
  await second;
  return first;
}
