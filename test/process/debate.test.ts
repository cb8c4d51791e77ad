/** Debates in whole runs, on a real workspace with real tests. Only the model is scripted. */
import { expect, test } from 'vitest';
import { designerByName, fileDesigner } from '../../src/design/index.ts';
import { checkPlan } from '../../src/plan/index.ts';
import { type Plan, planSchema } from '../../src/plan/schema.ts';
import { replayRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import type { ChatBody, Reply } from '../support/scripted-server.ts';
import { quickNodeTest } from '../support/workspaces.ts';

const says = (name: string): object => ({
  ...{
    role: name,
    tier: 'worker',
    tools: [],
    write: ['**'],
    output: 'edits',
    instructions: `You are ${name}. Do what is asked and no more.`,
  },
});
const agents = { ann: says('ann'), bob: says('bob'), eve: says('eve') };
const planWith = (debate: object, used: object = agents): Plan =>
  planSchema.parse({
    ...{ teamwright: 1, name: 'debates', difficulty: 'hard', agents: used, budget: { calls: 40 } },
    steps: [
      { id: 'talk', do: 'debate', agent: 'ann', others: ['bob', 'eve'], ...debate },
      { id: 'check', do: 'test' },
    ],
  });

const files = {
  'package.json': `${JSON.stringify({ name: 'sum', private: true, scripts: { test: quickNodeTest } })}\n`,
  'sum.js': 'exports.sum = function sum(a, b) {\n  return a - b;\n};\n',
  'sum.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum } = require('./sum.js');",
    "test('nothing', () => assert.strictEqual(sum(0, 0), 0));",
    "test('one and one', () => assert.strictEqual(sum(1, 1), 2));",
    "test('two and three', () => assert.strictEqual(sum(2, 3), 5));",
    '',
  ].join('\n'),
};
const whole = (expression: string): string =>
  `### sum.js\n\`\`\`js\nexports.sum = function sum(a, b) {\n  return ${expression};\n};\n\`\`\`\n`;
/** Passes one of the two tests asked for. */
const half = 'a + Math.sign(b)';
const none = 'a + b - 1';
const right = 'a + b';

const speaker = ({ messages }: ChatBody): string => /You are (\w+)\./.exec(messages.at(-1)?.content ?? '')?.[1] ?? '?';
const isLater = ({ messages }: ChatBody): boolean => (messages.at(-1)?.content ?? '').includes('# What was written so far');
const { signal } = new AbortController();
const scene = async (plan: Plan, script: (who: string, isLater: boolean, body: ChatBody) => Reply) => {
  const started = await start({
    ...{ files, request: 'The tests of sum fail. Fix sum.js.', settings: { replans: 0 }, designer: fileDesigner(plan) },
    script: (body) => script(speaker(body), isLater(body), body),
  });
  return { ...started, again: (runId: string) => replayRun({ dataDir: started.workspace.dataDir, runId }, signal) };
};

test('all see and rate what the others wrote; the weakest sits out the last round and is told to have contributed least', async () => {
  const seen: string[] = [];
  const { run, log, again } = await scene(planWith({ stop: 'never' }), (who, later, { messages }) => {
    if (!later) return whole({ ann: half, bob: half.replace('a +', 'Number(a) +'), eve: none }[who] ?? none);
    seen.push(`${who} ${messages.at(-1)?.content ?? ''}`);
    return who === 'ann' ? `RATINGS: bob 4, eve 1\n\n${whole(right)}` : `RATINGS: ann 4, eve 2\n\n${whole(half)}`;
  });
  const result = await run();
  expect(result.outcome).toBe('solved');
  expect(seen.map((text) => text.split(' ')[0]).toSorted()).toEqual(['ann', 'bob']);
  expect(seen[0]).toContain('## The change of eve');
  expect(seen[0]).toContain('Failing tests:');
  expect(log.of('debate.round')).toMatchObject([
    { round: 1, out: ['eve'], ratings: [] },
    { round: 2, out: [], answers: [{ agent: 'ann' }, { agent: 'bob' }] },
  ]);
  // Of the three answers of the first round each of the two says something, and the tests do of each.
  expect(log.of('debate.round')[1]?.ratings).toEqual(
    expect.arrayContaining([
      { by: 'ann', of: 'ann', tests: 3 },
      { by: 'ann', of: 'bob', peer: 4, tests: 3 },
      { by: 'ann', of: 'eve', peer: 1, tests: 0 },
      { by: 'bob', of: 'eve', peer: 2, tests: 0 },
    ]),
  );
  const [held] = log.of('debate.held');
  expect(held).toMatchObject({ ended: 'passed', rounds: 2 });
  expect(held?.importance.map(({ agent }) => agent).at(-1)).toBe('eve');
  expect(held?.importance.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(await again(result.runId)).toMatchObject({ same: true });
});

test('where each answer is tested at once, the first that passes costs one call', async () => {
  const { run, log, server } = await scene(planWith({}), () => whole(right));
  expect((await run()).outcome).toBe('solved');
  expect(server.requests).toHaveLength(1);
  expect(log.of('debate.held')).toMatchObject([{ ended: 'passed', rounds: 1, importance: [{ agent: 'ann', share: 1 }] }]);
});

test('it ends early when more than two thirds act alike, in other words too', async () => {
  const alike = { ann: none, bob: 'b + a - 1', eve: '-1 + a + b' } as Record<string, string>;
  const { run, log, server } = await scene(planWith({ stop: 'never', rounds: 4 }), (who) => whole(alike[who] ?? ''));
  expect((await run()).outcome).not.toBe('solved');
  expect(server.requests).toHaveLength(3);
  expect(log.of('debate.held')).toMatchObject([{ ended: 'agreed', rounds: 1 }]);
});

test('who fails or gives nothing is left out of the round, and the others go on', async () => {
  const { run, log } = await scene(planWith({ stop: 'never' }), (who, later) => {
    if (who === 'bob') return { status: 400, text: 'no' };
    if (who === 'eve') return 'I would rather not.';
    return whole(later ? right : half);
  });
  expect((await run()).outcome).toBe('solved');
  expect(log.of('debate.round')[0]).toMatchObject({
    answers: [{ agent: 'ann', candidate: expect.any(String) }, { agent: 'bob' }, { agent: 'eve' }],
    out: ['bob', 'eve'],
  });
  expect(log.of('debate.held')).toMatchObject([{ importance: [{ agent: 'ann', share: 1 }] }]);
});

test.each([
  [{ others: [] }, 'debates-alone'],
  [{ others: ['ann'] }, 'debates-alone'],
  [{ others: ['bob', 'bob'] }, 'debates-alone'],
  [{ others: ['bob', 'zoe'] }, 'unknown-agent'],
])('a debate with %j is refused', (fields, code) => {
  expect(checkPlan(planWith(fields)).map((problem) => problem.code)).toContain(code);
});

test('a role that contributed nothing to three kept changes is left out of the next team, and with nothing learned it is back', async () => {
  const request = 'The tests of sum fail. Fix sum.js.';
  const isIdle = ({ messages }: ChatBody): boolean => /every edge case/.test(messages.at(-1)?.content ?? '');
  const script = (body: ChatBody): Reply => whole(isIdle(body) ? 'undefined' : isLater(body) ? right : half);
  const plan = planWith(
    { agent: 'plain', others: ['edges'], stop: 'never' },
    {
      plain: { ...says('plain'), role: 'coder' },
      edges: { ...says('edges'), role: 'edge-case-coder', instructions: 'Do what is asked for every edge case.' },
    },
  );
  const base = { files, request, settings: { replans: 0 }, script };
  const first = await start({ ...base, designer: fileDesigner(plan) });
  const on = first.workspace;
  expect((await first.run()).outcome).toBe('solved');
  for (let more = 0; more < 2; more += 1)
    expect((await (await start({ ...base, on, designer: fileDesigner(plan) })).run()).outcome).toBe('solved');
  const teamOf = async (ownRuns: boolean): Promise<string> => {
    const { run, log } = await start({ ...base, on, learning: { ownRuns, memory: false }, designer: designerByName('debate') });
    await run();
    const [proposed] = log.of('plan.proposed');
    return `${proposed?.reason} ${log.of('debate.round')[0]?.answers.map(({ agent }) => agent)}`;
  };
  expect(await teamOf(true)).toMatch(/Without the edge-case-coder.* plain,small$/);
  expect(await teamOf(false)).toMatch(/changes\. plain,edges$/);
}, 240_000);
