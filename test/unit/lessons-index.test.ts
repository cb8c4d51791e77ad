/** The index over all runs: made from traces, brought up to them, thrown away when damaged. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indexFiles, openIndexFile } from '../../src/lessons/index-db.ts';
import type { IndexFile } from '../../src/lessons/index-types.ts';
import type { NewEvent } from '../../src/trace/events.ts';
import { createTrace, deleteRun } from '../../src/trace/index.ts';
import { approval, attempt, closing, hashOf, opening } from '../support/trace-events.ts';

let dataDir: string;
const open: IndexFile[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'teamwright-index-'));
});
afterEach(() => {
  for (const index of open.splice(0)) index.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const openIndex = async (): Promise<IndexFile> => {
  const index = await openIndexFile(dataDir);
  open.push(index);
  return index;
};

const day = 24 * 3600 * 1000;
const start = Date.UTC(2026, 10, 20, 12);

interface Told {
  readonly request?: string;
  readonly workspace?: string;
  readonly at?: number;
  readonly events?: readonly NewEvent[];
  readonly more?: readonly NewEvent[];
}

/** A run on the disk; solved unless other events are given. */
async function run(runId: string, told: Told = {}): Promise<void> {
  const at = told.at ?? start;
  const trace = await createTrace({ dataDir, runId, clock: () => at });
  for (const event of opening) {
    if (event.type === 'run.started') {
      trace.emit({
        ...event,
        runId,
        workspace: told.workspace ?? '/work/sum',
        request: { ...event.request, text: told.request ?? event.request.text },
      });
    } else trace.emit(event);
  }
  for (const event of [...(told.events ?? [...approval, ...attempt(1, false), ...attempt(2, true), ...closing]), ...(told.more ?? [])]) {
    trace.emit(event);
  }
  await trace.close();
}

const failing = (): readonly NewEvent[] => [
  ...approval,
  ...attempt(1, false),
  {
    type: 'run.finished',
    outcome: 'tests-fail',
    candidate: 'c1',
    tampering: [],
    spend: { calls: 1, inputTokens: 900, outputTokens: 100, usd: 0.001, seconds: 1 },
    reward: { performance: 0.25, complexity: 0.5, efficiency: 0.1 },
  },
];

const hunk = (candidate: string, id: string, decision: 'accepted' | 'rejected'): NewEvent => ({
  type: 'hunk.decided',
  candidate,
  path: 'sum.js',
  hunk: id,
  decision,
  reason: '',
});

describe('update', () => {
  test('reads each run once, then only what changed, and forgets what is gone', async () => {
    await run('one');
    await run('two', { events: failing(), at: start + 1000 });
    const index = await openIndex();
    expect(index.list().total).toBe(0);
    expect(await index.update()).toEqual({ read: 2, removed: 0, runs: 2, unreadable: [] });
    expect(await index.update()).toMatchObject({ read: 0, removed: 0, runs: 2 });

    await run('one', { events: [], more: [] });
    expect(await index.update()).toMatchObject({ read: 1, runs: 2 });
    await deleteRun(dataDir, 'two');
    expect(await index.update()).toMatchObject({ read: 0, removed: 1, runs: 1 });
    expect(index.list().runs.map(({ runId }) => runId)).toEqual(['one']);
  });

  test('a run that was alive is looked at again, because its process may have died without a word', async () => {
    const trace = await createTrace({ dataDir, runId: 'cut', clock: () => start });
    for (const event of opening) trace.emit(event);
    await trace.flush();
    const index = await openIndex();
    await index.update();
    expect(index.list().runs[0]).toMatchObject({ status: 'waiting-for-review', solved: false });
    await trace.close();
    expect(await index.update()).toMatchObject({ read: 1 });
    expect(index.list().runs[0]).toMatchObject({ status: 'interrupted' });
    expect(await index.update()).toMatchObject({ read: 0 });
  });

  test('an empty data folder gives an empty index, not an error', async () => {
    const index = await openIndex();
    expect(await index.update()).toEqual({ read: 0, removed: 0, runs: 0, unreadable: [] });
    expect(index.totals()).toMatchObject({ runs: 0, solveRate: undefined, reward: undefined });
    expect(index.choices()).toEqual({ workspaces: [], models: [], teams: [], outcomes: [], generations: [] });
  });

  test('rebuilding gives the same index as reading bit by bit', async () => {
    const index = await openIndex();
    for (const name of ['a', 'b', 'c']) {
      await run(name, { at: start + name.charCodeAt(0) * 1000 });
      await index.update();
    }
    const before = index.list();
    expect(await index.rebuild()).toMatchObject({ read: 3, runs: 3 });
    expect(index.list()).toEqual(before);
  });
});

describe('a file that cannot be used is made again', () => {
  const file = (): string => indexFiles(dataDir)[0] as string;

  test.each([
    ['garbage', () => writeFileSync(file(), 'this is no database, not even a little one'.repeat(200))],
    ['a hole in the middle', () => writeFileSync(file(), Buffer.concat([readFileSync(file()).subarray(0, 3000), Buffer.alloc(60_000, 7)]))],
  ])('%s', async (_what, damage) => {
    await run('one');
    const first = await openIndexFile(dataDir);
    await first.update();
    first.close();
    damage();
    const index = await openIndex();
    expect(await index.update()).toMatchObject({ read: 1, runs: 1 });
    expect(index.list().runs[0]).toMatchObject({ runId: 'one', outcome: 'solved' });
  });

  test('one of another version', async () => {
    await run('one');
    const { DatabaseSync } = await import('node:sqlite');
    const other = new DatabaseSync(file());
    other.exec('CREATE TABLE runs (name TEXT); PRAGMA user_version = 77');
    other.close();
    const index = await openIndex();
    expect(await index.update()).toMatchObject({ runs: 1 });
  });

  test.skipIf(process.platform === 'win32')('it can be read by its owner only', async () => {
    await openIndex();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(indexFiles(dataDir).every((name) => !existsSync(name) || (statSync(name).mode & 0o077) === 0)).toBe(true);
  });
});

describe('list', () => {
  test('shows what a run was about, what it cost and what the user said', async () => {
    await run('one', {
      more: [
        hunk('c2', 'h1', 'accepted'),
        hunk('c2', 'h2', 'rejected'),
        { type: 'diff.applied', applied: ['sum.js'], conflicts: [], undo: { commit: 'c', tree: 't' }, hunks: { accepted: 1, rejected: 1 } },
        { type: 'verdict.given', candidate: 'c2', decision: 'partly-accepted', reason: '' },
        { type: 'survival.measured', when: 'minutes', minutes: 10, fourGram: 0.9, noRevert: 1, files: [] },
      ],
    });
    const index = await openIndex();
    await index.update();
    expect(index.list().runs[0]).toMatchObject({
      title: 'Fix the failing test.',
      workspace: '/work/sum',
      outcome: 'solved',
      solved: true,
      models: ['coder-1.5b-q4'],
      team: 'solo',
      calls: 2,
      inputTokens: 1800,
      testsFixed: 1,
      failedBefore: 1,
      failedAfter: 0,
      standing: 'partly-applied',
      verdict: 'partly-accepted',
      hunksAccepted: 1,
      hunksRejected: 1,
      fourGram: 0.9,
      generation: 'p0-l0-base',
      terms: { performance: 1, complexity: 0, accepted: 0.5 },
    });
    expect(index.list().runs[0]?.reward).toBeCloseTo(1 - 0.1 * (2000 / 60_000) + 0.2 * 0.5);
  });

  test('a change that was taken back was not kept', async () => {
    const applied: NewEvent = { type: 'diff.applied', applied: ['sum.js'], conflicts: [], undo: { commit: 'c', tree: 't' } };
    await run('kept', { more: [applied] });
    await run('undone', { more: [applied, { type: 'diff.undone', restored: ['sum.js'], conflicts: [] }] });
    const index = await openIndex();
    await index.update();
    expect(Object.fromEntries(index.list().runs.map(({ runId, terms }) => [runId, terms.accepted]))).toEqual({ kept: 1, undone: 0 });
    expect(index.list({ acceptedOnly: true }).runs.map(({ runId }) => runId)).toEqual(['kept']);
  });

  test('filters by words, time, workspace, model and outcome, all at once', async () => {
    await run('a', { request: 'Rename the PARSER', at: start });
    await run('b', { request: 'Fix the parser of dates', workspace: '/work/dates', at: start + day, events: failing() });
    await run('c', { request: "100% of 'quotes'; DROP TABLE runs", at: start + 2 * day });
    const index = await openIndex();
    await index.update();
    const ids = (filter: Parameters<IndexFile['list']>[0]): string[] => index.list(filter).runs.map(({ runId }) => runId);
    expect(ids({})).toEqual(['c', 'b', 'a']);
    expect(ids({ text: 'parser' })).toEqual(['b', 'a']);
    expect(ids({ text: 'dates PARSER' })).toEqual(['b']);
    expect(ids({ text: "100% 'quotes'; drop" })).toEqual(['c']);
    expect(ids({ text: '_' })).toEqual([]);
    expect(ids({ outcome: ['tests-fail'] })).toEqual(['b']);
    expect(ids({ workspace: ['/work/sum'], since: start + 1 })).toEqual(['c']);
    expect(ids({ until: start + day })).toEqual(['a']);
    expect(ids({ model: ['coder-1.5b-q4'], text: 'rename' })).toEqual(['a']);
    expect(ids({ model: ['nobody'] })).toEqual([]);
    expect(ids({ outcome: [] })).toEqual([]);
    expect(index.list({}, { limit: 1, offset: 1 })).toMatchObject({ total: 3, runs: [{ runId: 'b' }] });
    expect(index.list({}, { order: 'reward' }).runs.at(-1)?.runId).toBe('b');
    expect(index.choices()).toMatchObject({
      workspaces: ['/work/sum', '/work/dates'],
      outcomes: ['solved', 'tests-fail'],
      teams: ['solo'],
    });
  });
});

describe('figures', () => {
  test('totals, stretches of time, spend by model and by role, and how teams fared', async () => {
    await run('a', { at: start });
    await run('b', { at: start, events: failing() });
    await run('c', { at: start + 3 * day, more: [hunk('c2', 'h1', 'accepted')] });
    const index = await openIndex();
    await index.update();
    expect(index.totals()).toMatchObject({ runs: 3, judged: 3, solved: 2, calls: 5, testsFixed: 2, hunksAccepted: 1 });
    expect(index.totals().solveRate).toBeCloseTo(2 / 3);
    // The 20th is a Friday, the 23rd a Monday.
    expect(index.overTime('day').map(({ from, runs, solved }) => ({ from, runs, solved }))).toEqual([
      { from: '2026-11-20', runs: 2, solved: 1 },
      { from: '2026-11-23', runs: 1, solved: 1 },
    ]);
    expect(index.overTime('week').map(({ from }) => from)).toEqual(['2026-11-16', '2026-11-23']);
    expect(index.overTime('month').map(({ from }) => from)).toEqual(['2026-11']);
    expect(index.spendByModel()).toEqual([
      expect.objectContaining({ name: 'coder-1.5b-q4', runs: 3, calls: 5, inputTokens: 4500, outputTokens: 500 }),
    ]);
    expect(index.spendByRole()).toEqual([expect.objectContaining({ name: 'coder', calls: 5 })]);
    expect(index.teams()).toEqual([
      expect.objectContaining({ team: 'solo', proposed: 3, approved: 3, declined: 0, runs: 3, solved: 2, accepted: 1 }),
    ]);
  });

  test('weights are applied when asked, not when stored', async () => {
    await run('b', { events: failing() });
    const index = await openIndex();
    await index.update();
    expect(index.totals().reward).toBeCloseTo(0.25 - 0.05 * 0.5 - 0.1 * 0.1);
    expect(index.totals({}, { complexity: 1, efficiency: 0, accepted: 0 }).reward).toBeCloseTo(-0.25);
  });

  test('runs about the same thing stand together; the same words on other files do not', async () => {
    await run('b', { at: start + 1 });
    await run('a', { at: start });
    await run('c', { at: start + 2, request: 'Something else' });
    const index = await openIndex();
    await index.update();
    const groups = index.problems();
    expect(groups.map(({ runIds }) => runIds)).toEqual([['a', 'b'], ['c']]);
    expect(groups[0]?.requestHash).toBe(hashOf('Fix the failing test.\nDo not change it.'));
  });
});

test('what a run had used when it was resumed is counted once, in the run that goes on from it', async () => {
  await run('whole');
  const index = await openIndex();
  await index.update();
  const once = { totals: index.totals(), models: index.spendByModel(), roles: index.spendByRole() };
  await deleteRun(dataDir, 'whole');
  await run('cut', { events: failing(), more: [{ type: 'run.continued', as: 'whole', how: 'resume' }] });
  await index.update();
  // The run that was to go on never came into being: what was spent stays here.
  expect(index.totals().usd).toBeGreaterThan(0);

  await run('whole', { at: start + 1000 });
  await run('cut', { events: [], more: [{ type: 'run.continued', as: 'whole', how: 'resume' }] });
  await index.update();
  const { calls, inputTokens, outputTokens, usd, solveRate } = once.totals;
  expect(index.totals()).toMatchObject({ runs: 2, calls, inputTokens, outputTokens, usd, solveRate });
  expect(index.spendByModel()).toEqual(once.models);
  expect(index.spendByRole()).toEqual(once.roles);
});

test('two processes may read and write at once', async () => {
  await run('one');
  const [first, second] = [await openIndex(), await openIndex()];
  await Promise.all([first.update(), second.update()]);
  await run('two');
  await Promise.all([second.update(), first.update()]);
  expect(first.list().total).toBe(2);
  expect(second.list()).toEqual(first.list());
});

test('damage of a trace is no damage of the index', async () => {
  await run('one');
  appendFileSync(join(dataDir, 'runs', 'one', 'events.jsonl'), '{"torn');
  const index = await openIndex();
  expect(await index.update()).toMatchObject({ read: 1, runs: 1, unreadable: [] });
});
