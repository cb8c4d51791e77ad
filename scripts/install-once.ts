/** For what tests need and no clone holds: installed once into the user's cache folder, under a lock. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { node24, toolEnvironment } from './bootstrap.mjs';

const minute = 60_000;

/** Shared by all clones. */
export function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ? path.resolve(process.env.XDG_CACHE_HOME) : path.join(os.homedir(), '.cache');
  return path.join(cache, 'teamwright');
}

/** Runs npm with its output shown. Undefined when it ended well, else why not. */
export function npm(cwd: string, ...args: readonly string[]): string | undefined {
  // An install inside another `npm run` must not take that run's settings for its own.
  const environment = Object.fromEntries(Object.entries(toolEnvironment()).filter(([name]) => !name.startsWith('npm_')));
  const cli = path.join(path.dirname(node24()), 'npm');
  return ended(
    'npm',
    spawnSync(existsSync(cli) ? cli : 'npm', args, { cwd, stdio: ['ignore', 2, 2], env: environment, timeout: 20 * minute }),
  );
}

/** The same for another program. */
export const program = (name: string, ...args: readonly string[]): string | undefined =>
  ended(path.basename(name), spawnSync(name, args, { stdio: ['ignore', 2, 2], timeout: 20 * minute }));

function ended(name: string, result: ReturnType<typeof spawnSync>): string | undefined {
  return result.status === 0 ? undefined : (result.error?.message ?? `${name} ended with ${result.status ?? result.signal}`);
}

/** A folder is the lock; the process named in it must live. Gives the release. */
export async function lock(place: string, what: string, log: (line: string) => void): Promise<() => void> {
  const owner = path.join(place, 'owner');
  let said = false;
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(place);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(place, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    // Between the two lines above the folder has no owner yet: only a lasting absence is one.
    const pid = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : 0;
    if (pid > 0 ? !lives(pid) : tries > 5) rmSync(place, { recursive: true, force: true });
    else if (!said) log(`Another process (${pid}) is installing ${what}; waiting for it.`);
    said ||= pid > 0;
    await wait(1000);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
