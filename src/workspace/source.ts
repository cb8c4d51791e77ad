import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isTeamwrightError, workspaceUnusable } from '../errors.ts';
import { ifThere, textAtNow } from '../process/index.ts';
import { type GitPlace, git, zeroSplit } from './git.ts';
import { unlessWaiting } from './waiting.ts';

/**
 * What stands under a workspace. A `repository` is the user's own; a `folder` has none that can be used (no git, a repository of another
 * owner, a broken `.git`, or an outer repository that does not track this folder), and is kept by the store's private git folder.
 */
export interface Source {
  readonly kind: 'repository' | 'folder';
  /** Real path of the workspace. */
  readonly workspace: string;
  /** Real path of what snapshots carry: the repository's top, or the workspace. */
  readonly top: string;
  /** The workspace within `top`: '' or a path that ends in a slash. */
  readonly prefix: string;
  /** Only for a repository. */
  readonly repository?: RepositoryFacts;
}

export interface RepositoryFacts {
  readonly gitDir: string;
  readonly commonDir: string;
  readonly index: string;
  readonly objects: string;
  readonly shallow: boolean;
  readonly objectFormat: string;
  /** Settings that decide how files look on disk, to be used in the copies as well. */
  readonly config: readonly (readonly [string, string])[];
  /** Settings of its remotes, and which of their branches its own ones follow. Addresses may hold logins. */
  readonly remotes: readonly (readonly [string, string])[];
}

const carriedSettings =
  /^core\.(autocrlf|eol|filemode|symlinks|ignorecase|precomposeunicode|protecthfs|protectntfs|longpaths|excludesfile|attributesfile|sparsecheckout|sparsecheckoutcone|bigfilethreshold)$/;

const remoteSettings = /^(?:remote\..+\.(?:url|fetch)|branch\..+\.(?:remote|merge))$/s;

/** Finds out what stands under the workspace. Throws `workspace-unusable` or `git-missing`. */
export async function findSource(workspace: string, signal: AbortSignal | undefined): Promise<Source> {
  const real = await workspaceFolder(workspace);
  const repository = await unlessWaiting(real, (stop) => findRepository(real, stop), signal);
  if (repository === undefined) return { kind: 'folder', workspace: real, top: real, prefix: '' };
  return { kind: 'repository', workspace: real, ...repository };
}

/** The real path of a folder that may be a workspace. Rejects with `workspace-unusable`. */
export async function workspaceFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw absent ? workspaceUnusable(folder, 'absent') : workspaceUnusable(folder, 'unreadable', error);
  }
  throw workspaceUnusable(folder, 'not-a-folder');
}

type Found = Pick<Source, 'top' | 'prefix'> & { repository: RepositoryFacts };

async function findRepository(workspace: string, signal: AbortSignal | undefined): Promise<Found | undefined> {
  const place: GitPlace = { cwd: workspace };
  const asked = [
    '--path-format=absolute',
    '--show-toplevel',
    '--git-dir',
    '--git-common-dir',
    '--git-path',
    'index',
    '--git-path',
    'objects',
    '--is-shallow-repository',
    '--show-object-format',
    '--show-prefix',
  ];
  let lines: string[];
  let config: string;
  try {
    const said = await Promise.all([git(place, ['rev-parse', ...asked], { signal }), git(place, ['config', '--list', '-z'], { signal })]);
    lines = said[0].split('\n');
    config = said[1];
  } catch (error) {
    if (!isTeamwrightError(error, 'git-failed')) throw error;
    const { said } = error.facts;
    if (/must be run in a work tree|cannot use bare repository/.test(said)) throw workspaceUnusable(workspace, 'bare-repository');
    if (/not a git repository|dubious ownership|invalid gitfile|safe\.directory/.test(said)) return undefined;
    throw error;
  }
  const [top = '', gitDir = '', commonDir = '', index = '', objects = '', shallow, objectFormat = 'sha1', prefix = ''] = lines;
  if (!(await pointsBack({ top, gitDir, commonDir, objects }))) return undefined;
  if (prefix !== '' && (await git(place, ['ls-files', '-z', '--', '.'], { signal })) === '') return undefined;
  const listed = zeroSplit(config).map((entry) => entry.split('\n'));
  const settings = (wanted: RegExp) =>
    listed.flatMap(([key = '', ...value]) => (wanted.test(key) ? [[key, value.join('\n')] as const] : []));
  return {
    top: await realpath(top),
    prefix,
    repository: {
      gitDir,
      commonDir,
      index,
      objects: await realpath(objects),
      shallow: shallow === 'true',
      objectFormat,
      config: settings(carriedSettings),
      remotes: settings(remoteSettings),
    },
  };
}

interface Claim {
  readonly top: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly objects: string;
}

/**
 * Whether a folder's `.git` may be believed. A folder can name any git folder of this machine (a `.git` file, a link, `core.worktree`, `commondir`), and
 * would get its history and files into a run; so the git folder must lie in it, or name it in return: as a worktree it made, or as its own.
 */
async function pointsBack({ top, gitDir, commonDir, objects }: Claim): Promise<boolean> {
  const real = (path: string) => ifThere(realpath(path));
  const [folder, git, common] = await Promise.all([real(top), real(gitDir), real(commonDir)]);
  if (folder === undefined || git === undefined || common === undefined) return false;
  if ((await real(objects)) !== join(common, 'objects')) return false;
  if (git === join(folder, '.git')) return common === git;
  if (common !== git) {
    const made = textAtNow(join(git, 'gitdir'))?.trim();
    return dirname(git) === join(common, 'worktrees') && made !== undefined && (await real(resolve(git, made))) === join(folder, '.git');
  }
  // A submodule: its file names the git folder, whose settings name the work tree, where git found it.
  const named = /^gitdir: (.+)$/.exec(textAtNow(join(folder, '.git'))?.trimEnd() ?? '')?.[1];
  return (
    named !== undefined &&
    (await real(resolve(folder, named))) === git &&
    /^[ \t]*worktree[ \t]*=/im.test(textAtNow(join(git, 'config')) ?? '')
  );
}
