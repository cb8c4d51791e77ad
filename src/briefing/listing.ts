/** Which files a workspace has: git's own answer in a repository, a walk with ignore files elsewhere. */
import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import ignore, { type Ignore } from 'ignore';
import { throwIfStopped } from '../errors.ts';
import { askGit } from '../workspace/index.ts';
import { alwaysIgnored, ignoredWithoutGit } from './exclusions.ts';
import { countLanguages, languageOf } from './languages.ts';
import type { BriefingLimits, Deadline } from './limits.ts';
import { ifSeen, type SourceReader } from './source.ts';
import type { Briefing } from './types.ts';

export interface Listing {
  /** Relative, forward slashes, sorted, each once. */
  readonly paths: readonly string[];
  readonly by: 'git' | 'walk';
  readonly untracked: number;
  readonly leftOut: readonly string[];
}

/** Never throws for the state of the tree; what could not be listed is said in `leftOut`. */
export async function listFiles(reader: SourceReader, limits: BriefingLimits, deadline: Deadline, signal: AbortSignal): Promise<Listing> {
  return (await listByGit(reader, limits, deadline, signal)) ?? (await listByWalk(reader, limits, deadline, signal));
}

/** Those of the files that are on the disk: a sparse checkout leaves some out. */
export function knownFiles(root: string, files: readonly string[], limits: BriefingLimits): Listing {
  const leftOut: string[] = [];
  const there = files.filter((path) => sizeOf(join(root, path)) !== undefined);
  return { ...bounded(there, limits, leftOut), by: 'walk', untracked: 0, leftOut };
}

/**
 * Undefined when git does not know this folder: no repository, no git, or a folder its repository ignores. What git tracks is in its index
 * and read at once; what it does not track needs a walk, which may run into the time limit on its own.
 */
export async function listByGit(
  reader: SourceReader,
  limits: BriefingLimits,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<Listing | undefined> {
  const { root } = reader;
  const bytes = limits.listedFiles * 300;
  const ask = (args: string[]) => askGit({ cwd: root }, args, { ms: deadline.left(), bytes }, signal);
  const excludes = alwaysIgnored.flatMap((pattern) => ['-x', pattern]);
  // One after the other: the index is read in no time when no walk competes with it, and without it there is no briefing.
  const tracked = await ask(['ls-files', '-z', '-t', '--cached']);
  const others = await ask(['ls-files', '-z', '--others', '--exclude-standard', ...excludes]);
  if ([tracked, others].some(({ ending }) => ending === 'failed' || ending === 'not-found')) return undefined;
  // `S`: a sparse checkout left it out of the working tree.
  const known = entriesOf(tracked.stdout).flatMap((entry) => (entry.startsWith('S ') ? [] : [entry.slice(2)]));
  const found = entriesOf(others.stdout);
  const isNested = (path: string): boolean => path.endsWith('/');
  const paths = [...new Set([...known, ...found.filter((path) => !isNested(path))])];
  const opened = paths.filter((path) => !path.includes('\uFFFD'));
  const nested = found.filter(isNested).map((path) => path.slice(0, -1));
  const leftOut: string[] = [];
  if (paths.length === 0 && others.ending === 'done' && nested.length === 0 && (await isIgnoredByItsRepository(root, deadline, signal)))
    return undefined;
  if (tracked.ending !== 'done')
    leftOut.push(`Listing the files took too long or too much; only the first ${known.length} were looked at.`);
  if (others.ending !== 'done')
    leftOut.push('Listing the files that git does not track took too long or too much; some were not looked at.');
  // Copies carry clones that lie in the workspace; git does not look into them from here.
  const inner = nested.length === 0 ? undefined : await listByWalk(reader, limits, deadline, signal, nested);
  leftOut.push(...(inner?.leftOut ?? []));
  if (opened.length < paths.length) leftOut.push(`Not opened, because their names are not UTF-8: ${paths.length - opened.length} files.`);
  return {
    ...bounded([...opened, ...(inner?.paths ?? [])], limits, leftOut),
    by: 'git',
    untracked: found.length - nested.length,
    leftOut,
  };
}

/** What follows the last NUL is nothing, or half a name when the output was cut. */
function entriesOf(output: string): string[] {
  return output.split('\0').slice(0, -1);
}

async function isIgnoredByItsRepository(root: string, deadline: Deadline, signal: AbortSignal): Promise<boolean> {
  return (
    (await askGit({ cwd: root }, ['check-ignore', '-q', '--', root], { ms: deadline.left(), bytes: 10_000 }, signal)).ending === 'done'
  );
}

function bounded(paths: string[], limits: BriefingLimits, leftOut: string[]): { paths: string[] } {
  paths.sort();
  if (paths.length > limits.listedFiles) {
    leftOut.push(`${paths.length - limits.listedFiles} of ${paths.length} files were not looked at (limit ${limits.listedFiles}).`);
    paths.length = limits.listedFiles;
  }
  return { paths };
}

/** Breadth first, in order of name, links not followed, special files not listed, `.gitignore` obeyed at every level. */
async function listByWalk(
  reader: SourceReader,
  limits: BriefingLimits,
  deadline: Deadline,
  signal: AbortSignal,
  from: readonly string[] = [''],
): Promise<Listing> {
  const paths: string[] = [];
  const leftOut: string[] = [];
  let unreadable = 0;
  let nested = 0;
  const always = [{ base: '', ignore: ignore().add([...alwaysIgnored, ...ignoredWithoutGit]) }];
  let queue: { folder: string; rules: readonly Rules[] }[] = from.map((folder) => ({ folder, rules: always }));
  while (queue.length > 0 && paths.length <= limits.listedFiles && !deadline.over()) {
    throwIfStopped(signal);
    const batch = queue.slice(0, 32);
    const rest = queue.slice(32);
    const found = await Promise.all(
      batch.map(async ({ folder, rules }) => {
        const entries = await readdir(join(reader.root, folder), { withFileTypes: true }).catch(() => undefined);
        return {
          folder,
          entries,
          rules: entries?.some(({ name }) => name === '.gitignore') ? withIgnoreFile(reader, folder, rules) : rules,
        };
      }),
    );
    for (const { folder, entries, rules } of found) {
      if (entries === undefined) unreadable += 1;
      // What a `.git` that is no folder leads to may lie anywhere.
      else if (folder !== '' && entries.some((entry) => entry.name === '.git' && !entry.isDirectory())) nested += 1;
      else {
        for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
          const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
          if (!(entry.isFile() || entry.isDirectory()) || entry.name.includes('\uFFFD')) continue;
          if (isIgnored(path, entry.isDirectory(), rules)) continue;
          if (entry.isFile()) paths.push(path);
          else rest.push({ folder: path, rules });
        }
      }
    }
    queue = rest;
  }
  if (unreadable > 0) leftOut.push(`${unreadable} ${unreadable === 1 ? 'folder' : 'folders'} could not be read.`);
  if (nested > 0) leftOut.push(`${nested} nested ${nested === 1 ? 'repository was' : 'repositories were'} not looked into.`);
  if (queue.length > 0) leftOut.push(`Listing the files took too long or too much; ${queue.length} folders were not looked into.`);
  return { ...bounded(paths, limits, leftOut), by: 'walk', untracked: 0, leftOut };
}

interface Rules {
  readonly base: string;
  readonly ignore: Ignore;
}

function withIgnoreFile(reader: SourceReader, folder: string, rules: readonly Rules[]): readonly Rules[] {
  const file = reader.read(folder === '' ? '.gitignore' : `${folder}/.gitignore`);
  return file.ok ? [...rules, { base: folder, ignore: ignore().add(file.text) }] : rules;
}

/** The deepest ignore file that has an opinion wins, as in git. */
function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  let ignored = false;
  for (const { base, ignore: matcher } of rules) {
    const inside = (base === '' ? path : path.slice(base.length + 1)) + (isFolder ? '/' : '');
    const verdict = matcher.test(inside);
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}

/** At most so many files are measured; the bytes of the others are estimated from them. */
const measuredFiles = 10_000;
/** So many are measured even when the time is up: it takes milliseconds. */
const leastMeasured = 500;

/** Languages with files and bytes. Exact up to 10,000 source files, above that the bytes are estimated from an even sample. */
export async function measureLanguages(
  root: string,
  paths: readonly string[],
  deadline: Deadline,
  signal: AbortSignal,
): Promise<{ languages: Briefing['languages']; leftOut: readonly string[] }> {
  const sources = paths.filter((path) => languageOf(path) !== undefined);
  const every = Math.max(1, Math.ceil(sources.length / measuredFiles));
  const sizes: { path: string; bytes: number }[] = [];
  for (let at = 0; at < sources.length && (sizes.length < leastMeasured || !deadline.over()); at += every) {
    const path = sources[at] ?? '';
    const bytes = sizeOf(join(root, path));
    if (bytes !== undefined) sizes.push({ path, bytes });
    if (sizes.length % 64 !== 0) continue;
    await setImmediate();
    throwIfStopped(signal);
  }
  const measured = countLanguages(sizes);
  if (every === 1 && (sizes.length < leastMeasured || !deadline.over())) return { languages: measured, leftOut: [] };
  const counted = countLanguages(sources.map((path) => ({ path, bytes: 0 })));
  const mean = new Map(measured.map(({ name, files, bytes }) => [name, bytes / files]));
  const languages = counted
    .map(({ name, files }) => ({ name, files, bytes: Math.round(files * (mean.get(name) ?? 0)) }))
    .sort((a, b) => b.bytes - a.bytes || b.files - a.files || (a.name < b.name ? -1 : 1));
  return { languages, leftOut: [`The bytes of each language are estimated from ${sizes.length} of ${sources.length} source files.`] };
}

/** Bytes of a regular file; undefined for anything else. */
function sizeOf(full: string): number | undefined {
  const stat = ifSeen(() => lstatSync(full, { throwIfNoEntry: false }));
  return stat?.isFile() ? stat.size : undefined;
}
