/** The real model on the real engine. Sets both up when they are not on this machine yet; skipped, with the reason, where that cannot be. */
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isTeamwrightError } from '../../src/errors.ts';
import { defaultLocalModel, ensureServer, type RunningServer, setup } from '../../src/local-model/index.ts';

const signal = new AbortController().signal;
let server: RunningServer | undefined;
let openai: OpenAI;
let absent = '';

beforeAll(async () => {
  try {
    let told = -1;
    await setup(
      defaultLocalModel,
      {
        onProgress: ({ text, doneBytes, totalBytes }) => {
          const tenth = Math.floor((10 * (doneBytes ?? 0)) / (totalBytes ?? 1));
          if (tenth !== told) console.log(`${text}${totalBytes === undefined ? '' : ` (${tenth * 10} %)`}`);
          told = tenth;
        },
      },
      signal,
    );
  } catch (error) {
    if (!isTeamwrightError(error, 'download-failed') && !isTeamwrightError(error, 'disk-full')) throw error;
    absent = error.message;
    console.log(`Skipped, because the model cannot be had here: ${absent}`);
    return;
  }
  server = await ensureServer(defaultLocalModel, { private: true, contextTokens: 2048, slots: 1 }, signal);
  openai = new OpenAI({ baseURL: server.url, apiKey: server.apiKey, maxRetries: 0, timeout: 15 * 60_000 });
});
beforeEach((context) => context.skip(absent !== '', absent));
afterAll(() => server?.close());

const ask = {
  model: defaultLocalModel,
  temperature: 0,
  max_tokens: 80,
  messages: [{ role: 'user' as const, content: 'Write a JavaScript function named double that doubles a number. Only code.' }],
};

test('answers with code and counts tokens; asked the same again it reads nothing again and says the same', async () => {
  const first = await openai.chat.completions.create(ask);
  expect(first.choices[0]?.message.content).toMatch(/double[\s\S]*(\* 2|2 \*)/);
  expect(first.usage?.prompt_tokens).toBeGreaterThan(20);
  expect(first.usage?.completion_tokens).toBeGreaterThan(5);

  const second = await openai.chat.completions.create(ask);
  expect(second.usage?.prompt_tokens_details?.cached_tokens).toBe((second.usage?.prompt_tokens ?? 0) - 1);
  expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
});

test('keeps to a schema', async () => {
  const schema = {
    type: 'object',
    properties: { difficulty: { enum: ['easy', 'medium', 'hard'] }, files: { type: 'array', items: { type: 'string' }, maxItems: 3 } },
    required: ['difficulty', 'files'],
    additionalProperties: false,
  };
  const reply = await openai.chat.completions.create({
    ...ask,
    messages: [{ role: 'user', content: 'How hard is it to fix a typo in README.md? Reply as JSON with difficulty and files.' }],
    response_format: { type: 'json_schema', json_schema: { name: 'guess', schema } },
  });
  const value = JSON.parse(reply.choices[0]?.message.content ?? '') as { difficulty: string; files: string[] };
  expect(['easy', 'medium', 'hard']).toContain(value.difficulty);
  expect(Array.isArray(value.files)).toBe(true);
});

test('the same seed gives the same sample', async () => {
  const sampled = { ...ask, temperature: 0.9, max_tokens: 24 };
  const [first, second] = [
    await openai.chat.completions.create({ ...sampled, seed: 11 }),
    await openai.chat.completions.create({ ...sampled, seed: 11 }),
  ];
  expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
});
