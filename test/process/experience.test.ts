/** What real runs with real tests teach a learned plan; the model is scripted, so this shows plumbing, never quality. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { designerByName, soloDesigner } from '../../src/design/index.ts';
import { experiencedIn, experienceFile } from '../../src/lessons/experience.ts';
import { changedHere, loggedChoices, resetTaught, storedPlaces, updateTaught, writeRetention } from '../../src/lessons/index.ts';
import { giveVerdict } from '../../src/run/index.ts';
import { runDir } from '../../src/trace/index.ts';
import { start } from '../support/run-scene.ts';
import { sumReply, type TemporaryWorkspace } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const experienceOf = async ({ dataDir }: TemporaryWorkspace) => (await updateTaught(dataDir, Date.now, signal)).experience.experience;
const learnedOn = async ({ root, dataDir }: TemporaryWorkspace, operator: string) =>
  changedHere(await experienceOf({ dataDir } as TemporaryWorkspace), root)[0]?.operators.find((one) => one.operator === operator);

test('a run that ended teaches, once; a change that was refused later teaches nothing good; reset forgets for good', async () => {
  const { workspace, run } = await start({ script: () => sumReply('a + b'), designer: soloDesigner() });
  const { runId, outcome } = await run();
  expect(outcome).toBe('solved');
  const first = await learnedOn(workspace, 'draft');
  expect(first?.tries).toBe(1);
  expect(first?.now.chance).toBeGreaterThan(first?.shipped.chance as number);
  // Looked at again, nothing is counted twice.
  expect(await experienceOf(workspace)).toMatchObject({ runs: 1 });
  expect(await learnedOn(workspace, 'draft')).toEqual(first);

  await giveVerdict({ dataDir: workspace.dataDir, runId }, { decision: 'rejected' });
  const refused = await learnedOn(workspace, 'draft');
  expect(refused?.tries).toBe(1);
  expect(refused?.now.chance).toBeLessThanOrEqual(first?.shipped.chance as number);

  const places = await storedPlaces(workspace.dataDir);
  expect(places.find(({ name }) => name === 'learned')).toMatchObject({ files: 1 });
  expect(readFileSync(experienceFile(workspace.dataDir), 'utf8')).not.toContain(workspace.root);

  await resetTaught(workspace.dataDir, Date.now);
  expect(await experienceOf(workspace)).toMatchObject({ runs: 0, places: {}, models: {} });
  // Its record changes once more, and still it teaches nothing.
  await giveVerdict({ dataDir: workspace.dataDir, runId }, { decision: 'accepted' });
  expect(await experienceOf(workspace)).toMatchObject({ runs: 0 });
});

test('a learned plan says what it expects and from how many runs of yours, and a later run is told more', async () => {
  const files = {
    'sum.js': 'function sum(a, b) {\n  return a - b;\n}\n\nmodule.exports = { sum };\n',
    'sum.test.js':
      "const test = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('./sum.js');\ntest('adds', () => assert.equal(sum(1, 2), 3));\ntest('adds nothing', () => assert.equal(sum(1, 0), 1));\n",
  };
  const scene = {
    files,
    capabilities: { infill: 'suffix', weighs: true } as const,
    designer: designerByName('learned'),
    request: 'Fix the bug in sum.js: the tests fail.',
    script: (body: { suffix?: string }) => (body.suffix === undefined ? { weights: () => -0.1 } : 'return a + b;'),
  };
  const one = await start(scene);
  const { dataDir, root } = one.workspace;
  await one.run();
  const [proposed] = one.log.of('plan.proposed');
  expect(proposed).toMatchObject({ name: 'learned', expectation: { taughtBy: { ownRuns: 0 } } });
  const { expectation, outline = [] } = proposed ?? {};
  expect(expectation?.steps.map(({ step }) => step)).toEqual(
    outline.filter(({ kind }) => kind === 'repair' || kind === 'generate').map(({ step }) => step),
  );
  expect(expectation?.others.length).toBeGreaterThan(1);
  const { believed } = experiencedIn(async () => (await updateTaught(dataDir, Date.now, signal)).experience, root);
  const model = one.log.of('run.started')[0]?.models.worker?.model ?? '';
  expect((await believed(model)).runs).toBe(1);
  expect((await believed('another model')).runs).toBe(0);
});

test('where it may explore, what might have come first is in the trace with its probability, and a way to begin is judged by it', async () => {
  const files = {
    'sum.js': 'function sum(a, b) {\n  return a - b;\n}\n\nmodule.exports = { sum };\n',
    'sum.test.js':
      "const test = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('./sum.js');\ntest('adds', () => assert.equal(sum(1, 2), 3));\n",
  };
  const scene = {
    files,
    capabilities: { infill: 'suffix', weighs: true } as const,
    designer: designerByName('learned'),
    request: 'Fix the bug in sum.js: the tests fail.',
    script: (body: { suffix?: string }) => (body.suffix === undefined ? { weights: () => -0.1 } : 'return a + b;'),
  };
  const off = await start(scene);
  await off.run();
  expect(off.log.of('plan.proposed')[0]?.expectation).not.toHaveProperty('choices');
  expect(await loggedChoices(off.workspace.dataDir, signal)).toEqual([]);

  const on = await start({ ...scene, settings: { explore: true } });
  const { runId } = await on.run();
  const { chosen, options } = on.log.of('plan.proposed')[0]?.expectation?.choices?.[0] ?? { chosen: '', options: [] };
  expect(options.map(({ name }) => name)).toContain(chosen);
  expect(options.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  const [logged] = await loggedChoices(on.workspace.dataDir, signal);
  expect(logged).toMatchObject({ chosen, options: options.map(({ name, probability }) => ({ name, probability })) });
  expect(logged?.reward).toBeGreaterThan(0.9);
  // A record that was changed afterwards is no ground for an estimate.
  const events = join(runDir(on.workspace.dataDir, runId), 'events.jsonl');
  writeFileSync(
    events,
    readFileSync(events, 'utf8').replace('The tests fail.', 'The tests pass.').replace('the tests fail.', 'the tests pass.'),
  );
  expect(await loggedChoices(on.workspace.dataDir, signal)).toEqual([]);
});

test('what was changed, cut off, excluded or never ran its tests teaches nothing; a torn file begins anew and says so', async () => {
  const { workspace, run } = await start({ script: () => sumReply('a + b'), designer: soloDesigner() });
  const { runId } = await run();
  const events = join(runDir(workspace.dataDir, runId), 'events.jsonl');
  const text = readFileSync(events, 'utf8');
  writeFileSync(events, text.replace('The tests fail.', 'The tests pass.'));
  expect(await experienceOf(workspace)).toMatchObject({ runs: 0 });
  writeFileSync(events, text);
  expect(await experienceOf(workspace)).toMatchObject({ runs: 1 });

  writeFileSync(experienceFile(workspace.dataDir), '{"version":1,');
  expect((await updateTaught(workspace.dataDir, Date.now, signal)).experience).toMatchObject({ damaged: true, experience: { runs: 0 } });
  expect((await updateTaught(workspace.dataDir, Date.now, signal)).experience).toMatchObject({ damaged: false, experience: { runs: 0 } });

  const question = await start({ script: () => 'It subtracts.', designer: soloDesigner(), request: 'What does sum do?' });
  await question.run();
  const hidden = await start({ script: () => sumReply('a + b'), designer: soloDesigner() });
  await writeRetention(hidden.workspace.dataDir, hidden.workspace.root, { never: true });
  await hidden.run();
  for (const scene of [question, hidden]) expect(await experienceOf(scene.workspace)).toMatchObject({ runs: 0 });
});

test('the same request, failed once, gets a larger team and more calls; a hard one gets more still; after a reset it is as it was', async () => {
  const easy = `The tests fail. Fix the bug in sum.js.${' It has been wrong for a long time.'.repeat(37)}`;
  const hard = `${easy} And other files may be wrong: ${Array.from({ length: 9 }, (_, n) => `part-${n}.js`).join(', ')}.`;
  const learning = { ownRuns: true, memory: false };
  let asked = 0;
  const scene = (request: string, on?: TemporaryWorkspace) =>
    start({
      ...{ request, learning, ...(on && { on }) },
      designer: designerByName('library'),
      settings: { replans: 0 },
      script: () => {
        asked += 1;
        return sumReply(`a * ${asked + 5}`);
      },
    });
  const one = await scene(easy);
  const first = await one.run();
  const two = await scene(easy, one.workspace);
  const second = await two.run();
  for (let n = 0; n < 9; n += 1) writeFileSync(join(one.workspace.root, `part-${n}.js`), `module.exports = ${n};\n`);
  const three = await scene(hard, one.workspace);
  const third = await three.run();
  expect([one, two, three].map(({ log }) => log.of('plan.proposed')[0]?.difficulty)).toEqual(['easy', 'medium', 'hard']);
  expect(two.log.of('plan.proposed')[0]?.reason).toContain('It looks easy; by 1 run here of the kind bug-fix it is medium.');
  const calls = [first, second, third].map(({ spend }) => spend.calls);
  expect(calls).toEqual(calls.toSorted((a, b) => a - b));
  expect(new Set(calls).size).toBe(3);

  await resetTaught(one.workspace.dataDir, Date.now);
  for (let n = 0; n < 9; n += 1) rmSync(join(one.workspace.root, `part-${n}.js`));
  const four = await start({
    on: one.workspace,
    request: easy,
    learning,
    designer: designerByName('library'),
    script: () => sumReply('a + b'),
  });
  await four.run();
  expect(four.log.of('plan.proposed')[0]).toMatchObject({ difficulty: 'easy', reason: expect.not.stringContaining('It looks') });
});
