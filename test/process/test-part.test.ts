/** What a user accepted of a change, tested alone: judged in a copy like a candidate, on the run's record, and told on every list. */
import { expect, test } from 'vitest';
import { applyRun, candidateDiff, defaultRunSettings, type PartTest, testPart, undoRun } from '../../src/run/index.ts';
import { createTrace, fold, openRun, renderRun, stateBadge } from '../../src/trace/index.ts';
import { copiesLeft, type Scene, start } from '../support/run-scene.ts';
import { quickNodeTest } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const file = (sum: string, product: string): string =>
  `function sum(a, b) {\n  return a ${sum} b;\n}\n\n// one\n// two\n// three\n// four\n\nfunction product(a, b) {\n  return a ${product} b;\n}\n\nmodule.exports = { sum, product };\n`;
const files = {
  'package.json': `{ "name": "two", "private": true, "scripts": { "test": "${quickNodeTest}" } }\n`,
  'two.js': file('-', '/'),
  'two.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum, product } = require('./two.js');",
    "test('adds', () => assert.strictEqual(sum(2, 3), 5));",
    "test('multiplies', () => assert.strictEqual(product(2, 3), 6));",
    "test('is there', () => assert.strictEqual(typeof sum, 'function'));",
    '',
  ].join('\n'),
};
const solved = { script: [`two.js\n\`\`\`js\n${file('+', '*')}\`\`\`\n`], files, request: 'The tests fail. Fix two.js.' };

interface Solved extends Scene {
  readonly runId: string;
  readonly hunks: readonly string[];
  readonly part: (...hunks: readonly string[]) => Promise<PartTest | undefined>;
  readonly state: () => Promise<ReturnType<typeof fold>>;
}

async function solvedRun(): Promise<Solved> {
  const scene = await start(solved);
  const { runId, outcome } = await scene.run();
  expect(outcome).toBe('solved');
  const { dataDir } = scene.workspace;
  const diff = await candidateDiff({ dataDir, runId }, signal);
  const options = { dataDir, runId, shown: diff.tree, settings: defaultRunSettings, mayRunUnfenced: async () => true };
  return {
    ...scene,
    runId,
    hunks: diff.files.flatMap((each) => each.hunks.map(({ id }) => id)),
    part: (...hunks) => testPart({ ...options, hunks }, signal),
    state: async () => fold((await (await openRun(dataDir, runId)).read()).events),
  };
}

test('before anything is applied: judged against the tests as they were, in a copy, with nothing left behind', async () => {
  const { hunks, part, workspace, before, state } = await solvedRun();
  const [sum = '', product = ''] = hunks;
  expect(hunks).toHaveLength(2);
  const half = await part(sum);
  expect(half).toMatchObject({
    hunks: [sum],
    of: 2,
    counts: { passed: 2, failed: 1 },
    delta: { fixed: [expect.stringContaining('adds')], stillFailing: [expect.stringContaining('multiplies')] },
    judgement: { state: 'red' },
  });
  const other = await part(product);
  expect(other?.judgement.state).toBe('red');
  expect(other?.tree).not.toBe(half?.tree);
  const whole = await part(sum, product);
  expect(whole).toMatchObject({ counts: { passed: 3, failed: 0 }, judgement: { state: 'solved' } });

  expect(workspace.contents()).toEqual(before);
  expect(copiesLeft(workspace)).toEqual([]);
  const after = await state();
  expect(after.partTests).toEqual([half, other, whole]);
  // The word for the run is that of its own result, as long as nothing of it stands.
  expect(stateBadge(after, 'done').kind).toBe('solved');
  expect(renderRun(after, { ownerAlive: false })).toContain('Part       1 of 2 hunks: 2 passed, 1 failed; tests fail');
});

test('applied in part: called by its own result, whether the tests ran before or after, and no longer once it is taken back', async () => {
  const { hunks, part, workspace, runId, state } = await solvedRun();
  const [sum = '', product = ''] = hunks;
  const { dataDir } = workspace;
  const apply = (...accepted: string[]) => applyRun({ dataDir, runId, hunks: accepted }, signal);
  const called = async () => stateBadge(await state(), 'done').kind;
  await part(product);
  await apply(sum);
  // What was tested is another part.
  expect(await called()).toBe('applied-in-part');
  await part(sum);
  expect(await called()).toBe('part-red');
  expect(renderRun(await state(), { ownerAlive: false })).toContain('Applied    1 file(s), in part: tests fail');
  await undoRun({ dataDir, runId }, signal);
  expect(await called()).toBe('undone');
  await apply(product);
  expect(await called()).toBe('part-red');
});

test('refuses what the user was not shown, and a record that another process writes just now', async () => {
  const { part, workspace, runId, hunks } = await solvedRun();
  const { dataDir } = workspace;
  await expect(part('another')).rejects.toMatchObject({ code: 'hunk-unknown' });
  await expect(part()).rejects.toMatchObject({ code: 'not-applicable', facts: { why: 'no-hunk' } });
  const options = { dataDir, runId, hunks, settings: defaultRunSettings, mayRunUnfenced: async () => true };
  await expect(testPart({ ...options, shown: 'other' }, signal)).rejects.toMatchObject({ facts: { why: 'not-as-shown' } });
  await expect(testPart(options, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
  const other = await createTrace({ dataDir, runId, clock: Date.now });
  await expect(testPart(options, signal)).rejects.toMatchObject({ code: 'run-busy' });
  await other.close();
  expect(copiesLeft(workspace)).toEqual([]);
});
