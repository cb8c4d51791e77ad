/**
 * One writer per run. A lock is a file `lock.<n>`; the highest `n` is the owner. A dead owner is succeeded by creating `lock.<n+1>`
 * exclusively, so of two processes that find the same dead owner only one wins, and nobody ever deletes a living owner's file.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { errorText, runBusy } from '../errors.ts';

const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** When the process began, in the kernel's words: tells a living owner from a later process with the same id. Linux only. */
  began: z.string().optional(),
});
export type Owner = z.infer<typeof ownerSchema> & { readonly alive: boolean };

export interface RunLock {
  release(): void;
}

/** An owner on another machine (a shared home, a container) cannot be asked; it counts as alive for this long after taking the lock. */
const foreignOwnerMs = 24 * 3600 * 1000;
/** A lock file still without content is being written, unless it is older than this. */
const writingMs = 10_000;

const isCode = (error: unknown, ...codes: string[]): boolean => codes.includes((error as NodeJS.ErrnoException).code ?? '');

function processBegan(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold anything; the fields after it are plain. Field 3 is the state, field 22 the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19];
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

function isAlive(pid: number, began: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
    if (!isCode(error, 'EPERM')) throw error;
  }
  const now = processBegan(pid);
  return began === undefined || now === undefined || began === now;
}

function lockNumbers(dir: string): number[] {
  return fs
    .readdirSync(dir)
    .map((name) => /^lock\.(\d+)$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

const lockFile = (dir: string, n: number): string => path.join(dir, `lock.${n}`);

function ownerIn(file: string): Owner | undefined {
  let text: string;
  let ageMs: number;
  try {
    text = fs.readFileSync(file, 'utf8');
    ageMs = Date.now() - fs.statSync(file).mtimeMs;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const parsed = ownerSchema.safeParse(parseJson(text));
  if (!parsed.success) return { pid: 0, host: '', alive: ageMs < writingMs };
  const owner = parsed.data;
  const alive = owner.host === os.hostname() ? isAlive(owner.pid, owner.began) : ageMs < foreignOwnerMs;
  return { ...owner, alive };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return { problem: errorText(error) };
  }
}

/** Who writes the run in `dir` now; undefined when nobody does. A dead owner is one that crashed. */
export function ownerOf(dir: string): Owner | undefined {
  const [newest] = lockNumbers(dir);
  return newest === undefined ? undefined : ownerIn(lockFile(dir, newest));
}

/** Throws `run-busy` when another living writer holds the run (this process included). */
export function lockRun(dir: string, runId: string): RunLock {
  const [newest] = lockNumbers(dir);
  const owner = newest === undefined ? undefined : ownerIn(lockFile(dir, newest));
  if (owner?.alive) throw runBusy(runId, owner.pid);

  const file = lockFile(dir, (newest ?? 0) + 1);
  try {
    const content = JSON.stringify({ pid: process.pid, host: os.hostname(), began: processBegan(process.pid) });
    fs.writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw runBusy(runId, ownerIn(file)?.pid ?? 0);
    throw error;
  }
  const release = () => fs.rmSync(file, { force: true });
  // Somebody may have come and taken a number that was free again while this process was looking.
  for (const n of lockNumbers(dir)) {
    const other = lockFile(dir, n);
    if (other === file) continue;
    const living = ownerIn(other);
    if (living?.alive) {
      release();
      throw runBusy(runId, living.pid);
    }
    fs.rmSync(other, { force: true });
  }
  return { release };
}
