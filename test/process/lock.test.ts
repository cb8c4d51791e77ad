/** Who owns a thing and whether that process lives, and the one lock between processes. Real processes. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockHolder, takeLock, withLock } from '../../src/process/index.ts';
import { isAlive, type Owner, psStatus, thisOwner } from '../../src/process/owner.ts';

const { signal } = new AbortController();
const hour = 3600;
const door = pathToFileURL(resolve('src/process/index.ts')).href;

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teamwright-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFiles = (): string[] => readdirSync(folder).filter((name) => name.startsWith('lock'));

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A living process and a zombie: the shell's child has ended, and `sleep`, which the shell became, never asks for it. */
async function livingAndZombie(): Promise<{ living: number; zombie: number }> {
  const child = spawn('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  const zombie = await new Promise<number>((found) => child.stdout.once('data', (text) => found(Number(text))));
  while (!psStatus(zombie)?.zombie) await new Promise((later) => setTimeout(later, 10));
  return { living: child.pid ?? 0, zombie };
}
const { living, zombie } = process.platform === 'win32' ? { living: 0, zombie: 0 } : await livingAndZombie();
const gone = spawnSync(process.execPath, ['--version']).pid;
const here = { host: hostname() };
const away = { host: 'another-host', pid: living };

describe.skipIf(process.platform === 'win32')('an owner', () => {
  const began = process.platform === 'linux' || process.platform === 'darwin';
  const cases: [rule: string, alive: boolean, owner: Owner | string, more?: { ageSeconds?: number; awayMs?: number }][] = [
    ['that is this process lives', true, thisOwner()],
    ['that is another process lives, also when its record is old', true, { ...here, pid: living }, { ageSeconds: 1000 * hour }],
    ['whose process is gone is dead', false, { ...here, pid: gone }],
    ['whose process is a zombie is dead', false, { ...here, pid: zombie }],
    ['whose number another process has by now is dead', !began, { ...here, pid: living, started: '1' }],
    ['of this very process, but before the machine was started anew, is dead', !began, { ...thisOwner(), boot: 'an earlier start' }],
    ['whose start of the machine is not on record is known by the rest', true, { ...thisOwner(), boot: undefined }],
    ['on another host lives for a day', true, away, { ageSeconds: 23 * hour }],
    ['on another host is dead a day later', false, away, { ageSeconds: 25 * hour }],
    ['on another host lives as long as its work can take', true, away, { ageSeconds: 9 * 60, awayMs: 600_000 }],
    ['on another host is dead when its work must be over', false, away, { ageSeconds: 11 * 60, awayMs: 600_000 }],
    ['whose record is just being written lives', true, ''],
    ['whose record was never written is dead', false, '', { ageSeconds: 11 }],
  ];
  it.each(cases)('%s', (_rule, alive, owner, { ageSeconds = 0, awayMs } = {}) => {
    writeFileSync(`${lock}.1`, typeof owner === 'string' ? owner : JSON.stringify(owner));
    const at = Date.now() / 1000 - ageSeconds;
    utimesSync(`${lock}.1`, at, at);
    expect(lockHolder(lock, awayMs)?.alive).toBe(alive);
    const taken = takeLock(lock, awayMs);
    expect('heldBy' in taken).toBe(alive);
    expect(lockFiles()).toEqual([alive ? 'lock.1' : 'lock.2']);
    if (!('heldBy' in taken)) expect(JSON.parse(readFileSync(`${lock}.2`, 'utf8'))).toEqual(thisOwner());
  });

  it('is known by when it began, also by what `ps` says of it', () => {
    expect(isAlive(process.pid, thisOwner().started)).toBe(true);
    expect(psStatus(process.pid)).toEqual({ zombie: false, started: expect.stringMatching(/^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/) });
    expect(psStatus(living)?.started).toBe(psStatus(living)?.started);
    expect(psStatus(zombie)?.zombie).toBe(true);
    expect(psStatus(gone)).toBeUndefined();
  });
});

describe('the lock', () => {
  it('has one holder, this process included, until it is let go', () => {
    const first = takeLock(lock);
    expect(takeLock(lock)).toEqual({ heldBy: expect.objectContaining({ pid: process.pid, host: hostname() }) });
    if (!('heldBy' in first)) first.release();
    expect(lockFiles()).toEqual([]);
    expect('release' in takeLock(lock)).toBe(true);
  });

  it('of an owner that was killed is taken over', async () => {
    const script = `import { withLock } from ${JSON.stringify(door)};
      await withLock(${JSON.stringify(lock)}, async () => process.kill(process.pid, 'SIGKILL'), () => {}, new AbortController().signal);`;
    expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })).toThrow();
    expect(existsSync(`${lock}.1`)).toBe(true);
    const mine = async () => 'mine';
    expect(await withLock(lock, mine, () => {}, signal)).toBe('mine');
    expect(lockFiles()).toEqual([]);
  });

  it('is never held by two at once', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((later) => setTimeout(later, 5));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(lock, work, () => {}, signal)));
    expect(most).toBe(1);
  });

  it('is won by one of many processes that find the same dead owner, again and again', async () => {
    // Each takes over from the one before, which was killed, and finds nobody else inside; then it is killed itself.
    const script = `import { mkdirSync, rmdirSync, writeSync } from 'node:fs';
      import { takeLock } from ${JSON.stringify(door)};
      const pause = (ms) => new Promise((later) => setTimeout(later, ms));
      writeSync(1, 'ready');
      await new Promise((go) => process.stdin.once('data', go));
      while ('heldBy' in takeLock(${JSON.stringify(lock)})) await pause(0);
      mkdirSync(${JSON.stringify(join(folder, 'inside'))});
      await pause(3);
      rmdirSync(${JSON.stringify(join(folder, 'inside'))});
      writeSync(1, ' alone');
      process.kill(process.pid, 'SIGKILL');`;
    const contenders = Array.from({ length: 12 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
      children.push(child);
      let said = '';
      const ready = new Promise<void>((resolve) => {
        child.stdout.on('data', (text) => {
          said += String(text);
          resolve();
        });
      });
      const ended = new Promise<string>((resolve) => child.once('close', () => resolve(said)));
      return { child, ready, ended };
    });
    await Promise.all(contenders.map(({ ready }) => ready));
    for (const { child } of contenders) child.stdin.end('go');
    expect(await Promise.all(contenders.map(({ ended }) => ended))).toEqual(contenders.map(() => 'ready alone'));
    expect(lockFiles()).toHaveLength(1);
  });
});
