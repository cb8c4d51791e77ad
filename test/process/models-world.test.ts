/** Probing, remembering, finding servers and reading keys: the parts that touch servers and files. */

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { failureOf } from '../../src/errors.ts';
import { capabilitiesOf, capabilityStore, findLocalServers, openAiClient, readKey } from '../../src/models/index.ts';
import { probe } from '../../src/models/probe.ts';
import type { Capabilities, ModelClient } from '../../src/models/types.ts';
import { type ChatBody, type Reply, type Script, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const never = (): AbortSignal => new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teamwright models ü '));
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await rm(folder, { recursive: true, force: true });
});

async function scripted(script: Script, ownedBy?: string): Promise<{ server: ScriptedServer; client: ModelClient }> {
  const server = await startScriptedServer(script, ownedBy === undefined ? {} : { ownedBy });
  closing.push(() => server.close());
  return { server, client: openAiClient({ endpoint: 'scripted', baseUrl: server.url }) };
}

/** A server with the given abilities, as seen by somebody who only sends requests. */
function able(can: { schema?: boolean; object?: boolean; tools?: boolean; usage?: boolean; seed?: boolean; refuses?: boolean }) {
  let drawn = 0;
  return (body: ChatBody): Reply => {
    const usage = can.usage ? {} : ({ usage: false } as const);
    const form = body.response_format?.type;
    if (form !== undefined && can.refuses) return { status: 400, body: { error: { message: `${form} is not supported` } } };
    if (form === 'json_schema' && can.schema) return { text: '{"lantern": 7}', ...usage };
    if (form === 'json_object' && can.object) return { text: ' {"hello": "you"}\n', ...usage };
    if (form !== undefined) return { text: 'Hello! A number: 7.\n```json\n{"a": 1}\n```', ...usage };
    if (body.tools)
      return can.tools ? { toolCalls: [{ name: 'weather', arguments: { city: 'Paris' } }], ...usage } : { text: 'It rains.', ...usage };
    return { text: can.seed ? `planet ${body.seed}` : `planet ${drawn++}`, ...usage };
  };
}

describe('a probe', () => {
  test.each([
    [
      { schema: true, tools: true, usage: true, seed: true },
      { format: 'json-schema', tools: true, usage: true, seed: true },
    ],
    [
      { object: true, usage: true },
      { format: 'json-object', tools: false, usage: true, seed: false },
    ],
    [
      { refuses: true, tools: true },
      { format: 'none', tools: true, usage: false, seed: false },
    ],
    [{}, { format: 'none', tools: false, usage: false, seed: false }],
  ])('finds out what a server can do: %j', async (can, found) => {
    const { client, server } = await scripted(able(can));
    expect(await probe(client, 'coder-7b', never())).toEqual({ ...found, strength: 'weak' });
    expect(server.requests.length).toBeLessThanOrEqual(9);
    expect(Math.max(...server.requests.map(({ body }) => body.max_tokens ?? Number.POSITIVE_INFINITY))).toBeLessThanOrEqual(2000);
  });

  test('gives a model that thinks first room for its answer', async () => {
    const answer = able({ schema: true, tools: true, usage: true, seed: true });
    const { client } = await scripted((body) =>
      (body.max_tokens ?? 0) === 200 ? { reasoning: 'hm', text: '', finish: 'length' } : answer(body),
    );
    expect(await probe(client, 'm', never())).toMatchObject({ format: 'json-schema', tools: true });
  });

  test('takes servers that fail over a step for ones that cannot do it', async () => {
    const answer = able({ usage: true });
    const { client } = await scripted((body) =>
      body.tools ? { raw: 'data: garbage\n\n' } : body.response_format ? { status: 500 } : answer(body),
    );
    expect(await probe(client, 'big-70b', never())).toEqual({ format: 'none', tools: false, usage: true, seed: false, strength: 'strong' });
  });

  test.each([
    ['puts the marks around a hole', { infill: 'suffix', weighs: true }, ({ suffix }: ChatBody) => suffix !== undefined],
    ['takes marks in the text', { infill: 'marks' }, ({ prompt = '' }: ChatBody) => /^<\|fim_prefix\|>.*<\|fim_middle\|>$/s.test(prompt)],
    ['goes on from what stands before', {}, () => false],
    ['only chats', {}, undefined],
  ] as const)('finds out how a hole is filled by a server that %s', async (_, found, sees) => {
    const answer = able({ usage: true });
    const { client } = await scripted((body) => {
      if (body.prompt === undefined) return answer(body);
      if (sees === undefined) return { status: 404, body: { error: { message: 'This is a chat model.' } } };
      if (body.logprobs !== undefined) return 'weighs' in found ? { weights: () => -1 } : '';
      return sees(body) ? 'a + b' : 'a - b';
    }, 'vllm');
    expect(await probe(client, 'qwen-coder-7b', never())).toEqual({
      format: 'none',
      tools: false,
      usage: true,
      seed: false,
      strength: 'weak',
      ...found,
    });
  });

  test('sends a server that is known for nothing but chat no request without messages', async () => {
    const { client, server } = await scripted((body) => (body.prompt === undefined ? able({})(body) : 'a + b'));
    expect((await probe(client, 'qwen-coder-7b', never())).infill).toBeUndefined();
    expect(server.requests.filter(({ body }) => body.prompt !== undefined)).toEqual([]);
  });

  test('does not ask for what is overridden, and takes the context where it is told', async () => {
    const { client, server } = await scripted(able({}));
    const told: Capabilities = { format: 'none', tools: true, usage: true, seed: true, strength: 'strong', infill: 'marks', weighs: true };
    expect(await probe({ ...client, contextTokens: async () => 4096 }, 'm', never(), told)).toEqual({ ...told, contextTokens: 4096 });
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['model-unauthorized', { status: 401 }],
    ['model-not-found', { status: 404 }],
    ['model-rate-limited', { status: 429 }],
    ['model-server-error', { status: 500 }],
  ])('ends with %s instead of learning something false', async (code, reply) => {
    const { client } = await scripted(() => reply);
    await expect(probe(client, 'm', never())).rejects.toMatchObject({ code });
    await expect(probe(client, 'm', AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('what was probed', () => {
  const known: Capabilities = { format: 'json-object', tools: true, usage: true, seed: false, contextTokens: 8192, strength: 'strong' };

  test('is probed once, and kept for the next program', async () => {
    const { client, server } = await scripted(able({ schema: true, usage: true, seed: true }));
    const first = await capabilitiesOf(capabilityStore(folder), client, server.url, 'm', never());
    const calls = server.requests.length;
    expect(await capabilitiesOf(capabilityStore(folder), client, server.url, 'm', never(), { strength: 'strong' })).toEqual({
      ...first,
      strength: 'strong',
    });
    expect(server.requests).toHaveLength(calls);
    await capabilityStore(folder).forget(server.url, 'm');
    await capabilitiesOf(capabilityStore(folder), client, server.url, 'm', never());
    expect(server.requests).toHaveLength(2 * calls);
  });

  test('is kept apart by endpoint and model, also when many write at once', async () => {
    const store = capabilityStore(join(folder, 'made', 'when needed'));
    const models = Array.from({ length: 20 }, (_, index) => `model/${index}`);
    await Promise.all(models.map((model, index) => store.set('e', model, { ...known, contextTokens: index })));
    expect((await store.get('e', 'model/13'))?.contextTokens).toBe(13);
    expect(await store.get('other', 'model/13')).toBeUndefined();
    expect(await readdir(join(folder, 'made', 'when needed'))).toEqual(['capabilities.json']);
  });

  test.each(['', '{"version": 1, "entr', '[]', 'null', '{"version": 99, "entries": []}', '\0\0'])(
    'is forgotten when its file is damaged: %j',
    async (text) => {
      await writeFile(join(folder, 'capabilities.json'), text);
      const store = capabilityStore(folder);
      expect(await store.get('e', 'm')).toBeUndefined();
      await store.set('e', 'm', known);
      expect(await store.get('e', 'm')).toEqual(known);
    },
  );

  test('loses only the entries that are damaged', async () => {
    const store = capabilityStore(folder, () => 7);
    await store.set('e', 'good', known);
    const path = join(folder, 'capabilities.json');
    const file = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...file, entries: [{ endpoint: 'e', model: 'bad', capabilities: {} }, 3, ...file.entries] }));
    expect(await store.get('e', 'bad')).toBeUndefined();
    expect(await store.get('e', 'good')).toEqual(known);
  });
});

describe('local servers', () => {
  const listen = async (server: Server | SocketServer): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };
  const page = (status: number, body: string): Server =>
    createServer((_request, response) => {
      response.writeHead(status).end(body);
    });
  /** Generous: the machine may be busy. */
  const patience = 5_000;

  test('are found by what they say, not by their port', async () => {
    const { server } = await scripted([]);
    const ports = [
      { name: 'ollama', port: Number(new URL(server.url).port) },
      { name: 'empty', port: await listen(page(200, '{"object":"list","data":[]}')) },
      { name: 'page', port: await listen(page(200, '<html>My blog</html>')) },
      { name: 'other', port: await listen(page(200, '{"data":[]}')) },
      { name: 'shop', port: await listen(page(200, '{"data":[{"sku":1}]}')) },
      { name: 'missing', port: await listen(page(404, '{"object":"list","data":[]}')) },
      { name: 'huge', port: await listen(page(200, `{"object":"list","data":[],"x":"${'x'.repeat(2_000_000)}"}`)) },
      { name: 'not-http', port: await listen(createSocketServer((socket) => socket.end('220 ftp\r\n'))) },
      { name: 'nobody', port: 1 },
    ];
    expect(await findLocalServers(never(), ports, patience)).toEqual([
      { name: 'ollama', baseUrl: server.url, models: ['scripted'] },
      { name: 'empty', baseUrl: `http://127.0.0.1:${ports[1]?.port}/v1`, models: [] },
    ]);
  });

  test('that never answer do not hold us up', async () => {
    const port = await listen(createSocketServer((socket) => closing.push(async () => socket.destroy())));
    expect(await findLocalServers(never(), [{ name: 'tar pit', port }], 100)).toEqual([]);
    expect(await findLocalServers(AbortSignal.abort(), [{ name: 'tar pit', port }], 60_000)).toEqual([]);
  });
});

describe('a key', () => {
  const openai = { baseUrl: 'https://api.openai.com/v1' };
  const posix = process.platform !== 'win32';
  async function keyFile(content: string, mode = 0o600, name = 'keys.json'): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  }
  const keys = JSON.stringify({ version: 1, keys: { 'api.openai.com': 'sk-file', 'box.lan:8000': 'sk-box' } });

  test('from the environment is bound to its host', async () => {
    expect(await readKey(openai, { OPENAI_API_KEY: ' sk-env \n' })).toEqual({ key: 'sk-env', from: 'OPENAI_API_KEY', warnings: [] });
    for (const baseUrl of ['https://api.openai.com.evil.com/v1', 'http://127.0.0.1:8080/v1', 'https://evil.com/api.openai.com']) {
      expect((await readKey({ baseUrl }, { OPENAI_API_KEY: 'sk-env', ANTHROPIC_API_KEY: 'sk-other' })).key).toBeUndefined();
    }
  });

  test('of our own variable goes only where the user sends it', async () => {
    const env = { TEAMWRIGHT_API_KEY: 'sk-own' };
    const settings = { baseUrl: 'https://models.example.com:8443/v1' };
    const kept = await readKey(settings, env);
    expect(kept.key).toBeUndefined();
    expect(kept.warnings.join()).toContain('TEAMWRIGHT_API_KEY_HOST=models.example.com:8443');
    expect((await readKey(settings, { ...env, TEAMWRIGHT_BASE_URL: settings.baseUrl })).key).toBe('sk-own');
    expect((await readKey(settings, { ...env, TEAMWRIGHT_API_KEY_HOST: 'models.example.com' })).key).toBe('sk-own');
    const elsewhere = await readKey({ baseUrl: 'https://evil.com/v1' }, { ...env, TEAMWRIGHT_BASE_URL: settings.baseUrl });
    expect(elsewhere.key).toBeUndefined();
    expect(elsewhere.warnings.join()).not.toContain('sk-own');
  });

  test('comes from a file outside the workspace, by host', async () => {
    const path = await keyFile(`\uFEFF${keys}`);
    const workspace = join(folder, 'project');
    await mkdir(workspace);
    expect(await readKey({ ...openai, workspace }, {}, path)).toEqual({ key: 'sk-file', from: path, warnings: [] });
    const box = await readKey({ baseUrl: 'http://box.lan:8000/v1', workspace }, {}, path);
    expect([box.key, box.warnings.length]).toEqual(['sk-box', 1]);
    expect((await readKey({ baseUrl: 'http://box.lan:9/v1' }, {}, path)).key).toBeUndefined();
    expect((await readKey(openai, {}, join(folder, 'absent.json'))).key).toBeUndefined();
  });

  test('is refused from a file in the workspace, also behind a link', async () => {
    const workspace = join(folder, 'project');
    await mkdir(workspace);
    const within = await keyFile(keys, 0o600, 'project/keys.json');
    const link = join(folder, 'link.json');
    await symlink(within, link);
    const outside = await keyFile(keys);
    await symlink(outside, join(workspace, 'inner-link.json'));
    for (const path of [within, link, join(workspace, 'inner-link.json')]) {
      await expect(readKey({ ...openai, workspace }, {}, path)).rejects.toMatchObject({
        code: 'key-file-unsafe',
        facts: { why: 'in-workspace' },
      });
    }
    // A sibling whose name begins the same is not inside.
    await mkdir(join(folder, 'project..keys'));
    const sibling = await keyFile(keys, 0o600, 'project..keys/keys.json');
    expect((await readKey({ ...openai, workspace }, {}, sibling)).key).toBe('sk-file');
  });

  test.skipIf(!posix)('is refused from a file that everybody can read; a group gives a warning', async () => {
    const refused = await readKey(openai, {}, await keyFile(keys, 0o644)).catch((error: unknown) => tell(failureOf(error)));
    expect(refused).toMatchObject({ code: 'key-file-unsafe', next: expect.stringContaining('chmod 600') });
    expect((await readKey(openai, {}, await keyFile(keys, 0o640))).warnings.join()).toContain('group');
  });

  test.each(['sk-secret', '{"keys": "sk-secret"}', '{"keys": {"api.openai.com": 5, "x": "sk-secret"}}', ''])(
    'is not quoted when its file is broken: %j',
    async (content) => {
      const path = await keyFile(content);
      const error = await readKey(openai, {}, path).then(
        () => undefined,
        (thrown: Error & { facts: unknown }) => thrown,
      );
      expect(error).toMatchObject({ code: 'key-file-unsafe' });
      expect(`${error?.stack}${String(error?.cause)}${JSON.stringify(error?.facts)}`).not.toContain('secret');
    },
  );

  test('with characters that no key has is not used', async () => {
    const found = await readKey(openai, { OPENAI_API_KEY: 'sk-se\ncret' });
    expect(found.key).toBeUndefined();
    expect(found.warnings.join()).not.toContain('cret');
    expect((await readKey(openai, { OPENAI_API_KEY: '' })).warnings).toEqual([]);
  });
});
