import { removeIndex } from './capture.ts';
import type { TreeEntry } from './diff.ts';
import { type GitPlace, git } from './git.ts';
import { type Store, temporary } from './store.ts';

/** What a tree, or the workspace, shall hold at a path (relative to the workspace); undefined: nothing. */
export interface Target {
  readonly path: string;
  readonly wanted: TreeEntry | undefined;
}

/** The tree with some entries exchanged. */
export async function treeWith(store: Store, tree: string, entries: readonly Target[], signal: AbortSignal | undefined): Promise<string> {
  if (entries.length === 0) return tree;
  const index = temporary(store, '.index');
  const place: GitPlace = { cwd: store.gitDir, env: { ...store.place.env, GIT_INDEX_FILE: index } };
  const none = '0'.repeat(tree.length);
  // Removals first: a file may take the place of a folder.
  const sorted = [...entries].sort((a, b) => Number(a.wanted !== undefined) - Number(b.wanted !== undefined));
  const records = sorted.map(
    ({ path, wanted }) => `${wanted === undefined ? `0 ${none}` : `${wanted.mode} ${wanted.blob}`}\t${store.source.prefix}${path}\0`,
  );
  try {
    await git(place, ['read-tree', tree], { signal });
    await git(place, ['update-index', '-z', '--index-info'], { input: records.join(''), signal });
    return (await git(place, ['write-tree'], { signal })).trim();
  } finally {
    await removeIndex(index);
  }
}
