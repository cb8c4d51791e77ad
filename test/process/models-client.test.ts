/** The client against a real HTTP server that speaks the protocol, well and badly. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { stopped, failureOf as toFailure } from '../../src/errors.ts';
import { openAiClient, recordedClient, usageOfFailure } from '../../src/models/index.ts';
import type { ChatDelta, ChatReply, ChatRequest } from '../../src/models/types.ts';
import { failureOfCall, modelScenes, never } from '../support/model-scenes.ts';

const { setUp, closeAll } = modelScenes();
afterEach(closeAll);

const request: ChatRequest = { model: 'small', messages: [{ role: 'user', content: 'Write a function that adds two numbers.' }] };

describe('a reply', () => {
  test('streams, with usage and the name of the model that answered', async () => {
    const { client, server } = await setUp([
      { text: 'const add = (a, b) => a + b; // ✓ ü', usage: { input: 20, output: 9, cached: 12 }, model: 'small-0611' },
    ]);
    const deltas: ChatDelta[] = [];
    const reply = await client.chat({ ...request, temperature: 0.3, maxTokens: 50, seed: 4 }, (delta) => deltas.push(delta), never());
    expect(reply).toMatchObject({
      text: 'const add = (a, b) => a + b; // ✓ ü',
      reasoning: '',
      finish: 'stop',
      usage: { inputTokens: 20, outputTokens: 9, cachedInputTokens: 12, estimated: false },
      servedModel: 'small-0611',
      toolCalls: [],
    });
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.map((delta) => delta.text).join('')).toBe(reply.text);
    expect(server.requests[0]?.body).toMatchObject({ temperature: 0.3, max_tokens: 50, seed: 4, stream_options: { include_usage: true } });
  });

  test('keeps think blocks apart, however they are torn', async () => {
    for (const chunkChars of [1, 3, 1000]) {
      const { client } = await setUp([{ text: '<think>\nA sum.\n</think>\n\nconst a = "<think>";', chunkChars }]);
      const deltas: ChatDelta[] = [];
      const reply = await client.chat(request, (delta) => deltas.push(delta), never());
      expect(reply.text).toBe('const a = "<think>";');
      expect(reply.reasoning.trim()).toBe('A sum.');
      expect(deltas.map((delta) => delta.text ?? '').join('')).toBe(reply.text);
    }
  });

  test.each(['reasoning_content', 'reasoning'] as const)('takes thoughts from the field %s', async (reasoningField) => {
    const { client } = await setUp([{ reasoning: 'First, think.', reasoningField, text: 'Done.' }]);
    expect(await client.chat(request, undefined, never())).toMatchObject({ text: 'Done.', reasoning: 'First, think.' });
  });

  test('assembles tool calls from their pieces, and sends their results back', async () => {
    const { client, server } = await setUp([
      {
        toolCalls: [
          { id: 'a1', name: 'read', arguments: { path: 'src/ü.ts' } },
          { name: 'list', arguments: '{"broken": ' },
        ],
      },
      'ok',
    ]);
    const tools = [{ name: 'read', description: 'Reads a file', parameters: { type: 'object' } }];
    const reply = await client.chat({ ...request, tools }, undefined, never());
    expect(reply.finish).toBe('tool-calls');
    expect(reply.toolCalls).toEqual([
      { id: 'a1', name: 'read', arguments: '{"path":"src/ü.ts"}' },
      { id: 'call_1', name: 'list', arguments: '{"broken": ' },
    ]);
    await client.chat(
      {
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: '', toolCalls: reply.toolCalls },
          { role: 'tool', content: 'text', toolCallId: 'a1' },
        ],
      },
      undefined,
      never(),
    );
    expect(server.requests[0]?.body.tools).toEqual([{ type: 'function', function: tools[0] }]);
    expect(server.requests[1]?.body.messages.slice(1)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'a1', function: { name: 'read' } }, { id: 'call_1' }] },
      { role: 'tool', tool_call_id: 'a1', content: 'text' },
    ]);
  });

  test('estimates usage when the server reports none', async () => {
    const { client } = await setUp([{ text: 'word '.repeat(40), usage: false }]);
    const { usage } = await client.chat(request, undefined, never());
    expect(usage.estimated).toBe(true);
    expect(usage.inputTokens).toBeGreaterThan(5);
    expect(usage.outputTokens).toBeGreaterThan(20);
  });

  test('is complete when the connection breaks after its last word', async () => {
    const whole = 'data: {"model":"small","choices":[{"delta":{"content":"all of it"},"finish_reason":"stop"}]}\n\n';
    const { client } = await setUp([{ raw: `${whole}data: {"usage`, cutAfterBytes: whole.length + 8 }]);
    expect(await client.chat(request, undefined, never())).toMatchObject({ text: 'all of it', finish: 'stop', usage: { estimated: true } });
  });

  test('is understood from a server that does not stream', async () => {
    const raw = JSON.stringify({ model: 'small', choices: [{ message: { content: '<think>x</think>hello' }, finish_reason: 'length' }] });
    const { client } = await setUp([{ raw, headers: { 'content-type': 'application/json' } }]);
    expect(await client.chat(request, undefined, never())).toMatchObject({ text: 'hello', reasoning: 'x', finish: 'length' });
  });

  test('sends the format that was asked for, strict where the schema allows it', async () => {
    const { client, server } = await setUp(() => '{}');
    const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
    await client.chat({ ...request, format: { kind: 'json-schema', name: 'x', schema: closed } }, undefined, never());
    await client.chat({ ...request, format: { kind: 'json-schema', name: 'x', schema: { ...closed, required: [] } } }, undefined, never());
    await client.chat({ ...request, format: { kind: 'json-object' } }, undefined, never());
    expect(server.requests.map(({ body }) => body.response_format)).toEqual([
      { type: 'json_schema', json_schema: { name: 'x', schema: closed, strict: true } },
      { type: 'json_schema', json_schema: { name: 'x', schema: { ...closed, required: [] }, strict: false } },
      { type: 'json_object' },
    ]);
  });
});

describe('a parameter that the server refuses by name', () => {
  test.each([
    ['stream_options', 'Extra inputs are not permitted: stream_options'],
    ['max_tokens', "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."],
    ['temperature', "Unsupported value: 'temperature' does not support 0.2 with this model."],
    ['seed', 'unknown field seed'],
  ])('%s is left out, and remembered', async (name, message) => {
    const { client, server } = await setUp((body) => (name in body ? { status: 400, body: { error: { message } } } : 'ok'));
    const full = { ...request, temperature: 0.2, seed: 1, maxTokens: 9 };
    expect((await client.chat(full, undefined, never())).text).toBe('ok');
    await client.chat(full, undefined, never());
    expect(server.requests.map(({ body }) => name in body)).toEqual([true, false, false]);
    if (name === 'max_tokens') expect(server.requests[2]?.body.max_completion_tokens).toBe(9);
  });

  test('is found in a list of problems too', async () => {
    const detail = [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }];
    const { client } = await setUp((body) => ('stream_options' in body ? { status: 422, body: { detail } } : 'ok'));
    expect((await client.chat(request, undefined, never())).usage.estimated).toBe(true);
  });

  test('is not sought for ever', async () => {
    const { client, server } = await setUp(() => ({ status: 400, body: { error: { message: 'bad: stream_options, temperature' } } }));
    expect((await failureOfCall(client.chat({ ...request, temperature: 0 }, undefined, never()))).code).toBe('model-refused');
    expect(server.requests).toHaveLength(3);
  });
});

describe('a failure', () => {
  test.each([
    ['401', { status: 401, body: { error: { message: 'no' } } }, 'model-unauthorized'],
    ['403', { status: 403 }, 'model-unauthorized'],
    ['402', { status: 402, body: 'Payment required' }, 'model-unauthorized'],
    ['404', { status: 404, body: { error: 'model "small" not found, try pulling it first' } }, 'model-not-found'],
    ['400 for a model', { status: 400, body: { error: { message: 'x', code: 'model_not_found' } } }, 'model-not-found'],
    ['429', { status: 429, headers: { 'retry-after': '7' } }, 'model-rate-limited'],
    ['429 without credit', { status: 429, body: { error: { message: 'x', code: 'insufficient_quota' } } }, 'model-unauthorized'],
    ['500', { status: 500, body: '<html>oh</html>' }, 'model-server-error'],
    ['503', { status: 503, headers: { 'retry-after': '1' } }, 'model-server-error'],
    ['400', { status: 400, body: { detail: 'grammar is not supported' } }, 'model-refused'],
    ['413', { status: 413 }, 'model-context-full'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'model-bad-reply'],
    ['a web page', { raw: '<html><body>hello</body></html>', headers: { 'content-type': 'text/html' } }, 'model-bad-reply'],
    ['garbage events', { raw: 'data: {"choices": [{\n\n' }, 'model-bad-reply'],
    ['garbage JSON', { raw: '{"choices": [', headers: { 'content-type': 'application/json' } }, 'model-bad-reply'],
    ['other JSON', { raw: 'data: {"hello": 1}\n\ndata: [DONE]\n\n' }, 'model-bad-reply'],
    ['an empty body', { raw: '' }, 'model-bad-reply'],
    ['an error in the stream', { raw: 'data: {"error": {"message": "slot died", "code": 500}}\n\n' }, 'model-server-error'],
    [
      'a full context in the stream',
      { raw: 'data: {"error": {"message": "x", "type": "exceed_context_size_error"}}\n\n' },
      'model-context-full',
    ],
  ])('%s is told as our own, after one attempt', async (_name, reply, code) => {
    const { client, server } = await setUp([reply]);
    const error = await failureOfCall(client.chat(request, undefined, never()));
    expect(error.code).toBe(code);
    expect(error.message).toContain('scripted');
    expect(tell(toFailure(error)).next).not.toBe('');
    expect(server.requests).toHaveLength(1);
  });

  test('does not show a web page to the user', async () => {
    const { client } = await setUp([{ status: 502, body: '<html><h1>Bad gateway</h1></html>' }]);
    expect((await failureOfCall(client.chat(request, undefined, never()))).message).toBe(
      'The model server scripted failed with status 502: a web page.',
    );
  });

  test('carries what the server asks us to wait', async () => {
    const later = new Date(Date.now() + 60_000).toUTCString();
    const { client } = await setUp([
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after-ms': '1500' } },
      { status: 429, headers: { 'retry-after': later } },
    ]);
    const wait = async (): Promise<unknown> => {
      const { facts } = await failureOfCall(client.chat(request, undefined, never()));
      return 'retryAfterMs' in facts ? facts.retryAfterMs : undefined;
    };
    expect(await wait()).toBe(7000);
    expect(await wait()).toBe(1500);
    expect(await wait()).toBeGreaterThan(30_000);
  });

  test.each([
    ["This model's maximum context length is 8192 tokens. However, you requested 9000 tokens", 8192],
    ['the request exceeds the available context size (4096 tokens), try increasing it', 4096],
  ])('of the context names the window: %s', async (message, window) => {
    const { client } = await setUp([{ status: 400, body: { error: { message } } }]);
    const error = await failureOfCall(client.chat(request, undefined, never()));
    expect(error).toMatchObject({ code: 'model-context-full', facts: { contextTokens: window } });
  });

  test('in the middle of a reply keeps the part that came, and what it cost', async () => {
    const { client } = await setUp([
      { text: 'abcdefg '.repeat(60), cutAfterBytes: 2000 },
      { raw: 'data: {"choices":[{"delta":{"content":"half a"}}]}\n\ndata: {"error":{"message":"worker died"}}\n\n' },
      { raw: 'data: {"choices":[{"delta":{"content":"no end"}}]}\n\n' },
      { raw: 'data: {"choices"', cutAfterBytes: 10 },
    ]);
    for (const partial of ['abcdefg abcdefg', 'half a', 'no end', '']) {
      const error = await failureOfCall(client.chat(request, undefined, never()));
      expect(error.code).toBe('model-half-stream');
      expect(error.spent.partialText).toContain(partial);
      expect(usageOfFailure(error)).toMatchObject({ estimated: true });
      expect(usageOfFailure(error)?.inputTokens).toBeGreaterThan(5);
    }
  });

  test('of a server that is not there', async () => {
    const { client, server } = await setUp([]);
    await server.close();
    const error = await failureOfCall(client.chat(request, undefined, never()));
    expect(error.code).toBe('model-unreachable');
    expect(error.message).toContain('nothing listens there');
    expect((await failureOfCall(client.listModels(never()))).code).toBe('model-unreachable');
    const lost = openAiClient({ endpoint: 'lost', baseUrl: 'not an address' });
    expect((await failureOfCall(lost.chat(request, undefined, never()))).code).toBe('model-unreachable');
  });

  test('of silence: before the reply, and in the middle of it', async () => {
    const early = await setUp([{ stallMs: 60_000 }], { timeouts: { firstByteMs: 200 } });
    const first = await failureOfCall(early.client.chat(request, undefined, never()));
    expect(first).toMatchObject({ code: 'model-timeout', facts: { phase: 'first-byte', limitMs: 200 } });
    const late = await setUp([{ text: 'one two three', stallAfterChunks: 1 }], { timeouts: { idleMs: 200 } });
    const middle = await failureOfCall(late.client.chat(request, undefined, never()));
    expect(middle).toMatchObject({ code: 'model-timeout', facts: { phase: 'idle' }, spent: { partialText: 'one two' } });
    await expect.poll(() => [...early.server.requests, ...late.server.requests].map(({ ending }) => ending)).toEqual(['left', 'left']);
  });
});

describe('a server that does not stop', () => {
  /** Sends the piece again and again until the client hangs up; tells how much was sent. */
  async function endless(piece: string): Promise<{ url: string; sent: () => number; left: Promise<void>; close: () => void }> {
    let sent = 0;
    const gone = Promise.withResolvers<void>();
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.on('close', gone.resolve);
      const go = (): void => {
        while (!response.destroyed) {
          sent += piece.length;
          if (!response.write(piece)) return void response.once('drain', go);
        }
      };
      go();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    return { url, sent: () => sent, left: gone.promise, close: () => server.close() };
  }
  const piece = (delta: object): string => `data: ${JSON.stringify({ choices: [{ delta, finish_reason: null }] })}\n\n`;

  test.each([
    ['writing', { content: 'many words '.repeat(100) }],
    ['calling a tool', { tool_calls: [{ index: 0, id: 'c', function: { name: 'edit', arguments: 'x'.repeat(1000) } }] }],
    ['thinking', { reasoning_content: 'hm '.repeat(100_000) }],
  ])('%s is cut off at the limit, as if it had kept to it', async (_, delta) => {
    const server = await endless(piece(delta));
    const client = openAiClient({ endpoint: 'endless', baseUrl: server.url });
    const reply = await client.chat({ ...request, maxTokens: 100 }, undefined, never());
    await server.left;
    expect(reply.finish).toBe('length');
    expect(reply.text.length).toBeLessThanOrEqual(1200);
    expect(reply.usage.estimated).toBe(true);
    expect(server.sent()).toBeLessThan(60_000_000);
    server.close();
  });

  test('with a line that has no end is refused, in bounded memory', async () => {
    const server = await endless('a'.repeat(1 << 20));
    const client = openAiClient({ endpoint: 'endless', baseUrl: server.url });
    const error = await failureOfCall(client.chat({ ...request, maxTokens: 100 }, undefined, never()));
    await server.left;
    expect(error.code).toBe('model-bad-reply');
    expect(error.message).toContain('does not end where it was asked to');
    expect(server.sent()).toBeLessThan(400_000_000);
    server.close();
  });
});

describe('stopping', () => {
  test('before the call sends nothing', async () => {
    const { client, server } = await setUp(['x']);
    expect((await failureOfCall(client.chat(request, undefined, AbortSignal.abort()))).code).toBe('stopped');
    expect((await failureOfCall(client.listModels(AbortSignal.abort()))).code).toBe('stopped');
    expect(server.requests).toHaveLength(0);
  });

  test('in the middle hangs up at once, keeps the reason, and says what it cost', async () => {
    const { client, server } = await setUp([{ text: 'one two three four', stallAfterChunks: 2 }, { stallMs: 60_000 }]);
    const stop = new AbortController();
    const error = await failureOfCall(client.chat(request, () => stop.abort(stopped('Ctrl-C')), stop.signal));
    expect(error.code).toBe('stopped');
    expect(error.message).toContain('Ctrl-C');
    expect(usageOfFailure(error)?.estimated).toBe(true);
    const waiting = new AbortController();
    const call = failureOfCall(client.chat(request, undefined, waiting.signal));
    await expect.poll(() => server.requests.length).toBe(2);
    waiting.abort();
    expect((await call).code).toBe('stopped');
    await expect.poll(() => server.requests.map(({ ending }) => ending)).toEqual(['left', 'left']);
  });
});

describe('a key', () => {
  const apiKey = 'sk-very/secret+key=1"2';

  test('goes into the header and nowhere else', async () => {
    const { client, server } = await setUp(['ok'], { apiKey }, { apiKey });
    expect((await client.chat(request, undefined, never())).text).toBe('ok');
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(JSON.stringify(server.requests[0]?.body)).not.toContain('secret');
  });

  test('is redacted wherever a server echoes it', async () => {
    const echo = `key ${apiKey}, ${encodeURIComponent(apiKey)}, ${JSON.stringify(apiKey)}`;
    const long = { error: { message: 'x'.repeat(480) + apiKey, code: apiKey } };
    const { client } = await setUp(
      [
        { status: 401, body: { error: { message: echo, code: apiKey } } },
        { status: 500, body: echo },
        { status: 500, body: long },
        { status: 429, body: long },
        { status: 400, body: { detail: [{ msg: echo }] } },
        { raw: `data: ${JSON.stringify({ error: { message: echo } })}\n\n` },
        { raw: `data: ${JSON.stringify({ choices: [{ delta: { content: echo } }] })}\n\n` },
      ],
      { apiKey },
    );
    for (let call = 0; call < 7; call++) {
      const error = await failureOfCall(client.chat(request, undefined, never()));
      const everything = [
        error.message,
        error.stack,
        String(error.cause),
        JSON.stringify(error.facts),
        JSON.stringify(tell(toFailure(error))),
      ].join('\n');
      expect(everything).not.toContain('sk-very');
      expect(everything).not.toContain('secret');
    }
  });

  test('is not taken from the environment, nor other headers', async () => {
    const { client, server } = await setUp(['ok']);
    const before = { ...process.env };
    Object.assign(process.env, { OPENAI_API_KEY: 'sk-env', OPENAI_ORG_ID: 'org-env', OPENAI_CUSTOM_HEADERS: 'X-Secret: env' });
    try {
      await client.chat(request, undefined, never());
    } finally {
      process.env = before;
    }
    expect(JSON.stringify(server.requests[0]?.headers)).not.toMatch(/env|authorization|stainless/i);
  });

  test('does not follow a redirect to another host', async () => {
    const { server: other } = await setUp(() => 'stolen');
    const { client } = await setUp([{ status: 307, headers: { location: `${other.url}/chat/completions` } }], { apiKey });
    expect((await failureOfCall(client.chat(request, undefined, never()))).code).toBe('model-bad-reply');
    expect(other.requests).toHaveLength(0);
  });
});

describe('the list of models', () => {
  const plainServer = async (answer: string): Promise<{ server: Server; url: string }> => {
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
  };

  test('is read, with the context where the server tells it', async () => {
    const { client } = await setUp([], {}, { models: ['a', 'b/c:7b'] });
    expect(await client.listModels(never())).toEqual(['a', 'b/c:7b']);
    expect(await client.contextTokens?.('a', never())).toBeUndefined();
    const { server, url } = await plainServer(
      '{"data":[{"id":"v","max_model_len":32768},{"id":"l","meta":{"n_ctx":4096}},{"id":"x","context_length":"?"}]}',
    );
    const other = openAiClient({ endpoint: 'o', baseUrl: url });
    expect(await Promise.all(['v', 'l', 'x'].map((model) => other.contextTokens?.(model, never())))).toEqual([32768, 4096, undefined]);
    server.close();
    server.closeAllConnections();
  });

  test.each(['<html></html>', '{"data": 3}', '[]', ''])('that is none: %j', async (answer) => {
    const { server, url } = await plainServer(answer);
    expect((await failureOfCall(openAiClient({ endpoint: 'o', baseUrl: url }).listModels(never()))).code).toBe('model-bad-reply');
    server.close();
    server.closeAllConnections();
  });
});

describe('a recorded client', () => {
  const reply: ChatReply = {
    text: 'recorded',
    reasoning: '',
    toolCalls: [],
    finish: 'stop',
    usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, estimated: false },
    servedModel: 'small',
    ms: 12,
  };

  test('answers what was recorded, and fails with a clear error for anything else', async () => {
    const client = recordedClient((asked) => (asked.model === 'small' ? reply : undefined));
    const deltas: ChatDelta[] = [];
    expect(await client.chat(request, (delta) => deltas.push(delta), never())).toEqual(reply);
    expect(deltas).toEqual([{ text: 'recorded' }]);
    expect((await failureOfCall(client.chat({ ...request, model: 'other' }, undefined, never()))).code).toBe('replay-diverged');
    expect((await failureOfCall(client.chat(request, undefined, AbortSignal.abort()))).code).toBe('stopped');
  });
});
