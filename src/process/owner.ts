/**
 * Who owns a thing on the disk (a run, its copies, a change being applied, a download), and whether that process still lives.
 *
 * - **This host**: alive while it has not been started anew since, a process has the owner's number, is no zombie, and began when the owner began; a
 *   number that was given away again is not the owner. When machine and process began is known on Linux and macOS; elsewhere, and where a record
 *   lacks it, the number alone decides.
 * - **Another host** (a shared home, a container, this machine under an earlier name): nobody can be asked. It counts as alive until its record
 *   is older than the owner's work can take; a day, where the caller knows nothing shorter.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';
import { linuxStatus } from './processes.ts';

export const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process began, in its system's words; on Linux counted from the start of the machine, so it says nothing without `boot`. */
  started: z.string().optional(),
  /** Which start of the machine it began in; after the next one another process may have its number, and have begun at the same tick. */
  boot: z.string().optional(),
});
export type Owner = z.infer<typeof ownerSchema>;

const dayMs = 24 * 3_600_000;

export const thisOwner = (): Owner => ({
  pid: process.pid,
  host: hostname(),
  started: lookUp(process.pid)?.started,
  boot: thisBoot(),
});

let mark: string | undefined;

/** This process in a few signs, for the beginning of a file's name: a file needs no record beside it to tell that it was left behind. */
export function ownerMark(): string {
  mark ??= markOf(thisOwner());
  return mark;
}

const markOf = ({ pid, host, started = '', boot = '' }: Owner): string => `${pid}-${short(host)}-${short(boot + started)}`;

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Whether the name begins with the mark of a process of this host that is gone. */
export function isLeftByDead(name: string): boolean {
  const [, pid = '', host, started] = /^(\d+)-([0-9a-f]{8})-([0-9a-f]{8})-/.exec(name) ?? [];
  if (host !== short(hostname())) return false;
  const now = lookUp(Number(pid))?.started;
  return !isAlive(Number(pid)) || (now !== undefined && short((thisBoot() ?? '') + now) !== started);
}

/** Numbers of other hosts, and of other starts of this one, mean nothing here. */
export const isThisProcess = (owner: Owner): boolean => owner.pid === process.pid && owner.host === hostname() && isOfThisBoot(owner);

/** `ageMs`: how old the owner's record is. `awayMs`: how long the work of an owner on another host can take. */
export function ownerLives(owner: Owner, ageMs: number, awayMs = dayMs): boolean {
  return owner.host === hostname() ? isOfThisBoot(owner) && isAlive(owner.pid, owner.started) : ageMs < awayMs;
}

const isOfThisBoot = ({ boot }: Owner): boolean => boot === undefined || thisBoot() === undefined || boot === thisBoot();

let lookedUp: { readonly boot: string | undefined } | undefined;

/** The same for all processes until the machine starts anew; undefined where the system does not tell. */
function thisBoot(): string | undefined {
  lookedUp ??= { boot: lookUpBoot() };
  return lookedUp.boot;
}

function lookUpBoot(): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    // The time of the start moves there when the clock is set; this does not.
    if (process.platform === 'darwin')
      return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
  } catch (error) {
    // Hidden in a container, or no such program: the moment the process began has to do.
    if (!(error instanceof Error)) throw error;
  }
  return undefined;
}

/** Whether a process of this host lives. With `started` (of `thisOwner`) a later process of the same number is told from it. */
export function isAlive(pid: number, started?: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = lookUp(pid);
  if (found === undefined) return true;
  return !found.zombie && (!started || started === found.started);
}

interface Found {
  readonly zombie: boolean;
  readonly started: string;
}

/** Undefined where the system does not tell. */
function lookUp(pid: number): Found | undefined {
  if (process.platform === 'linux') return linuxStatus(pid);
  return process.platform === 'darwin' ? psStatus(pid) : undefined;
}

/** What `ps` knows of a process; the same on macOS and Linux. Its clock has seconds. */
export function psStatus(pid: number): Found | undefined {
  try {
    const said = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [state = '', ...started] = said.trim().split(/\s+/);
    return { zombie: state.startsWith('Z'), started: started.join(' ') };
  } catch (error) {
    // No `ps`, or the process is gone meanwhile.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
