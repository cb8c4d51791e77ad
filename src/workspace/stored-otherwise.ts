/** Files that git stores in another form than they have on the disk, by their attributes. Nothing is read of them, and no filter is run. */
import { type GitPlace, git, zeroSplit } from './git.ts';
import type { StoredOtherwise } from './types.ts';

const attributes = ['filter', 'working-tree-encoding'] as const;
/** Most files that are named. */
const most = 1_000;

/** Of the index that `place` names. */
export async function storedOtherwise(place: GitPlace, signal: AbortSignal | undefined): Promise<StoredOtherwise[]> {
  const plain = `:(top,exclude,attr:${attributes.map((name) => `!${name}`).join(' ')})`;
  const paths = zeroSplit(await git(place, ['ls-files', '-z', '--', ':(top)', plain], { signal })).slice(0, most);
  if (paths.length === 0) return [];
  const input = paths.map((path) => `${path}\0`).join('');
  const said = zeroSplit(await git(place, ['check-attr', '-z', '--stdin', ...attributes], { input, signal }));
  const found: StoredOtherwise[] = [];
  for (let at = 0; at + 2 < said.length; at += 3) {
    const [path = '', name, by = ''] = said.slice(at, at + 3);
    if (['unspecified', 'unset', 'set'].includes(by) || isUtf8(by)) continue;
    found.push({ path, how: name !== 'filter' ? 'encoding' : by === 'lfs' ? 'lfs' : 'filter', by });
  }
  return found;
}

const isUtf8 = (name: string): boolean => /^utf-?8$/i.test(name);
