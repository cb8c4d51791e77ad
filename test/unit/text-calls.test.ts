/** Calls of tools written as text: the forms of the well-known families of models, and what is none. */
import { describe, expect, test } from 'vitest';
import { textCalls } from '../../src/run/text-calls.ts';
import { definitionsOf } from '../../src/run/tools.ts';

const offered = definitionsOf(['read', 'edit', 'search']);
const F = '```';
const edit = { path: 'sum.js', search: 'a - b', replace: 'a + b' };
const json = JSON.stringify({ name: 'edit', arguments: edit });
const args = JSON.stringify(edit);
const inTags = (open: (name: string) => string, close: string): string =>
  Object.entries(edit)
    .map(([name, value]) => `${open(name)}\n${value}\n${close}`)
    .join('\n');

const forms: Readonly<Record<string, string>> = {
  ours: `${F}tool\n{"tool": "edit", "arguments": ${args}}\n${F}`,
  'Qwen and Hermes': `I will fix the sign.\n<tool_call>\n${json}\n</tool_call>`,
  'Hermes, on one line, without its end': `<tool_call>${json}`,
  "Qwen's coders": `<tool_call>\n<function=edit>\n${inTags((name) => `<parameter=${name}>`, '</parameter>')}\n</function>\n</tool_call>`,
  "Qwen's coders, without the outer mark": `Now:\n<function=edit>\n${inTags((name) => `<parameter=${name}>`, '</parameter>')}\n</function>`,
  GLM: `<tool_call>edit\n${Object.entries(edit)
    .map(([name, value]) => `<arg_key>${name}</arg_key>\n<arg_value>${value}</arg_value>`)
    .join('\n')}\n</tool_call>`,
  Mistral: `[TOOL_CALLS][${json}]`,
  'Mistral, newer': `[TOOL_CALLS]edit[ARGS]${args}`,
  Llama: `<function=edit>${args}</function>`,
  'Llama, with its tag': `<|python_tag|>{"type": "function", "name": "edit", "parameters": ${args}}`,
  'Llama, nothing else': `{"name": "edit", "parameters": ${args}}`,
  'the protocol itself': `[{"id": "c1", "type": "function", "function": {"name": "edit", "arguments": ${JSON.stringify(args)}}}]`,
  'a fence of JSON': `I will edit sum.js:\n\n${F}json\n${JSON.stringify({ name: 'edit', arguments: edit }, null, 2)}\n${F}\nDone.`,
  DeepSeek: `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>edit\n${F}json\n${args}\n${F}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  'DeepSeek, newer': `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>edit<｜tool▁sep｜>${args}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  Anthropic: `<function_calls>\n<invoke name="edit">\n${inTags((name) => `<parameter name="${name}">`, '</parameter>')}\n</invoke>\n</function_calls>`,
  Kimi: `<|tool_calls_section_begin|><|tool_call_begin|>functions.edit:0<|tool_call_argument_begin|>${args}<|tool_call_end|>`,
  "OpenAI's open models": `<|channel|>commentary to=functions.edit <|constrain|>json<|message|>${args}<|call|>`,
};

describe('a call is understood in the form of', () => {
  test.each(Object.entries(forms))('%s', (_name, text) => {
    const { calls } = textCalls(text, offered);
    expect(calls.map(({ name, arguments: written }) => ({ name, arguments: JSON.parse(written) }))).toEqual([
      { name: 'edit', arguments: edit },
    ]);
  });

  test('several at once, in order, with ids of their own', () => {
    const { calls } = textCalls(
      `<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>\n<tool_call>${json}</tool_call>`,
      offered,
    );
    expect(calls.map(({ id, name }) => `${id} ${name}`)).toEqual(['text-0 read', 'text-1 edit']);
  });

  test('numbers where the tool takes numbers, texts where it takes texts', () => {
    const tags = '<function=read><parameter=path>7</parameter><parameter=from>3</parameter></function>';
    expect(textCalls(tags, offered).calls[0]?.arguments).toBe('{"path":"7","from":3}');
  });

  test('marks inside the arguments are content', () => {
    const hard = { path: 'a.md', search: '</tool_call>', replace: `}\n${F}\n<tool_call>{"name": "read"}</tool_call>` };
    const { calls } = textCalls(`<tool_call>${JSON.stringify({ name: 'edit', arguments: hard })}</tool_call>`, offered);
    expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([hard]);
  });
});

describe('what is quoted is no call', () => {
  test.each<[string, string]>([
    ['in the text of a file', `### docs/tools.md\n${F}md\n<tool_call>${json}</tool_call>\n[TOOL_CALLS][${json}]\n${F}\n`],
    ['in a block of changes', `a.md\n<<<<<<< SEARCH\nx\n=======\n<tool_call>${json}</tool_call>\n>>>>>>> REPLACE\n`],
    ['in a longer fence', `${F}\`md\n${F}tool\n{"tool": "edit", "arguments": ${args}}\n${F}\n${F}\`\n`],
    ['in a quotation', `> <tool_call>${json}</tool_call>\n`],
    ['in a JSON file', `### calls.json\n${F}json\n${json}\n${F}\n`],
    ['in JSON with other fields', `${F}json\n{"name": "edit", "version": "1.0.0", "arguments": {}}\n${F}`],
    ['of a tool that was not offered, in JSON', `${F}json\n{"name": "left-pad", "arguments": {}}\n${F}`],
  ])('%s', (_name, text) => {
    expect(textCalls(text, offered).calls).toEqual([]);
  });
});

describe('what cannot be read', () => {
  test('in a block of ours is still a call, so that the model is told', () => {
    expect(textCalls(`${F}tool\n{"tool": read}\n${F}`, offered).calls).toEqual([
      { id: 'text-0', name: '(unreadable)', arguments: '{"tool": read}' },
    ]);
  });

  test('a tool that does not exist is still called, where the form can be nothing else', () => {
    expect(textCalls('<tool_call>{"name": "shell", "arguments": {}}</tool_call>', offered).calls.map(({ name }) => name)).toEqual([
      'shell',
    ]);
  });

  test.each([
    '<tool_call>{"name": "edit", "arguments": {"path": "sum.js", "sea',
    '<function=edit><parameter=path>a</parameter><parameter=search>x</parameter><parameter=search>y</parameter></function>',
    '<function=edit><parameter=path>a</parameter><parameter=replace>b <parameter=c> d</parameter></function>',
    '[TOOL_CALLS] edit sum.js',
    'I call {"tool": "edit", arguments: {path: "sum.js"}, "input"} now',
  ])('is unclear: %s', (text) => {
    expect(textCalls(text, offered)).toEqual({ calls: [], unclear: true });
  });

  test('a sentence is nothing', () => {
    expect(textCalls('No tool needed: edit and read are fine.', offered)).toEqual({ calls: [], unclear: false });
    expect(textCalls('', offered)).toEqual({ calls: [], unclear: false });
  });
});
