import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { isWithin } from '../files.ts';
import { type Grants, noGrants } from './grants.ts';
import { resolveLinks } from './paths.ts';
import { cacheVariables, keyFolders, readVariables, toolFolders } from './tool-folders.ts';
import type { Access, FenceView, Link, Shown } from './types.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ViewRequest {
  /** The user's environment: where tools and caches are. Never one that a repository has a say in. */
  readonly environment: Environment;
  /** Homes of the user, the one to use first (`HOME`, and the one of the user database). */
  readonly homes: readonly string[];
  /** Never shown: the workspace, the data folder. */
  readonly hidden: readonly string[];
  /** Folders of installed packages in the workspace that the copy links to; shown although the workspace is not. */
  readonly dependencies?: readonly string[];
  readonly homeFiles?: FenceView['homeFiles'];
  readonly grants?: Omit<Grants, 'variables' | 'secrets'>;
}

/** Folders of the system, where programs are. Top-level links among them (`/bin`) stay links. */
const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix', '/gnu'];
/** Small parts of folders that are hidden as a whole. */
const systemParts = [
  ...['/run/current-system', '/run/opengl-driver', '/var/lib/ca-certificates', '/var/cache/fontconfig', '/var/cache/ldconfig'],
  ...['/sys/devices/system', '/home/linuxbrew/.linuxbrew'],
];
/** Too broad to be somebody's program folder. */
const broad = ['/', '/home', '/Users', '/root', '/tmp', '/var', '/var/tmp', '/mnt', '/media', '/srv', '/data', '/work', '/run', '/private'];
const broadInHome = ['', '.local', '.local/share', '.config', '.cache', '.var', 'Library', 'Documents', 'Desktop', 'Downloads', 'snap'];
/** Shown in part, with a file system of their own, or not at all. */
const special = ['/proc', '/sys', '/dev', '/boot', '/lost+found'];

/**
 * What tests of an ordinary project need of this machine: the system's programs, the user's tools and their caches, what the dependency folders
 * of the workspace lead to, and what was granted. Looks at some hundred paths, a few ms; made once for a run.
 */
export function fenceView(request: ViewRequest): FenceView {
  const collected = collector(request);
  for (const path of [...systemFolders, ...systemParts]) collected.show(path, 'read');
  for (const home of request.homes) showTools(collected, request.environment, home);
  for (const name of readVariables) for (const path of pathsIn(request.environment[name])) collected.showSafely(path, 'read');
  for (const name of cacheVariables) for (const path of pathsIn(request.environment[name])) collected.showSafely(path, 'discard');
  for (const path of pathsIn(request.environment.PATH)) showPrograms(collected, path);
  for (const path of request.dependencies ?? []) showDependencies(collected, path);
  const { network, namespaces, read, write } = request.grants ?? noGrants;
  if (network) collected.show('/etc/resolv.conf', 'read');
  for (const path of read) collected.show(path, 'read');
  for (const path of write) collected.show(path, 'write');
  return {
    shown: [...collected.shown.values()],
    links: [...collected.links.values()],
    hidden: [...collected.hidden, ...unreadableForMost()].flatMap((path) => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ path, folder: stats.isDirectory() }];
    }),
    home: collected.homes[0] ?? '/nonexistent',
    ...(request.homeFiles === undefined ? {} : { homeFiles: request.homeFiles }),
    network,
    namespaces,
  };
}

/** The view with folders the command may write, and whatever its program needs to be seen. */
export function openFor(view: FenceView, write: readonly string[], programs: readonly string[] = []): FenceView {
  const shown = [...view.shown];
  const links = [...view.links];
  for (const [paths, access] of [[write, 'write'] as const, [programs, 'read'] as const]) {
    for (const path of paths) {
      const found = resolveLinks(path);
      if (found === undefined) continue;
      links.push(...found.links);
      shown.push({ path: found.path, access, folder: found.stats.isDirectory() });
    }
  }
  return { ...view, shown, links };
}

interface Collector {
  readonly shown: ReadonlyMap<string, Shown>;
  readonly links: ReadonlyMap<string, Link>;
  readonly homes: readonly string[];
  readonly hidden: readonly string[];
  /** Shows a path that we or the user named. Gives its real path. */
  show(path: string, access: Access): string | undefined;
  /** Shows a path that a variable, a setting of a tool or a link names: not when it is broad, a home, hidden or a place of keys. */
  showSafely(path: string, access: Access): string | undefined;
  maySee(real: string): boolean;
}

const strength: Readonly<Record<Access, number>> = { read: 0, discard: 1, write: 2 };

function collector(request: ViewRequest): Collector {
  const shown = new Map<string, Shown>();
  const links = new Map<string, Link>();
  const real = (path: string): string => {
    const found = resolveLinks(path);
    for (const link of found?.links ?? []) links.set(link.at, link);
    return found?.path ?? path;
  };
  const homes = [...new Set(request.homes.map(real))].filter((home) => home !== '/');
  const hidden = [...new Set(request.hidden.map((path) => resolveLinks(path)?.path ?? path))];
  const never = [...special, ...homes.flatMap((home) => keyFolders.map((path) => join(home, path)))];
  const tooBroad = [...broad, ...homes.flatMap((home) => broadInHome.map((path) => join(home, path)))];
  const maySee = (path: string): boolean =>
    !tooBroad.includes(path) &&
    !homes.some((home) => isWithin(path, home)) &&
    !hidden.some((place) => isWithin(place, path)) &&
    !never.some((place) => isWithin(path, place) || isWithin(place, path));
  const add = (path: string, access: Access, allowed: (real: string) => boolean): string | undefined => {
    const found = resolveLinks(path);
    if (found === undefined || !allowed(found.path)) return undefined;
    for (const link of found.links) links.set(link.at, link);
    const before = shown.get(found.path);
    if (before === undefined || strength[before.access] < strength[access])
      shown.set(found.path, { path: found.path, access, folder: found.stats.isDirectory() });
    return found.path;
  };
  return {
    shown,
    links,
    homes,
    hidden,
    show: (path, access) => add(path, access, () => true),
    showSafely: (path, access) => add(path, access, maySee),
    maySee,
  };
}

/** A variable may hold one path or a list of them; only absolute ones say where something is. */
function pathsIn(value: string | undefined): string[] {
  return (value ?? '').split(delimiter).filter((path) => isAbsolute(path));
}

function showTools(collected: Collector, environment: Environment, home: string): void {
  for (const { path, access, movedBy, unless } of toolFolders) {
    const moved = movedBy === undefined ? undefined : pathsIn(environment[movedBy.variable])[0];
    const place = moved === undefined || movedBy === undefined ? join(home, path) : join(moved, path.slice(movedBy.base.length));
    if (unless?.test(smallText(place))) continue;
    collected.showSafely(place, access);
  }
}

/** Undefined-proof: a settings file that is not there has no text; one that is too large to judge has the word that hides it. */
function smallText(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return '';
  return stats.size > 100_000 ? 'token' : readFileSync(path, 'utf8');
}

/** A folder of the PATH, and the installation it belongs to (`x/bin` needs `x/lib`). */
function showPrograms(collected: Collector, path: string): void {
  // Windows' own programs under WSL: dozens of folders, and none of them runs in here.
  if (/^\/mnt\/[a-z]\//.test(path)) return;
  const real = collected.showSafely(path, 'read');
  if (real === undefined || !/^\.?s?bin$|^shims$/.test(basename(real))) return;
  const whole = dirname(real);
  const marks = ['lib', 'lib64', 'libexec', 'package.json', 'pyvenv.cfg', 'versions'];
  const known = collected.homes.some((home) => toolFolders.some((tool) => isWithin(whole, join(home, tool.path))));
  if (basename(real) === '.bin' || (!known && marks.some((mark) => existsSync(join(whole, mark))))) collected.showSafely(whole, 'read');
}

const dependencyNames = /^(node_modules|\.?venv|env|vendor|bower_components|\.yarn|Pods|deps|\.bundle|elm-stuff|site-packages)$/;

/**
 * A folder of packages, and what its links lead to: packages elsewhere on the machine, the interpreter of a Python environment, editable installs.
 * What a link names is foreign text: it is shown only when it looks like packages and is no place of keys.
 */
function showDependencies(collected: Collector, path: string): void {
  const found = resolveLinks(path);
  if (found === undefined || !found.stats.isDirectory()) return;
  const elsewhere = found.links.some((link) => link.at === path);
  if (!elsewhere || looksLikePackages(found.path)) {
    if (elsewhere) collected.showSafely(path, 'discard');
    else collected.show(path, 'discard');
  }
  for (const target of linkTargets(found.path)) {
    if (existsSync(join(target, 'package.json')) || looksLikePackages(target)) collected.showSafely(target, 'read');
  }
  for (const target of pythonPlaces(found.path)) collected.showSafely(target, 'read');
}

const looksLikePackages = (path: string): boolean =>
  dependencyNames.test(basename(path)) || ['pyvenv.cfg', 'conda-meta', '.yarn-state.yml'].some((mark) => existsSync(join(path, mark)));

/** Where the links in a folder of packages lead, its scopes included, when that is outside of it. */
function linkTargets(folder: string): string[] {
  const inside = (where: string): string[] =>
    readdirSync(where, { withFileTypes: true }).flatMap((entry) => {
      const path = join(where, entry.name);
      if (entry.isSymbolicLink()) {
        const target = resolveLinks(path)?.path;
        return target === undefined || isWithin(folder, target) ? [] : [target];
      }
      return entry.isDirectory() && entry.name.startsWith('@') ? inside(path) : [];
    });
  return inside(folder);
}

/** The installation that a Python environment was made from, and the folders its `.pth` files add. */
function pythonPlaces(environment: string): string[] {
  const settings = smallText(join(environment, 'pyvenv.cfg'));
  const home = /^home[ \t]*=[ \t]*(\S.*)$/m.exec(settings)?.[1]?.trim();
  const places = home !== undefined && existsSync(join(home, 'python3')) ? [basename(home) === 'bin' ? dirname(home) : home] : [];
  const library = join(environment, 'lib');
  if (!existsSync(library)) return places;
  for (const version of readdirSync(library).filter((name) => name.startsWith('python'))) {
    const packages = join(library, version, 'site-packages');
    if (!existsSync(packages)) continue;
    for (const name of readdirSync(packages).filter((file) => file.endsWith('.pth'))) {
      const lines = smallText(join(packages, name)).split('\n');
      places.push(...lines.map((line) => line.trim()).filter((line) => isAbsolute(line) && existsSync(line)));
    }
  }
  return places;
}

const readableByAll = { file: 0o004, folder: 0o005 };
/** Readable by everyone on some machines, and still a place of logins. */
const loginsOfTheSystem = ['/etc/npmrc', '/etc/pip.conf', '/etc/environment', '/etc/docker', '/etc/kubernetes', '/etc/rancher'];

/**
 * What not every user of the machine may read. For root these are key files and password hashes that were never meant for programs; for everyone
 * else the kernel refuses them anyway.
 */
function unreadableForMost(): string[] {
  const found = loginsOfTheSystem.filter((path) => existsSync(path));
  const walk = (folder: string, depth: number): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isFile() && !entry.isDirectory()) continue;
      const path = join(folder, entry.name);
      const mode = lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
      const wanted = entry.isDirectory() ? readableByAll.folder : readableByAll.file;
      if ((mode & wanted) !== wanted) found.push(path);
      else if (entry.isDirectory() && depth > 1) walk(path, depth - 1);
    }
  };
  if (process.getuid?.() === 0)
    for (const [top, depth] of [['/etc', 4] as const, ['/opt', 2] as const]) if (existsSync(top)) walk(top, depth);
  return found;
}
