/** The log of a run page: the disk and the live run together tell every event once. */
import { expect, test } from 'vitest';
import { createEventLog } from '../../src/editor/panels/event-log.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { enveloped, wholeRun } from '../support/trace-events.ts';

const events = enveloped(wholeRun);
const upTo = (seq: number): TraceEvent[] => events.slice(0, seq);
const seqs = (found: readonly TraceEvent[]): number[] => found.map(({ seq }) => seq);

test('what is told while the disk is read is not lost, and nothing stands twice', async () => {
  const disk = Promise.withResolvers<readonly TraceEvent[]>();
  const log = createEventLog(
    () => disk.promise,
    () => 0,
  );
  const first = log.all();
  for (const event of events.slice(3, 6)) log.note(event);
  disk.resolve(upTo(4));
  expect(seqs(await first)).toEqual([0, 1, 2, 3, 4, 5]);
  log.note(events[6]);
  expect(seqs(await log.all())).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a gap that the lagging disk left is closed a second later', async () => {
  let now = 0;
  let written = 2;
  let readings = 0;
  const log = createEventLog(
    async () => {
      readings += 1;
      return upTo(written);
    },
    () => now,
  );
  await log.all();
  log.note(events[5]);
  expect(seqs(await log.all())).toEqual([0, 1, 5]);
  expect(readings).toBe(1);
  now = 1000;
  written = 6;
  expect(seqs(await log.all())).toEqual([0, 1, 2, 3, 4, 5]);
  now = 5000;
  await log.all();
  expect(readings).toBe(2);
});

test('a trace that another process writes is read again when it has grown', async () => {
  let written = 2;
  const log = createEventLog(
    async () => upTo(written),
    () => 0,
  );
  await log.all();
  written = 4;
  expect(seqs(await log.all())).toEqual([0, 1]);
  log.note(undefined);
  expect(seqs(await log.all())).toEqual([0, 1, 2, 3]);
});
