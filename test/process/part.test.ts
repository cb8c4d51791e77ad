/** One function of a long file is asked for and put into it, on a real workspace with real tests. Only the model is scripted. */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { planHash } from '../../src/plan/index.ts';
import { type Plan, planSchema } from '../../src/plan/schema.ts';
import { applyRun, replayRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import { quickSum } from '../support/workspaces.ts';

const others = (from: number): string =>
  Array.from({ length: 250 }, (_, n) => `function other${from + n}(n) {\n  // ${n}\n  return n + ${from + n};\n}\n`).join('\n');
const wrong = 'function share(total, parts) {\n  if (parts === 0) return 0;\n  return total * parts;\n}';
/** Some 2,500 lines. */
const long = `'use strict';\n\n${others(0)}\n/** What each part gets. */\n${wrong}\n\n${others(250)}\nmodule.exports = { share };\n`;
const right = wrong.replace('total * parts', 'total / parts');

const files = (text: string): Record<string, string> => ({
  'package.json': quickSum['package.json'],
  'long.js': text,
  'long.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { share } = require('./long.js');",
    "test('share', () => assert.strictEqual(share(6, 3), 2));",
    "test('share of none', () => assert.strictEqual(share(6, 0), 0));",
    '',
  ].join('\n'),
});

const planWith = (steps: readonly unknown[]): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'one-part',
    difficulty: 'easy',
    agents: { coder: { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions: 'Do what is asked.' } },
    steps,
  });
const onePart = planWith([
  { id: 'draft', do: 'generate', agent: 'coder', reply: 'part' },
  { id: 'check', do: 'test' },
]);
const block = (code: string): string => `\`\`\`javascript\n${code}\n\`\`\`\n`;
const { signal } = new AbortController();
const scene = async (text: string, script: string[], { plan = onePart, request = 'The tests of share fail. Fix long.js.' } = {}) => {
  const started = await start({ files: files(text), request, settings: { replans: 0 }, designer: fileDesigner(plan), script });
  const { workspace, run } = started;
  /** The files after the change was applied. */
  const applied = async (): Promise<Readonly<Record<string, string>>> => {
    const result = await run();
    expect(result.outcome).toBe('solved');
    await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
    return workspace.contents();
  };
  return { ...started, applied };
};

test('a weak model is asked for one function of a long file; the right answer is applied and nothing else changes', async () => {
  const { server, log, applied, before } = await scene(long, [block(right)]);
  expect(await applied()).toEqual({ ...before, 'long.js': long.replace(wrong, right) });
  expect(log.of('part.asked')).toMatchObject([{ step: 'draft', file: 'long.js', part: 'share', because: ['named', 'test'] }]);
  const prompt = JSON.stringify(server.requests[0]);
  expect(prompt).toContain('Answer with the code of share alone, in one fenced block');
  expect(prompt).toContain('function other249(n) …');
  // The file is some 35,000 characters long.
  expect(prompt.length).toBeLessThan(6000);
});

test.each([
  ['another function', block('function shares() {\n  return 1;\n}'), 'does not hold share'],
  ['more than that function', block(`${right}\nconsole.log(share(6, 3));`), 'more than was asked for'],
  ['code that breaks off', block('function share(total, parts) {\n  return total /'), 'cannot be read'],
  ['another part changed as well', block(`${right}\nfunction other3(n) {\n  return 0;\n}`), 'changes other3 as well'],
])('%s is refused with the reason and asked for once more', async (_, first, reason) => {
  const { server, before, applied } = await scene(long, [first, block(right)]);
  expect(await applied()).toEqual({ ...before, 'long.js': long.replace(wrong, right) });
  expect(server.requests).toHaveLength(2);
  expect(JSON.stringify(server.requests[1])).toContain(reason);
});

test('a second answer that is no better makes no candidate, and what was in doubt is on record', async () => {
  const { log, run } = await scene(long, [block('function shares() {}'), block('function shares() {}')]);
  expect((await run()).outcome).not.toBe('solved');
  expect(log.of('candidate.refused').map(({ reason }) => reason)).toEqual([
    expect.stringContaining('does not hold share'),
    expect.stringContaining('does not hold share'),
  ]);
});

test('a file with CRLF keeps it', async () => {
  const text = long.replaceAll('\n', '\r\n');
  const { before, applied } = await scene(text, [block(right)]);
  expect(await applied()).toEqual({ ...before, 'long.js': long.replace(wrong, right).replaceAll('\n', '\r\n') });
});

test('a revision asks for the function as the candidate has it', async () => {
  const half = wrong.replace('total * parts', 'total - parts');
  const plan = planWith([
    { id: 'draft', do: 'generate', agent: 'coder', reply: 'part' },
    { id: 'check', do: 'test' },
    { id: 'mend', do: 'revise', agent: 'coder', reply: 'part' },
    { id: 'again', do: 'test' },
  ]);
  const { workspace, server, log, run } = await scene(long, [block(half), block(right)], { plan });
  const { runId, outcome } = await run();
  expect(outcome).toBe('solved');
  expect(JSON.stringify(server.requests[1])).toContain('total - parts');
  expect(log.of('part.asked').map(({ step }) => step)).toEqual(['draft', 'mend']);
  expect(await replayRun({ dataDir: workspace.dataDir, runId }, signal)).toMatchObject({ same: true });
});

test('where it is not clear which function is meant, whole files are asked for', async () => {
  const twins =
    'exports.one = function (n) {\n  return n - 1;\n};\nexports.two = function (n) {\n  return n - 2;\n};\nexports.share = 1;\n';
  const { server, log, run } = await scene(twins, ['### long.js\n```js\nexports.share = (a, b) => (b ? a / b : 0);\n```\n'], {
    request: 'The tests fail. Fix long.js.',
  });
  await run();
  expect(log.of('part.asked')).toEqual([]);
  expect(JSON.stringify(server.requests[0])).toContain('whole new text');
});

test('a plan from before has the name that it had', () => {
  const [draft, check] = onePart.steps;
  expect(planHash({ ...onePart, steps: [{ ...draft, reply: 'files' } as typeof draft & object, check as typeof check & object] })).toBe(
    planHash(
      planWith([
        { id: 'draft', do: 'generate', agent: 'coder' },
        { id: 'check', do: 'test' },
      ]),
    ),
  );
  expect(planHash(onePart)).not.toBe(
    planHash(
      planWith([
        { id: 'draft', do: 'generate', agent: 'coder' },
        { id: 'check', do: 'test' },
      ]),
    ),
  );
});
