import { constants } from 'node:fs';
import { access, copyFile, lstat, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import ignore from 'ignore';
import pLimit from 'p-limit';
import { isTeamwrightError } from '../errors.ts';
import { isAbsent, isThere, textAtNow } from '../process/index.ts';
import { junk, packageFolders } from './dependency-names.ts';
import { type GitPlace, git, knowingFilters, zeroSplit } from './git.ts';
import { holdsToken, isSecretName, mayHoldToken } from './secrets.ts';
import { storedOtherwise } from './stored-otherwise.ts';
import type { LeftOut, StoredOtherwise } from './types.ts';
import { unlessWaiting } from './waiting.ts';

/** A work tree to be frozen, through an index of our own: the index it is seeded from is only read. */
export interface WorkTree {
  /** Top of the work tree; git's environment names the git folder when it is not found from there. */
  readonly place: GitPlace;
  /** Index whose entries (and cached file times) are a start; may be absent. */
  readonly seedIndex: string | undefined;
  /** Where the index used for this capture is written. */
  readonly index: string;
  /** Object folder that receives new objects. */
  readonly objects: string;
  /** Further object folders to read (submodules' own). */
  readonly alternates: readonly string[];
}

export interface CaptureRules {
  readonly largestFileBytes: number;
  /** Secrets the user asked for by name in a `.worktreeinclude` of their own. */
  readonly asked: ((path: string) => boolean) | undefined;
  /** Paths that are carried although git ignores them. */
  readonly always?: readonly string[];
}

export interface Capture {
  readonly tree: string;
  /** HEAD of the work tree; undefined before the first commit. */
  readonly head: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly storedOtherwise: readonly StoredOtherwise[];
  /** Ignored paths as git names them: folders end in a slash and are not entered. Plus package folders nobody ignored. */
  readonly ignored: readonly string[];
  /** Paths at which the tree names a commit of another repository. */
  readonly links: readonly string[];
}

interface Status {
  head: string | undefined;
  changed: string[];
  untracked: string[];
  ignored: string[];
}

const notCarried = ignore({ ignorecase: false }).add([...junk, ...packageFolders]);

/**
 * Freezes a work tree as it is now, dirty and untracked files included, into a tree. Three or four git commands; nothing of the work
 * tree's own git folder is written.
 */
export function captureTree(tree: WorkTree, rules: CaptureRules, signal: AbortSignal | undefined): Promise<Capture> {
  return unlessWaiting(tree.place.cwd, (stop) => capture(tree, rules, stop), signal);
}

async function capture(tree: WorkTree, rules: CaptureRules, signal: AbortSignal): Promise<Capture> {
  const alternates: Record<string, string> =
    tree.alternates.length === 0 ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: tree.alternates.map(quoteAlternate).join(alternateSeparator) };
  const here: GitPlace = {
    cwd: tree.place.cwd,
    env: { ...tree.place.env, GIT_INDEX_FILE: tree.index, GIT_OBJECT_DIRECTORY: tree.objects, ...alternates },
  };
  await seedIndex(tree);
  const [place, tracked] = await Promise.all([knowingFilters(here, signal), trackedIn(here, signal)]);
  await lookAtFlagged(place, tracked, signal);
  const status = await readStatus(place, signal);
  const leftOut: LeftOut[] = [];
  const packages = new Set<string>();
  const untracked = status.untracked.filter((path) => {
    if (path.endsWith('/')) leftOut.push({ path: path.slice(0, -1), reason: 'nested-repository' });
    else if (!notCarried.ignores(path)) return true;
    else addPackageFolder(packages, path);
    return false;
  });
  const secrets = trackedSecrets(place, tracked, rules);
  const carried = await judged(place.cwd, { changed: status.changed, untracked }, rules, leftOut);
  const remove = new Set(secrets);
  for (const path of secrets) leftOut.push({ path, reason: 'secret' });
  const update = [...carried.filter((path) => !remove.has(path)), ...(rules.always ?? [])];
  if (update.length > 0) await updateIndex(place, update, leftOut, signal);
  if (remove.size > 0) await git(place, ['update-index', '-z', '--force-remove', '--stdin'], { input: zeroJoin([...remove]), signal });
  const [written, otherwise, links] = await Promise.all([
    git(place, ['write-tree'], { signal }),
    storedOtherwise(place, signal),
    update.length === 0 && !tracked.some(({ isLink }) => isLink) ? [] : gitlinks(place, signal),
  ]);
  return {
    tree: written.trim(),
    head: status.head,
    leftOut,
    storedOtherwise: otherwise,
    ignored: [...status.ignored, ...packages],
    links,
  };
}

interface Tracked {
  readonly path: string;
  /** git was told to look away from it. */
  readonly flagged: boolean;
  /** It stands for a commit of another repository. */
  readonly isLink: boolean;
}

/** What the index names. */
async function trackedIn(place: GitPlace, signal: AbortSignal | undefined): Promise<Tracked[]> {
  // `H 100644 <object> 0<tab><path>`
  const entries = zeroSplit(await git(place, ['ls-files', '-v', '-s', '-z'], { signal }));
  return entries.map((entry) => ({
    path: entry.slice(entry.indexOf('\t') + 1),
    flagged: /^[a-zS] /.test(entry),
    isLink: entry.startsWith('160000 ', 2),
  }));
}

async function gitlinks(place: GitPlace, signal: AbortSignal | undefined): Promise<string[]> {
  return (await trackedIn(place, signal)).filter(({ isLink }) => isLink).map(({ path }) => path);
}

const alternateSeparator = process.platform === 'win32' ? ';' : ':';

/** A path as `GIT_ALTERNATE_OBJECT_DIRECTORIES` takes it. */
export function quoteAlternate(path: string): string {
  return path.includes(alternateSeparator) || path.startsWith('"') ? `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : path;
}

const zeroJoin = (paths: readonly string[]): string => paths.map((path) => `${path}\0`).join('');

/** Copies the index with its time: git compares file times with the time of the index to know what it must look at again. */
async function seedIndex(tree: WorkTree): Promise<void> {
  if (tree.seedIndex === undefined || tree.seedIndex === tree.index) return;
  try {
    const stats = await lstat(tree.seedIndex);
    if (!stats.isFile()) return;
    const { atimeMs, mtimeMs } = stats;
    const fresh = `${tree.index}.new`;
    await copyFile(tree.seedIndex, fresh);
    await utimes(fresh, atimeMs / 1000, (mtimeMs - 0.002) / 1000);
    await rename(fresh, tree.index);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/**
 * `update-index --assume-unchanged` and `--skip-worktree` make git look away from a file, and what the user wrote there would be written over. In our
 * own index it looks. What a sparse checkout leaves out is not on the disk and stays so.
 */
async function lookAtFlagged(place: GitPlace, tracked: readonly Tracked[], signal: AbortSignal | undefined): Promise<void> {
  const flagged = tracked.filter((entry) => entry.flagged);
  if (flagged.length === 0) return;
  const limit = pLimit(32);
  const there = await Promise.all(flagged.map(({ path }) => limit(() => isThere(join(place.cwd, path)))));
  const paths = flagged.filter((_, n) => there[n]).map(({ path }) => path);
  for (const option of paths.length > 0 ? ['--no-assume-unchanged', '--no-skip-worktree'] : [])
    await git(place, ['update-index', option, '-z', '--stdin'], { input: zeroJoin(paths), signal });
}

async function readStatus(place: GitPlace, signal: AbortSignal | undefined): Promise<Status> {
  const asked = [
    '--porcelain=v2',
    '-z',
    '--branch',
    '--untracked-files=all',
    '--ignored=matching',
    '--no-renames',
    '--ignore-submodules=all',
  ];
  const output = await git(place, ['status', ...asked], { signal });
  const status: Status = { head: undefined, changed: [], untracked: [], ignored: [] };
  for (const record of zeroSplit(output)) {
    const kind = record[0];
    if (kind === '?') status.untracked.push(record.slice(2));
    else if (kind === '!') status.ignored.push(record.slice(2));
    else if (kind === '1' && record[3] !== '.') status.changed.push(afterFields(record, 8));
    else if (kind === 'u') status.changed.push(afterFields(record, 10));
    else if (record.startsWith('# branch.oid ') && !record.endsWith('(initial)')) status.head = record.slice('# branch.oid '.length);
  }
  return status;
}

function afterFields(record: string, fields: number): string {
  let at = 0;
  for (let n = 0; n < fields; n++) at = record.indexOf(' ', at) + 1;
  return record.slice(at);
}

/** The topmost package folder of a path, with a slash, as git would name it were it ignored. */
function addPackageFolder(packages: Set<string>, path: string): void {
  const segments = path.split('/');
  const at = segments.findIndex((segment) => packageFolders.includes(segment));
  if (at >= 0) packages.add(`${segments.slice(0, at + 1).join('/')}${at === segments.length - 1 ? '' : '/'}`);
}

function trackedSecrets(place: GitPlace, tracked: readonly Tracked[], rules: CaptureRules): string[] {
  return tracked
    .filter(({ path }) => !rules.asked?.(path))
    .filter(({ path }) => isSecretName(path, true) || (mayHoldToken(path) && readsToken(join(place.cwd, path))))
    .map(({ path }) => path);
}

function readsToken(path: string): boolean {
  try {
    return holdsToken(textAtNow(path) ?? '');
  } catch (error) {
    // What cannot be read may be one.
    return error instanceof Error;
  }
}

/** The paths whose content goes into the tree. What cannot or must not go is told in `leftOut`. */
async function judged(
  top: string,
  { changed, untracked }: { changed: readonly string[]; untracked: readonly string[] },
  rules: CaptureRules,
  leftOut: LeftOut[],
): Promise<string[]> {
  const limit = pLimit(32);
  const reasons = [
    ...changed.map((path) => limit(async () => ({ path, reason: await obstacle(join(top, path), path, Number.POSITIVE_INFINITY) }))),
    ...untracked.map((path) =>
      limit(async () => {
        const secret = isSecretName(path, false) || (mayHoldToken(path) && readsToken(join(top, path)));
        return { path, reason: secret ? ('secret' as const) : await obstacle(join(top, path), path, rules.largestFileBytes) };
      }),
    ),
  ];
  const carried: string[] = [];
  for (const { path, reason } of await Promise.all(reasons)) {
    if (reason === undefined) carried.push(path);
    else leftOut.push({ path, reason });
  }
  return carried;
}

async function obstacle(absolute: string, path: string, largest: number): Promise<LeftOut['reason'] | undefined> {
  if (path.includes('\ufffd')) return 'unreadable';
  try {
    const stats = await lstat(absolute);
    if (stats.isSymbolicLink() || stats.isDirectory()) return undefined;
    if (!stats.isFile()) return 'special-file';
    if (stats.size > largest) return 'too-large';
    await access(absolute, constants.R_OK);
    return undefined;
  } catch (error) {
    // Gone: `update-index --remove` takes it out of the tree.
    return isAbsent(error) ? undefined : 'unreadable';
  }
}

/** One command for all; when a single file spoils it (it vanished or became unreadable meanwhile), file by file. */
async function updateIndex(place: GitPlace, paths: readonly string[], leftOut: LeftOut[], signal: AbortSignal | undefined): Promise<void> {
  const update = (some: readonly string[]) =>
    git(place, ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { input: zeroJoin(some), signal });
  try {
    await update(paths);
  } catch (error) {
    if (!isTeamwrightError(error, 'git-failed')) throw error;
    for (const path of paths) {
      try {
        await update([path]);
      } catch (single) {
        if (!isTeamwrightError(single, 'git-failed') || paths.length === 1) throw single;
        leftOut.push({ path, reason: 'unreadable' });
      }
    }
  }
}

/** Removes a capture's index file, and what a stopped git left beside it. */
export async function removeIndex(index: string): Promise<void> {
  await Promise.all([index, `${index}.new`, `${index}.lock`].map((path) => rm(path, { force: true })));
}
