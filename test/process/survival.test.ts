/** What is left of an applied change, measured on a real workspace with real git and put on record. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { measureSurvival } from '../../src/lessons/index.ts';
import { applyRun, undoRun } from '../../src/run/index.ts';
import { fold, openRun } from '../../src/trace/index.ts';
import { type FinishedRun, finishedRun } from '../support/finished-run.ts';
import { git } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const open: FinishedRun[] = [];
afterEach(() => {
  for (const run of open.splice(0)) run.workspace.dispose();
});

async function appliedRun(base: Record<string, string>, candidate: Readonly<Record<string, string | Buffer | undefined>>) {
  const run = await finishedRun(base, { c1: candidate });
  open.push(run);
  const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
  await applyRun(reference, signal);
  const at = Date.now();
  const measure = (minutes: number, commit?: string) =>
    measureSurvival(reference, { when: commit === undefined ? 'minutes' : 'commit', commit, clock: () => at + minutes * 60_000 }, signal);
  const state = async () => fold((await (await openRun(reference.dataDir, reference.runId)).read()).events);
  return { ...run, reference, measure, state };
}

const base = { 'a.js': 'const a = 1;\nconst b = 2;\nconst c = 3;\n', 'b.js': 'let untouched;\n', 'gone.js': 'let gone = true;\n' };
const candidate = {
  'a.js': 'const a = 1;\nconst total = sum(a, b);\nconst c = 3;\n',
  'new.js': 'export const fresh = true;\n',
  'gone.js': undefined,
};

describe('survival of an applied change', () => {
  test('is whole after some minutes without an edit, and is on record', async () => {
    const run = await appliedRun(base, candidate);
    const measured = await run.measure(5);
    expect(measured).toMatchObject({ when: 'minutes', fourGram: 1, noRevert: 1 });
    expect(measured?.minutes).toBeCloseTo(5, 1);
    expect((await run.state()).survival).toEqual([measured]);
  });

  test('is lower per file where the user wrote over it, and names the commit it was measured at', async () => {
    const run = await appliedRun(base, candidate);
    const { root } = run.workspace;
    run.workspace.write('a.js', `// total\n${base['a.js']}`);
    run.workspace.write('b.js', 'let touched;\n');
    git(root, 'add', '-A');
    git(root, 'commit', '-q', '-m', 'mine');
    const commit = git(root, 'rev-parse', 'HEAD').trim();
    const measured = await run.measure(42, commit);
    expect(measured).toMatchObject({ when: 'commit', commit });
    expect(measured?.files).toEqual([
      { path: 'a.js', fourGram: expect.closeTo(1 / 3, 10), noRevert: 0 },
      { path: 'gone.js', fourGram: 1, noRevert: 1 },
      { path: 'new.js', fourGram: 1, noRevert: 1 },
    ]);
    expect(measured?.fourGram).toBeGreaterThan(0.4);
    expect(measured?.fourGram).toBeLessThan(0.9);
    expect((await run.state()).survival).toMatchObject([{ when: 'commit', commit }]);
  });

  test('compares what was written, merge included, not the candidate', async () => {
    const run = await finishedRun({ 'a.js': '1\n2\n3\n4\n5\n6\n' }, { c1: { 'a.js': '1\nsecond\n3\n4\n5\n6\n' } });
    open.push(run);
    run.workspace.write('a.js', '1\n2\n3\n4\n5\nsixth\n');
    const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
    await applyRun(reference, signal);
    run.workspace.write('a.js', '1\nsecond\n3\n4\n5\n6\n');
    expect(await measureSurvival(reference, { when: 'minutes', clock: Date.now }, signal)).toMatchObject({ fourGram: 1, noRevert: 1 });
  });

  test('of a file that is no text is whole or nothing', async () => {
    const run = await appliedRun({ 'image.bin': '\0before' }, { 'image.bin': Buffer.from([0, 1, 2]) });
    expect(await run.measure(1)).toMatchObject({ fourGram: 1, noRevert: 1 });
    writeFileSync(join(run.workspace.root, 'image.bin'), '\0before');
    expect(await run.measure(2)).toMatchObject({ fourGram: 0, noRevert: 0 });
    rmSync(join(run.workspace.root, 'image.bin'));
    expect(await run.measure(3)).toMatchObject({ fourGram: 0, noRevert: 1 });
  });

  test('is not measured when nothing was applied, or when it was taken back', async () => {
    const run = await appliedRun(base, candidate);
    await undoRun(run.reference, signal);
    expect(await run.measure(5)).toBeUndefined();
    expect((await run.state()).survival).toEqual([]);
    const never = await finishedRun({ 'a.js': 'a\n' }, { c1: { 'a.js': 'b\n' } });
    open.push(never);
    const reference = { dataDir: never.workspace.dataDir, runId: never.runId };
    expect(await measureSurvival(reference, { when: 'minutes', clock: Date.now }, signal)).toBeUndefined();
  });
});
