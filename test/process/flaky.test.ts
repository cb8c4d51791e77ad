/** Tests that change their mind when nothing changed: run again where they alone would decide, named, and never what a verdict rests on. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { soloDesigner } from '../../src/design/index.ts';
import { replayRun } from '../../src/run/index.ts';
import { works } from '../support/python.ts';
import { start } from '../support/run-scene.ts';
import { sumReply } from '../support/workspaces.ts';

/** Where tests count how often they ran: no fence, so that it lasts from one run to the next. */
let counts: string;
beforeAll(() => {
  counts = mkdtempSync(join(tmpdir(), 'teamwright-flaky-'));
});
afterAll(() => rmSync(counts, { recursive: true, force: true }));

let places = 0;
function place(): string {
  places += 1;
  const folder = join(counts, String(places));
  mkdirSync(folder);
  return folder;
}

/** What a test does each time it runs, before `sum` is right and once it is: `+` it passes, `-` it fails; the last two again and again. */
interface Moods {
  readonly without: string;
  readonly with: string;
}

const nth = (text: string): string => `(n < ${text}.length ? ${text}[n] : ${text}[${text}.length - 2 + ((n - ${text}.length) % 2)])`;
const moody = (name: string, moods: Moods, folder = place()): string => `
const fs = require('node:fs');
const { sum } = require('./sum.js');
require('node:test').test('${name}', () => {
  const when = sum(2, 2) === 4 ? 'with' : 'without';
  const n = fs.readdirSync('${folder}').filter((each) => each.startsWith(when + '-')).length;
  fs.writeFileSync('${folder}/' + when + '-' + n, '');
  const moods = ${JSON.stringify(moods)}[when];
  if (${nth('moods')} === '-') throw new Error('in a bad mood');
});
`;
const sum = 'function sum(a, b) {\n  return a - b;\n}\n\nmodule.exports = { sum };\n';
const adds = `const { sum } = require('./sum.js');\nrequire('node:test').test('adds', () => require('node:assert').equal(sum(2, 2), 4));\n`;
const workspace = (files: Readonly<Record<string, string>>) => ({
  'package.json': '{"scripts":{"test":"node --test"}}',
  'sum.js': sum,
  ...files,
});
const unfenced = { fence: false };
const steady: Moods = { without: '--', with: '++' };

describe('a test that changes its mind', () => {
  test('without the change does not make a change red, and is named', async () => {
    const files = workspace({ 'adds.test.js': adds, 'mood.test.js': moody('mood', { without: '+-+-', with: '-+-+' }) });
    const { log, run, workspace: at } = await start({ files, script: [sumReply('a + b')], settings: unfenced });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved', candidate: 'c1' });
    expect(result.judgement).toMatchObject({ targets: ['adds.test.js > adds'], flaky: ['mood.test.js > mood'], reasons: [] });
    expect(log.of('candidate.tested')).toMatchObject([{ delta: { broken: [] }, again: { with: expect.any(Number) } }]);
    expect(
      await replayRun({ dataDir: at.dataDir, runId: result.runId, mayRunUnfenced: async () => true }, new AbortController().signal),
    ).toMatchObject({
      result: { judgement: { flaky: ['mood.test.js > mood'] } },
    });
  });

  test('without the change is looked at until it does so, where it passed once with the change', async () => {
    const files = workspace({ 'adds.test.js': adds, 'mood.test.js': moody('mood', { without: '++++++-+', with: '-+++' }) });
    const { run } = await start({ files, script: [sumReply('a + b')], settings: unfenced });
    expect(await run()).toMatchObject({ outcome: 'solved', judgement: { flaky: ['mood.test.js > mood'] } });
  });

  test('is no excuse for a change that makes it fail each time', async () => {
    const files = workspace({ 'adds.test.js': adds, 'mood.test.js': moody('mood', { without: '+-+-', with: '--' }) });
    const { run } = await start({ files, script: [sumReply('a + b')], settings: unfenced });
    expect(await run()).toMatchObject({
      outcome: 'tests-fail',
      judgement: { state: 'red', flaky: [], reasons: [{ kind: 'broke', tests: ['mood.test.js > mood'] }] },
    });
  });

  test('only with the change speaks against the change', async () => {
    const files = workspace({ 'adds.test.js': adds, 'mood.test.js': moody('mood', { without: '++', with: '-+++' }) });
    const { run } = await start({ files, script: [sumReply('a + b')], settings: unfenced });
    expect(await run()).toMatchObject({
      outcome: 'tests-fail',
      judgement: { state: 'red', reasons: [{ kind: 'unsteady', tests: ['mood.test.js > mood'] }] },
    });
  });

  test('is nothing that solved can rest on, and nobody is asked for more', async () => {
    const files = workspace({ 'mood.test.js': moody('mood', { without: '-+-+', with: '++' }) });
    const { log, run, server } = await start({ files, script: [sumReply('a + b')], designer: soloDesigner(3), settings: unfenced });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'unproven', judgement: { reasons: [{ kind: 'only-flaky', tests: ['mood.test.js > mood'] }] } });
    expect(server.requests).toHaveLength(1);
    // Known before anything was paid, and no failure for a model to mend.
    expect(log.of('call.started')).toHaveLength(1);
    expect(JSON.stringify(server.requests[0]?.body)).not.toContain('Failing tests');
  });

  test('is not what solved rests on, where the request names it', async () => {
    const files = workspace({ 'adds.test.js': adds, 'mood.test.js': moody('mood', { without: '-+-+', with: '++' }) });
    const { run } = await start({ files, request: 'Make the test "mood" pass.', script: [sumReply('a + b')], settings: unfenced });
    expect(await run()).toMatchObject({ judgement: { flaky: ['mood.test.js > mood'] } });
  });

  test('with the change is not solved, though it was red each time without', async () => {
    const files = workspace({ 'mood.test.js': moody('mood', { without: '--', with: '+-+-' }) });
    const { run } = await start({ files, script: [sumReply('a + b')], settings: unfenced });
    expect(await run()).toMatchObject({ outcome: 'tests-fail', judgement: { reasons: [{ kind: 'unsteady' }] } });
  });

  test('and is as red as before does not stand in the way', async () => {
    const files = workspace({ 'adds.test.js': adds, 'mood.test.js': moody('mood', { without: '-+-+', with: '-+-+' }) });
    const { run } = await start({ files, script: [sumReply('a + b')], settings: unfenced, request: 'The tests fail. Mend it.' });
    expect(await run()).toMatchObject({
      outcome: 'solved',
      judgement: { targets: ['adds.test.js > adds'], flaky: ['mood.test.js > mood'] },
    });
  });

  test('is not looked for where everything is plain: one more run or two on either side', async () => {
    const files = workspace({ 'mood.test.js': moody('plain', steady) });
    const { log, run } = await start({
      files,
      script: [sumReply('a * b + 1'), sumReply('a + b')],
      designer: soloDesigner(2),
      settings: unfenced,
    });
    expect(await run()).toMatchObject({ outcome: 'solved', judgement: { flaky: [] } });
    const [wrong, right] = log.of('candidate.tested');
    expect(wrong?.again).toBeUndefined();
    expect(right?.again?.without).toBe(0);
    expect(right?.again?.with).toBeLessThanOrEqual(3);
  });
});

/** The same in Python. */
const moodyInPython = (moods: Moods, folder = place()): string => `
import os
import unittest
from total import total


class Mood(unittest.TestCase):
    def test_mood(self):
        when = 'with' if total(2, 2) == 4 else 'without'
        n = len([each for each in os.listdir('${folder}') if each.startswith(when + '-')])
        open('${folder}/%s-%d' % (when, n), 'w').close()
        moods = ${JSON.stringify(moods)}[when]
        self.assertEqual(moods[n] if n < len(moods) else moods[len(moods) - 2 + (n - len(moods)) % 2], '+')

    def test_adds(self):
        self.assertEqual(total(2, 2), 4)
`;
const total = { 'total.py': 'def total(a, b):\n    return a - b\n' };
const totalReply = '### total.py\n```python\ndef total(a, b):\n    return a + b\n```';
const moods = { without: '-+-+', with: '-+-+' };

describe('the same of other runners', () => {
  test.each(['unittest', 'pytest'])('%s', { timeout: 60_000 }, async (runner) => {
    if (runner === 'pytest' && !works('python3', '-m', 'pytest', '--version')) return;
    const files = { ...total, 'test_total.py': moodyInPython(moods), ...(runner === 'pytest' && { 'pytest.ini': '[pytest]\n' }) };
    const settings = { ...unfenced, testCommand: `python3 -m ${runner}` };
    const { log, run } = await start({ files, script: [totalReply], request: 'The tests fail. Mend it.', settings });
    const result = await run();
    expect(log.of('briefing.done')[0]?.test?.runner).toBe(runner);
    expect(result.judgement?.targets.join()).toMatch(/^[^,]*test_adds$/);
    expect(result).toMatchObject({ outcome: 'solved', judgement: { flaky: [expect.stringContaining('test_mood')] } });
  });

  test('vitest', { timeout: 60_000 }, async () => {
    const folder = place();
    const mood = moody('mood', moods, folder).replace("require('node:test').test", "require('vitest').test");
    const files = {
      'package.json': '{"scripts":{"test":"vitest run"},"type":"module"}',
      'sum.js': 'export const sum = (a, b) => a - b;\n',
      'sum.test.js': `import * as fs from 'node:fs';\nimport { expect, test } from 'vitest';\nimport { sum } from './sum.js';\ntest('adds', () => expect(sum(2, 2)).toBe(4));\n${mood
        .split('\n')
        .slice(3)
        .join('\n')
        .replace("require('vitest').", '')}`,
    };
    const { run } = await start({
      files,
      script: ['### sum.js\n```js\nexport const sum = (a, b) => a + b;\n```'],
      request: 'The tests fail. Mend it.',
      settings: unfenced,
      prepare: (root) => symlinkSync(resolve('node_modules'), join(root, 'node_modules')),
    });
    expect(await run()).toMatchObject({ outcome: 'solved', judgement: { flaky: ['sum.test.js > mood'], targets: ['sum.test.js > adds'] } });
  });
});
