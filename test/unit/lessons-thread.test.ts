/** The index in a thread of its own: the same answers as in this thread, failures with their codes, and an end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRunIndex } from '../../src/lessons/index.ts';
import { openIndexFile } from '../../src/lessons/index-db.ts';
import { writeManyRuns } from '../support/lesson-runs.ts';
import { hasSqlite, threads } from '../support/threads.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'teamwright-thread-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('answers every question, and nothing of SQLite is loaded in the thread that asks', async () => {
  writeManyRuns(dataDir, 6);
  const before = threads();
  const index = await openRunIndex(dataDir);
  expect(threads()).toBe(before + 1);
  expect(await index.update()).toMatchObject({ read: 6, runs: 6, unreadable: [] });
  const answers = [
    await index.totals({ since: 1 }),
    await index.days(),
    await index.spendByMonth(),
    await index.spendByModel(),
    await index.spendByRole({ outcome: ['solved'] }),
    await index.teams(),
    await index.workspaces(),
    await index.problems(),
  ];
  await index.close();
  expect(threads()).toBe(before);
  expect(hasSqlite()).toBe(false);

  const file = await openIndexFile(dataDir);
  expect(hasSqlite()).toBe(true);
  expect(answers).toEqual([
    file.totals({ since: 1 }),
    file.days(),
    file.spendByMonth(),
    file.spendByModel(),
    file.spendByRole({ outcome: ['solved'] }),
    file.teams(),
    file.workspaces(),
    file.problems(),
  ]);
  file.close();
});

test('an update that is stopped ends there, and the index answers on', async () => {
  writeManyRuns(dataDir, 400);
  const index = await openRunIndex(dataDir);
  const stop = new AbortController();
  const update = index.update(stop.signal);
  stop.abort();
  await expect(update).rejects.toMatchObject({ code: 'stopped' });
  await expect(index.update(stop.signal)).rejects.toMatchObject({ code: 'stopped' });
  expect((await index.totals()).runs).toBeLessThan(400);
  await index.close();
});

test('what is still asked when it is closed is told so', async () => {
  writeManyRuns(dataDir, 400);
  const index = await openRunIndex(dataDir);
  const update = index.update();
  await Promise.all([expect(update).rejects.toMatchObject({ code: 'stopped' }), index.close()]);
  await expect(index.totals()).rejects.toMatchObject({ code: 'stopped' });
});

test('a file that cannot be used fails with its code and leaves no thread', async () => {
  const before = threads();
  writeFileSync(join(dataDir, 'file'), '');
  await expect(openRunIndex(join(dataDir, 'file'))).rejects.toMatchObject({ code: 'index-unusable' });
  expect(threads()).toBe(before);
});
