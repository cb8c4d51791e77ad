/** Language models of VS Code as our `ModelClient`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/editor/failure-table.ts';
import type { LanguageModelApi } from '../../src/editor/models/language-model/api.ts';
import { findLanguageModel, languageModelChoice } from '../../src/editor/models/language-model/find.ts';
import { failureOf, stopped } from '../../src/errors.ts';
import { retryDelay, usageOfFailure } from '../../src/models/index.ts';
import type { ChatDelta, ChatRequest } from '../../src/models/types.ts';
import {
  type Answer,
  DataPart,
  LanguageModelError,
  languageModels,
  type ScriptedLanguageModels,
  type ScriptedModel,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../support/language-models.ts';
import { modelsHost } from '../support/models-host.ts';

const signal = new AbortController().signal;
const api = (vscode: ScriptedLanguageModels): LanguageModelApi => vscode.api as unknown as LanguageModelApi;
const ask = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'gpt-4o',
  messages: [{ role: 'user', content: 'hello' }],
  ...more,
});

async function open(model: Partial<ScriptedModel> = {}, settings: Partial<Parameters<typeof languageModelChoice>[2]> = {}) {
  const vscode = languageModels([{ vendor: 'copilot', id: 'gpt-4o', version: 'gpt-4o-2024-11-20', tools: true, ...model }]);
  const chat = await findLanguageModel(api(vscode), `copilot/${model.id ?? 'gpt-4o'}`, signal);
  const { choice, close } = languageModelChoice(
    api(vscode),
    chat,
    { prices: {}, strength: {}, ...settings },
    { justification: 'to fix your tests' },
  );
  return { vscode, choice, client: choice.client, close };
}

describe('a reply', () => {
  test('streams, and says which model answered; tokens are counted by the model and marked as estimated', async () => {
    const { client } = await open({ answer: () => [new TextPart('Hel'), new TextPart('lo, Ann')] });
    const deltas: ChatDelta[] = [];
    const reply = await client.chat(ask(), (delta) => deltas.push(delta), signal);
    expect(deltas).toEqual([{ text: 'Hel' }, { text: 'lo, Ann' }]);
    expect(reply).toMatchObject({
      text: 'Hello, Ann',
      reasoning: '',
      toolCalls: [],
      finish: 'stop',
      servedModel: 'gpt-4o (gpt-4o-2024-11-20)',
    });
    expect(reply.usage).toEqual({ inputTokens: 2, outputTokens: 3, cachedInputTokens: 0, estimated: true });
    expect(reply.ms).toBeGreaterThanOrEqual(0);
  });

  test('keeps thoughts apart, in parts of their own and in think blocks; other data is no answer', async () => {
    const { client } = await open({
      answer: () => [
        new ThinkingPart('first '),
        new ThinkingPart(['sec', 'ond']),
        new DataPart(new Uint8Array([1]), 'image/png'),
        new TextPart('<thi'),
        new TextPart('nk>third</think>answer'),
      ],
    });
    expect(await client.chat(ask(), undefined, signal)).toMatchObject({ text: 'answer', reasoning: 'first secondthird' });
  });

  test('is told by our own count when the provider has no tokenizer', async () => {
    const countTokens = () => Promise.reject(new Error('no tokenizer'));
    const { client } = await open({ answer: () => [new TextPart('one two three four')], countTokens });
    const { usage } = await client.chat(ask(), undefined, signal);
    expect(usage).toMatchObject({ estimated: true, outputTokens: expect.any(Number) });
    expect(usage.outputTokens).toBeGreaterThan(2);
  });

  test('that goes on beyond its limit is cut off, and said to be', async () => {
    let cancelled = false;
    const answer: Answer = async function* ({ token }) {
      token.onCancellationRequested(() => {
        cancelled = true;
      });
      for (let at = 0; at < 10_000; at++) yield new TextPart(`word${at} `);
    };
    const { client } = await open({ answer });
    const reply = await client.chat(ask({ maxTokens: 200 }), undefined, signal);
    expect(reply.finish).toBe('length');
    expect(reply.text.length).toBeLessThan(4_000);
    expect(cancelled).toBe(true);
  });

  test('that the provider ended at the limit is said to be cut off too', async () => {
    const { client } = await open({ answer: () => [new TextPart('x'.repeat(400))] });
    expect((await client.chat(ask({ maxTokens: 100 }), undefined, signal)).finish).toBe('length');
  });
});

describe('what is sent', () => {
  test('has no system message: its words stand before those of the user, the shared part first', async () => {
    const { client, vscode } = await open();
    await client.chat(
      ask({
        messages: [
          { role: 'system', content: 'You fix code.' },
          { role: 'user', content: 'a.js is broken' },
          { role: 'assistant', content: 'How?' },
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Look.' },
        ],
      }),
      undefined,
      signal,
    );
    expect(vscode.requests[0]?.messages.map(({ role, content }) => [role, content])).toEqual([
      [1, [new TextPart('You fix code.\n\na.js is broken')]],
      [2, [new TextPart('How?')]],
      [1, [new TextPart('Be brief.\n\nLook.')]],
    ]);
  });

  test('pictures are parts of the message they belong to, as bytes with their kind, and count as what they are estimated at', async () => {
    const { vscode, client, choice } = await open({ images: true });
    expect(choice.capabilities.images).toBe(true);
    expect((await open()).choice.capabilities.images).toBe(false);
    const images = [{ dataUrl: `data:image/png;base64,${Buffer.from('bytes').toString('base64')}`, tokens: 500 }];
    const reply = await client.chat(ask({ messages: [{ role: 'user', content: 'what is wrong here?', images }] }), undefined, signal);
    expect(vscode.requests[0]?.messages[0]?.content).toEqual([
      new TextPart('what is wrong here?'),
      new DataPart(Buffer.from('bytes'), 'image/png'),
    ]);
    expect(reply.usage.inputTokens).toBeGreaterThan(500);
    expect(reply.usage.inputTokens).toBeLessThan(520);
  });

  test('a system message that no user message follows is one of its own', async () => {
    const { client, vscode } = await open();
    await client.chat(ask({ messages: [{ role: 'system', content: 'Say hello.' }] }), undefined, signal);
    expect(vscode.requests[0]?.messages).toEqual([{ role: 1, content: [new TextPart('Say hello.')] }]);
  });

  test('tools, their calls and their results, both ways', async () => {
    const { client, vscode } = await open({
      answer: (_request, index) =>
        index === 0
          ? [new TextPart('I look. '), new ToolCallPart('c1', 'read', { path: 'a.js' }), new ToolCallPart('c2', 'list', {})]
          : [new TextPart('done')],
    });
    const tools = [
      { name: 'read', description: 'Reads a file.', parameters: { type: 'object', properties: { path: { type: 'string' } } } },
    ];
    const first = await client.chat(ask({ tools }), undefined, signal);
    expect(first).toMatchObject({
      text: 'I look. ',
      finish: 'tool-calls',
      toolCalls: [
        { id: 'c1', name: 'read', arguments: '{"path":"a.js"}' },
        { id: 'c2', name: 'list', arguments: '{}' },
      ],
    });
    expect(vscode.requests[0]?.options.tools).toEqual([{ name: 'read', description: 'Reads a file.', inputSchema: tools[0]?.parameters }]);

    await client.chat(
      ask({
        tools,
        messages: [
          { role: 'user', content: 'go' },
          { role: 'assistant', content: '', toolCalls: [...first.toolCalls, { id: 'c3', name: 'read', arguments: '{"path": "b' }] },
          { role: 'tool', toolCallId: 'c1', content: 'one' },
          { role: 'tool', toolCallId: 'c2', content: 'two' },
          { role: 'tool', toolCallId: 'c3', content: 'three' },
        ],
      }),
      undefined,
      signal,
    );
    expect(vscode.requests[1]?.messages.slice(1)).toEqual([
      {
        role: 2,
        content: [
          new ToolCallPart('c1', 'read', { path: 'a.js' }),
          new ToolCallPart('c2', 'list', {}),
          // Broken JSON is no object; the model sees what it wrote.
          new ToolCallPart('c3', 'read', { arguments: '{"path": "b' }),
        ],
      },
      {
        role: 1,
        content: [
          new ToolResultPart('c1', [new TextPart('one')]),
          new ToolResultPart('c2', [new TextPart('two')]),
          new ToolResultPart('c3', [new TextPart('three')]),
        ],
      },
    ]);
  });

  test('says why access is wanted, and asks for temperature and length until a provider refuses them', async () => {
    const { client, vscode } = await open({
      answer: (request) => {
        if (request.options.modelOptions !== undefined) throw new LanguageModelError('Unsupported parameter: temperature', 'Unknown');
        return [new TextPart('fine')];
      },
    });
    const request = ask({ temperature: 0.2, maxTokens: 50 });
    expect((await client.chat(request, undefined, signal)).text).toBe('fine');
    expect((await client.chat(request, undefined, signal)).text).toBe('fine');
    expect(vscode.requests.map(({ options }) => options.modelOptions)).toEqual([
      { temperature: 0.2, max_tokens: 50 },
      undefined,
      undefined,
    ]);
    expect(vscode.requests[0]?.options.justification).toBe('to fix your tests');
  });
});

describe('a failure is one of ours, with a next step', () => {
  test.each([
    [LanguageModelError.NoPermissions('cannot be used'), 'model-unauthorized', 'not given permission', 'Manage Language Model Access'],
    [LanguageModelError.Blocked('quota exceeded'), 'model-unauthorized', 'quota', 'no figures of the quota'],
    [LanguageModelError.Blocked('Rate limit, too many requests'), 'model-rate-limited', 'rate', 'Wait'],
    [LanguageModelError.NotFound('gone'), 'model-not-found', 'not there', 'another'],
    [new LanguageModelError('x', 'Unknown', new Error('off_topic')), 'model-refused', 'off topic', 'coding task'],
    [
      new LanguageModelError('x', 'Unknown', new Error('You have exceeded your premium request quota')),
      'model-unauthorized',
      'premium',
      'quota',
    ],
    [new LanguageModelError('x', 'Unknown', new Error('429 Too Many Requests')), 'model-rate-limited', '429', 'Wait'],
    [new LanguageModelError('Response got filtered.', 'Unknown'), 'model-refused', 'filtered', 'other words'],
    [new LanguageModelError('Message exceeds token limit.', 'Unknown'), 'model-context-full', 'so long', 'fewer files'],
    [new Error('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND api') }), 'model-unreachable', 'ENOTFOUND', 'network'],
    [
      new LanguageModelError('something odd', 'Unknown', new Error('deep reason')),
      'model-server-error',
      'something odd: deep reason',
      'provider',
    ],
    ['only a text', 'model-server-error', 'only a text', 'Run again'],
  ])('%s → %s', async (thrown, code, message, next) => {
    const { client } = await open({
      answer: () => {
        throw thrown;
      },
    });
    const error = await client.chat(ask(), undefined, signal).catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code, facts: { endpoint: 'vscode', model: 'copilot/gpt-4o' } });
    const told = tell(modelsHost().host.vscode, failureOf(error));
    expect(told).toMatchObject({
      message: expect.stringMatching(/^The VS Code model copilot\/gpt-4o /),
      next: expect.stringContaining(next),
    });
    expect(told.message).toContain(message);
  });

  test('of a used-up quota is not tried again; one of the rate is', async () => {
    const failing = async (thrown: Error): Promise<unknown> => {
      const { client } = await open({
        answer: () => {
          throw thrown;
        },
      });
      return client.chat(ask(), undefined, signal).catch((error: unknown) => error);
    };
    expect(retryDelay(await failing(LanguageModelError.Blocked('quota exceeded')), 1, () => 0)).toBeUndefined();
    expect(retryDelay(await failing(new Error('too many requests')), 1, () => 0)).toBeGreaterThan(0);
  });

  test('midway keeps the part that came, and what it cost', async () => {
    const answer: Answer = function* () {
      yield new TextPart('half an ans');
      throw new Error('socket hang up');
    };
    const { client } = await open({ answer });
    const error = await client.chat(ask(), undefined, signal).catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code: 'model-half-stream', spent: { partialText: 'half an ans' } });
    expect(usageOfFailure(error)).toMatchObject({ estimated: true, outputTokens: expect.any(Number) });
  });

  test('an empty reply is one', async () => {
    const { client } = await open({ answer: () => [] });
    await expect(client.chat(ask(), undefined, signal)).rejects.toMatchObject({ code: 'model-bad-reply' });
  });

  test('silence is one, before the reply and in the middle of it', async () => {
    const vscode = languageModels([
      { vendor: 'slow', id: 'never', answer: () => new Promise<never>(() => {}) },
      {
        vendor: 'slow',
        id: 'half',
        answer: async function* () {
          yield new TextPart('one');
          await new Promise<never>(() => {});
        },
      },
    ]);
    const { languageModelClient } = await import('../../src/editor/models/language-model/client.ts');
    const client = (id: string) =>
      languageModelClient(`slow/${id}`, {
        api: api(vscode),
        current: (stop) => findLanguageModel(api(vscode), `slow/${id}`, stop),
        list: async () => [],
        justification: '',
        timeouts: { firstByteMs: 80, idleMs: 80 },
      });
    await expect(client('never').chat(ask(), undefined, signal)).rejects.toMatchObject({ code: 'model-timeout' });
    await expect(client('half').chat(ask(), undefined, signal)).rejects.toMatchObject({
      code: 'model-timeout',
      spent: { partialText: 'one' },
    });
  });
});

describe('stopping', () => {
  test('before the call asks nothing', async () => {
    const { client, vscode } = await open();
    await expect(client.chat(ask(), undefined, AbortSignal.abort(stopped('Ann')))).rejects.toMatchObject({
      code: 'stopped',
      facts: { by: 'Ann' },
    });
    expect(vscode.requests).toHaveLength(0);
  });

  test('cancels the request at once, whatever the provider does with it, and says what it cost', async () => {
    let cancelled = false;
    const stop = new AbortController();
    const answer: Answer = async function* ({ token }) {
      token.onCancellationRequested(() => {
        cancelled = true;
      });
      yield new TextPart('as far as');
      await new Promise<never>(() => {});
    };
    const { client } = await open({ answer });
    const call = client.chat(ask(), () => stop.abort(stopped('Ann')), stop.signal);
    const error = await Promise.race([call.catch((failed: unknown) => failed), sleep(2_000, 'too late')]);
    expect(error).toMatchObject({ code: 'stopped', facts: { by: 'Ann' }, spent: { partialText: 'as far as' } });
    expect(cancelled).toBe(true);
  });
});

describe('what a model can do', () => {
  test('is known without asking it: the API has no JSON schema and no seeds, and tells of tools and the longest input', async () => {
    const { choice, vscode } = await open({ maxInputTokens: 111_000 });
    expect(choice.capabilities).toEqual({
      format: 'none',
      tools: true,
      images: false,
      usage: false,
      seed: false,
      contextTokens: 111_000,
      strength: 'strong',
    });
    expect(await choice.client.contextTokens?.('gpt-4o', signal)).toBe(111_000);
    expect(vscode.requests).toHaveLength(0);
  });

  test('tools are not taken for granted where VS Code does not tell', async () => {
    const { choice } = await open({ id: 'phi-3-mini-3b', tools: undefined });
    expect(choice.capabilities).toMatchObject({ tools: false, strength: 'weak' });
  });

  test('the user knows better: strength and price come from the settings', async () => {
    const { choice } = await open({}, { strength: { 'gpt-4o': 'weak' }, prices: { 'gpt-*': { input: 2, output: 8 } } });
    expect(choice.capabilities.strength).toBe('weak');
    expect(choice.price).toMatchObject({ known: true, input: 2, output: 8 });
    expect((await open()).choice.price).toMatchObject({ known: false });
  });
});

describe('which model a name means', () => {
  const vscode = languageModels([
    { vendor: 'copilot', id: 'gpt-4o-2024', family: 'gpt-4o' },
    { vendor: 'copilot', id: 'gpt-4o', family: 'other' },
    { vendor: 'ollama', id: 'org/qwen:7b' },
  ]);
  test.each([
    ['copilot/gpt-4o', 'gpt-4o'],
    ['copilot/other', 'gpt-4o'],
    ['ollama/org/qwen:7b', 'org/qwen:7b'],
  ])('%s', async (name, id) => expect((await findLanguageModel(api(vscode), name, signal)).id).toBe(id));

  test('an unknown one is refused with those that there are', async () => {
    await expect(findLanguageModel(api(vscode), 'copilot/claude', signal)).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringContaining('copilot/gpt-4o-2024, copilot/gpt-4o'),
    });
    await expect(findLanguageModel(api(vscode), 'nobody/x', signal)).rejects.toMatchObject({
      message: expect.stringContaining('no models of nobody'),
    });
  });

  test('is looked up again after VS Code has changed its list', async () => {
    const { client, vscode: changing, close } = await open();
    changing.change([{ vendor: 'copilot', id: 'gpt-4o', version: 'new', answer: () => [new TextPart('from the new one')] }]);
    expect(await client.chat(ask(), undefined, signal)).toMatchObject({ text: 'from the new one', servedModel: 'gpt-4o (new)' });
    changing.change([]);
    await expect(client.chat(ask(), undefined, signal)).rejects.toMatchObject({ code: 'model-not-found' });
    await close();
    expect(await client.listModels(signal)).toEqual([]);
  });
});
