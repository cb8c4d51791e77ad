/** A look over a workspace before any request is thought of. */
import { resolve } from 'node:path';
import { throwIfStopped } from '../errors.ts';
import { counted } from '../text/index.ts';
import { isNeverShown, workspaceFolder } from '../workspace/index.ts';
import { readGitState, unknownState } from './git.ts';
import { packageManagerOf } from './languages.ts';
import { type BriefingLimits, type Deadline, deadlineIn, defaultLimits } from './limits.ts';
import { knownFiles, listByGit, listFiles, measureLanguages } from './listing.ts';
import { type SourceReader, sourceReader } from './source.ts';
import { type FileTree, fileTree } from './tree.ts';
import type { Briefing, GitState } from './types.ts';

/** What a workspace is, whatever the request. */
export interface Survey {
  readonly reader: SourceReader;
  readonly tree: FileTree;
  readonly roots: readonly string[];
  readonly git: GitState;
  readonly languages: Briefing['languages'];
  readonly packageManager?: string;
  readonly inRepository: boolean;
  readonly leftOut: readonly string[];
}

/** Listing and git state may take this share of the time, so that some is left for choosing files. */
const surveyShare = 0.6;

/** Languages, package manager, git state and the list of files; `files` as of `brief`. Errors as `brief`. */
export async function takeSurvey(
  root: string,
  limits: BriefingLimits,
  deadline: Deadline,
  signal: AbortSignal,
  files?: readonly string[],
): Promise<Survey> {
  throwIfStopped(signal);
  const top = await workspaceFolder(root);
  const reader = sourceReader(top, limits.fileBytes);
  const part: Deadline = {
    left: () => Math.max(0, deadline.left() - limits.ms * (1 - surveyShare)),
    over: () => deadline.left() <= limits.ms * (1 - surveyShare),
  };
  const [listing, git] =
    files === undefined
      ? await Promise.all([listFiles(reader, limits, part, signal), readGitState(top, reader, part, signal)])
      : [knownFiles(top, files, limits), unknownState];
  const { languages, leftOut } = await measureLanguages(top, listing.paths, part, signal);
  const tree = fileTree(listing.paths);
  const packageManager = packageManagerOf(tree.has, languages);
  return {
    reader,
    tree,
    roots: [...new Set([top, resolve(root)])].map((path) => path.replace(/\\/g, '/').replace(/(?<!\/)\/+$/, '')),
    git: stateOf(listing.by === 'git' ? listing : undefined, git.state),
    languages,
    ...(packageManager !== undefined && { packageManager }),
    inRepository: listing.by === 'git',
    leftOut: [...git.leftOut, ...listing.leftOut, ...leftOut, ...notShown(listing.paths)],
  };
}

/** Named up to three: more would fill the screen of a plan. */
function notShown(paths: readonly string[]): string[] {
  const secret = paths.filter(isNeverShown);
  if (secret.length === 0) return [];
  const [they, looks] = secret.length === 1 ? ['it', 'looks like a secret'] : ['they', 'look like secrets'];
  const named = secret.slice(0, 3).join(', ');
  return [`${counted(secret.length, 'file')} not shown, because ${they} ${looks}: ${named}${secret.length > 3 ? ', …' : ''}.`];
}

/**
 * Branch, head and counts of changed and untracked files of a folder, for callers that brief on a copy of it. Bounded as `brief` is;
 * a folder without git has kind `none`. Errors as `brief`.
 */
export async function gitState(root: string, signal: AbortSignal): Promise<GitState> {
  throwIfStopped(signal);
  const top = await workspaceFolder(root);
  const deadline = deadlineIn(defaultLimits.ms, () => performance.now());
  const reader = sourceReader(top, defaultLimits.fileBytes);
  const [listing, git] = await Promise.all([
    listByGit(reader, defaultLimits, deadline, signal),
    readGitState(top, reader, deadline, signal),
  ]);
  return stateOf(listing, git.state);
}

/** A folder that its repository ignores is not in that repository. */
function stateOf(listing: { readonly untracked: number } | undefined, state: GitState): GitState {
  if (listing === undefined) return { kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] };
  return { ...state, untracked: listing.untracked };
}
