import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTrace, fold, listRuns, openRun, status } from '../../src/trace/index.ts';
import { blobsOf, verifyTrace } from '../support/verify-trace.ts';

const here = import.meta.dirname;
let dataDir: string;
beforeAll(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw-crash-'));
});
afterAll(() => fs.rmSync(dataDir, { recursive: true, force: true }));

/** Lets a writer run until it has flushed once, kills it without warning after `ms` more, and gives the last number it printed. */
async function writeAndKill(runId: string, ms: number): Promise<number> {
  const child = spawn(process.execPath, [path.join(here, 'trace-child.ts'), dataDir, runId], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error('the writer ended by itself')));
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('\n')) setTimeout(resolve, ms);
    });
  });
  child.kill('SIGKILL');
  await ended;
  return Number(printed.slice(0, printed.lastIndexOf('\n')).split('\n').at(-1));
}

describe('a writer that is killed', () => {
  it('leaves a readable trace with everything it flushed, and every text its events name; and the run can go on, a dozen times', async () => {
    let before = 0;
    for (let round = 0; round < 12; round += 1) {
      const flushed = await writeAndKill('r1', Math.random() * 60);
      const run = await openRun(dataDir, 'r1');
      const { events, damage } = await run.read();
      const notes = events.slice(before).filter((event) => event.type === 'note.written');
      expect(notes.length).toBeGreaterThanOrEqual(flushed);
      expect(notes.slice(0, flushed).map((event) => event.step)).toEqual(Array.from({ length: flushed }, (_, n) => `s${n}`));
      // At most one torn line per kill, and the numbering goes on without a hole.
      expect(damage.garbage + (damage.tornTail ? 1 : 0)).toBeLessThanOrEqual(round + 1);
      expect(damage).toMatchObject({ badBodies: 0, repeatedSeqs: 0, gaps: [], brokenLinks: [] });
      for (const hash of events.slice(before).flatMap(blobsOf)) expect((await run.readBlob(hash)).length).toBeGreaterThan(0);
      expect(status(fold(events), run.ownerAlive())).toBe('interrupted');
      expect((await listRuns(dataDir)).map((one) => one.status)).toEqual(['interrupted']);
      before = events.length;
    }
    const last = await createTrace({ dataDir, runId: 'r1', clock: Date.now });
    await last.close();
    const problems = await verifyTrace(path.join(dataDir, 'runs', 'r1'));
    expect(problems.filter((problem) => !/unreadable line|garbage/.test(problem))).toEqual([]);
  });
});

const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;

describe('a disk that is really full', () => {
  it.skipIf(!canMount)('gives a clear error, keeps what was flushed, and lets go of the run', () => {
    const script = `mount -t tmpfs -o size=256k none /mnt && exec "$0" "$1"`;
    const result = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, path.join(here, 'trace-full-disk.ts')], {
      encoding: 'utf8',
    });
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      code: 'disk-full',
      told: ['disk-full'],
      closing: 'disk-full',
      lost: 0,
      locks: [],
      tail: 'readable',
    });
  });
});
