import { realpath, rename } from 'node:fs/promises';
import { join } from 'node:path';
import ignore from 'ignore';
import { workspaceUnusable } from '../errors.ts';
import { textAt } from '../process/index.ts';
import { type Capture, captureTree, removeIndex, type WorkTree } from './capture.ts';
import { type GitPlace, git, zeroSplit } from './git.ts';
import { isSecretName, mayHoldToken } from './secrets.ts';
import { findSource, type Source } from './source.ts';
import { borrow, type Store, temporary } from './store.ts';
import type { LeftOut } from './types.ts';

export interface WorkspaceCapture extends Capture {
  /** Tests a path (relative to the top) against `.worktreeinclude`. */
  readonly asked: ((path: string) => boolean) | undefined;
}

/** Freezes the workspace as it is now into the store. The user's git folder is only read. */
export async function captureWorkspace(
  store: Store,
  largestFileBytes: number,
  signal: AbortSignal | undefined,
  /** Carried although git ignores them or they are large: files relative to the top that are on the disk. */
  always: readonly string[] = [],
): Promise<WorkspaceCapture> {
  const { source } = store;
  const asked = await readIncludes(source, signal);
  const index = temporary(store, '.index');
  const objects = join(store.gitDir, 'objects');
  const kept = join(store.gitDir, 'workspace-index');
  const tree: WorkTree = source.repository
    ? { place: { cwd: source.top }, seedIndex: source.repository.index, index, objects, alternates: [] }
    : {
        place: { cwd: source.top, env: { GIT_DIR: store.gitDir, GIT_WORK_TREE: source.top } },
        seedIndex: kept,
        index,
        objects,
        alternates: [],
      };
  try {
    const capture = await captureTree(tree, { largestFileBytes, asked, always }, signal);
    if (source.kind === 'repository') return { ...(await withInner(store, tree, capture, largestFileBytes, signal)), asked };
    const inner = capture.leftOut.filter(({ reason }) => reason === 'nested-repository').length;
    if (inner > mostInFolder) throw workspaceUnusable(source.workspace, 'many-repositories');
    if (inner === 0) {
      await rename(index, kept);
      return { ...capture, head: undefined, asked };
    }
    return { ...(await withInner(store, tree, capture, largestFileBytes, signal)), head: undefined, asked };
  } finally {
    await removeIndex(index);
  }
}

/**
 * Reads `.worktreeinclude` of the workspace and of the top: patterns of gitignore for ignored files that copies should have. A secret comes
 * only when a file of the user's own names it: one that git does not track. One that is tracked, or lies in a folder without git, may have come
 * with the project.
 */
async function readIncludes(
  { top, prefix, repository }: Source,
  signal: AbortSignal | undefined,
): Promise<((path: string) => boolean) | undefined> {
  const files = [...new Set(['', prefix])].map((folder) => ({ folder, file: `${folder}.worktreeinclude` }));
  const texts = await Promise.all(files.map(({ file }) => textAt(join(top, file))));
  if (texts.every((text = '') => text.trim() === '')) return undefined;
  const literal = files.map(({ file }) => `:(top,literal)${file}`);
  const tracked = repository
    ? zeroSplit(await git({ cwd: top }, ['ls-files', '-z', '--', ...literal], { signal }))
    : files.map(({ file }) => file);
  const includes = files.map(({ folder, file }, n) => ({
    folder,
    own: !tracked.includes(file),
    patterns: ignore().add((texts[n] ?? '').replace(/^\ufeff/, '')),
  }));
  return (path) =>
    includes.some(
      ({ folder, own, patterns }) =>
        path.startsWith(folder) &&
        path !== folder &&
        patterns.ignores(path.slice(folder.length)) &&
        (own || !(isSecretName(path, false) || mayHoldToken(path))),
    );
}

/** Repositories in a folder that is none itself: with more it is where somebody keeps their projects, and copies of all would be made for each candidate. */
const mostInFolder = 20;

/**
 * Repositories further in (submodules that are checked out, clones that nobody tracks) are carried as plain files: each is captured like a workspace
 * and takes its place in the tree. One whose `.git` leads elsewhere is left out.
 */
async function withInner(
  store: Store,
  outer: WorkTree,
  capture: Capture,
  largestFileBytes: number,
  signal: AbortSignal | undefined,
): Promise<Capture> {
  const place: GitPlace = {
    cwd: outer.place.cwd,
    env: { ...outer.place.env, GIT_INDEX_FILE: outer.index, GIT_OBJECT_DIRECTORY: outer.objects },
  };
  const leftOut: LeftOut[] = capture.leftOut.filter(({ reason }) => reason !== 'nested-repository');
  const ignored = [...capture.ignored];
  const stored = [...capture.storedOtherwise];
  const format = store.source.repository?.objectFormat ?? 'sha1';
  const { links } = capture;
  const clones = capture.leftOut.filter(({ reason }) => reason === 'nested-repository').map(({ path }) => path);
  let replaced = false;
  for (const path of [...links, ...clones]) {
    const folder = join(outer.place.cwd, path);
    const { top, repository } = await findSource(folder, signal);
    if (repository === undefined || repository.objectFormat !== format || top !== (await realpath(folder))) {
      leftOut.push({ path, reason: 'nested-repository' });
      continue;
    }
    const { index: seedIndex, objects } = repository;
    const index = temporary(store, '.index');
    try {
      await borrow(store.gitDir, objects);
      const tree: WorkTree = { place: { cwd: folder }, seedIndex, index, objects: outer.objects, alternates: [objects] };
      const inner = await withInner(
        store,
        tree,
        await captureTree(tree, { largestFileBytes, asked: undefined }, signal),
        largestFileBytes,
        signal,
      );
      if (links.includes(path)) await git(place, ['update-index', '--force-remove', '--', path], { signal });
      await git(place, ['read-tree', `--prefix=${path}/`, inner.tree], { signal });
      leftOut.push(...inner.leftOut.map((left) => ({ ...left, path: `${path}/${left.path}` })));
      stored.push(...inner.storedOtherwise.map((one) => ({ ...one, path: `${path}/${one.path}` })));
      ignored.push(...inner.ignored.map((name) => `${path}/${name}`));
      replaced = true;
    } finally {
      await removeIndex(index);
    }
  }
  if (!replaced) return { ...capture, leftOut };
  return { ...capture, leftOut, storedOtherwise: stored, ignored, tree: (await git(place, ['write-tree'], { signal })).trim() };
}
