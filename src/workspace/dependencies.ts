import { constants, type Dirent } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readFile, readlink, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import ignore from 'ignore';
import pLimit from 'p-limit';
import { ifThere, isWithin } from '../process/index.ts';
import { builtFiles, builtFolders, ignoredPackageFolders, lockFiles, packageFolders } from './dependency-names.ts';
import { holdsPrivateKey, isSecretName, mayBePublic } from './secrets.ts';
import type { ProvidedFolder } from './types.ts';

/** What a copy gets beside the tracked files. Paths are relative to the top. */
export interface Provisions {
  readonly folders: readonly { readonly path: string; readonly built: boolean }[];
  readonly files: readonly string[];
}

export interface ProvideLimits {
  readonly copyFiles: number;
  readonly copyBytes: number;
}

/** Whether `.worktreeinclude` or the user's settings name a path (relative to the top). */
export type Asked = (path: string) => boolean;

/** What the user's own settings let into copies of the workspace, by patterns of gitignore; undefined for nothing. */
export function allowedSecrets(prefix: string, patterns: readonly string[]): Asked | undefined {
  if (patterns.length === 0) return undefined;
  const named = ignore().add(patterns);
  return (path) => path.startsWith(prefix) && path !== prefix && named.ignores(path.slice(prefix.length));
}

interface Size {
  files: number;
  bytes: number;
}

const parallel = 32;

/** Chooses from the ignored paths of a snapshot what copies need: packages, build results, and what is asked for. */
export async function chooseProvisions(
  top: string,
  ignored: readonly string[],
  asked: Asked | undefined,
  secretPaths: readonly string[],
): Promise<Provisions> {
  const folders: { path: string; built: boolean }[] = [];
  const files: string[] = asked === undefined ? [] : secretPaths.filter(asked);
  for (const name of ignored) {
    const path = name.endsWith('/') ? name.slice(0, -1) : name;
    const base = basename(path);
    const built = builtFolders.includes(base);
    if (built || packageFolders.includes(base) || ignoredPackageFolders.includes(base) || base.endsWith('.egg-info'))
      folders.push({ path, built });
    else if (!name.endsWith('/')) {
      const needed = builtFiles.test(path) || lockFiles.test(path);
      if (asked?.(path) || (needed && !isSecretName(path, false))) files.push(path);
    } else if (asked !== undefined) files.push(...(await askedBelow(top, path, asked)));
  }
  return { folders, files };
}

/** Files that are asked for inside an ignored folder. Bounded: 10,000 entries looked at. */
async function askedBelow(top: string, folder: string, asked: Asked): Promise<string[]> {
  const found: string[] = [];
  const queue = [folder];
  for (let looked = 0; queue.length > 0 && looked < 10_000; ) {
    const here = queue.pop() ?? '';
    for (const entry of await readdir(join(top, here), { withFileTypes: true })) {
      looked++;
      const path = `${here}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && !packageFolders.includes(entry.name)) queue.push(path);
      } else if (entry.isFile() && asked(path)) found.push(path);
    }
  }
  return found;
}

/** Lays the provisions into a fresh copy. Failures of single files are no failure of the copy: the folder then counts as omitted. */
export async function provide(
  top: string,
  root: string,
  provisions: Provisions,
  limits: ProvideLimits,
  signal: AbortSignal,
): Promise<ProvidedFolder[]> {
  for (const path of provisions.files) {
    signal.throwIfAborted();
    await carryFile(top, root, path);
  }
  const provided: ProvidedFolder[] = [];
  for (const folder of provisions.folders) {
    signal.throwIfAborted();
    provided.push({ ...(await provideFolder(top, root, folder, limits, signal)), from: join(top, folder.path) });
  }
  return provided;
}

/** Copies one file or link into the copy, when its place there is free and reached through real folders. */
async function carryFile(top: string, root: string, path: string): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  if (!isWithin(root, await realpath(dirname(target)))) return;
  const stats = await lstat(join(top, path));
  try {
    if (stats.isSymbolicLink()) await symlink(await rewrittenLink(top, root, join(top, path)), target);
    else if (stats.isFile()) await copyWithTime(join(top, path), target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function provideFolder(
  top: string,
  root: string,
  folder: { path: string; built: boolean },
  limits: ProvideLimits,
  signal: AbortSignal,
): Promise<Omit<ProvidedFolder, 'from'>> {
  const from = join(top, folder.path);
  const to = join(root, folder.path);
  const { path } = folder;
  const occupied = await entryAt(to);
  const source = await entryAt(from);
  if (occupied !== undefined || source === undefined) return { path, how: 'omitted', files: 0, bytes: 0 };
  await mkdir(dirname(to), { recursive: true });
  if (!isWithin(root, await realpath(dirname(to)))) return { path, how: 'omitted', files: 0, bytes: 0 };
  if (source.isSymbolicLink()) {
    await symlink(await rewrittenLink(top, root, from), to);
    return { path, how: 'linked', files: 0, bytes: 0 };
  }
  if (!source.isDirectory()) return { path, how: 'omitted', files: 0, bytes: 0 };
  const copier: Copier = {
    top,
    root,
    limit: pLimit(parallel),
    size: { files: 0, bytes: 0 },
    limits,
    clone: await canClone(from, to),
    signal,
  };
  try {
    await copyFolder(copier, from, to);
    if ((await entryAt(to)) === undefined) return { path, how: 'omitted', files: 0, bytes: 0 };
    await rewritePaths(top, root, path, from);
    return { path, how: copier.clone ? 'cloned' : 'copied', ...copier.size };
  } catch (error) {
    signal.throwIfAborted();
    await rm(to, { recursive: true, force: true });
    if (!(error instanceof TooLarge)) throw error;
  }
  if (folder.built) return { path, how: 'omitted', files: 0, bytes: 0 };
  await linkFolder(top, root, from, to);
  await rewritePaths(top, root, path, from);
  return { path, how: 'linked', files: 0, bytes: 0 };
}

const entryAt = (path: string) => ifThere(lstat(path));

class TooLarge extends Error {}

interface Copier {
  readonly top: string;
  readonly root: string;
  readonly limit: ReturnType<typeof pLimit>;
  readonly size: Size;
  readonly limits: ProvideLimits;
  readonly clone: boolean;
  readonly signal: AbortSignal;
}

/** Tries one copy-on-write clone from one folder's disk to the other's (APFS, Btrfs, XFS, ReFS have it; ext4 and NTFS do not). */
async function canClone(from: string, to: string): Promise<boolean> {
  const probe = await firstFile(from, 3);
  if (probe === undefined) return false;
  const target = `${to}.teamwright-clone-probe`;
  try {
    await copyFile(probe, target, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    return isUnsupported(error);
  } finally {
    await rm(target, { force: true });
  }
}

/** Any failure to clone means that this disk cannot: the ordinary ways are tried then. */
function isUnsupported(error: unknown): false {
  if (!(error instanceof Error)) throw error;
  return false;
}

async function firstFile(folder: string, depth: number): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true });
  const file = entries.find((entry) => entry.isFile());
  if (file !== undefined) return join(folder, file.name);
  if (depth === 0) return undefined;
  for (const entry of entries.slice(0, 5)) {
    const found = entry.isDirectory() ? await firstFile(join(folder, entry.name), depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tool caches below a package folder are not worth carrying, and tools write into them. */
const cacheNames = new Set(['.cache', '.vite', '.vitest', '.package-lock.json.tmp']);

/** Secrets stay in the workspace from these folders too; certificates that packages bring (`cacert.pem`) are none. */
async function isSecret(top: string, path: string, entry: Dirent): Promise<boolean> {
  if (entry.isDirectory() || !isSecretName(relative(top, path).replaceAll('\\', '/'), true)) return false;
  return !(entry.isFile() && mayBePublic(entry.name)) || holdsPrivateKey(await readFile(path, 'latin1'));
}

/** In a folder that a build was set up in for this place alone: it names the user's sources, and builds those. Such a folder is left out. */
const boundToPlace = new Set(['CMakeCache.txt', 'meson-private']);

async function copyFolder(copier: Copier, from: string, to: string): Promise<void> {
  copier.signal.throwIfAborted();
  const entries = await readdir(from, { withFileTypes: true });
  if (entries.some((entry) => boundToPlace.has(entry.name))) return;
  await mkdir(to);
  const folders: string[] = [];
  const files: Promise<void>[] = [];
  for (const entry of entries) {
    if (cacheNames.has(entry.name) || (await isSecret(copier.top, join(from, entry.name), entry))) continue;
    if (entry.isDirectory()) folders.push(entry.name);
    else if (entry.isSymbolicLink()) {
      files.push(
        copier.limit(async () => symlink(await rewrittenLink(copier.top, copier.root, join(from, entry.name)), join(to, entry.name))),
      );
    } else if (entry.isFile()) files.push(copier.limit(() => copyOne(copier, join(from, entry.name), join(to, entry.name))));
  }
  const settled = await Promise.allSettled(files);
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  for (const name of folders) await copyFolder(copier, join(from, name), join(to, name));
  await takeTime(from, to);
}

/** A file keeps the time of its last write: build tools compare it with that of the sources, Python with that of what it compiled. */
async function copyWithTime(from: string, to: string, mode?: number): Promise<void> {
  await copyFile(from, to, mode);
  await takeTime(from, to);
}

async function takeTime(from: string, to: string): Promise<void> {
  const { mtimeMs } = await lstat(from);
  await utimes(to, mtimeMs / 1000, mtimeMs / 1000);
}

async function copyOne(copier: Copier, from: string, to: string): Promise<void> {
  const { size, limits } = copier;
  if (copier.clone) {
    await copyWithTime(from, to, constants.COPYFILE_FICLONE_FORCE);
    size.files++;
    return;
  }
  const { size: bytes } = await lstat(from);
  size.files++;
  size.bytes += bytes;
  if (size.files > limits.copyFiles || size.bytes > limits.copyBytes) throw new TooLarge();
  await copyWithTime(from, to);
}

/**
 * A folder of links: `node_modules/x` and `node_modules/@scope/x` become links to the user's packages, the folders above are the copy's
 * own, and so are small program folders. What is added or removed there stays in the copy.
 */
async function linkFolder(top: string, root: string, from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (cacheNames.has(entry.name) || (await isSecret(top, source, entry))) continue;
    if (entry.isSymbolicLink()) await symlink(await rewrittenLink(top, root, source), target);
    else if (entry.isDirectory() && keptOwn(entry.name)) await linkFolder(top, root, source, target);
    else if (entry.isFile()) await copyWithTime(source, target);
    else if (entry.isDirectory()) await symlink(source, target, 'junction');
  }
}

/** Folders that are made anew and filled with links: scopes, programs, and the way down to Python's site-packages. */
function keptOwn(name: string): boolean {
  return name.startsWith('@') || /^(\.bin|bin|Scripts|lib|Lib|lib64|python\d[\d.]*|site-packages)$/.test(name);
}

/** The target of a link for its twin in the copy: links to inside the workspace stay inside the copy, relative ones keep working. */
async function rewrittenLink(top: string, root: string, link: string): Promise<string> {
  const target = await readlink(link);
  if (target.startsWith(top + sep)) return join(root, relative(top, target));
  const absolute = join(dirname(link), target);
  const isRelative = !target.startsWith('/') && !/^[A-Za-z]:/.test(target);
  if (!isRelative || !isWithin(top, absolute)) {
    // `npm link`: by way of a folder of the user's, and back into the workspace.
    const real = await realPlace(link);
    if (real !== undefined && isWithin(top, real)) return join(root, relative(top, real));
  }
  return isRelative && !isWithin(top, absolute) ? absolute : target;
}

/** Where a link leads in the end; undefined for one that leads nowhere, or where we may not look. */
async function realPlace(link: string): Promise<string | undefined> {
  try {
    return await realpath(link);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * Python environments name their own place and the workspace in small text files (program headers, `.pth` files of editable installs).
 * In the copy they must name the copy: a test would otherwise import the user's files instead of the candidate's.
 */
async function rewritePaths(top: string, root: string, folder: string, from: string): Promise<void> {
  if ((await entryAt(join(from, 'pyvenv.cfg'))) === undefined) return;
  const here = join(root, folder);
  const small: string[] = [join(here, 'pyvenv.cfg')];
  for (const name of ['bin', 'Scripts']) {
    const programs = join(here, name);
    if ((await entryAt(programs))?.isDirectory()) small.push(...(await readdir(programs)).map((program) => join(programs, program)));
  }
  for (const packages of await sitePackages(here)) {
    for (const name of await readdir(packages)) {
      if (/\.(pth|egg-link)$|^__editable__.*\.py$/.test(name)) small.push(join(packages, name));
    }
  }
  for (const file of small) await rewriteFile(file, top, root);
}

async function sitePackages(environment: string): Promise<string[]> {
  const found: string[] = [];
  const library = join(environment, 'lib');
  if ((await entryAt(library))?.isDirectory()) {
    for (const name of await readdir(library)) found.push(join(library, name, 'site-packages'));
  }
  found.push(join(environment, 'Lib', 'site-packages'));
  const present = await Promise.all(found.map(async (path) => ((await entryAt(path))?.isDirectory() ? path : undefined)));
  return present.filter((path) => path !== undefined);
}

async function rewriteFile(file: string, top: string, root: string): Promise<void> {
  const stats = await entryAt(file);
  if (stats === undefined || !stats.isFile() || stats.size > 1_000_000) return;
  const bytes = await readFile(file);
  if (bytes.includes(0)) return;
  const text = bytes.toString('utf8');
  const place = new RegExp(`${top.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`, 'g');
  const changed = text.replace(place, () => root);
  if (changed !== text) await writeFile(file, changed, { mode: stats.mode });
}
