/** Makes the workspace of a real project: its repository at the parent of the fix, with the fix's tests, installed by its own package manager. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { RealProject } from './projects.ts';

export const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();

/** Where the repository is cloned from: its address, or below `from` (a folder or an address) its `owner+name/repo`, `owner/name` or `name`. */
export function sourceOf({ url }: Pick<RealProject, 'url'>, from: string | undefined): string {
  if (from === undefined) return url;
  const [owner, name] = new URL(url).pathname.slice(1).split('/');
  const names = [`${owner}+${name}/repo`, `${owner}/${name}`, `${owner}/${name}.git`, basename(url), `${basename(url)}.git`];
  const found = names.find((candidate) => existsSync(join(from, candidate)));
  return found === undefined ? `${from.replace(/\/$/, '')}/${owner}/${name}` : join(from, found);
}

/** The installed workspace in `folder`; one that is there already is used again, as it was committed. */
export function prepare(project: RealProject, folder: string, from: string | undefined): void {
  const stamp = join(folder, '..', 'installed.json');
  const wanted = JSON.stringify([project.fix, project.tests, project.install]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    reset(folder);
    return;
  }
  rmSync(join(folder, '..'), { recursive: true, force: true });
  mkdirSync(join(folder, '..'), { recursive: true });
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', sourceOf(project, from), folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  git(folder, 'config', 'user.name', 'Real Projects');
  git(folder, 'config', 'user.email', 'real-projects@localhost');
  git(folder, 'config', 'gc.auto', '0');
  // What is installed stays when a workspace is cleaned; not every project ignores it.
  appendFileSync(join(folder, '.git', 'info', 'exclude'), '.venv/\nnode_modules/\n');
  git(folder, 'checkout', '--quiet', '-B', 'work', `${project.fix}^`);
  git(folder, 'checkout', project.fix, '--', ...project.tests);
  git(folder, 'commit', '--quiet', '--no-verify', '-m', 'The tests of the fix');
  for (const line of project.install) {
    const { status, stdout, stderr } = spawnSync(line, { cwd: folder, shell: true, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${project.name}: ${line} ended with ${status}:\n${`${stdout}${stderr}`.slice(-3000)}`);
  }
  reset(folder);
  writeFileSync(stamp, wanted);
}

/** Takes back what an earlier run applied; ignored files (dependencies, built ones) stay. */
export function reset(folder: string): void {
  git(folder, 'reset', '--quiet', '--hard');
  git(folder, 'clean', '--quiet', '-fd');
}

/**
 * Every file and link of a folder, its git folder included, with what tells that it was written to. Git itself renews the time of a pack that holds
 * an object which is written once more into a store that borrows it; so of git's objects only mode and size count.
 */
export function listing(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (at: string): void => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) walk(path);
      else {
        const name = relative(folder, path);
        found.set(name, `${stat.mode} ${stat.size} ${name.startsWith(join('.git', 'objects')) ? '' : stat.mtimeMs}`);
      }
    }
  };
  walk(folder);
  return found;
}

/** Paths that are new, gone or written to. */
export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort();
}
