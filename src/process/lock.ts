/**
 * One lock between processes: files `<lock>.<n>`, each with its owner; the highest number has the lock. A dead owner is succeeded by creating the
 * next number exclusively, so of two processes that find the same dead owner only one wins, and nobody ever deletes a living owner's file.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Owner, ownerLives, ownerSchema, thisOwner } from './owner.ts';

export interface Lock {
  release(): void;
}

export type Holder = Owner & { readonly alive: boolean };

/** A lock file still without an owner is being written, unless it is older than this. */
const writingMs = 10_000;
const pollMs = 200;

/**
 * The lock, or who has it (this process included; number 0: a file that is just being written). The lock's folder must be there.
 * `awayMs`: as of `ownerLives`.
 */
export function takeLock(lock: string, awayMs?: number): Lock | { readonly heldBy: Owner } {
  const newest = numbers(lock)[0] ?? 0;
  const holder = holderIn(`${lock}.${newest}`, awayMs);
  if (holder?.alive) return { heldBy: holder };
  const file = `${lock}.${newest + 1}`;
  try {
    fs.writeFileSync(file, JSON.stringify(thisOwner()), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { heldBy: holderIn(file, awayMs) ?? nobodyYet };
    fs.rmSync(file, { force: true });
    throw error;
  }
  const release = () => fs.rmSync(file, { force: true });
  // Somebody may have come and taken a number that was free again while this process was looking.
  for (const n of numbers(lock)) {
    const other = `${lock}.${n}`;
    if (other === file) continue;
    const living = holderIn(other, awayMs);
    if (living?.alive) {
      release();
      return { heldBy: living };
    }
    fs.rmSync(other, { force: true });
  }
  return { release };
}

/** Who took the lock and did not let go of it; undefined when nobody did. One that is not alive crashed. */
export function lockHolder(lock: string, awayMs?: number): Holder | undefined {
  const [newest] = numbers(lock);
  return newest === undefined ? undefined : holderIn(`${lock}.${newest}`, awayMs);
}

/**
 * Runs `work` while holding the lock, whose folder is made when it is missing. `onWait` is called again and again with the owner's number while
 * another one holds it, in this process or elsewhere. Rejects with the signal's reason, or as `work` does.
 */
export async function withLock<T>(lock: string, work: () => Promise<T>, onWait: (owner: number) => void, signal: AbortSignal): Promise<T> {
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    const taken = takeLock(lock);
    if ('heldBy' in taken) {
      onWait(taken.heldBy.pid);
      await sleep(pollMs, undefined, { signal });
      continue;
    }
    try {
      return await work();
    } finally {
      taken.release();
    }
  }
}

/** The highest first; none where the folder is missing. */
function numbers(lock: string): number[] {
  const beginning = `${path.basename(lock)}.`;
  return namesIn(path.dirname(lock))
    .filter((name) => name.startsWith(beginning) && /^\d+$/.test(name.slice(beginning.length)))
    .map((name) => Number(name.slice(beginning.length)))
    .sort((a, b) => b - a);
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const nobodyYet: Owner = { pid: 0, host: '' };

function holderIn(file: string, awayMs: number | undefined): Holder | undefined {
  let text: string;
  let ageMs: number;
  try {
    text = fs.readFileSync(file, 'utf8');
    ageMs = Date.now() - fs.statSync(file).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const owner = parsed(text);
  return owner === undefined ? { ...nobodyYet, alive: ageMs < writingMs } : { ...owner, alive: ownerLives(owner, ageMs, awayMs) };
}

function parsed(text: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
