import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Every process of a command carries this variable; children inherit it whatever session or group they move to. */
export const tagName = 'TEAMWRIGHT_PROCESS';

/**
 * Process ids that carry the tag, or descend from a process that does or from `root`. Zombies do not count.
 * Linux reads /proc (about 15 µs a process), macOS asks `ps` (which shows the environment of the user's own, unprotected processes).
 */
export async function findProcesses(tag: string, root: number | undefined): Promise<number[]> {
  if (process.platform === 'linux') return withDescendants(linuxProcesses(tag), root);
  if (process.platform === 'darwin') return withDescendants(await darwinProcesses(tag), root);
  return [];
}

interface Found {
  readonly pid: number;
  readonly parent: number;
  readonly tagged: boolean;
}

function withDescendants(all: readonly Found[], root: number | undefined): number[] {
  const wanted = new Set(all.filter((one) => one.tagged || one.pid === root).map((one) => one.pid));
  for (let grew = true; grew; ) {
    grew = false;
    for (const one of all) {
      if (wanted.has(one.pid) || !wanted.has(one.parent)) continue;
      wanted.add(one.pid);
      grew = true;
    }
  }
  wanted.delete(process.pid);
  return [...wanted];
}

function linuxProcesses(tag: string): Found[] {
  const found: Found[] = [];
  const needle = `${tagName}=${tag}`;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const status = linuxStatus(pid);
    if (status === undefined || status.zombie) continue;
    found.push({ pid, parent: status.parent, tagged: readProc(pid, 'environ')?.includes(needle) ?? false });
  }
  return found;
}

/** What /proc says of a process; `started` in ticks since the boot. Undefined when it is not there, or not for us to see. */
export function linuxStatus(pid: number): { readonly zombie: boolean; readonly parent: number; readonly started: string } | undefined {
  const stat = readProc(pid, 'stat');
  // "pid (any name) S ppid …": fields 3, 4 and 22 of proc(5).
  const after = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (after === undefined) return undefined;
  return { zombie: after[0] === 'Z' || after[0] === 'X', parent: Number(after[1]), started: after[19] ?? '' };
}

/** A process that ended meanwhile, or belongs to someone else, has no text. */
function readProc(pid: number, file: 'stat' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

function darwinProcesses(tag: string): Promise<Found[]> {
  return new Promise((resolve) => {
    execFile('ps', ['-axwwE', '-o', 'pid=,ppid=,state=,command='], { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout) => {
      const found: Found[] = [];
      for (const line of stdout.split('\n')) {
        const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S.*)$/.exec(line);
        if (match === null || match[3]?.startsWith('Z')) continue;
        found.push({ pid: Number(match[1]), parent: Number(match[2]), tagged: (match[4] ?? '').includes(`${tagName}=${tag}`) });
      }
      resolve(found);
    });
  });
}

/** Sends a signal to a process, or with a negative id to a group. One that is gone already is fine. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Windows: ends the tree below a process. */
export function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, () => resolve());
  });
}
