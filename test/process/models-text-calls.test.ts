/** A model that has tools and writes its call, or its edit, as text: understood where it is clear, told how to call a tool where it is not. */
import { describe, expect, test } from 'vitest';
import { soloDesigner } from '../../src/design/index.ts';
import { start } from '../support/run-scene.ts';
import type { ChatBody, Reply, Script } from '../support/scripted-server.ts';
import { quickSum } from '../support/workspaces.ts';

const F = '```';
const call = { name: 'edit', arguments: { path: 'sum.js', search: 'a - b', replace: 'a + b' } };
const sum = quickSum['sum.js'] ?? '';
const fixed = sum.replace('a - b', 'a + b');
const changed = ({ messages }: ChatBody): boolean => messages.some(({ content }) => /Changed sum\.js/.test(content ?? ''));

const strong = (script: Script, files: Readonly<Record<string, string>> = quickSum) =>
  start({ capabilities: { strength: 'strong', tools: true }, designer: soloDesigner(1), settings: { replans: 0 }, files, script });

describe('what a model with tools writes as text is understood:', () => {
  const says: Readonly<Record<string, Reply>> = {
    'a call in marks': `I will fix the sign.\n<tool_call>\n${JSON.stringify(call)}\n</tool_call>`,
    'a call in a fence of JSON': `${F}json\n${JSON.stringify(call, null, 2)}\n${F}\n`,
    'a call in tags':
      '<function=edit>\n<parameter=path>\nsum.js\n</parameter>\n<parameter=search>\na - b\n</parameter>\n<parameter=replace>\na + b\n</parameter>\n</function>',
    'a block of changes': `sum.js\n<<<<<<< SEARCH\n${sum}=======\n${fixed}>>>>>>> REPLACE\n`,
    'a whole file': `### sum.js\n${F}js\n${fixed}${F}\n`,
    "git's diff": `${F}diff\n--- a/sum.js\n+++ b/sum.js\n@@ -1 +1 @@\n${sum
      .trimEnd()
      .split('\n')
      .map((line) => `-${line}\n`)
      .join('')}${fixed
      .trimEnd()
      .split('\n')
      .map((line) => `+${line}\n`)
      .join('')}${F}\n`,
    'content in parts': { deltas: [{ content: [{ type: 'text', text: `<tool_call>${JSON.stringify(call)}</tool_call>` }] }] },
  };
  test.each(Object.entries(says))('%s', async (_name, reply) => {
    const { run, log, server } = await strong((body) => (changed(body) ? 'Done.' : reply));
    expect((await run()).outcome).toBe('solved');
    expect(log.of('tool.used').map(({ tool, ok }) => `${tool} ${ok}`)).toEqual(['edit true', 'test true']);
    expect(server.requests).toHaveLength(2);
  });

  test('after a native call, and before one', async () => {
    const { run, log } = await strong([
      { toolCalls: [{ name: 'read', arguments: { path: 'sum.js' } }] },
      `<tool_call>${JSON.stringify(call)}</tool_call>`,
      { toolCalls: [{ name: 'test', arguments: {} }] },
      'Done.',
    ]);
    expect((await run()).outcome).toBe('solved');
    expect(log.of('tool.used').map(({ tool }) => tool)).toEqual(['read', 'edit', 'test']);
  });
});

describe('a patch as a call of a tool that was not offered', () => {
  const patch =
    '*** Begin Patch\n*** Update File: sum.js\n@@\n-export const sum = (a, b) => a - b;\n+export const sum = (a, b) => a + b;\n*** End Patch\n';
  const files = { ...quickSum, 'sum.js': 'export const sum = (a, b) => a - b;\n' };
  test.each<[string, string]>([
    ['under input', JSON.stringify({ input: patch })],
    ['as a command', JSON.stringify({ command: ['apply_patch', patch] })],
    [
      'as a diff of git',
      JSON.stringify({
        patch: '--- a/sum.js\n+++ b/sum.js\n@@ -1 +1 @@\n-export const sum = (a, b) => a - b;\n+export const sum = (a, b) => a + b;\n',
      }),
    ],
  ])('is done: %s', async (_, text) => {
    const { run, log } = await strong(
      (body) => (changed(body) ? 'Done.' : { toolCalls: [{ name: 'apply_patch', arguments: text as never }] }),
      files,
    );
    expect((await run()).outcome).toBe('solved');
    expect(log.of('tool.used')[0]).toMatchObject({ tool: 'apply_patch', ok: true });
  });

  test('that cannot be read is said, and nothing is changed', async () => {
    const { run, log } = await strong(
      (body) =>
        body.messages.some(({ content }) => /no patch that can be read/.test(content ?? ''))
          ? 'Done.'
          : { toolCalls: [{ name: 'apply_patch', arguments: { input: 'sum.js: a + b' } }] },
      files,
    );
    await run();
    expect(log.of('tool.used')[0]).toMatchObject({ tool: 'apply_patch', ok: false });
  });
});

describe('what is not clear is not taken, and said:', () => {
  const told = (body: ChatBody): boolean =>
    body.messages.some(({ content }) => /holds no call of a tool that can be read/.test(content ?? ''));

  test.each<[string, string]>([
    ['a call that is cut', '<tool_call>{"name": "edit", "arguments": {"path": "sum.js", "sea'],
    ['code that names no file', `This is right:\n${F}js\n${fixed}${F}\n`],
    ['a part of a file', `### long.js\n${F}js\nexport const a = 1;\n${F}\n`],
  ])('%s', async (_name, reply) => {
    const files = { ...quickSum, 'long.js': Array.from({ length: 40 }, (_, n) => `export const x${n} = ${n};\n`).join('') };
    const { run, server } = await strong((body) => (changed(body) ? 'Done.' : told(body) ? { toolCalls: [call] } : reply), files);
    const result = await run();
    expect(result.outcome).toBe('solved');
    expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
    expect(server.requests).toHaveLength(3);
  });

  test('at most twice', async () => {
    const { run, server } = await strong(() => '<tool_call>no</tool_call>');
    expect((await run()).outcome).not.toBe('solved');
    expect(server.requests).toHaveLength(3);
  });
});

describe('what a model shows after its work is no edit:', () => {
  test.each([`Done. The line is now:\n${F}js\na + b\n${F}\n`, `Done.\n\n### sum.js\n${F}js\n// …\na + b\n${F}\n`, 'Done: I called edit.'])(
    '%j',
    async (words) => {
      const { run, server } = await strong([{ toolCalls: [call] }, words]);
      const result = await run();
      expect(result.outcome).toBe('solved');
      expect(result.diff?.files.map(({ path }) => path)).toEqual(['sum.js']);
      expect(server.requests).toHaveLength(2);
    },
  );

  test('a block of changes that no tool made is said not to be taken', async () => {
    const { run, server } = await strong([{ toolCalls: [call] }, `other.js\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n`, 'Done.']);
    expect((await run()).outcome).toBe('solved');
    expect(server.requests[2]?.body.messages.at(-1)?.content).toContain('was not taken');
  });
});
