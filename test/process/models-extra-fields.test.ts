/** What a server said beside the protocol and wants back with a tool call, and arguments of calls that are none. */
import { afterEach, describe, expect, test } from 'vitest';
import { soloDesigner } from '../../src/design/index.ts';
import type { ChatMessage, ChatReply } from '../../src/models/types.ts';
import { failureOfCall, modelScenes, never } from '../support/model-scenes.ts';
import { start } from '../support/run-scene.ts';
import type { ChatBody, Reply } from '../support/scripted-server.ts';

const { setUp, closeAll } = modelScenes();
afterEach(closeAll);

type Message = ChatBody['messages'][number];
const called = ({ messages }: ChatBody): Message | undefined => messages.find((message) => message.tool_calls !== undefined);
const no = (message: string, form: 'object' | 'list' = 'object'): Reply => {
  const error = { error: { code: 400, message, type: 'invalid_request_error' } };
  return { status: 400, body: form === 'list' ? [error] : error };
};
const steps = [
  { name: 'read', arguments: { path: 'sum.js' } },
  { name: 'edit', arguments: { path: 'sum.js', search: 'a - b', replace: 'a + b' } },
];
/** The next step of a model that reads, edits and is done; `more` stands beside it. */
function next({ messages }: ChatBody, more: { reply?: object; call?: object } = {}): Reply {
  const step = steps[messages.filter(({ role }) => role === 'tool').length];
  return step === undefined ? 'Fixed the sign.' : { ...more.reply, toolCalls: [{ ...step, extra: more.call }] };
}
const signature = (message: Message | undefined): unknown => message?.tool_calls?.[0]?.extra_content;

const servers: Readonly<Record<string, (body: ChatBody) => Reply>> = {
  'Kimi, which wants reasoning_content': (body) =>
    called(body) !== undefined && !called(body)?.reasoning_content
      ? no('thinking is on, but reasoning_content is missing in the assistant tool call message at index 2')
      : next(body, { reply: { reasoning: 'Let me think.' } }),
  'DeepSeek, which wants reasoning_content': (body) =>
    called(body) !== undefined && called(body)?.reasoning_content !== 'Let me think.'
      ? no('The `reasoning_content` of thinking mode must be passed back to the API.')
      : next(body, { reply: { reasoning: 'Let me think.' } }),
  'one that wants reasoning': (body) =>
    called(body) !== undefined && called(body)?.reasoning !== 'Let me think.'
      ? no('reasoning is missing')
      : next(body, { reply: { reasoning: 'Let me think.', reasoningField: 'reasoning' } }),
  'OpenRouter, which wants reasoning_details whole': (body) => {
    const whole = [{ type: 'reasoning.text', index: 0, format: 'x', text: 'Let me think.', signature: 'c2ln' }];
    if (called(body) !== undefined && JSON.stringify(called(body)?.reasoning_details) !== JSON.stringify(whole))
      return no('blocks were changed');
    const pieces = [{ format: 'x', text: 'Let me ' }, { text: 'think.' }, { signature: 'c2ln' }];
    return next(body, {
      reply: { deltas: pieces.map((piece) => ({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...piece }] })) },
    });
  },
  'Gemini, which wants its signature': (body) =>
    called(body) !== undefined && JSON.stringify(signature(called(body))) !== '{"google":{"thought_signature":"c2ln"}}'
      ? no('Function call is missing a thought_signature in functionCall parts.', 'list')
      : next(body, { call: { extra_content: { google: { thought_signature: 'c2ln' } } } }),
  'one that nobody knows': (body) =>
    called(body) !== undefined && called(body)?.tool_calls?.[0]?.trail !== 'a/b'
      ? no('trail is missing')
      : next(body, { call: { trail: 'a/b' } }),
  'one that wants the field although there was no thought': (body) =>
    body.messages.some((message) => message.role === 'assistant' && message.reasoning_content === undefined)
      ? no('reasoning_content is missing in assistant message')
      : next(body),
  'one that wants no thoughts back': (body) =>
    called(body)?.reasoning_content === undefined
      ? next(body, { reply: { reasoning: 'Let me think.' } })
      : no(
          "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]",
        ),
  'one that wants no foreign field of a message': (body) =>
    called(body) === undefined ||
    Object.keys(called(body) ?? {})
      .sort()
      .join() === 'content,role,tool_calls'
      ? next(body, { reply: { reasoning: 'Let me think.' } })
      : no('messages.2: Extra inputs are not permitted'),
  'one that wants no foreign field of a call': (body) =>
    called(body)?.tool_calls?.[0]?.trail === undefined
      ? next(body, { call: { trail: 'a/b' } })
      : no("Additional properties are not allowed ('trail' was unexpected) - 'messages.2.tool_calls.0'"),
};

describe('the tool loop goes on after its first turn, with', () => {
  test.each(Object.entries(servers))('%s', async (_name, script) => {
    const { run, server, log } = await start({
      capabilities: { strength: 'strong', tools: true },
      designer: soloDesigner(1),
      settings: { replans: 0 },
      script,
    });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('call.failed')).toEqual([]);
    // What is learnt is learnt once.
    expect(server.requests.length).toBeLessThanOrEqual(4);
  });
});

const opening: ChatMessage = { role: 'user', content: 'Read the file.' };
const answered = (reply: ChatReply): readonly ChatMessage[] => [
  opening,
  { role: 'assistant', content: reply.text, toolCalls: reply.toolCalls, extra: reply.extra },
  ...reply.toolCalls.map((call): ChatMessage => ({ role: 'tool', content: 'x', toolCallId: call.id })),
];

describe('arguments go back in a form that a server can parse', () => {
  test.each(['', '{"path": "sum', '[]', 'null', '"sum.js"', 'path=sum.js', '{"path": "a"}{"path": "b"}'])('%j', async (written) => {
    const { client, server } = await setUp([{ toolCalls: [{ name: 'functions.read', arguments: written }] }, 'ok']);
    const reply = await client.chat({ model: 'm', messages: [opening] }, undefined, never());
    expect(reply.toolCalls[0]?.arguments).toBe(written);
    await client.chat({ model: 'm', messages: answered(reply) }, undefined, never());
    expect(server.requests[1]?.body.messages[1]?.tool_calls?.[0]?.function).toEqual({ name: 'functions_read', arguments: '{}' });
  });

  test('and the model is told what was wrong, with what it wrote', async () => {
    const { run, server } = await start({
      capabilities: { strength: 'strong', tools: true },
      designer: soloDesigner(1),
      settings: { replans: 0 },
      script: [
        { toolCalls: [{ name: 'read', arguments: '{"path": "sum' }] },
        { toolCalls: [{ name: 'read', arguments: '' }] },
        { toolCalls: [{ name: 'edit', arguments: '["sum.js"]' }] },
        { deltas: [{ tool_calls: [{ index: 0, function: { arguments: '{"path": "sum.js"}' } }] }] },
        next({ messages: [{ role: 'tool', content: '' }] } as unknown as ChatBody),
        'Done.',
      ],
    });
    expect((await run()).outcome).toBe('solved');
    const told = (turn: number): string => server.requests[turn]?.body.messages.at(-1)?.content ?? '';
    expect(told(1)).toContain('are not JSON');
    expect(told(1)).toContain('You wrote: {"path": "sum');
    expect(told(2)).toContain('path');
    expect(told(2)).toContain('You wrote: (nothing)');
    expect(told(3)).toContain('You wrote: ["sum.js"]');
    expect(told(4)).toContain('There is no tool "unnamed"');
  });
});

test('content in parts is the text of its parts, thoughts apart', async () => {
  const { client } = await setUp([
    {
      deltas: [
        { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'The sign ' }] }] },
        { content: [{ type: 'thinking', thinking: 'is wrong.' }] },
        { content: [{ type: 'text', text: 'a ' }, 'plus ', { type: 'output_text', text: 'b' }] },
      ],
    },
  ]);
  const reply = await client.chat({ model: 'm', messages: [opening] }, undefined, never());
  expect(reply).toMatchObject({ text: 'a plus b', reasoning: 'The sign is wrong.' });
});

test('a demand that nothing meets is told in the words of the server', async () => {
  const { client, server } = await setUp(() => no('reasoning_content is missing'));
  const error = await failureOfCall(client.chat({ model: 'm', messages: [opening] }, undefined, never()));
  expect(error.message).toContain('reasoning_content is missing');
  expect(server.requests.length).toBeLessThanOrEqual(2);
});
