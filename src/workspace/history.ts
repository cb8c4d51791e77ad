/** What a project's tests and tools ask git for beside the files: branch, commits, tags, remotes. Read from the user's repository, which is left alone. */
import { join } from 'node:path';
import { textAt } from '../process/index.ts';
import { askGit, type GitPlace } from './git.ts';
import type { Source } from './source.ts';

export interface History {
  /** What HEAD names (`refs/heads/main`); undefined where it is detached. */
  readonly branch: string | undefined;
  /** Undefined before the first commit, without a repository, and where git cannot read it. */
  readonly head: { readonly commit: string; readonly tree: string } | undefined;
  /** From HEAD backwards, then those that only branches, tags and remote branches lead to. */
  readonly commits: readonly string[];
  /** Those of them whose parents are not all among them: the history is cut there. */
  readonly edge: readonly string[];
  /** Branches, tags and remote branches that stand on one of the commits. */
  readonly references: readonly Reference[];
}

export interface Reference {
  readonly name: string;
  /** A commit, or a tag object. */
  readonly target: string;
  /** The reference that this one stands for (`refs/remotes/origin/HEAD`). */
  readonly symbolic: string | undefined;
  readonly isTagObject: boolean;
}

/** Commits that a copy's history has at most, of HEAD and beside it; older ones are cut off as in a shallow clone. */
const mostCommits = 10_000;
const mostBeside = 5_000;
/** For each of three questions. What git has not said by then is left out. */
const patience = { ms: 5_000, bytes: 10_000_000 };

/** Never fails for what a repository is like: what cannot be read is not there. */
export async function readHistory({ kind, top, repository }: Source, signal: AbortSignal): Promise<History> {
  const place: GitPlace = { cwd: top };
  if (kind === 'folder') return { branch: 'refs/heads/main', head: undefined, commits: [], edge: [], references: [] };
  const ask = async (...args: string[]): Promise<string> => (await askGit(place, args, patience, signal)).stdout;
  const commitsBy = (how: string, ...from: string[]): Promise<string> => ask('rev-list', how, '--format=%H %T %P', ...from);
  const others = ['--branches', '--tags', '--remotes'];
  const [symbolic, listed, beside, named] = await Promise.all([
    ask('symbolic-ref', '--quiet', 'HEAD'),
    commitsBy(`--max-count=${mostCommits}`, 'HEAD'),
    commitsBy(`--max-count=${mostBeside}`, ...others, '--not', 'HEAD'),
    ask('for-each-ref', `--format=${referenceFields}`, 'refs/heads', 'refs/tags', 'refs/remotes'),
  ]);
  // Git begins with what HEAD stands on, and says nothing where that is missing.
  const ofHead = recordsIn(listed || (await commitsBy('--no-walk', 'HEAD')));
  // Without a first commit there is no HEAD, and may be branches.
  const records = [...ofHead, ...recordsIn(beside || (ofHead.length > 0 ? '' : await commitsBy(`--max-count=${mostBeside}`, ...others)))];
  const known = new Set(records.map(({ commit }) => commit));
  const shallow = new Set(repository?.shallow ? ((await textAt(join(repository.commonDir, 'shallow'))) ?? '').split('\n') : []);
  const isCut = ({ commit, parents }: (typeof records)[number]) => shallow.has(commit) || parents.some((parent) => !known.has(parent));
  const references = wholeLines(named).flatMap((line): Reference[] => {
    const [target = '', tagged = '', ref = '', leadsTo = ''] = line.split(' ');
    const isTagObject = tagged !== '';
    return known.has(isTagObject ? tagged : target) ? [{ name: ref, target, symbolic: leadsTo || undefined, isTagObject }] : [];
  });
  return {
    branch: symbolic.trim() || undefined,
    head: ofHead[0],
    commits: [...known],
    edge: records.filter(isCut).map(({ commit }) => commit),
    references,
  };
}

const recordsIn = (listed: string) =>
  wholeLines(listed).flatMap((line) => {
    const [commit = '', tree = '', ...parents] = line.trimEnd().split(' ');
    return commit === 'commit' ? [] : [{ commit, tree, parents }];
  });

const referenceFields = '%(objectname) %(*objectname) %(refname) %(symref)';

/** What follows the last line end is cut off, or nothing. */
const wholeLines = (output: string): string[] => output.split('\n').slice(0, -1);
