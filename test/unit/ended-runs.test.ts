/** What runs taught is brought up to their traces in one pass, for all stores together. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ReadRun, type ReadUpTo, readChangedRuns } from '../../src/lessons/ended-runs.ts';
import { newRunId } from '../../src/trace/index.ts';
import { enveloped, wholeRun } from '../support/trace-events.ts';

const { signal } = new AbortController();
const hour = 3_600_000;
const firstAt = Date.UTC(2026, 0, 1);
let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'ended-runs-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const idOf = (run: number): string =>
  newRunId(
    () => firstAt + run * hour,
    () => 0,
  );

function write(run: number): void {
  const folder = path.join(dataDir, 'runs', idOf(run));
  mkdirSync(folder, { recursive: true });
  const events = enveloped(wholeRun).map((event) => `${JSON.stringify({ ...event, at: firstAt + run * hour })}\n`);
  writeFileSync(path.join(folder, 'events.jsonl'), events.join(''));
}

function store(upTo: Partial<ReadUpTo> = {}) {
  const taken: ReadRun[] = [];
  return { upTo: { since: 0, lookedAt: 0, olderUpTo: 0, ...upTo }, take: (run: ReadRun) => void taken.push(run), taken };
}

test('each store takes what it wants of one reading: both are handed the same run, read once', async () => {
  for (const run of [1, 2, 3]) write(run);
  const [one, other] = [store(), store({ olderUpTo: firstAt + 2 * hour })];
  const upToDate = store({ lookedAt: Date.now() + hour });
  const look = await readChangedRuns(dataDir, [one, other, upToDate], Date.now, signal);
  const ids = ({ taken }: typeof one): string[] => taken.map(({ startedAt }) => idOf((startedAt - firstAt) / hour)).sort();
  expect(ids(one)).toEqual([1, 2, 3].map(idOf));
  // The run that is summed up already may have changed: that is seen, and taught nothing more.
  expect(ids(other)).toEqual([idOf(3)]);
  expect(one.taken.find((run) => other.taken.includes(run))).toBeDefined();
  expect([one, other, upToDate].map((each) => look(each).changed)).toEqual([3, 2, 0]);
});

test('what was forgotten stays so: a run that began before teaches nothing, though its trace changes', async () => {
  write(1);
  const forgotten = store({ since: firstAt + 2 * hour });
  appendFileSync(path.join(dataDir, 'runs', idOf(1), 'events.jsonl'), '');
  await readChangedRuns(dataDir, [forgotten], Date.now, signal);
  expect(forgotten.taken).toEqual([]);
});

test('only the newest runs are watched, and of them no more than can be read before a design', async () => {
  for (let run = 0; run < 410; run += 1) write(run);
  const one = store();
  const look = await readChangedRuns(dataDir, [one], Date.now, signal);
  expect(look(one).changed).toBe(200);
  expect(one.taken.every(({ startedAt }) => startedAt >= firstAt + 10 * hour)).toBe(true);
});

test('what changed just before the last look is read again only where it changed since', async () => {
  for (const run of [1, 2]) write(run);
  const first = store();
  const { upTo } = (await readChangedRuns(dataDir, [first], Date.now, signal))(first);
  expect(first.taken).toHaveLength(2);
  expect(Object.keys(upTo.lately ?? {}).sort()).toEqual([1, 2].map(idOf));
  const second = store(upTo);
  const look = (await readChangedRuns(dataDir, [second], Date.now, signal))(second);
  expect(second.taken).toEqual([]);
  expect(look).toMatchObject({ changed: 0, upTo: { lately: upTo.lately } });
  // A file of an earlier version does not say what it has read.
  const older = store({ lookedAt: upTo.lookedAt });
  await readChangedRuns(dataDir, [older], Date.now, signal);
  expect(older.taken).toHaveLength(2);
  appendFileSync(path.join(dataDir, 'runs', idOf(2), 'events.jsonl'), '\n');
  const third = store(look.upTo);
  await readChangedRuns(dataDir, [third], Date.now, signal);
  expect(third.taken.map(({ runId }) => runId)).toEqual([idOf(2)]);
});

test('stopped is stopped, between two traces too', async () => {
  write(1);
  await expect(readChangedRuns(dataDir, [store()], Date.now, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
});

test('a run whose texts are gone teaches nothing that needs them, and no later run fails for it', async () => {
  for (const run of [1, 2]) write(run);
  const needs = { ...store(), take: async (run: ReadRun): Promise<void> => void (await run.readBlob('0'.repeat(64))) };
  const needsNone = store();
  const look = await readChangedRuns(dataDir, [needs, needsNone], Date.now, signal);
  expect(look(needs).changed).toBe(2);
  expect(needsNone.taken).toHaveLength(2);
});
