/** The pure parts of the models room. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { stopped, TeamwrightError } from '../../src/errors.ts';
import {
  askStructured,
  costOf,
  createCalibration,
  estimateRequestTokens,
  estimateTokens,
  jsonSchemaOf,
  parametersOf,
  parseLenient,
  priceOf,
  retryDelay,
  strengthOf,
} from '../../src/models/index.ts';
import { splitThinking, thinkSplitter } from '../../src/models/think.ts';
import { neutralRatio, updateRatio } from '../../src/models/tokens.ts';
import type { ChatMessage, ChatReply, Usage } from '../../src/models/types.ts';
import { replyAssembler } from '../../src/models/wire.ts';

const usage = (inputTokens: number, outputTokens = 0, cachedInputTokens = 0): Usage => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  estimated: false,
});
const user = (content: string): ChatMessage => ({ role: 'user', content });

describe('think blocks', () => {
  test.each([
    ['plain', 'plain', ''],
    ['<think>a</think>b', 'b', 'a'],
    ['  \n<THINKING>a</THINKING>\n\n  b', '  b', 'a'],
    ['<think>a</think>\n<think>b</think>\nc', 'c', 'ab'],
    ['<think>never closed', '', 'never closed'],
    ['<think></think>', '', ''],
    ['a < b <think>no</think>', 'a < b <think>no</think>', ''],
    ['const s = "</think>";', 'const s = "</think>";', ''],
    ['thoughts of a template\n</think>\n\nanswer', 'answer', 'thoughts of a template'],
    ['<thinker>x</thinker>', '<thinker>x</thinker>', ''],
    ['', '', ''],
  ])('%j', (reply, text, reasoning) => {
    expect(splitThinking(reply)).toEqual({ text, reasoning });
  });

  test('come out the same however the reply is torn', () => {
    const part = fc.constantFrom('<think>', '</think>', '<thi', 'nk>', 'a', '\n', '<', ' ', '🙂');
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 1, max: 5 }), (parts, size) => {
        const reply = parts.join('');
        const whole = thinkSplitter();
        const [a, b] = [whole.push(reply), whole.end()];
        const torn = thinkSplitter();
        let [text, reasoning] = ['', ''];
        for (let at = 0; at < reply.length; at += size) {
          const split = torn.push(reply.slice(at, at + size));
          text += split.text;
          reasoning += split.reasoning;
        }
        const rest = torn.end();
        expect([text + rest.text, reasoning + rest.reasoning]).toEqual([a.text + b.text, a.reasoning + b.reasoning]);
      }),
    );
  });
});

describe('streamed pieces', () => {
  const assembled = (...pieces: unknown[]) => {
    const assembler = replyAssembler();
    for (const piece of pieces) assembler.push(piece);
    return assembler.take(true);
  };

  test('of tool calls that share a number, come whole, or bring objects', () => {
    const call = (id: string, name: string, written: unknown) => ({
      choices: [{ delta: { tool_calls: [{ index: 0, id, function: { name, arguments: written } }] } }],
    });
    expect(assembled(call('a', 'read', '{}'), call('b', 'list', { path: '.' })).toolCalls).toEqual([
      { id: 'a', name: 'read', arguments: '{}' },
      { id: 'b', name: 'list', arguments: '{"path":"."}' },
    ]);
  });

  test('of nonsense are survived', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (pieces) => {
        expect(typeof assembled(...pieces).text).toBe('string');
      }),
    );
  });

  test('take the last usage, and no zeros', () => {
    const zero = { choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } };
    expect(assembled(zero).usage).toBeUndefined();
    const deepseek = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 4 } };
    expect(assembled(deepseek, zero, { usage: null }).usage).toEqual({ inputTokens: 9, outputTokens: 2, cachedInputTokens: 4 });
  });
});

describe('token estimates', () => {
  test('grow with the text, count messages, tools and calls, and bear anything', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('one two three four')).toBeGreaterThanOrEqual(4);
    expect(estimateTokens('one two three four', 2)).toBe(2 * estimateTokens('one two three four'));
    expect(estimateTokens([user('hello'), user('hello')])).toBe(2 * estimateTokens([user('hello')]));
    const called: ChatMessage = { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'read', arguments: '{"path":"a/b/c"}' }] };
    expect(estimateTokens([called])).toBeGreaterThan(estimateTokens([{ role: 'assistant', content: '' }]));
    const tools = [{ name: 'read', description: 'Reads a file', parameters: {} }];
    expect(estimateRequestTokens({ messages: [user('x')], tools })).toBeGreaterThan(estimateRequestTokens({ messages: [user('x')] }));
    const huge = estimateTokens('x'.repeat(2_000_000));
    expect(huge).toBeGreaterThan(100_000);
    expect(estimateTokens('你好，世界。'.repeat(10))).toBeGreaterThan(30);
  });

  test('learn the ratio of a model from its reports, and forget slowly', () => {
    const calibration = createCalibration();
    const messages = [user('word '.repeat(100))];
    const raw = estimateTokens(messages);
    for (let call = 0; call < 20; call++) calibration.learn('m', messages, usage(Math.round(raw * 1.4)));
    expect(calibration.ratio('m')).toBeCloseTo(1.4, 1);
    expect(calibration.ratio('other')).toBe(1);
  });

  test('do not learn from estimates, small texts, cached prompts or nonsense', () => {
    const calibration = createCalibration();
    calibration.learn('m', [user('word '.repeat(100))], { ...usage(9999), estimated: true });
    expect(calibration.ratio('m')).toBe(1);
    expect(updateRatio(neutralRatio, 10, 30)).toBe(neutralRatio);
    expect(updateRatio(neutralRatio, 1000, 12)).toBe(neutralRatio);
    expect(updateRatio(neutralRatio, 100, Number.NaN)).toBe(neutralRatio);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }))), (reports) => {
        const { ratio } = reports.reduce((known, [estimated, reported]) => updateRatio(known, estimated, reported), neutralRatio);
        expect(ratio).toBeGreaterThanOrEqual(0.5);
        expect(ratio).toBeLessThanOrEqual(2.5);
      }),
    );
  });
});

describe('retries', () => {
  const middle = (): number => 0.5;

  test('wait longer each time, with jitter, and end', () => {
    const error = new TeamwrightError('model-server-error', { endpoint: 'e', detail: '', status: 500 });
    expect([1, 2, 3, 4].map((attempt) => retryDelay(error, attempt, middle))).toEqual([750, 1500, 3000, undefined]);
    expect(retryDelay(error, 1, () => 0)).toBe(500);
    expect(retryDelay(error, 1, () => 0.999)).toBeLessThanOrEqual(1000);
    expect(retryDelay(new TeamwrightError('model-unreachable', { endpoint: 'e', detail: '' }), 1, middle)).toBeGreaterThan(0);
    expect(
      retryDelay(new TeamwrightError('model-timeout', { endpoint: 'e', detail: '', phase: 'idle', limitMs: 1 }), 2, middle),
    ).toBeUndefined();
  });

  const limited = (retryAfterMs: number) => new TeamwrightError('model-rate-limited', { endpoint: 'e', detail: '', retryAfterMs });

  test('keep Retry-After, within reason', () => {
    expect(retryDelay(limited(7000), 1, () => 0)).toBe(7000);
    expect(retryDelay(limited(7000), 1, () => 0.9)).toBeLessThanOrEqual(7700);
    expect(
      retryDelay(new TeamwrightError('model-server-error', { endpoint: 'e', detail: '', status: 503, retryAfterMs: 0 }), 1, middle),
    ).toBe(0);
    expect(retryDelay(limited(3_600_000), 1, middle)).toBeUndefined();
  });

  test('make no sense for what will not change', () => {
    for (const error of [
      new TeamwrightError('model-unauthorized', { endpoint: 'e', detail: '', why: 'refused' }),
      new TeamwrightError('model-refused', { endpoint: 'e', detail: '', status: 400, why: 'parameters' }),
      stopped('x'),
      new TeamwrightError('run-unknown', { runId: 'x' }),
      new Error('x'),
      undefined,
    ]) {
      expect(retryDelay(error, 1, middle)).toBeUndefined();
    }
  });
});

test.each([
  ['qwen2.5-coder-1.5b-instruct-q4_k_m.gguf', 1.5, 'weak'],
  ['Qwen/Qwen2.5-Coder-32B-Instruct', 32, 'strong'],
  ['llama3.1:8b', 8, 'weak'],
  ['qwen3:30b-a3b', 30, 'strong'],
  ['mistralai/Mixtral-8x7B-Instruct-v0.1', 56, 'strong'],
  ['smollm2-360m', 0.36, 'weak'],
  ['gpt-4o', undefined, 'strong'],
  ['gpt-5-nano', undefined, 'weak'],
  ['anthropic/claude-sonnet-4-5', undefined, 'strong'],
  ['deepseek-chat', undefined, 'strong'],
  ['scripted', undefined, 'weak'],
  ['', undefined, 'weak'],
])('the strength of %s', (model, billions, strength) => {
  expect(parametersOf(model)).toBe(billions);
  expect(strengthOf(model)).toBe(strength);
});

describe('prices', () => {
  test('of known hosts come from the snapshot, those of this machine are nothing', () => {
    const price = priceOf('https://api.openai.com/v1', 'gpt-4o-mini-2024-07-18');
    expect(price).toEqual({ input: 0.15, cachedInput: 0.075, output: 0.6, known: true });
    expect(priceOf('https://api.mistral.ai/v1', 'codestral-latest').known).toBe(true);
    expect(priceOf('https://openrouter.ai/api/v1', 'qwen/qwen-2.5-coder-32b-instruct').known).toBe(true);
    for (const local of ['http://127.0.0.1:8080/v1', 'http://localhost:11434/v1', 'http://[::1]:1/v1', 'embedded', 'ollama']) {
      expect(priceOf(local, 'anything')).toEqual({ input: 0, cachedInput: 0, output: 0, known: true });
    }
  });

  test('that nobody knows say so', () => {
    for (const [endpoint, model] of [
      ['https://models.example.com/v1', 'gpt-4o'],
      ['https://evil.com/https://api.openai.com/v1', 'gpt-4o'],
      ['https://127.0.0.1.evil.com/v1', 'gpt-4o'],
      ['https://api.openai.com/v1', 'no-such-model'],
      ['', ''],
    ] as const) {
      expect(priceOf(endpoint, model).known, endpoint).toBe(false);
    }
  });

  test('that the user sets come first', () => {
    const overrides = {
      'big-*': { input: 1, output: 2 },
      'big-one*': { input: 3, output: 4, cachedInput: 1 },
      small: { input: 5, output: 6 },
    };
    expect(priceOf('http://localhost/v1', 'big-one-7', overrides)).toEqual({ input: 3, output: 4, cachedInput: 1, known: true });
    expect(priceOf('x', 'big-two', overrides)).toEqual({ input: 1, output: 2, cachedInput: 1, known: true });
    expect(priceOf('x', 'small', overrides).output).toBe(6);
    expect(priceOf('x', 'constructor', overrides).known).toBe(false);
  });

  test('of a call count cached input apart', () => {
    const price = { input: 2, cachedInput: 0.5, output: 10, known: true };
    expect(costOf(usage(1_000_000, 100_000, 400_000), price)).toBeCloseTo(1.2 + 0.2 + 1);
    expect(costOf(usage(0), price)).toBe(0);
  });
});

const schema = z.strictObject({ name: z.string(), steps: z.array(z.number()) });
const value = { name: 'x', steps: [1, 2] };
const json = JSON.stringify(value);

describe('lenient parsing', () => {
  test.each([
    ['bare', json, 'direct'],
    ['with a byte order mark and CRLF', `\uFEFF\r\n${json}\r\n`, 'direct'],
    ['in a fence', `Here you are:\n\`\`\`json\n${json}\n\`\`\`\nBye {x}.`, 'direct'],
    ['in a fence of tildes that never closes', `~~~\n${json}`, 'direct'],
    ['in prose with other brackets', `Use {braces} and [lists]: ${json} as asked.`, 'direct'],
    ['with a brace in a string', '{"name": "}{", "steps": []}', 'direct'],
    ['after thoughts', `<think>{"name": 1}</think>${json}`, 'direct'],
    ['with trailing commas and single quotes', "{'name': 'x', 'steps': [1, 2,],}", 'repaired'],
    ['with comments', '{"name": "x", // the name\n"steps": [1, 2]}', 'repaired'],
    ['without its end', '{"name": "x", "steps": [1, 2', 'repaired'],
    ['in a wrapper', `{"answer": ${json}}`, 'repaired'],
    ['in a list of one', `[${json}]`, 'repaired'],
    ['as JSON in a string', JSON.stringify(json), 'repaired'],
  ])('finds a value %s', (_name, reply, way) => {
    const parsed = parseLenient(reply, schema);
    expect(parsed).toMatchObject({ ok: true, way });
  });

  test.each([
    ['nothing', '', 'the reply is empty'],
    ['only thoughts', '<think>hm</think>', 'the reply is empty'],
    ['prose', 'I cannot do that.', 'there is no JSON value'],
    ['a wrong type', '{"name": 3, "steps": []}', 'name: Invalid input'],
    ['an unknown key', '{"name": "x", "steps": [], "code": "rm"}', 'the value: Unrecognized key'],
  ])('says what is wrong with %s', (_name, reply, problem) => {
    const parsed = parseLenient(reply, schema);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.problems.join()).toContain(problem);
  });

  test('lists only the first problems', () => {
    const parsed = parseLenient(JSON.stringify({ name: 'x', steps: Array(50).fill('no') }), schema);
    expect(parsed.ok ? [] : parsed.problems).toHaveLength(9);
  });

  test('bears anything, and finds every value as it was written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseLenient(text, schema).ok).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.record({ name: fc.string({ unit: 'binary' }), steps: fc.array(fc.integer()) }), (any) => {
        expect(parseLenient(JSON.stringify(any), schema)).toEqual({ ok: true, value: any, way: 'direct' });
      }),
    );
    expect(parseLenient('['.repeat(200_000), schema).ok).toBe(false);
  });
});

describe('structured output', () => {
  const answered = (text: string, finish: ChatReply['finish'] = 'stop'): ChatReply => ({
    text,
    reasoning: '',
    toolCalls: [],
    finish,
    usage: usage(1, 1),
    servedModel: 'm',
    ms: 1,
  });
  const scripted = (...replies: (ChatReply | Error)[]) => {
    const asked: { messages: readonly ChatMessage[]; format: unknown }[] = [];
    const ask = async (messages: readonly ChatMessage[], format: unknown): Promise<ChatReply> => {
      asked.push({ messages, format });
      const reply = replies[asked.length - 1];
      if (reply === undefined || reply instanceof Error) throw reply ?? new Error('asked too often');
      return reply;
    };
    return { ask, asked };
  };
  const messages: ChatMessage[] = [{ role: 'system', content: 'You plan.' }, user('Go.')];

  test.each([
    ['json-schema', { kind: 'json-schema', name: 'plan', schema: jsonSchemaOf(schema) }],
    ['json-object', { kind: 'json-object' }],
    ['none', undefined],
  ] as const)('asks in the way the server can: %s', async (format, sent) => {
    const { ask, asked } = scripted(answered(json));
    expect(await askStructured(ask, schema, { format }, messages, { name: 'plan' })).toMatchObject({ ok: true, value, way: 'direct' });
    expect(asked[0]?.format).toEqual(sent);
    // The schema stands in the shared part in every case; the request stays last.
    expect(asked[0]?.messages[0]?.content).toContain('"steps"');
    expect(asked[0]?.messages[1]).toEqual(messages[1]);
  });

  test('repairs, then asks once more with the problems, then gives up with all that was said', async () => {
    expect(await askStructured(scripted(answered(`{${json.slice(1, -1)},}`)).ask, schema, { format: 'none' }, messages)).toMatchObject({
      way: 'repaired',
    });

    const again = scripted(answered('{"name": 1, "steps": []}'), answered(json));
    const reasked = await askStructured(again.ask, schema, { format: 'none' }, messages);
    expect(reasked).toMatchObject({ ok: true, way: 'reasked' });
    expect(reasked.rounds.map(({ problems }) => problems.length)).toEqual([1, 0]);
    expect(again.asked[1]?.messages.at(-2)).toEqual({ role: 'assistant', content: '{"name": 1, "steps": []}' });
    expect(again.asked[1]?.messages.at(-1)?.content).toContain('name: Invalid input');

    const failed = await askStructured(scripted(answered(''), answered('sorry')).ask, schema, { format: 'none' }, messages);
    expect(failed).toMatchObject({ ok: false, problems: ['there is no JSON value in the reply'] });
    expect(failed.rounds.map(({ reply }) => reply.text)).toEqual(['', 'sorry']);
  });

  test('does not take half a value for a whole one', async () => {
    const { ask, asked } = scripted(answered('{"name": "x", "steps": [1', 'length'), answered(json));
    expect(await askStructured(ask, schema, { format: 'none' }, messages)).toMatchObject({ ok: true, value, way: 'reasked' });
    expect(asked[1]?.messages.at(-1)?.content).toContain('cut off');
  });

  test('goes on without the format when the server refuses it, and lets other failures through', async () => {
    const { ask, asked } = scripted(
      new TeamwrightError('model-refused', { endpoint: 'e', status: 400, detail: 'no grammar', why: 'parameters' }),
      answered('no'),
      answered(json),
    );
    expect(await askStructured(ask, schema, { format: 'json-schema' }, messages)).toMatchObject({ ok: true, way: 'reasked' });
    expect(asked.map(({ format }) => format !== undefined)).toEqual([true, false, false]);
    await expect(
      askStructured(
        scripted(new TeamwrightError('model-unauthorized', { endpoint: 'e', detail: '', why: 'refused' })).ask,
        schema,
        { format: 'none' },
        messages,
      ),
    ).rejects.toMatchObject({
      code: 'model-unauthorized',
    });
  });
});
