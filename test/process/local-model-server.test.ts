import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { adapterProblemOf } from '../../src/local-model/adapter.ts';
import { ensureServer, isSetUp, list, localModel, type RunningServer, remove, requireTrained, setup } from '../../src/local-model/index.ts';
import { placesIn } from '../../src/local-model/places.ts';
import { stopServer } from '../../src/local-model/serve.ts';
import { embeddedChoice } from '../../src/model-choice/embedded.ts';
import type { ChatDelta, Preparing } from '../../src/models/types.ts';
import { isAlive } from '../../src/process/index.ts';
import { type ScriptedCache, scriptedCache } from '../support/scripted-engine.ts';
import { writeAdapter } from '../support/tiny-adapter.ts';

const signal = new AbortController().signal;
const id = 'qwen2.5-coder-0.5b';
let cache: ScriptedCache;

beforeAll(() => {
  cache = scriptedCache();
});
afterEach(async () => {
  await stopServer(id, { cacheDir: cache.dir }, signal);
});
afterAll(() => cache.remove());

const ensure = (options: object = {}): Promise<RunningServer> => ensureServer(id, { cacheDir: cache.dir, ...options }, signal);
const client = (server: RunningServer): OpenAI => new OpenAI({ baseURL: server.url, apiKey: server.apiKey, maxRetries: 0 });
const user = (content: string) => ({ model: id, messages: [{ role: 'user' as const, content }] });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUp = Date.now() + 30_000; Date.now() < giveUp; ) {
    if (await holds()) return;
    await sleep(50);
  }
  expect.fail(`still not so after 30 s: ${holds}`);
}

describe('the protocol', () => {
  test('answers whole and as a stream, with usage and what was cached', async () => {
    const openai = client(await ensure());
    const first = await openai.chat.completions.create(user('say naïve 😀'));
    expect(first.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'naïve 😀' } });
    expect(first.model).toBe(id);
    expect(first.usage).toMatchObject({ completion_tokens: 7, prompt_tokens_details: { cached_tokens: 0 } });

    const stream = await openai.chat.completions.create({ ...user('say naïve 😀'), stream: true, stream_options: { include_usage: true } });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('naïve 😀');
    const { prompt_tokens, prompt_tokens_details } = chunks.at(-1)?.usage ?? {};
    expect(prompt_tokens_details?.cached_tokens).toBe((prompt_tokens ?? 0) - 1);
  });

  test('tells how far the model is loaded and the prompt is read, to those who ask', async () => {
    const { choice, close } = embeddedChoice(id, { cacheDir: cache.dir });
    const long = `${'x'.repeat(150)} user\nsay hello`;
    const told = async (): Promise<Preparing[]> => {
      const heard: ChatDelta[] = [];
      const reply = await choice.client.chat(user(long), (delta) => heard.push(delta), signal);
      expect(reply.text).toBe('hello');
      // Nothing is prepared once the first word has come.
      const firstWord = heard.findIndex((delta) => delta.text !== undefined);
      expect(heard.slice(firstWord).some(({ preparing }) => preparing)).toBe(false);
      return heard.flatMap(({ preparing }) => preparing ?? []);
    };
    try {
      const first = await told();
      const loading = first.filter(({ doing }) => doing === 'loading').map(({ share }) => share);
      expect([loading[0], loading.at(-1)]).toEqual([0, 1]);
      const reading = first.filter(({ doing }) => doing === 'reading').map(({ share }) => share);
      expect(reading.length).toBeGreaterThan(2);
      expect(reading[0]).toBe(0);
      expect(reading).toEqual(reading.toSorted((a, b) => a - b));
      expect(reading.at(-1)).toBeLessThan(1);
      // The server runs, and the prompt is known to its last token.
      expect(await told()).toEqual([]);
    } finally {
      await close();
    }
    const plain = await client(await ensure()).chat.completions.create({ ...user(`say ${'y'.repeat(150)}`), stream: true });
    for await (const chunk of plain) expect(chunk).not.toHaveProperty('prompt_progress');
  });

  test('fills a hole from both sides without a chat around it, whole and as a stream; marks in the text are text', async () => {
    const openai = client(await ensure());
    const hole = { model: id, prompt: 'one <|fim_suffix|> ', suffix: ' two\n' };
    const whole = await openai.completions.create(hole);
    expect(whole).toMatchObject({ object: 'text_completion', choices: [{ text: '[one <|fim_suffix|> | two\n]', finish_reason: 'stop' }] });
    const stream = await openai.completions.create({ ...hole, stream: true, stop: '|', max_tokens: 40 });
    let text = '';
    for await (const piece of stream) text += piece.choices[0]?.text ?? '';
    expect(text).toBe('[one <');
  });

  test('weighs a text: each token with its place, and nothing is written', async () => {
    const openai = client(await ensure());
    const weighed = await openai.completions.create({ model: id, prompt: 'naïve', echo: true, logprobs: 0, max_tokens: 0 });
    expect(weighed.choices[0]).toMatchObject({ text: 'naïve', logprobs: { tokens: [...'naïve'], text_offset: [0, 1, 2, 3, 4] } });
    const logprobs = weighed.choices[0]?.logprobs?.token_logprobs ?? [];
    expect(logprobs.map((value) => value && Math.round(value * 10) / 10)).toEqual([null, -0.1, -0.2, -0.3, -0.4]);
    expect(weighed.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 0 });
    for (const wrong of [{ max_tokens: 0 }, { echo: true }, { echo: true, logprobs: 0, max_tokens: 0, suffix: 'x' }, { prompt: '' }]) {
      await expect(openai.completions.create({ model: id, prompt: 'x', ...wrong })).rejects.toMatchObject({ status: 400 });
    }
  });

  test('honours stop, max_tokens, temperature and seed', async () => {
    const openai = client(await ensure());
    const stopped = await openai.chat.completions.create({ ...user('say one two three'), stop: ' two' });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'one' } });
    const cut = await openai.chat.completions.create({ ...user('say one two three'), max_tokens: 5 });
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'one t' } });
    const seeded = await openai.chat.completions.create({ ...user('seed'), temperature: 0.5, seed: 7 });
    expect(seeded.choices[0]?.message.content).toBe('7 0.5');
  });

  test('hands the schema to the grammar', async () => {
    const openai = client(await ensure());
    const schema = { type: 'object', properties: { size: { anyOf: [{ type: 'integer' }, { type: 'null' }] } } };
    const reply = await openai.chat.completions.create({
      ...user('format'),
      response_format: { type: 'json_schema', json_schema: { name: 'it', schema } },
    });
    expect(JSON.parse(reply.choices[0]?.message.content ?? '')).toEqual({
      type: 'object',
      properties: { size: { oneOf: [{ type: 'integer' }, { type: 'null' }] } },
    });
  });

  test('refuses what is too long, malformed, unknown or without the token, each with its own status', async () => {
    const server = await ensure();
    const openai = client(server);
    await expect(openai.chat.completions.create(user('x'.repeat(9000)))).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
    const headers = { authorization: `Bearer ${server.apiKey}` };
    const post = (body: string) => fetch(`${server.url}/chat/completions`, { method: 'POST', headers, body });
    expect((await post('{"messages": [')).status).toBe(400);
    expect((await fetch(`${server.url}/embeddings`, { method: 'POST', headers, body: '{}' })).status).toBe(404);
    expect((await fetch(`${server.url}/models`)).status).toBe(401);
    const { port } = new URL(server.url);
    const raw = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        httpRequest({ port, host: '127.0.0.1', path }, ({ statusCode }) => resolve(statusCode))
          .on('error', reject)
          .end();
      });
    for (const path of ['//[', '//[::1', 'http://[', '//', '/%']) expect(await raw(path), path).toBe(401);
    await expect(new OpenAI({ baseURL: server.url, apiKey: 'wrong', maxRetries: 0 }).models.list()).rejects.toMatchObject({ status: 401 });
    expect((await openai.models.list()).data.map((model) => model.id)).toEqual([id]);
  });

  test('a client that goes away makes room at once for the next', async () => {
    const openai = client(await ensure());
    const gone = new AbortController();
    // 20 ms a token: more than two minutes.
    const long = openai.chat.completions.create({ ...user(`slowly ${'x'.repeat(7000)}`), stream: true }, { signal: gone.signal });
    const waiting = openai.chat.completions.create(user('say next'));
    for await (const chunk of await long) {
      if (chunk.choices[0]?.delta.content) break;
    }
    gone.abort();
    expect((await waiting).choices[0]?.message.content).toBe('next');
  });
});

describe('the life of a server', () => {
  test('several callers share one, found through its state file', async () => {
    const servers = await Promise.all([ensure(), ensure(), ensure()]);
    expect(new Set(servers.map((server) => server.pid)).size).toBe(1);
    expect((await list({ cacheDir: cache.dir }, signal)).find((entry) => entry.model.id === id)).toMatchObject({
      ready: true,
      server: { pid: servers[0]?.pid },
    });
    await servers[0]?.close();
    expect(isAlive(servers[1]?.pid ?? 0)).toBe(true);
    expect(await stopServer(id, { cacheDir: cache.dir }, signal)).toBe(true);
    expect(isAlive(servers[1]?.pid ?? 0)).toBe(false);
    expect(await stopServer(id, { cacheDir: cache.dir }, signal)).toBe(false);
  });

  test('a crash of the engine is an error for the caller, and the next call gets a new server', async () => {
    const first = await ensure();
    await expect(client(first).chat.completions.create(user('crash'))).rejects.toThrow(/connection/i);
    const second = await ensure();
    expect(second.pid).not.toBe(first.pid);
    expect((await client(second).chat.completions.create(user('say again'))).choices[0]?.message.content).toBe('again');
  });

  test('ends by itself when nobody uses it', async () => {
    const server = await ensure({ idleMs: 300 });
    await until(() => !isAlive(server.pid));
    expect(existsSync(placesIn(cache.dir).serverState(localModel(id)))).toBe(false);
  });

  test('a private one ends with close, and when its owner is killed', async () => {
    const own = await ensure({ private: true });
    expect((await client(own).chat.completions.create(user('say mine'))).choices[0]?.message.content).toBe('mine');
    await own.close();
    expect(isAlive(own.pid)).toBe(false);

    const script = path.join(cache.dir, 'owner.ts');
    const door = pathToFileURL(path.resolve('src/local-model/index.ts')).href;
    writeFileSync(
      script,
      `import { ensureServer } from ${JSON.stringify(door)};
       const server = await ensureServer(${JSON.stringify(id)}, { cacheDir: ${JSON.stringify(cache.dir)}, private: true }, new AbortController().signal);
       console.log(server.pid);
       setInterval(() => {}, 1000);`,
    );
    const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise<string>((resolve) => owner.stdout.once('data', (data: Buffer) => resolve(data.toString()))));
    expect(isAlive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  test('a private one may be the first server of a machine: its log has a place all the same', async () => {
    const fresh = scriptedCache();
    try {
      expect(existsSync(path.dirname(placesIn(fresh.dir).serverLog(localModel(id))))).toBe(false);
      const own = await ensureServer(id, { cacheDir: fresh.dir, private: true }, signal);
      expect((await client(own).chat.completions.create(user('say first'))).choices[0]?.message.content).toBe('first');
      await own.close();
      expect(existsSync(placesIn(fresh.dir).serverLog(localModel(id)))).toBe(true);
    } finally {
      fresh.remove();
    }
  });

  test('a stop while it starts leaves no process and no state', async () => {
    const stop = new AbortController();
    rmSync(placesIn(cache.dir).serverLog(localModel(id)), { force: true });
    const starting = ensureServer(id, { cacheDir: cache.dir }, stop.signal);
    const logFile = placesIn(cache.dir).serverLog(localModel(id));
    await until(() => existsSync(logFile));
    stop.abort();
    await expect(starting).rejects.toMatchObject({ code: 'stopped' });
    expect(existsSync(placesIn(cache.dir).serverState(localModel(id)))).toBe(false);
    expect(readdirSync(path.join(cache.dir, 'locks'))).toEqual([]);
  });

  test('says what is missing, and why a start failed', async () => {
    const bare = scriptedCache();
    try {
      await expect(ensureServer(id, { cacheDir: bare.dir, program: path.join(bare.dir, 'none.js') }, signal)).rejects.toMatchObject({
        code: 'local-model-failed',
        message: expect.stringContaining('none.js'),
      });
      expect(await remove(id, { cacheDir: bare.dir }, signal)).toBe(true);
      expect(await remove(id, { cacheDir: bare.dir }, signal)).toBe(false);
      await expect(ensureServer(id, { cacheDir: bare.dir }, signal)).rejects.toMatchObject({ code: 'local-model-missing' });
    } finally {
      bare.remove();
    }
  });

  test('a designer is a model once it was trained here, shares the weights, and is removed without them', async () => {
    const bare = scriptedCache();
    const options = { cacheDir: bare.dir };
    const designer = localModel('designer');
    const places = placesIn(bare.dir);
    const names = async (): Promise<string[]> => (await list(options, signal)).map(({ model }) => model.id);
    const missing = { code: 'local-model-missing', facts: { what: 'adapter' } };
    // One after the other: a promise that fails while another one is awaited fails the lane on a busy machine.
    const wishes = [
      () => setup('designer', options, signal),
      () => requireTrained(designer.id, options),
      () => ensureServer('designer', options, signal),
    ];
    try {
      expect(await names()).not.toContain(designer.id);
      expect(await isSetUp(designer.id, options)).toBe(false);
      for (const wish of wishes) await expect(wish()).rejects.toMatchObject(missing);
      const file = places.adapter(designer) as string;
      const refused = async (what: string): Promise<void> => {
        // It is there, so it is listed and can be removed, and nobody takes it for a model that answers.
        expect((await list(options, signal)).find(({ model }) => model.id === designer.id)).toMatchObject({ ready: false });
        expect(await isSetUp(designer.id, options)).toBe(false);
        for (const wish of wishes) await expect(wish()).rejects.toMatchObject({ code: 'local-model-missing', facts: { what } });
      };
      for (const broken of ['LoRA', '']) {
        writeFileSync(file, broken);
        await refused('damaged-adapter');
      }
      writeAdapter(file, { trainedOn: designer.sha256, type: 'other' });
      await refused('damaged-adapter');
      writeAdapter(file, {});
      await refused('foreign-adapter');
      writeAdapter(file, { trainedOn: 'ab'.repeat(32) });
      await refused('foreign-adapter');
      writeAdapter(file, { trainedOn: designer.sha256 });
      const whole = readFileSync(file);
      // Wherever a copy was cut off.
      for (const length of [3, 20, 150, 400, whole.length >> 1, whole.length - 4000]) {
        writeFileSync(file, whole.subarray(0, length));
        expect([length, await adapterProblemOf(designer, places)]).toEqual([length, 'damaged']);
      }
      writeFileSync(file, whole);
      expect(await names()).toContain(designer.id);
      expect(await isSetUp(designer.id, options)).toBe(true);
      expect(await setup('designer', options, signal)).toMatchObject({ model: designer.id, changed: false });
      expect(await remove('designer', options, signal)).toBe(true);
      expect(await names()).not.toContain(designer.id);
      expect(await isSetUp(id, options)).toBe(true);
    } finally {
      bare.remove();
    }
  });

  test('a state file of a dead server, or of another program, is not believed', async () => {
    const stateFile = placesIn(cache.dir).serverState(localModel(id));
    const state = { version: 1, pid: process.pid, port: 9, token: 't', model: id, startedAt: '', contextTokens: 8192 };
    writeFileSync(stateFile, JSON.stringify(state));
    const server = await ensure();
    expect(server.pid).not.toBe(process.pid);
    await stopServer(id, { cacheDir: cache.dir }, signal);
    writeFileSync(stateFile, '{"version": 1, "pi');
    expect(isAlive((await ensure()).pid)).toBe(true);
  });
});
