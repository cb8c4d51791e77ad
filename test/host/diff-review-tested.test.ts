/** Accepted hunks, tested by themselves from the review: over a real run, its real tests and a real trace. */
import { afterEach, expect, test } from 'vitest';
import { createDiffReview } from '../../src/editor/diff-review/index.ts';
import { createHost } from '../../src/editor/host.ts';
import { candidateDiff } from '../../src/run/index.ts';
import { fold, openRun, stateBadge } from '../../src/trace/index.ts';
import { openEditorCore } from '../support/editor.ts';
import { withDiffEditors } from '../support/fake-diffs.ts';

const file = (sum: string, product: string): string =>
  `function sum(a, b) {\n  return a ${sum} b;\n}\n\n// 1\n// 2\n// 3\n// 4\n\nfunction product(a, b) {\n  return a ${product} b;\n}\n\nmodule.exports = { sum, product };\n`;
const files = {
  'package.json': '{ "name": "two", "private": true, "scripts": { "test": "node --test" } }\n',
  'two.js': file('-', '/'),
  'two.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum, product } = require('./two.js');",
    "test('adds', () => assert.strictEqual(sum(2, 3), 5));",
    "test('multiplies', () => assert.strictEqual(product(2, 3), 6));",
    '',
  ].join('\n'),
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function reviewed() {
  const script = [`two.js\n\`\`\`js\n${file('+', '*')}\`\`\`\n`];
  const editor = await openEditorCore({ files, script, settings: { 'teamwright.designer': 'solo' } });
  closing.push(() => editor[Symbol.asyncDispose]());
  const { fake, workspace, core } = editor;
  withDiffEditors(fake);
  const review = createDiffReview(createHost(fake.vscode, fake.context), { runs: core.runs, show: async () => undefined });
  closing.push(() => review.dispose());
  fake.vscode.workspace.registerTextDocumentContentProvider('teamwright-candidate', { provideTextDocumentContent: review.textOf });
  editor.approveAll();
  const handle = await core.runs.start({ request: { text: 'Fix two.js.', files: [] }, workspace: workspace.root });
  expect((await handle.result)?.outcome).toBe('solved');
  const { runId } = handle;
  const [sum, product] = (await candidateDiff({ dataDir: workspace.dataDir, runId }, new AbortController().signal)).files.flatMap(
    (each) => each.hunks,
  );
  await review.open(handle);
  const command = async (name: string, hunk?: { id: string }): Promise<void> => {
    const argument = { runId, candidate: 'c1', ...(hunk && { hunk: hunk.id }) };
    await review.commands[`teamwright.diff.${name}`]?.(argument as never);
  };
  const state = async () => fold((await (await openRun(workspace.dataDir, runId)).read()).events);
  return { messages: fake.prompts.messages, workspace, command, state, sum, product };
}

test('before the apply: one command says what the tests say of just that, and the workspace stays as it is', async () => {
  const { messages, workspace, command, state, sum } = await reviewed();
  const before = workspace.contents();
  const nothing = command('testAccepted');
  const told = await messages.next();
  expect(told.text).toBe('No hunk is accepted yet, so there is nothing to test.');
  told.dismiss();
  await nothing;

  await command('accept', sum);
  const testing = command('testAccepted');
  const result = await messages.next();
  expect(result.text).toBe('With what you accepted (1 of 2 hunks) tests fail: 1 passed, 1 failed.');
  result.dismiss();
  await testing;
  expect(workspace.contents()).toEqual(before);
  expect((await state()).partTests).toMatchObject([{ candidate: 'c1', of: 2, judgement: { state: 'red' } }]);
});

test('applied in part: quick tests run by themselves, and message and row say what they said of that part', async () => {
  const { messages, command, state, product, sum } = await reviewed();
  await command('accept', product);
  await command('reject', sum);
  const applying = command('apply');
  const said = await messages.next();
  expect(said.text).toBe('Applied 1 of 2 hunks to two.js. With what you accepted (1 of 2 hunks) tests fail: 1 passed, 1 failed.');
  said.dismiss();
  await applying;
  const badge = stateBadge(await state(), 'done');
  expect([badge.kind, badge.tone]).toEqual(['part-red', 'bad']);
  expect((await state()).partTests).toHaveLength(1);
});
