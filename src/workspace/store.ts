import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { pathEscapes } from '../errors.ts';
import { isLeftByDead, isThere, namesAt, ownerMark, readRecord, replaceFile, textAt } from '../process/index.ts';
import { configText } from './config-text.ts';
import { builtFolders, junk, packageFolders } from './dependency-names.ts';
import { type GitPlace, git } from './git.ts';
import type { Source } from './source.ts';
import type { Snapshot } from './types.ts';

/**
 * The private git folder of one workspace, below the data folder. Snapshots, copies and anchors live here; it borrows the user's objects
 * (alternates) and never writes into the user's repository: no object, no reference, no worktree record, no setting.
 */
export interface Store {
  readonly gitDir: string;
  readonly place: GitPlace;
  readonly source: Source;
}

export const storesFolder = (dataDir: string): string => join(dataDir, 'stores');

export function storePath(dataDir: string, workspace: string): string {
  return join(storesFolder(dataDir), `${createHash('sha256').update(workspace).digest('hex').slice(0, 16)}.git`);
}

export const storePlace = (gitDir: string): GitPlace => ({ cwd: gitDir, env: { GIT_DIR: gitDir } });

/** Opens the store, making it when it is not there. Safe against other runs doing the same. `dataDir` is a real path. */
export async function openStore(source: Source, dataDir: string, signal: AbortSignal | undefined): Promise<Store> {
  const gitDir = storePath(dataDir, source.workspace);
  await mkdir(storesFolder(dataDir), { recursive: true });
  if (!(await isThere(recordFile(gitDir)))) await makeStore(gitDir, source, signal);
  await refreshStore(gitDir, source);
  return { gitDir, place: storePlace(gitDir), source };
}

const recordSchema = z.object({ version: z.literal(1), workspace: z.string() });
const recordFile = (gitDir: string): string => join(gitDir, 'teamwright.json');

/** The workspace of a store; the store itself where that is not on record. */
export const storeWorkspace = async (gitDir: string): Promise<string> =>
  (await readRecord(recordFile(gitDir), recordSchema))?.workspace ?? gitDir;

async function makeStore(gitDir: string, source: Source, signal: AbortSignal | undefined): Promise<void> {
  const fresh = `${gitDir}.${randomBytes(6).toString('hex')}.new`;
  const format = source.repository?.objectFormat ?? 'sha1';
  await git({ cwd: dirname(gitDir) }, ['init', '-q', '--bare', '--template=', `--object-format=${format}`, fresh], { signal });
  for (const folder of ['info', 'tmp', 'objects/info']) await mkdir(join(fresh, folder), { recursive: true });
  await writeFile(join(fresh, 'HEAD'), 'ref: refs/teamwright/last\n');
  await writeFile(recordFile(fresh), `${JSON.stringify({ version: 1, workspace: source.workspace, objectFormat: format })}\n`);
  try {
    await rename(fresh, gitDir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await isThere(recordFile(gitDir)))) throw error;
  }
}

/** Brings what is taken over from the user's repository up to date: settings, ignore rules, attributes, shallow edge, objects to borrow. */
async function refreshStore(gitDir: string, source: Source): Promise<void> {
  const { repository } = source;
  const taken = async (path: string) => (repository === undefined ? '' : ((await textAt(join(repository.commonDir, path))) ?? ''));
  await writeIfChanged(join(gitDir, 'config'), configText(source, ['bare = true', 'logAllRefUpdates = false']));
  await writeIfChanged(join(gitDir, 'info/exclude'), `${await taken('info/exclude')}\n${ownExcludes(source)}\n`);
  await writeIfChanged(join(gitDir, 'info/attributes'), await taken('info/attributes'));
  if (repository === undefined) return;
  await borrow(gitDir, repository.objects);
  if (repository.shallow) await writeIfChanged(join(gitDir, 'shallow'), await taken('shallow'));
  else await rm(join(gitDir, 'shallow'), { force: true });
  await writeIfChanged(join(gitDir, 'info/sparse-checkout'), (await textAt(join(repository.gitDir, 'info/sparse-checkout'))) ?? '');
}

/** Lets the store read objects of another object folder. */
export async function borrow(gitDir: string, objects: string): Promise<void> {
  const file = join(gitDir, 'objects/info/alternates');
  const line = /^["#]|[\n"\\]/.test(objects)
    ? `"${objects.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
    : objects;
  const lines = ((await textAt(file)) ?? '').split('\n').filter((known) => known !== '');
  if (!lines.includes(line)) await writeIfChanged(file, `${[...lines, line].join('\n')}\n`);
}

/** What a copy never hands over: caches of interpreters, and installed packages. A folder without git gets build folders as well. */
function ownExcludes(source: Source): string {
  return [...junk, ...packageFolders, ...(source.kind === 'folder' ? [...builtFolders, '.git'] : [])].join('\n');
}

const identifier = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Names of runs and copies become folders and references. */
export function checkedId(id: string, what: string): string {
  if (!identifier.test(id) || id.includes('..') || id.endsWith('.') || id.endsWith('.lock')) {
    throw pathEscapes(id, `it cannot name a ${what}; use letters, digits, dashes and dots, beginning with a letter or digit`);
  }
  return id;
}

export const runReferences = (runId: string): string => `refs/teamwright/runs/${runId}`;

/** Makes a commit of a tree and anchors it below the run's references. */
export async function anchor(
  store: Store,
  runId: string,
  tree: string,
  parents: readonly string[],
  message: string,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const said = await git(store.place, ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
    input: `${message}\n`,
    signal,
  });
  const commit = said.trim();
  await git(store.place, ['update-ref', `${runReferences(runId)}/${commit}`, commit], { signal });
  return { commit, tree };
}

/** A path for a short-lived file of this store. */
export function temporary(store: Store, suffix: string): string {
  return join(store.gitDir, 'tmp', `${ownerMark()}-${randomBytes(6).toString('hex')}${suffix}`);
}

/** Removes the short-lived files of processes that were killed. */
export async function clearTemporary(gitDir: string): Promise<void> {
  const folder = join(gitDir, 'tmp');
  for (const name of await namesAt(folder)) {
    if (isLeftByDead(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function writeIfChanged(path: string, text: string): Promise<void> {
  if (((await textAt(path)) ?? '') !== text) await replaceFile(path, text);
}
