import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeIndex } from './capture.ts';
import type { TreeEntry } from './diff.ts';
import { type GitPlace, git } from './git.ts';
import type { Content } from './inside.ts';
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

/**
 * The tree with files exchanged for bytes as they stand on a disk: git stores them in its own form (line ends), by the attributes of the tree with these
 * changes. They are laid into an empty folder of the store's, so that no other file has a say. Paths are relative to the tree's top.
 */
export async function treeWithContents(store: Store, tree: string, contents: ReadonlyMap<string, Content>): Promise<string> {
  if (contents.size === 0) return tree;
  const index = temporary(store, '.index');
  const folder = temporary(store, '.files');
  const place: GitPlace = { cwd: folder, env: { ...store.place.env, GIT_WORK_TREE: folder, GIT_INDEX_FILE: index } };
  try {
    await mkdir(folder);
    for (const [path, content] of contents) await layOut(join(folder, path), content);
    await git(place, ['read-tree', tree]);
    const input = [...contents.keys()].map((path) => `${path}\0`).join('');
    await git(place, ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { input });
    // With `core.fileMode` off git does not look at modes.
    for (const [option, executable] of [
      ['--chmod=+x', true],
      ['--chmod=-x', false],
    ] as const) {
      const paths = [...contents].filter(([, content]) => content.kind === 'file' && content.executable === executable);
      const said = paths.map(([path]) => `${path}\0`).join('');
      if (said !== '') await git(place, ['update-index', option, '-z', '--stdin'], { input: said });
    }
    return (await git(place, ['write-tree'])).trim();
  } finally {
    await removeIndex(index);
    await rm(folder, { recursive: true, force: true });
  }
}

async function layOut(file: string, content: Content): Promise<void> {
  if (content.kind === 'absent') return;
  await mkdir(dirname(file), { recursive: true });
  if (content.kind === 'link') await symlink(content.target, file);
  else await writeFile(file, content.bytes, { mode: content.mode });
}
