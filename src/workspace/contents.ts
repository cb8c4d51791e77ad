import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { applyFailed, isTeamwrightError } from '../errors.ts';
import { removeIndex } from './capture.ts';
import { type GitPlace, git, gitCatFile, readBlobs } from './git.ts';
import type { Content } from './inside.ts';
import { type Store, temporary } from './store.ts';
import type { Target } from './tree-with.ts';

/**
 * Content as the workspace wants it on disk: one `checkout-index` of `tree` into a temporary folder applies the line endings and other filters of
 * the user's repository. Links are read as what they say.
 */
export async function readContents(
  store: Store,
  targets: readonly Target[],
  tree: string,
): Promise<(Target & { readonly content: Content })[]> {
  const { source } = store;
  const index = temporary(store, '.index');
  const folder = temporary(store, '.files');
  const standing: Record<string, string> =
    source.kind === 'repository'
      ? { GIT_OBJECT_DIRECTORY: join(store.gitDir, 'objects') }
      : { GIT_DIR: store.gitDir, GIT_WORK_TREE: source.top };
  const place: GitPlace = { cwd: source.top, env: { ...standing, GIT_INDEX_FILE: index } };
  const files = targets.filter(({ wanted }) => wanted !== undefined && wanted.mode !== '120000');
  try {
    await requireUnchanged(store, targets);
    if (files.length > 0) {
      await git(place, ['read-tree', tree]);
      const input = files.map(({ path }) => `${source.prefix}${path}\0`).join('');
      await git(place, ['checkout-index', '-z', '--stdin', `--prefix=${folder}/`], { input });
    }
    const found: (Target & { content: Content })[] = [];
    for (const target of targets) found.push({ ...target, content: await contentOf(store, target, join(folder, source.prefix)) });
    return found;
  } finally {
    await removeIndex(index);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Git does not look whether an object it gives out is the one that was put in. Throws `apply-conflict`. */
async function requireUnchanged({ place }: Store, targets: readonly Target[]): Promise<void> {
  const blobs = targets.flatMap(({ wanted }) => (wanted === undefined || wanted.mode === '160000' ? [] : [wanted.blob]));
  try {
    await readBlobs(place, blobs);
  } catch (error) {
    if (isTeamwrightError(error, 'git-failed'))
      throw applyFailed('what was kept of its files is damaged, or was changed since it was recorded', error);
    throw error;
  }
}

async function contentOf(store: Store, { path, wanted }: Target, folder: string): Promise<Content> {
  if (wanted === undefined) return { kind: 'absent' };
  if (wanted.mode === '120000') return { kind: 'link', target: (await gitCatFile(store.place, ['blob', wanted.blob])).toString('utf8') };
  // Git knows only "executable or not".
  return { kind: 'file', bytes: await readFile(join(folder, path)), mode: wanted.mode === '100755' ? 0o755 : 0o644 };
}
