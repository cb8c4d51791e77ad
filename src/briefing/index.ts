/** The briefing's front door: facts about a workspace for one request, gathered without a model, bounded in bytes and time. */
import { resolve } from 'node:path';
import { throwIfStopped } from '../errors.ts';
import { isTestPath } from '../feedback/index.ts';
import type { TestCommand, TestReport } from '../feedback/types.ts';
import type { Request } from '../request/types.ts';
import { workspaceFolder } from '../workspace/index.ts';
import { readGitState } from './git.ts';
import { readInstructions } from './instructions.ts';
import { packageManagerOf } from './languages.ts';
import { type BriefingLimits, type Deadline, deadlineIn, defaultLimits } from './limits.ts';
import { listByGit, listFiles, measureLanguages } from './listing.ts';
import { type Selection, select } from './select.ts';
import { type SourceReader, sourceReader } from './source.ts';
import { type FileTree, fileTree } from './tree.ts';
import type { Briefing, GitState } from './types.ts';

export { weights } from './evidence.ts';
export { markerLine, markerPattern } from './excerpt.ts';
export { isSecretPath } from './exclusions.ts';
export { type BriefingLimits, defaultLimits } from './limits.ts';
export { renderBriefing } from './render.ts';
export type { Selection } from './select.ts';
export type { Briefing, GitState, RelevanceReason, RelevantFile } from './types.ts';

export interface BriefingSettings {
  /** Programs that may be ripgrep, tried in this order; default: `rg` on the PATH. Without one, git or Node searches. */
  readonly ripgrep?: readonly string[];
}

export interface BriefingInput {
  readonly request: Request;
  /** Top of the workspace. */
  readonly root: string;
  readonly settings?: BriefingSettings;
  readonly test?: TestCommand;
  /** The tests as they are before anything is changed; its failures point at files. */
  readonly baseline?: TestReport;
  readonly limits?: Partial<BriefingLimits>;
  /** Default: the feedback room's. */
  readonly isTestPath?: (path: string) => boolean;
  /** Monotonic clock, ms. */
  readonly now?: () => number;
}

/** What a workspace is, whatever the request. Can be taken while the baseline tests still run. */
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

/**
 * Gathers the whole briefing. The same tree, request and baseline give the same briefing (but for `ms`) unless the time limit cut in,
 * which `leftOut` says. Nothing is written, no hook or program of the repository is run, no file outside it and no secret is read.
 * Throws `workspace-unusable` when `root` is no folder, `stopped` when the signal fires.
 */
export async function brief(input: BriefingInput, signal: AbortSignal): Promise<Briefing> {
  const now = input.now ?? (() => performance.now());
  const start = now();
  const limits = limitsOf(input);
  const deadline = deadlineIn(limits.ms, now);
  const surveyed = await takeSurvey(input.root, limits, deadline, signal);
  const selection = await select(selectInput(input, surveyed, limits), deadline, signal);
  const paths = selection.files.map(({ path }) => path);
  const instructions = await readInstructions(surveyed.reader, paths, limits.instructionBytes);
  return {
    version: 1,
    languages: surveyed.languages,
    ...(surveyed.packageManager !== undefined && { packageManager: surveyed.packageManager }),
    ...(input.test !== undefined && { test: input.test }),
    ...(input.baseline !== undefined && { baseline: input.baseline }),
    files: [...selection.files],
    ...(instructions !== undefined && { instructions }),
    git: surveyed.git,
    fileCount: surveyed.tree.paths.length,
    leftOut: [...surveyed.leftOut, ...selection.leftOut],
    ms: Math.round(now() - start),
  };
}

/** Languages, package manager, git state and the list of files. Errors as `brief`. */
export function survey(input: Pick<BriefingInput, 'root' | 'limits' | 'now'>, signal: AbortSignal): Promise<Survey> {
  const limits = limitsOf(input);
  return takeSurvey(input.root, limits, deadlineIn(limits.ms, input.now ?? (() => performance.now())), signal);
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
  const [listing, git] = await Promise.all([listByGit(top, defaultLimits, deadline, signal), readGitState(top, reader, deadline, signal)]);
  return stateOf(listing, git.state);
}

/** Only the files that matter, for a new request or a new failure on a tree that was surveyed before. Errors as `brief`. */
export function selectFiles(input: BriefingInput, surveyed: Survey, signal: AbortSignal): Promise<Selection> {
  const limits = limitsOf(input);
  return select(selectInput(input, surveyed, limits), deadlineIn(limits.ms, input.now ?? (() => performance.now())), signal);
}

function limitsOf({ limits }: Pick<BriefingInput, 'limits'>): BriefingLimits {
  return { ...defaultLimits, ...limits };
}

function selectInput(input: BriefingInput, { reader, tree, roots, inRepository }: Survey, limits: BriefingLimits) {
  return {
    request: input.request,
    test: input.test,
    baseline: input.baseline,
    reader,
    tree,
    roots,
    inRepository,
    ripgrep: input.settings?.ripgrep ?? ['rg'],
    isTestPath: input.isTestPath ?? isTestPath,
    limits,
  };
}

/** Listing and git state may take this share of the time, so that some is left for choosing files. */
const surveyShare = 0.6;

async function takeSurvey(root: string, limits: BriefingLimits, deadline: Deadline, signal: AbortSignal): Promise<Survey> {
  throwIfStopped(signal);
  const top = await workspaceFolder(root);
  const reader = sourceReader(top, limits.fileBytes);
  const part: Deadline = {
    left: () => Math.max(0, deadline.left() - limits.ms * (1 - surveyShare)),
    over: () => deadline.left() <= limits.ms * (1 - surveyShare),
  };
  const [listing, git] = await Promise.all([listFiles(reader, limits, part, signal), readGitState(top, reader, part, signal)]);
  const { languages, leftOut } = await measureLanguages(top, listing.paths, part, signal);
  const tree = fileTree(listing.paths);
  const packageManager = packageManagerOf(tree.has, languages);
  return {
    reader,
    tree,
    roots: [...new Set([top, resolve(root)])].map((path) => path.replace(/\\/g, '/').replace(/\/+$/, '')),
    git: stateOf(listing.by === 'git' ? listing : undefined, git.state),
    languages,
    ...(packageManager !== undefined && { packageManager }),
    inRepository: listing.by === 'git',
    leftOut: [...git.leftOut, ...listing.leftOut, ...leftOut],
  };
}

/** A folder that its repository ignores is not in that repository. */
function stateOf(listing: { readonly untracked: number } | undefined, state: GitState): GitState {
  if (listing === undefined) return { kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] };
  return { ...state, untracked: listing.untracked };
}
