/** When the survival of applied changes is measured: after minutes and at the next commit, over reloads, and with nothing to do not at all. */
import { afterEach, describe, expect, test } from 'vitest';
import { turns } from '../../src/editor/diff-review/review.ts';
import { createSurvivalWatch, type SurvivalWatch } from '../../src/editor/diff-review/survival-watch.ts';
import { createHost } from '../../src/editor/host.ts';
import { applyRun, undoRun } from '../../src/run/index.ts';
import { createTrace, fold, openRun } from '../../src/trace/index.ts';
import { type FakeDiffs, withDiffEditors } from '../support/fake-diffs.ts';
import { type FakeVscode, fakeVscode } from '../support/fake-vscode.ts';
import { type FinishedRun, finishedRun } from '../support/finished-run.ts';
import { git } from '../support/workspaces.ts';

const { signal } = new AbortController();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

interface Window {
  readonly fake: FakeVscode;
  readonly diffs: FakeDiffs;
  readonly watch: SurvivalWatch;
  readonly touched: string[];
}

interface Scene extends Window {
  readonly run: FinishedRun;
  readonly reference: { readonly dataDir: string; readonly runId: string };
  /** Minutes since the apply. */
  now: number;
  /** The window is closed and opened again. */
  reload(options?: { trusted?: boolean }): Window;
  measured(): Promise<string[]>;
  commit(): string;
}

async function appliedRun(): Promise<Scene> {
  const run = await finishedRun({ 'a.js': 'one\ntwo\n' }, { c1: { 'a.js': 'one\nsecond\n' } });
  const { root, dataDir } = run.workspace;
  ends.push(() => run.workspace.dispose());
  const reference = { dataDir, runId: run.runId };
  const start = Date.now();
  let kept: FakeVscode | undefined;
  const openWindow = (options: { trusted?: boolean } = {}): Window => {
    const fake = fakeVscode({ folders: [root], settings: { 'teamwright.survival.minutes': 5 }, ...(kept && { kept }), ...options });
    kept = fake;
    const diffs = withDiffEditors(fake);
    const touched: string[] = [];
    const host = createHost(fake.vscode, fake.context);
    const clock = () => start + scene.now * 60_000;
    const watch = createSurvivalWatch({ host, runs: { dataDir, touched: (runId) => touched.push(runId) }, clock, inTurn: turns(), signal });
    ends.push(watch.dispose);
    return { fake, diffs, watch, touched };
  };
  const scene = {
    run,
    reference,
    now: 0,
    reload: (options?: { trusted?: boolean }) => {
      scene.watch.dispose();
      return openWindow(options);
    },
    measured: async () => {
      const { survival } = fold((await (await openRun(dataDir, run.runId)).read()).events);
      return survival.map(({ when, fourGram }) => `${when} ${fourGram}`);
    },
    commit: () => {
      git(root, 'add', '-A');
      git(root, 'commit', '-q', '--allow-empty', '-m', 'mine');
      return git(root, 'rev-parse', 'HEAD').trim();
    },
  } as Scene;
  Object.assign(scene, openWindow());
  await applyRun(reference, signal);
  await scene.watch.applied(run.runId, root);
  return scene;
}

describe('an applied change', () => {
  test('is looked at once after the minutes that are set, and once at the next commit', async () => {
    const made = await appliedRun();
    made.now = 4;
    await made.watch.look();
    expect(await made.measured()).toEqual([]);
    made.now = 5;
    await made.watch.look();
    await made.watch.look();
    expect(await made.measured()).toEqual(['minutes 1']);
    made.run.workspace.write('a.js', 'one\ntwo\n');
    const commit = made.commit();
    made.now = 60;
    await made.watch.look();
    expect(await made.measured()).toEqual(['minutes 1', 'commit 0']);
    expect(fold((await (await openRun(made.reference.dataDir, made.run.runId)).read()).events).survival[1]).toMatchObject({
      commit,
      noRevert: 0,
      minutes: expect.closeTo(60, 0),
    });
    made.commit();
    await made.watch.look();
    expect(await made.measured()).toHaveLength(2);
    expect(made.touched).toEqual(['r1', 'r1']);
    expect(made.fake.workspaceState.has('teamwright.pendingSurvival')).toBe(false);
  });

  test('that is committed before the minutes are over is still looked at twice', async () => {
    const made = await appliedRun();
    made.commit();
    made.now = 1;
    await made.watch.look();
    expect(await made.measured()).toEqual(['commit 1']);
    made.now = 6;
    await made.watch.look();
    expect(await made.measured()).toEqual(['commit 1', 'minutes 1']);
    expect(made.diffs.watched.size).toBe(0);
  });

  test('is heard of when git writes its log, without anybody asking', async () => {
    const made = await appliedRun();
    expect([...made.diffs.watched]).toEqual([`${made.run.workspace.root}/.git/logs/HEAD`]);
    made.commit();
    made.diffs.touch();
    const limit = Date.now() + 30_000;
    while ((await made.measured()).length === 0 && Date.now() < limit) await new Promise((done) => setTimeout(done, 100));
    expect(await made.measured()).toEqual(['commit 1']);
  });

  test('is not taken for committed when another branch was taken', async () => {
    const made = await appliedRun();
    const { root } = made.run.workspace;
    git(root, 'checkout', '-q', '--orphan', 'other');
    made.commit();
    await made.watch.look();
    expect(await made.measured()).toEqual([]);
  });

  test('is remembered over a reload, and not looked at in Restricted Mode', async () => {
    const made = await appliedRun();
    made.now = 30;
    const restricted = made.reload({ trusted: false });
    await restricted.watch.look();
    expect(await made.measured()).toEqual([]);
    restricted.fake.trust();
    await restricted.watch.look();
    expect(await made.measured()).toEqual(['minutes 1']);
  });

  test('is looked at later when its trace is in use', async () => {
    const made = await appliedRun();
    made.now = 10;
    const other = await createTrace({ ...made.reference, clock: Date.now });
    await made.watch.look();
    await other.close();
    expect(await made.measured()).toEqual([]);
    await made.watch.look();
    expect(await made.measured()).toEqual(['minutes 1']);
  });

  test('that was taken back is not waited for', async () => {
    const made = await appliedRun();
    await undoRun(made.reference, signal);
    await made.watch.undone(made.run.runId);
    expect(made.diffs.watched.size).toBe(0);
    made.now = 10;
    await made.watch.look();
    expect(await made.measured()).toEqual([]);
  });
});

test('without an applied change nothing is watched, and no timer holds anything', async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const fake = fakeVscode({});
  const diffs = withDiffEditors(fake);
  const watch = createSurvivalWatch({
    host: createHost(fake.vscode, fake.context),
    runs: { dataDir: '/nowhere', touched: () => {} },
    clock: Date.now,
    inTurn: turns(),
    signal,
  });
  expect(diffs.watched.size).toBe(0);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(before);
  watch.dispose();
});
