/** What git needs in a copy to read older commits: their folders, and the contents of their files. */
import { isTeamwrightError } from '../errors.ts';
import { askGit, git, readBlobs } from './git.ts';
import { holdsToken, isSecretName, mayHoldToken } from './secrets.ts';
import type { Store } from './store.ts';

/** Bytes of folders and of contents, as git stores them. The newest come first; the others git knows by name. */
const limits = { folders: 50_000_000, contents: 50_000_000 };
/** What git has not listed by then is left out. */
const patience = { ms: 20_000, bytes: 200_000_000 };
/** Settings that may hold a token are looked into. */
const mostLookedAt = 500;
const largestLookedAt = 100_000;

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly kind: string;
  readonly bytes: number;
  readonly stored: number;
}

/**
 * Names of folders and contents that the commits lead to, in their order, as far as they are there and fit in. Without secrets, by the names of their
 * files: what is in `shown` is in the copy's files and no secret.
 */
export async function pastObjects(
  store: Store,
  commits: readonly string[],
  shown: ReadonlySet<string>,
  signal: AbortSignal,
  most = limits,
): Promise<readonly string[]> {
  if (commits.length === 0) return [];
  const input = commits.map((commit) => `${commit}\n`).join('');
  const how = ['--objects', '--in-commit-order', '--no-walk=unsorted', '--missing=allow-any', '--stdin'];
  const { stdout } = await askGit(store.place, ['rev-list', ...how], { ...patience, input }, signal);
  const listed = await described(store, stdout.split('\n').slice(0, -1), signal);
  const folders = fitting(
    listed.filter(({ kind }) => kind === 'tree'),
    most.folders,
  );
  const contents = listed.filter(
    ({ name, path, kind, bytes }) => kind === 'blob' && (shown.has(name) || bytes === 0 || !isSecretName(path, true)),
  );
  const withToken = await tokensIn(
    store,
    contents.filter(({ name, path }) => !shown.has(name) && mayHoldToken(path)),
    signal,
  );
  const open = contents.filter(({ name }) => !withToken.has(name));
  return [...folders, ...fitting(open, most.contents)].map(({ name }) => name);
}

/** Lines of a name and a path, with what git knows of them. */
async function described(store: Store, lines: readonly string[], signal: AbortSignal): Promise<Entry[]> {
  const pairs = lines.map((line) => {
    const at = line.indexOf(' ');
    return at === -1 ? { name: line, path: '' } : { name: line.slice(0, at), path: line.slice(at + 1) };
  });
  const format = '%(objecttype) %(objectsize) %(objectsize:disk)';
  const input = pairs.map(({ name }) => `${name}\n`).join('');
  const answer = await git(store.place, ['cat-file', `--batch-check=${format}`, '--buffer'], { input, signal });
  const answers = answer.split('\n');
  return pairs.map((pair, n) => {
    const [kind = '', bytes, stored] = (answers[n] ?? '').split(' ');
    return { ...pair, kind, bytes: Number(bytes), stored: Number(stored) };
  });
}

function fitting(entries: readonly Entry[], most: number): Entry[] {
  let sum = 0;
  return entries.filter(({ stored }) => {
    if (sum + stored > most) return false;
    sum += stored;
    return true;
  });
}

/** Those that hold a token, and those that nobody can look into. */
async function tokensIn(store: Store, entries: readonly Entry[], signal: AbortSignal): Promise<ReadonlySet<string>> {
  const looked = entries.filter(({ bytes }) => bytes <= largestLookedAt).slice(0, mostLookedAt);
  const without = new Set<string>();
  try {
    const contents = await readBlobs(
      store.place,
      looked.map(({ name }) => name),
      signal,
    );
    for (const [name, content] of contents) if (!holdsToken(content.toString('utf8'))) without.add(name);
  } catch (error) {
    // One of them is damaged.
    if (!isTeamwrightError(error, 'git-failed')) throw error;
  }
  return new Set(entries.flatMap(({ name }) => (without.has(name) ? [] : [name])));
}
