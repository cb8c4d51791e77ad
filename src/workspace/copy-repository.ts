/**
 * The repository that a copy has for itself: what tests and tools of a project ask git for (branch, tags, history, remotes, a clean status). It is files
 * only and names nothing outside of the copy. Foreign code may do with it what it likes: Teamwright never asks it anything.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { isTeamwrightError } from '../errors.ts';
import { textAt } from '../process/index.ts';
import { quoteAlternate } from './capture.ts';
import { configText, remotesText } from './config-text.ts';
import { newObjects } from './diff.ts';
import { git, zeroSplit } from './git.ts';
import { type History, readHistory } from './history.ts';
import { withTimes } from './index-times.ts';
import { keptPack } from './kept-pack.ts';
import { pastObjects } from './past.ts';
import { isSecretName, mayHoldToken } from './secrets.ts';
import type { Store } from './store.ts';

/** What the repositories of a run's copies have in common, made once. */
export interface CommonRepository {
  /** Holds packs with the history and the files of `tree`. */
  readonly packs: string;
  /** Of HEAD; of the snapshot where copies get a commit on top of it. */
  readonly tree: string;
  readonly history: History;
  /** HEAD of every copy is the user's. It is not where there is none, or where it has files that no copy gets. */
  readonly isHeadOfUser: boolean;
  /** The time of the commits that are made for copies, ms since the epoch: one, so that copies of a run are alike. */
  readonly madeAt: number;
}

/** Files of a copy that git is to look at as the copy was laid out. */
export interface LaidOut {
  readonly tree: string;
  /** When files were last written: ms since the epoch, by path relative to the top. */
  readonly times: ReadonlyMap<string, number>;
  /** Paths that were given beside the tree, and are no part of it. */
  readonly beside: readonly string[];
}

/** Contents of files are packed up to so many bytes (as git stores them), small ones first; git knows the others by name. */
const packedBytes = 50_000_000;

const indexConfig = ['index.version=2', 'index.sparse=false'];

/** Packs what the copies of a run have in common into a folder of its own. */
export async function commonRepository(store: Store, folder: string, tree: string, signal: AbortSignal): Promise<CommonRepository> {
  const [history, given] = await Promise.all([readHistory(store.source, signal), entriesOf(store, tree, signal)]);
  const { head } = history;
  const shown = new Set(blobsOf(given));
  const ofHead = head?.tree === tree ? given : await headEntries(store, head?.tree, signal);
  const isHeadOfUser =
    head !== undefined && ofHead !== undefined && !ofHead.some(({ name, path }) => !shown.has(name) && mayBeSecret(path));
  const entries = isHeadOfUser ? ofHead : given;
  const packed = isHeadOfUser ? head.tree : tree;
  const make = async (): Promise<void> => {
    const tags = history.references.filter(({ isTagObject }) => isTagObject).map(({ target }) => target);
    const [blobs, past] = await Promise.all([
      smallestFirst(store, blobsOf(entries), signal),
      pastObjects(store, history.commits, shown, signal),
    ]);
    const folders = entries.filter(({ type }) => type === 'tree').map(({ name }) => name);
    const needed = [...history.commits, ...tags, packed, ...folders, ...blobs];
    try {
      await pack(store, folder, [...needed, ...past], signal);
    } catch (error) {
      // What is damaged in the past is no hindrance.
      if (past.length === 0 || !isTeamwrightError(error, 'git-failed')) throw error;
      await pack(store, folder, needed, signal);
    }
  };
  if (isHeadOfUser) await keptPack(store, folder, history, make);
  else await make();
  return { packs: join(folder, 'pack'), tree: packed, history, isHeadOfUser, madeAt: Date.now() };
}

interface ListedObject {
  readonly type: string;
  readonly name: string;
  readonly path: string;
}

async function entriesOf(store: Store, tree: string, signal: AbortSignal): Promise<ListedObject[]> {
  const listed = await git(store.place, ['ls-tree', '-r', '-t', '-z', tree], { signal });
  return zeroSplit(listed).map((entry) => {
    const [, type = '', name = ''] = entry.slice(0, entry.indexOf('\t')).split(' ');
    return { type, name, path: entry.slice(entry.indexOf('\t') + 1) };
  });
}

const blobsOf = (entries: readonly ListedObject[]): string[] => entries.filter(({ type }) => type === 'blob').map(({ name }) => name);

/** Undefined where there is none, or git cannot read it. */
async function headEntries(store: Store, tree: string | undefined, signal: AbortSignal): Promise<ListedObject[] | undefined> {
  try {
    return tree === undefined ? undefined : await entriesOf(store, tree, signal);
  } catch (error) {
    if (!isTeamwrightError(error, 'git-failed')) throw error;
    return undefined;
  }
}

const mayBeSecret = (path: string): boolean => isSecretName(path, true) || mayHoldToken(path);

/** Those of the blobs that are there and fit in. */
async function smallestFirst(store: Store, blobs: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (blobs.length === 0) return [];
  const input = [...new Set(blobs)].map((blob) => `${blob}\n`).join('');
  const answer = await git(store.place, ['cat-file', '--batch-check=%(objectname) %(objectsize:disk)'], { input, signal });
  const sizes = answer.split('\n').flatMap((line) => {
    const [blob = '', bytes = ''] = line.split(' ');
    return /^\d+$/.test(bytes) ? [{ blob, bytes: Number(bytes) }] : [];
  });
  let sum = 0;
  return sizes
    .sort((a, b) => a.bytes - b.bytes)
    .filter(({ bytes }) => {
      sum += bytes;
      return sum <= packedBytes;
    })
    .map(({ blob }) => blob);
}

/** Objects that the store can read go into a pack in an object folder. Nothing is made smaller than it is: that would take long. */
async function pack(store: Store, objects: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  await mkdir(join(objects, 'pack'), { recursive: true });
  const env = {
    ...store.place.env,
    // Half a pack of a killed git lies where the copies do, too.
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoteAlternate(join(store.gitDir, 'objects')),
  };
  const config = ['pack.compression=1', 'core.fsync=none'];
  const input = [...new Set(names)].map((name) => `${name}\n`).join('');
  await git({ cwd: store.gitDir, env }, ['pack-objects', '-q', '--window=0', '--delta-base-offset', join(objects, 'pack', 'pack')], {
    input,
    config,
    signal,
  });
}

/** Lays the files of a tree into an empty folder. Git's index of them goes where the copy's own repository will be. */
export async function checkOut(store: Store, top: string, tree: string, signal: AbortSignal): Promise<void> {
  const own = join(top, '.git');
  await mkdir(own);
  const place = { cwd: top, env: { ...store.place.env, GIT_WORK_TREE: top, GIT_INDEX_FILE: join(own, 'index') } };
  await git(place, ['read-tree', '-m', '-u', tree], { signal, config: ['checkout.workers=0', ...indexConfig] });
}

/**
 * Makes a folder in which files were checked out a repository whose HEAD is the user's, with what is otherwise as changes that nobody committed; or a
 * commit on top of it.
 */
export async function layRepository(
  common: CommonRepository,
  store: Store,
  top: string,
  laidOut: LaidOut,
  signal: AbortSignal,
): Promise<void> {
  const own = join(top, '.git');
  const objects = join(own, 'objects');
  const { history, tree: packed, isHeadOfUser } = common;
  const { tree, times, beside } = laidOut;
  for (const folder of ['objects/pack', 'refs/heads', 'info']) await mkdir(join(own, folder), { recursive: true });
  const packs = (await readdir(common.packs)).filter((name) => name.startsWith('pack-'));
  await Promise.all(packs.map((name) => copyFile(join(common.packs, name), join(objects, 'pack', name), constants.COPYFILE_FICLONE)));
  if (tree !== packed && !isHeadOfUser) {
    const { trees, blobs } = await newObjects(store.place, packed, tree, signal);
    await pack(store, objects, [tree, ...trees, ...(await smallestFirst(store, blobs, signal))], signal);
  }
  const format = store.source.repository?.objectFormat ?? 'sha1';
  const head = (isHeadOfUser ? history.head?.commit : undefined) ?? (await makeCommit(objects, format, tree, common));
  const taken = async (name: string) => (await textAt(join(store.gitDir, name))) ?? '';
  const files: Record<string, string | Buffer> = {
    HEAD: history.branch === undefined ? `${head}\n` : `ref: ${history.branch}\n`,
    config: configText(store.source, ['bare = false', 'checkStat = minimal', 'trustctime = false']) + remotesText(store.source),
    'packed-refs': references(history, head),
    index: withTimes(await readFile(join(own, 'index')), times, format),
    'info/exclude': `${await taken('info/exclude')}${beside.map((path) => `/${path.replace(/[\\*?[\] ]/g, '\\$&')}\n`).join('')}`,
    'info/attributes': await taken('info/attributes'),
    'info/sparse-checkout': await taken('info/sparse-checkout'),
    shallow: history.edge.map((commit) => `${commit}\n`).join(''),
  };
  for (const { name, symbolic } of history.references) if (symbolic !== undefined) files[name] = `ref: ${symbolic}\n`;
  for (const [name, content] of Object.entries(files)) {
    if (content.length === 0) continue;
    await mkdir(dirname(join(own, name)), { recursive: true });
    await writeFile(join(own, name), content);
  }
  if (isHeadOfUser && tree !== packed) await readIndex(store, own, packed, signal);
}

/** The index becomes that of another tree. What git knows of the times of files that both have stays. */
async function readIndex(store: Store, own: string, tree: string, signal: AbortSignal): Promise<void> {
  const place = { ...store.place, env: { ...store.place.env, GIT_INDEX_FILE: join(own, 'index') } };
  await git(place, ['read-tree', '-m', '-i', tree], { signal, config: indexConfig });
}

function references({ branch, references }: History, head: string): string {
  const standing = references.filter(({ name, symbolic }) => symbolic === undefined && name !== branch);
  const all = [...standing, ...(branch === undefined ? [] : [{ name: branch, target: head }])];
  return all.map(({ name, target }) => `${target} ${name}\n`).join('');
}

/** Writes a commit as a loose object, and gives its name. */
async function makeCommit(objects: string, format: string, tree: string, { history, madeAt }: CommonRepository): Promise<string> {
  const who = `Teamwright <teamwright@localhost> ${Math.floor(madeAt / 1000)} +0000`;
  const parent = history.head === undefined ? '' : `parent ${history.head.commit}\n`;
  const text = `tree ${tree}\n${parent}author ${who}\ncommitter ${who}\n\nThe files of this copy\n`;
  const bytes = Buffer.from(`commit ${text.length}\0${text}`);
  const name = createHash(format).update(bytes).digest('hex');
  const file = join(objects, name.slice(0, 2), name.slice(2));
  await mkdir(dirname(file));
  await writeFile(file, deflateSync(bytes), { mode: 0o444 });
  return name;
}
