/** Candidates that the tests hold for equally good, or that nothing tests, are run on inputs that an agent thought of. Only the model is scripted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { type Plan, planSchema } from '../../src/plan/schema.ts';
import { replayRun } from '../../src/run/index.ts';
import { agreementOn, fold } from '../../src/trace/index.ts';
import { worksHere } from '../support/fences.ts';
import { copiesLeft, start } from '../support/run-scene.ts';
import type { Reply } from '../support/scripted-server.ts';
import { quickNodeTest, quickSum, sumReply } from '../support/workspaces.ts';

const coder = { role: 'coder', tools: [], write: ['**'], output: 'edits', instructions: 'Do what is asked and no more.', temperature: 0.8 };
const prober = { role: 'tester', tools: [], write: [], output: 'note', instructions: 'Find inputs on which the changes differ.' };
const planWith = (samples: number, more: object = {}): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'apart',
    difficulty: 'hard',
    agents: { coder, prober: { ...prober, ...more } },
    steps: [
      { id: 'draft', do: 'generate', agent: 'coder', samples, stop: 'never' },
      { id: 'try', do: 'test' },
      { id: 'apart', do: 'tell-apart', agent: 'prober' },
      { id: 'choose', do: 'select', by: ['tests', 'behaviour'] },
    ],
    budget: { calls: 30, tokens: 200_000 },
  });

const { signal } = new AbortController();
const scene = async (files: Readonly<Record<string, string>>, plan: Plan, script: Reply[], request = 'Write what is missing.') => {
  const started = await start({ files, request, designer: fileDesigner(plan), settings: { parallel: 1, replans: 0 }, script });
  return { ...started, again: (runId: string) => replayRun({ dataDir: started.workspace.dataDir, runId }, signal) };
};
const stepOf = (log: Awaited<ReturnType<typeof scene>>['log'], id: string) => log.of('step.done').find(({ step }) => step === id);

const python = (body: string): string => `### shop/price.py\n\`\`\`python\ndef total(prices, off=0):\n${body}\`\`\`\n`;
const shop = {
  'shop/__init__.py': '',
  'shop/rate.py': 'RATE = 2\n',
  'shop/price.py': 'def total(prices, off=0):\n    raise NotImplementedError\n',
};

test('where there are no tests, the change that most act like is chosen, the run says how many agree, and it never looks solved', async () => {
  // The first is alone with what it does to an empty list; two say the same in other words.
  const drafts = [
    '    return sum(prices) * (100 - off) / 100 if prices else None\n',
    '    all = 0\n    for one in prices:\n        all += one\n    return all * (100 - off) / 100\n',
    '    from .rate import RATE\n    return sum(prices) * (100 - off) * RATE / 200\n',
  ];
  const inputs = '- total([1, 2], 50)\n2. `total([])`\n```\ntotal([10], off=10)\n```\nThe last one is an edge.\ntotal(open("x"))';
  const { run, log, again, workspace, before } = await scene(shop, planWith(3), [...drafts.map(python), inputs]);
  const result = await run();
  expect(result.outcome).toBe('no-tests');
  expect(log.of('candidates.told-apart')).toEqual([
    expect.objectContaining({
      step: 'apart',
      path: 'r0/apart',
      inputs: ['total([1, 2], 50)', 'total([])', 'total([10], off=10)'],
      unread: 2,
      classes: [
        { candidates: ['c2', 'c3'], votes: 2, answers: ['1.5', '0.0', '9.0'] },
        { candidates: ['c1'], votes: 1, answers: ['1.5', 'None', '9.0'] },
      ],
    }),
  ]);
  expect(agreementOn(fold(log.events))).toEqual({ alike: 2, replies: 3, inputs: 3 });
  // Of the two that agree the smaller change.
  expect(log.of('candidates.selected')).toMatchObject([{ kept: ['c3'], classes: [['c2', 'c3'], ['c1']] }]);
  expect(result.candidate).toBe('c3');
  expect(await again(result.runId)).toMatchObject({ same: true });
  expect(workspace.contents()).toEqual(before);
  expect(copiesLeft(workspace)).toEqual([]);
});

test('changes that the tests are content with are told apart by what the agent thought of', async () => {
  const files = {
    ...quickSum,
    'sum.js': 'export function sum(a, b) {\n  return a - b;\n}\n',
    'package.json': `{"type":"module","scripts":{"test":"${quickNodeTest}"}}\n`,
  };
  const own = {
    ...files,
    'sum.test.js':
      "import { test } from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from './sum.js';\nconst two = 2;\ntest('adds', () => assert.equal(sum(two, two * 1), 4));\n",
  };
  const draft = (expression: string): string => `### sum.js\n\`\`\`js\nexport function sum(a, b) {\n  return ${expression};\n}\n\`\`\`\n`;
  const { run, log, server, again } = await scene(own, planWith(3), [
    draft('a * b'),
    draft('a + b'),
    draft('b + a'),
    'sum(0, 3)\nsum(-1, 1)\nnothing(1)',
  ]);
  const result = await run();
  expect(result.outcome).toBe('solved');
  expect(log.of('candidates.told-apart')).toMatchObject([
    {
      unread: 1,
      classes: [
        { candidates: ['c2', 'c3'], answers: ['3', '0'] },
        { candidates: ['c1'], answers: ['0', '-1'] },
      ],
    },
  ]);
  expect(result.candidate).toBe('c2');
  const asked = JSON.stringify(server.requests.at(-1)?.body.messages);
  expect(asked).toContain('+  return a * b;');
  expect(asked).toContain('Call only these functions');
  expect(await again(result.runId)).toMatchObject({ same: true });
});

test.runIf(worksHere)(
  'an input that never ends costs no more than its time, and code that reaches outside stays in its fence',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teamwright-theirs-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const theirs = join(folder, 'theirs');
    writeFileSync(theirs, 'a secret');
    const files = { 'package.json': '{"scripts":{}}\n', 'find.js': 'exports.find = () => undefined;\n' };
    const draft = (body: string): string => `### find.js\n\`\`\`js\nexports.find = function find(n) {\n${body}};\n\`\`\`\n`;
    const reaching = `  const { readFileSync, writeFileSync } = require('node:fs');\n  return n > 5 ? writeFileSync('${theirs}', 'x') : readFileSync('${theirs}', 'utf8');\n`;
    const drafts = [draft('  while (n > 5);\n  return n;\n'), draft('  return n;\n'), draft(reaching)];
    const { run, log } = await scene(files, planWith(3), [...drafts, 'find(1)\nfind(9)']);
    expect((await run()).outcome).toBe('no-tests');
    const [told] = log.of('candidates.told-apart');
    expect(told?.classes.map(({ candidates, answers }) => [candidates[0], answers[0]])).toEqual([
      ['c1', '1'],
      ['c2', '1'],
      ['c3', expect.stringMatching(/^throws Error: ENOENT/)],
    ]);
    expect(told?.classes.map(({ answers }) => answers[1]).slice(0, 2)).toEqual([null, '9']);
    expect(readFileSync(theirs, 'utf8')).toBe('a secret');
  },
  60_000,
);

test('a reply without an input is broken format, which the plan can answer; what runs nowhere is refused before a token is spent', async () => {
  const rescued = await scene(shop, planWith(2, { rescue: { retries: 1 } }), [
    python('    return sum(prices)\n'),
    python('    return sum(prices) * (100 - off) / 100\n'),
    'I would try an empty list.',
    'total([4], 50)',
  ]);
  await rescued.run();
  expect(rescued.log.of('agent.replaced')).toMatchObject([{ step: 'apart', trouble: 'format', by: 'retry' }]);
  expect(rescued.log.of('candidates.told-apart')).toMatchObject([{ path: 'r0/apart/again-1', inputs: ['total([4], 50)'] }]);

  const go = { 'go.mod': 'module a\n', 'a.go': 'package a\n' };
  const draft = (value: number): string => `### a.go\n\`\`\`go\npackage a\n\nfunc Find() int { return ${value} }\n\`\`\`\n`;
  const refused = await scene(go, planWith(2), [draft(1), draft(2)]);
  await refused.run();
  expect(stepOf(refused.log, 'apart')?.skipped).toContain('only functions at the top of files in JavaScript, TypeScript and Python can');
  expect(refused.server.requests).toHaveLength(2);

  const alone = await scene(quickSum, planWith(2), [sumReply('a + b'), sumReply('a * 9')], 'The tests fail. Fix the bug in sum.js.');
  expect((await alone.run()).outcome).toBe('solved');
  expect(stepOf(alone.log, 'apart')?.skipped).toBe('no two candidates are equally good by the tests');
});
