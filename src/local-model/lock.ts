/** A lock between processes: a file with its owner's pid. A lock whose owner died, or no longer touches it, is broken. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;
/** The owner touches its lock this often. */
const touchMs = 5_000;
/** A living pid that has not touched the lock for so long is another program that got the number later. */
const silenceMs = 120_000;

export function processAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

/** `pid id`, written under another name and linked, so that a lock is never seen half-written. False when somebody else holds it. */
async function take(file: string, mark: string): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, mark);
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function look(file: string): Promise<{ mark: string; touched: number } | undefined> {
  try {
    const [mark, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { mark, touched: mtimeMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Moves a dead owner's lock away; when it was exchanged meanwhile, the living one is put back. */
async function breakLock(file: string, mark: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== mark) {
    await link(aside, file).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  }
  await rm(aside, { force: true });
}

async function acquire(file: string, mark: string, onWait: (owner: number) => void, signal: AbortSignal): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  let seen: { mark: string; touched: number; since: number } | undefined;
  while (!(await take(file, mark))) {
    signal.throwIfAborted();
    const found = await look(file);
    if (found === undefined) continue;
    if (seen?.mark !== found.mark || seen.touched !== found.touched) seen = { ...found, since: performance.now() };
    const owner = Number.parseInt(found.mark, 10);
    const silent = performance.now() - seen.since > silenceMs;
    if (silent || !processAlive(owner)) {
      await breakLock(file, found.mark);
      continue;
    }
    onWait(owner);
    await sleep(pollMs, undefined, { signal });
  }
}

/** Runs `work` while holding the lock. `onWait` is called again and again with the owner's pid while another process holds it. */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait: (owner: number) => void, signal: AbortSignal): Promise<T> {
  const mark = `${process.pid} ${randomUUID()}`;
  await acquire(file, mark, onWait, signal);
  const touch = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) console.error(error);
    });
  }, touchMs);
  touch.unref();
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if ((await look(file))?.mark === mark) await rm(file, { force: true });
  }
}
