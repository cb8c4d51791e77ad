/**
 * Traces of version 1, recorded by the last program that wrote them (`test/fixtures/trace-v1`), read by this one: `team` was designed by a model,
 * edited by the user, sent round a reviewer, and designed again after it failed; `tools` is an agent with tools, its change applied, taken back
 * and applied again.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIndexFile } from '../../src/lessons/index-db.ts';
import { verdictRecord } from '../../src/lessons/record.ts';
import { eventVersion, type TraceEvent } from '../../src/trace/events.ts';
import { fold, openRun } from '../../src/trace/index.ts';
import { verifyTrace } from '../support/verify-trace.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'teamwright-v1-'));
  cpSync(join(import.meta.dirname, '../fixtures/trace-v1'), dataDir, { recursive: true });
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const eventsOf = async (runId: string): Promise<readonly TraceEvent[]> => (await (await openRun(dataDir, runId)).read()).events;
const recordOf = async (runId: string) => {
  const run = await openRun(dataDir, runId);
  const record = await verdictRecord((await run.read()).events, run.readBlob);
  if (record === undefined) throw new Error('There is no record.');
  return record;
};

describe('a trace of version 1', () => {
  test.each(['team', 'tools'])('%s is whole, and all of it comes out in the version of today', async (runId) => {
    expect(await verifyTrace((await openRun(dataDir, runId)).dir)).toEqual([expect.stringContaining('it is old')]);
    expect(new Set((await eventsOf(runId)).map(({ v }) => v))).toEqual(new Set([eventVersion]));
  });

  test('says which plan each step and each call belongs to', async () => {
    const events = await eventsOf('team');
    const [, mine, second] = fold(events).plans.map(({ hash }) => hash);
    const said = events.flatMap((event) => {
      if (event.type === 'step.started') return [[event.path, event.planHash]];
      return event.type === 'call.started' ? [[event.call, event.planHash]] : [];
    });
    expect(said).toEqual([
      ['design/0/1', undefined],
      ...['analyse', 'analyse/1', 'generate', 'generate/1', 'generate/2', 'review', 'review/1', 'revise', 'revise/1', 'test', 'select'].map(
        (place) => [`r0/${place}`, mine],
      ),
      ['design/1/1', undefined],
      ['design/1/2', undefined],
      ...['generate', 'generate/1', 'generate/2', 'test', 'select'].map((place) => [`r1/${place}`, second]),
    ]);
  });

  test('says which call gave a note and which candidate a review was about', async () => {
    expect(fold(await eventsOf('team')).notes).toMatchObject([
      { step: 'analyse', call: 'r0/analyse/1' },
      { step: 'review', call: 'r0/review/1', about: 'c1' },
    ]);
    expect(fold(await eventsOf('team')).notes[0]?.about).toBeUndefined();
  });

  test('says which rounds of design led to a plan, and none for what the user wrote', async () => {
    expect(fold(await eventsOf('team')).plans.map(({ origin, rounds }) => [origin, rounds])).toEqual([
      ['model', [0]],
      ['user-edit', undefined],
      ['model-reasked', [1, 2]],
    ]);
  });

  test('names the last answer of an agent with tools, also where it led to nothing', async () => {
    const events = await eventsOf('tools');
    expect(events.flatMap((event) => (event.type === 'candidate.refused' ? [event.call] : []))).toEqual(['r0/draft/1/2']);
    expect(fold(events).candidates.map(({ id, call }) => [id, call])).toEqual([
      ['c2', 'r0/draft/2/2'],
      ['c3', 'r0/draft/3/3'],
    ]);
  });
});

describe('lessons of a trace of version 1', () => {
  test('know plan, role and kind of every call, candidate and note, as the program did that wrote it', async () => {
    const record = await recordOf('team');
    expect(record.calls.map(({ call, plan, role, kind }) => [call, plan, role, kind])).toEqual([
      ['design/0/1', undefined, 'designer', 'design'],
      ['r0/analyse/1', 1, 'thinker', 'analyse'],
      ['r0/generate/1', 1, 'coder', 'generate'],
      ['r0/generate/2', 1, 'coder', 'generate'],
      ['r0/review/1', 1, 'critic', 'review'],
      ['r0/revise/1', 1, 'coder', 'revise'],
      ['design/1/1', undefined, 'designer', 'design'],
      ['design/1/2', undefined, 'designer', 'design'],
      ['r1/generate/1', 2, 'mender', 'generate'],
      ['r1/generate/2', 2, 'mender', 'generate'],
    ]);
    expect(record.candidates.map(({ id, call, plan, role, kind }) => [id, call, plan, role, kind])).toEqual([
      ['c1', 'r0/generate/1', 1, 'coder', 'generate'],
      ['c2', 'r0/revise/1', 1, 'coder', 'revise'],
      ['c3', 'r1/generate/1', 2, 'mender', 'generate'],
      ['c4', 'r1/generate/2', 2, 'mender', 'generate'],
    ]);
    expect(record.notes.map(({ call, plan, role, about }) => [call, plan, role, about])).toEqual([
      ['r0/analyse/1', 1, 'thinker', undefined],
      ['r0/review/1', 1, 'critic', 'c1'],
    ]);
    expect(record.design.map(({ round, plan }) => [round, plan])).toEqual([
      [0, record.plans[0]?.hash],
      [1, record.plans[2]?.hash],
      [2, record.plans[2]?.hash],
    ]);
    expect(record.plans.map(({ name, outcome }) => [name, outcome?.calls, outcome?.solved])).toEqual([
      ['designed', undefined, undefined],
      ['mine', 5, false],
      ['redesigned-1', 2, true],
    ]);
  });

  test('count what each role spent', async () => {
    const index = await openIndexFile(dataDir);
    await index.update();
    expect(
      index
        .spendByRole()
        .map(({ name, calls }) => [name, calls])
        .sort(),
    ).toEqual([
      ['coder', 10],
      ['critic', 1],
      ['designer', 3],
      ['mender', 2],
      ['thinker', 1],
    ]);
    expect(index.totals()).toMatchObject({ runs: 2, applied: 1 });
    index.close();
  });
});
