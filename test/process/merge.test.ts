/** What several candidates make pass, put together, on real workspaces with real tests. Only the model is scripted. */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { planSchema, type Step } from '../../src/plan/schema.ts';
import { replayRun } from '../../src/run/index.ts';
import { copiesLeft, start } from '../support/run-scene.ts';
import { quickSum } from '../support/workspaces.ts';

const team = (...steps: Partial<Step>[]) =>
  fileDesigner(
    planSchema.parse({
      teamwright: 1,
      name: 'drafts-together',
      difficulty: 'medium',
      agents: {
        coder: { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions: 'Do what is asked and no more.' },
      },
      steps,
    }),
  );
const drafts = { id: 'draft', do: 'generate', agent: 'coder', samples: 2 } as const;
const merge = { id: 'together', do: 'merge' } as const;
const mend = { id: 'mend', do: 'revise', agent: 'coder' } as const;
const last = { id: 'check', do: 'test' } as const;

/** Three functions in two files, each with a mistake and a test. */
const three = {
  'package.json': quickSum['package.json'],
  'a.js': 'exports.sum = (a, b) => a - b;\n\n\nexports.half = (n) => n * 2;\n',
  'b.js': 'exports.last = (list) => list[0];\n',
  'all.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum, half } = require('./a.js');",
    "const { last } = require('./b.js');",
    "test('sum', () => assert.strictEqual(sum(2, 3), 5));",
    "test('half', () => assert.strictEqual(half(6), 3));",
    "test('last', () => assert.strictEqual(last([1, 2]), 2));",
    '',
  ].join('\n'),
};
const fileReply = (path: string, text: string): string => `### ${path}\n\`\`\`js\n${text}\`\`\`\n`;
const sumRight = fileReply('a.js', three['a.js'].replace('a - b', 'a + b'));
const halfRight = fileReply('a.js', three['a.js'].replace('n * 2', 'n / 2'));
const lastRight = fileReply('b.js', 'exports.last = (list) => list.at(-1);\n');

const ask = (setup: Parameters<typeof start>[0]) =>
  start({ files: three, request: 'The tests fail. Fix a.js and b.js.', settings: { replans: 0 }, ...setup });

test('candidates that make different tests pass are one candidate, also in one file, for no call', async () => {
  const { workspace, server, log, before, run } = await ask({
    designer: team({ ...drafts, samples: 3 }, merge, last),
    script: [sumRight, halfRight, lastRight],
  });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved', after: { passed: 3, failed: 0 } });
  expect(server.requests).toHaveLength(3);
  expect(log.of('candidates.merged')).toMatchObject([
    { step: 'together', of: ['c1', 'c2'], candidate: 'c4', conflicts: [] },
    { step: 'together', of: ['c4', 'c3'], candidate: 'c5', conflicts: [] },
  ]);
  expect(log.of('candidate.made').at(-1)).toMatchObject({ candidate: 'c5', from: 'c4', agent: 'together', changed: ['a.js', 'b.js'] });
  expect(workspace.contents()).toEqual(before);
  expect(copiesLeft(workspace)).toEqual([]);
  expect(await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal)).toMatchObject({ same: true });
});

test('a revision builds on what was put together, and is asked for what is still red alone', async () => {
  const { server, log, run } = await ask({ designer: team(drafts, merge, mend, last), script: [sumRight, lastRight, halfRightWithSum()] });
  expect(await run()).toMatchObject({ outcome: 'solved', after: { failed: 0 } });
  const asked = server.requests[2]?.body.messages.at(-1)?.content ?? '';
  const [, wrong = ''] = asked.split('# What is wrong with it');
  expect(asked).toContain('+exports.sum = (a, b) => a + b;');
  expect(asked).toContain('+exports.last = (list) => list.at(-1);');
  expect(wrong).toContain('- half:');
  expect(wrong).not.toMatch(/- (sum|last):/);
  expect(log.of('candidate.made').at(-1)).toMatchObject({ from: 'c3', step: 'mend' });
});

test('of two that change the same line the better one stays, and that is said', async () => {
  const both = fileReply('a.js', three['a.js'].replace('a - b', 'a + b').replace('n * 2', 'n / 2'));
  const other = `${fileReply('a.js', three['a.js'].replace('a - b', 'b + a + 0 * 1 - 1'))}${lastRight}`;
  const { log, run } = await ask({ designer: team(drafts, merge, last), script: [both, other] });
  expect(await run()).toMatchObject({ outcome: 'tests-fail', candidate: 'c1', after: { passed: 2, failed: 1 } });
  expect(log.of('candidates.merged')).toMatchObject([
    { of: ['c1', 'c2'], conflicts: [{ path: 'a.js', detail: "The two candidates edit the same lines (line 1 of the first one's file)." }] },
  ]);
  expect(log.of('candidates.merged')[0]).not.toHaveProperty('candidate');
});

test('nothing is done where one candidate has all that the others have, or solves the request', async () => {
  const one = await ask({
    designer: team(drafts, merge, last),
    script: [sumRight, fileReply('b.js', 'exports.last = (list) => list[9];\n')],
  });
  await one.run();
  expect(one.log.of('candidates.merged')).toEqual([]);
  expect(one.log.of('step.done').find(({ step }) => step === 'together')?.skipped).toBe('no two candidates make different tests pass');
  const all = `${fileReply('a.js', three['a.js'].replace('a - b', 'a + b').replace('n * 2', 'n / 2'))}${lastRight}`;
  const two = await ask({ designer: team(drafts, merge, last), script: [sumRight, all] });
  expect(await two.run()).toMatchObject({ outcome: 'solved' });
  expect(two.log.of('step.done').find(({ step }) => step === 'together')?.skipped).toBe('nothing speaks against the best candidate');
});

function halfRightWithSum(): string {
  return fileReply('a.js', three['a.js'].replace('a - b', 'a + b').replace('n * 2', 'n / 2'));
}
