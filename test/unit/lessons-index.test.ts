/** The index over all runs: made from traces, brought up to them, thrown away when damaged. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indexFiles, openIndexFile } from '../../src/lessons/index-db.ts';
import type { IndexFile, RunFilter } from '../../src/lessons/index-types.ts';
import { monthSpan, spendOf } from '../../src/lessons/months.ts';
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

/** The runs that a filter lets through, oldest first where none is about the same as another. */
const ids = (index: IndexFile, filter?: RunFilter): string[] => index.problems(filter).flatMap(({ runIds }) => runIds);

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
    expect(index.totals().runs).toBe(0);
    expect(await index.update()).toEqual({ read: 2, removed: 0, runs: 2, unreadable: [] });
    expect(await index.update()).toMatchObject({ read: 0, removed: 0, runs: 2 });

    await run('one', { events: [], more: [] });
    expect(await index.update()).toMatchObject({ read: 1, runs: 2 });
    await deleteRun(dataDir, 'two');
    expect(await index.update()).toMatchObject({ read: 0, removed: 1, runs: 1 });
    expect(ids(index)).toEqual(['one']);
  });

  test('an empty data folder gives an empty index, not an error', async () => {
    const index = await openIndex();
    expect(await index.update()).toEqual({ read: 0, removed: 0, runs: 0, unreadable: [] });
    expect(index.totals()).toMatchObject({ runs: 0, solveRate: undefined, reward: undefined });
    expect(index.workspaces()).toEqual([]);
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
    expect(ids(index, { outcome: ['solved'] })).toEqual(['one']);
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

describe('a run', () => {
  test('counts with what it cost, what the tests and the user said, and what is left of it', async () => {
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
    expect(index.totals()).toMatchObject({
      runs: 1,
      judged: 1,
      solved: 1,
      calls: 2,
      inputTokens: 1800,
      testsFixed: 1,
      applied: 1,
      hunksAccepted: 1,
      hunksRejected: 1,
      fourGram: 0.9,
      terms: { performance: 1, complexity: 0, accepted: 0.5 },
    });
    expect(index.totals().reward).toBeCloseTo(1 - 0.1 * (2000 / 60_000) + 0.2 * 0.5);
    expect(ids(index, { generation: ['p0-l0-base'] })).toEqual(['one']);
    expect(ids(index, { generation: ['p1-l0-base'] })).toEqual([]);
  });

  test('a change that was taken back was not kept', async () => {
    const applied: NewEvent = { type: 'diff.applied', applied: ['sum.js'], conflicts: [], undo: { commit: 'c', tree: 't' } };
    await run('kept', { more: [applied] });
    await run('undone', { more: [applied, { type: 'diff.undone', restored: ['sum.js'], conflicts: [] }] });
    const index = await openIndex();
    await index.update();
    expect(ids(index, { acceptedOnly: true })).toEqual(['kept']);
    expect(index.totals()).toMatchObject({ runs: 2, applied: 1, terms: { accepted: 0.5 } });
  });

  test('is found by time, workspace, model and outcome, all at once', async () => {
    await run('a', { request: 'Rename the PARSER', at: start });
    await run('b', { request: 'Fix the parser of dates', workspace: "/work/'dates'; DROP TABLE runs", at: start + day, events: failing() });
    await run('c', { request: 'Something else', at: start + 2 * day });
    const index = await openIndex();
    await index.update();
    expect(ids(index)).toEqual(['a', 'b', 'c']);
    expect(ids(index, { outcome: ['tests-fail'] })).toEqual(['b']);
    expect(ids(index, { outcome: ['tests-fail', 'solved'] })).toEqual(['a', 'b', 'c']);
    expect(ids(index, { workspace: ['/work/sum'], since: start + 1 })).toEqual(['c']);
    expect(ids(index, { workspace: ["/work/'dates'; DROP TABLE runs"] })).toEqual(['b']);
    expect(ids(index, { since: start + day })).toEqual(['b', 'c']);
    expect(ids(index, { until: start + day })).toEqual(['a']);
    expect(ids(index, { model: ['coder-1.5b-q4'], until: start + 1 })).toEqual(['a']);
    expect(ids(index, { model: ['nobody'] })).toEqual([]);
    expect(ids(index, { outcome: [] })).toEqual([]);
    expect(index.workspaces()).toEqual(['/work/sum', "/work/'dates'; DROP TABLE runs"]);
  });
});

describe('figures', () => {
  test('totals, days, spend by model and by role, and how teams fared', async () => {
    await run('a', { at: start });
    await run('b', { at: start, events: failing() });
    await run('c', { at: start + 3 * day, more: [hunk('c2', 'h1', 'accepted')] });
    const index = await openIndex();
    await index.update();
    expect(index.totals()).toMatchObject({ runs: 3, judged: 3, solved: 2, calls: 5, testsFixed: 2, hunksAccepted: 1 });
    expect(index.totals().solveRate).toBeCloseTo(2 / 3);
    expect(index.days().map(({ day: date, runs, solved }) => ({ date, runs, solved }))).toEqual([
      { date: '2026-11-20', runs: 2, solved: 1 },
      { date: '2026-11-23', runs: 1, solved: 1 },
    ]);
    expect(index.spendByModel()).toEqual([
      expect.objectContaining({ name: 'coder-1.5b-q4', runs: 3, calls: 5, inputTokens: 4500, outputTokens: 500 }),
    ]);
    expect(index.spendByRole()).toEqual([expect.objectContaining({ name: 'coder', calls: 5 })]);
    expect(index.teams()).toEqual([
      expect.objectContaining({ team: 'solo', proposed: 3, approved: 3, declined: 0, runs: 3, solved: 2, accepted: 1 }),
    ]);
  });

  test('spend per month and folder: newest month first, in it the most expensive folder, by the clock of this machine', async () => {
    const monthEnd = new Date(2026, 10, 1).getTime();
    await run('a', { at: monthEnd - 1 });
    await run('b', { at: monthEnd, workspace: '/work/cheap', events: failing() });
    await run('c', { at: monthEnd });
    await run('d', { at: monthEnd + 20 * day });
    const index = await openIndex();
    expect(index.spendByMonth()).toEqual([]);
    await index.update();
    expect(index.spendByMonth().map(({ month, workspace, runs }) => [month, workspace, runs])).toEqual([
      ['2026-11', '/work/sum', 2],
      ['2026-11', '/work/cheap', 1],
      ['2026-10', '/work/sum', 1],
    ]);
    expect(spendOf(index.spendByMonth())).toEqual({ ...spendOf([index.totals()]), runs: 4 });
    expect(index.spendByMonth(monthSpan('2026-11')).map(({ workspace }) => workspace)).toEqual(['/work/sum', '/work/cheap']);
    expect(index.spendByMonth({ ...monthSpan('2026-10'), workspace: ['/work/sum'] })).toEqual([
      expect.objectContaining({ month: '2026-10', runs: 1, calls: index.totals(monthSpan('2026-10')).calls }),
    ]);
    expect(['2026-13', '2026-1', 'all', ''].map(monthSpan)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('the reward is the weighted sum of the mean terms', async () => {
    await run('b', { events: failing() });
    const index = await openIndex();
    await index.update();
    expect(index.totals().reward).toBeCloseTo(0.25 - 0.05 * 0.5 - 0.1 * 0.1);
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
  expect(ids(first)).toHaveLength(2);
  expect(second.problems()).toEqual(first.problems());
});

test.each([
  ['of another length', 'Fix the failing test.', 'Fix the test.'],
  ['of the same length', 'Fix the failing test.', 'Fix a failing test!!!'],
])('a run whose record was changed, for one %s, is left out of all figures, and counted as that', async (_length, text, other) => {
  await run('one');
  await run('two', { events: failing(), at: start + 1000 });
  const index = await openIndex();
  await index.update();
  expect(index.totals()).toMatchObject({ runs: 2, solved: 1 });
  expect(index.changed()).toBe(0);

  const file = join(dataDir, 'runs', 'two', 'events.jsonl');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, before.replaceAll(text, other));
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  expect(await index.update()).toMatchObject({ read: 1, runs: 2 });
  expect(index.totals()).toMatchObject({ runs: 1, solved: 1, judged: 1 });
  expect(index.days().map(({ runs }) => runs)).toEqual([1]);
  expect(index.teams().map(({ runs }) => runs)).toEqual([1]);
  expect(index.changed()).toBe(1);
  expect(index.changed({ workspace: ['/work/other'] })).toBe(0);
  // Whoever reads its record sees it for himself, and says so: an export.
  expect(ids(index)).toEqual(expect.arrayContaining(['one', 'two']));
});

test('damage of a trace is no damage of the index', async () => {
  await run('one');
  appendFileSync(join(dataDir, 'runs', 'one', 'events.jsonl'), '{"torn');
  const index = await openIndex();
  expect(await index.update()).toMatchObject({ read: 1, runs: 1, unreadable: [] });
});
