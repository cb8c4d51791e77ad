/** The processes below one process, read from `/proc` (Linux) or `ps` (macOS). */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** The command line, words joined by spaces. */
  readonly command: string;
}

/** Every process that descends from `pid`, parents before children. `pid` itself is not among them. */
export function descendants(pid: number | undefined): ProcessEntry[] {
  if (pid === undefined) return [];
  const all = allProcesses();
  const below = (parent: number): ProcessEntry[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

function allProcesses(): ProcessEntry[] {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' })
      .split('\n')
      .flatMap((line) => {
        const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
        return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
      });
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in brackets may hold spaces and brackets; what follows the last one are plain numbers.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch (error) {
        // It ended between the two lines.
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    });
}

/** Asks the child and its whole tree to end; what is still there after a second is killed. Resolves when all are gone. */
export async function endAll(child: ChildProcess): Promise<void> {
  const tree = [...descendants(child.pid).map((each) => each.pid), ...(child.pid === undefined ? [] : [child.pid])];
  const alive = (): number[] => {
    const now = new Set(allProcesses().map((each) => each.pid));
    return tree.filter((pid) => now.has(pid));
  };
  for (const pid of alive()) signal(pid, 'SIGTERM');
  for (let waited = 0; waited < 1000 && alive().length > 0; waited += 50) await wait(50);
  for (const pid of alive()) signal(pid, 'SIGKILL');
  while (alive().length > 0) await wait(20);
}

/** Sends the signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
