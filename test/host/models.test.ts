/** The models of the editor: chosen for a run, chosen by hand, with keys that stay where they belong. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tellError } from '../../src/editor/failure-table.ts';
import type { Models } from '../../src/editor/flow-types.ts';
import { createModels } from '../../src/editor/models/index.ts';
import { stopServer } from '../../src/local-model/serve.ts';
import { endpointPresets, parseModelId } from '../../src/model-choice/index.ts';
import { capabilityStore } from '../../src/models/index.ts';
import { LanguageModelError, type ScriptedModel, TextPart } from '../support/language-models.ts';
import { back, choose, close, dismiss, type ModelsHostDouble, modelsHost, press, type } from '../support/models-host.ts';
import { type ScriptedCache, scriptedCache } from '../support/scripted-engine.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const signal = new AbortController().signal;
const key = 'sk-secret-4711';
let cache: ScriptedCache;
let folder: string;
const servers: ScriptedServer[] = [];

beforeAll(() => {
  cache = scriptedCache();
  folder = mkdtempSync(join(tmpdir(), 'teamwright-models-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(async () => {
  await stopServer('qwen2.5-coder-1.5b', { cacheDir: cache.dir }, signal);
  cache.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Setting {
  readonly double: ModelsHostDouble;
  readonly models: Models;
  readonly dataDir: string;
  command(name: string, ...values: unknown[]): Promise<unknown>;
  /** Makes a model known, so that no probe is sent. */
  knows(baseUrl: string, model: string): Promise<void>;
}

function open(
  options: { models?: readonly ScriptedModel[]; env?: Record<string, string>; cacheDir?: string; trusted?: boolean } = {},
): Setting {
  const double = modelsHost(options);
  const dataDir = mkdtempSync(join(folder, 'data-'));
  // The ports of this machine are not the test's own.
  double.set('discover', false);
  const models = createModels(double.host, {
    env: options.env ?? {},
    dataDir,
    clock: Date.now,
    serve: { cacheDir: options.cacheDir ?? cache.dir },
  });
  return {
    double,
    models,
    dataDir,
    command: async (name, ...values) => await (models.commands[`teamwright.models.${name}`] as (...given: unknown[]) => unknown)(...values),
    knows: (baseUrl, model) =>
      capabilityStore(join(dataDir, 'models')).set(baseUrl, model, {
        format: 'json-object',
        tools: true,
        usage: true,
        seed: false,
        contextTokens: 32_000,
        strength: 'strong',
      }),
  };
}

async function server(options: Parameters<typeof startScriptedServer>[1] = {}, script: Script = () => 'fine'): Promise<ScriptedServer> {
  const started = await startScriptedServer(script, options);
  servers.push(started);
  return started;
}

const ask = { model: 'scripted', messages: [{ role: 'user', content: 'say hello' }] } as const;
const linesOf = (double: ModelsHostDouble, title: string): readonly string[] =>
  double.shown.filter((shown) => shown.kind === 'list' && shown.title === title).at(-1)?.lines ?? [];
const top = 'Teamwright: Models';

describe('for a run', () => {
  test('an endpoint of the settings is asked with its key, which is on no screen, in no log and no setting', async () => {
    const work = await server({ apiKey: key });
    const { double, models, command, knows } = open();
    double.does(choose('Another server…'), type(work.url), type('work'), type(key), close);
    await command('addEndpoint');
    double.set('models.worker', 'work:scripted');
    await knows(work.url, 'scripted');

    const chosen = await models.choose('/w', {}, signal);
    expect((await chosen.set.worker.client.chat(ask, undefined, signal)).text).toBe('fine');
    expect(chosen.set.strong).toBe(chosen.set.worker);
    expect(chosen.secrets).toEqual([key]);
    await chosen.close();
    expect(work.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(double.shown.find(({ title }) => title.includes('API key'))).toMatchObject({ isPassword: true });
    expect(double.said()).not.toContain(key);
    expect(JSON.stringify(double.get('endpoints'))).toBe(JSON.stringify({ work: { baseUrl: work.url } }));
    expect(await models.describe('/w')).toEqual([
      'worker: work:scripted, strong, JSON, tools, counts tokens',
      'strong: the same',
      `endpoint work: ${work.url}, has a key`,
    ]);
  });

  test.each(['workspaceValue', 'workspaceFolderValue'] as const)(
    'a folder (%s) neither points an endpoint elsewhere nor names the variable of a key',
    async (scope) => {
      const [home, elsewhere] = [await server({ apiKey: key }), await server()];
      const { double, models, command } = open({ env: { AWS_SECRET_ACCESS_KEY: 'aws-secret', GITHUB_TOKEN: 'ghp-secret' } });
      double.does(choose('Another server…'), type(home.url), type('work'), type(key), close);
      await command('addEndpoint');
      double.set('models.worker', 'work:scripted');
      double.set('endpoints', { work: { baseUrl: elsewhere.url, keyVariable: 'AWS_SECRET_ACCESS_KEY' } }, scope);
      await models.choose('/w', {}, signal);
      expect(home.requests.length).toBeGreaterThan(0);

      double.set('endpoints', { own: { baseUrl: elsewhere.url, keyVariable: 'GITHUB_TOKEN' } }, scope);
      double.set('models.worker', 'own:scripted', scope);
      await expect(models.choose('/w', {}, signal)).rejects.toMatchObject({ message: 'No server is known for the model "own:scripted".' });
      expect(elsewhere.requests).toHaveLength(0);
    },
  );

  test('a key does not go along when its endpoint is pointed elsewhere', async () => {
    const [home, elsewhere] = [await server({ apiKey: key }), await server()];
    const { double, models, command } = open();
    double.does(choose('Another server…'), type(home.url), type('work'), type(key), close);
    await command('addEndpoint');
    double.set('models.worker', 'work:scripted');
    double.set('endpoints', { work: { baseUrl: elsewhere.url } });
    await expect(models.choose('/w', {}, signal)).rejects.toMatchObject({
      name: 'EditorFailure',
      message: expect.stringContaining('was not sent'),
      told: { buttons: [expect.objectContaining({ title: 'Set Key…', argument: 'work' })] },
    });
    expect(elsewhere.requests).toHaveLength(0);
    expect(await models.describe('/w')).toContain(`endpoint work: ${elsewhere.url}, has no key here`);

    double.does(type('another-key'));
    expect(await command('setKey', 'work')).toBe(true);
    await models.choose('/w', {}, signal);
    expect(elsewhere.requests[0]?.headers.authorization).toBe('Bearer another-key');
  });

  test('a key may come from the environment; a variable that is not set is told by its setting', async () => {
    const work = await server({ apiKey: key });
    const endpoints = { work: { baseUrl: work.url, keyVariable: 'WORK_KEY' } };
    const known = open({ env: { WORK_KEY: key } });
    known.double.set('endpoints', endpoints);
    known.double.set('models.worker', 'work:scripted');
    expect((await known.models.choose('/w', {}, signal)).secrets).toEqual([key]);

    const unset = open();
    unset.double.set('endpoints', endpoints);
    unset.double.set('models.worker', 'work:scripted');
    await expect(unset.models.choose('/w', {}, signal)).rejects.toMatchObject({
      code: 'bad-settings',
      facts: { problems: [{ field: 'teamwright.endpoints.work.keyVariable', message: expect.stringMatching(/^names WORK_KEY/) }] },
    });
  });

  test('the environment names models as it does for the command line', async () => {
    const work = await server({ models: ['only'] });
    const { models, knows } = open({ env: { TEAMWRIGHT_BASE_URL: work.url } });
    await knows(work.url, 'only');
    expect((await models.choose('/w', {}, signal)).set.worker.model).toBe('only');
    expect((await models.describe(undefined))[0]).toContain(`the model of ${work.url}`);
  });

  test.each([
    ['work:', 'teamwright.models.worker'],
    ['vscode:gpt', 'teamwright.models.worker'],
    ['ollama', 'teamwright.models.worker'],
  ])('a name that cannot be read (%s) is told by its setting', async (name, setting) => {
    const { double, models } = open();
    double.set('models.worker', name);
    const told = await models.choose('/w', {}, signal).then(
      () => undefined,
      (error: unknown) => tellError(double.host.vscode, error),
    );
    expect(told?.message).toContain(name === 'work:' ? 'work' : setting);
    expect(told?.buttons?.map(({ title }) => title)).toContain('Choose Models…');
  });

  test('what a new model can do is found out once, and the log says so', async () => {
    const work = await server();
    const { double, models } = open();
    double.set('models.worker', `scripted@${work.url}`);
    await models.choose('/w', {}, signal);
    const asked = work.requests.length;
    expect(asked).toBeGreaterThan(2);
    expect(double.said()).toContain(`Finding out what scripted at ${work.url} can do`);
    await models.choose('/w', {}, signal);
    expect(work.requests).toHaveLength(asked);
  });
});

describe('the embedded model', () => {
  test('is the default, asks nothing when it is set up, and runs in a process of its own that dispose lets go', async () => {
    const { double, models } = open();
    const chosen = await models.choose('/w', {}, signal);
    expect(chosen.set.worker).toMatchObject({ model: 'qwen2.5-coder-1.5b', price: { known: true, output: 0 } });
    const reply = await chosen.set.worker.client.chat({ ...ask, model: chosen.set.worker.model }, undefined, signal);
    expect(reply.text).toBe('hello');
    expect(double.shown.filter(({ kind }) => kind === 'question')).toEqual([]);
    models.dispose();
    expect(double.failures).toEqual([]);
  });

  test('asks before it fetches anything; who does not want it has stopped the run', async () => {
    const bare = mkdtempSync(join(folder, 'cache-'));
    const { double, models } = open({ cacheDir: bare });
    double.does(dismiss);
    await expect(models.choose('/w', {}, signal)).rejects.toMatchObject({ code: 'stopped' });
    expect(double.shown.find(({ kind }) => kind === 'question')).toMatchObject({
      title: expect.stringMatching(/1\.1 GB.*Apache-2\.0.*engine of 85 MB/),
      lines: ['Set Up', 'Choose Models…'],
    });
    double.does(press('Choose Models…'));
    await expect(models.choose('/w', {}, signal)).rejects.toMatchObject({ code: 'stopped' });
    expect(double.executed).toEqual([['teamwright.models.choose']]);
  });
});

describe('a language model of VS Code', () => {
  const copilot: ScriptedModel = {
    vendor: 'copilot',
    id: 'gpt-4o',
    name: 'GPT-4o',
    tools: true,
    pricing: '1x',
    answer: () => [new TextPart('OK')],
  };

  test('is asked for access at an action of the user, once for its provider', async () => {
    const { double, models } = open({ models: [copilot] });
    double.set('models.worker', 'vscode:copilot/gpt-4o');
    double.does(press('Ask for Access'));
    const chosen = await models.choose('/w', {}, signal);
    expect(double.shown.at(-1)?.title ?? '').toContain('Use GPT-4o (copilot) through VS Code?');
    expect(double.shown.at(-1)?.title).toContain('VS Code does not tell');
    expect(double.languageModels.requests[0]?.options.justification).toContain('parts of your code');
    expect((await chosen.set.worker.client.chat({ ...ask, model: 'gpt-4o' }, undefined, signal)).text).toBe('OK');
    await chosen.close();
    await models.choose('/w', {}, signal);
    expect(double.shown.filter(({ kind }) => kind === 'question')).toHaveLength(1);
  });

  test('is not asked when nobody agrees: a run that no user action started waits at the dialog, and can be stopped', async () => {
    const { double, models } = open({ models: [copilot] });
    double.set('models.worker', 'vscode:copilot/gpt-4o');
    double.does(dismiss);
    await expect(models.choose('/w', {}, signal)).rejects.toMatchObject({ code: 'stopped' });
    expect(double.languageModels.requests).toEqual([]);
    double.does(press('Ask for Access'));
    await expect(models.choose('/w', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
    expect(double.languageModels.requests).toEqual([]);
  });

  test('that VS Code refuses is told so, and asked for again the next time', async () => {
    let refuses = false;
    const answer = () => {
      if (refuses) throw LanguageModelError.NoPermissions('no');
      return [new TextPart('OK')];
    };
    const { double, models } = open({ models: [{ ...copilot, answer }] });
    double.set('models.worker', 'vscode:copilot/gpt-4o');
    double.does(press('Ask for Access'));
    const { set } = await models.choose('/w', {}, signal);
    refuses = true;
    await expect(set.worker.client.chat(ask, undefined, signal)).rejects.toMatchObject({ code: 'model-unauthorized' });
    double.does(press('Ask for Access'));
    const refused = await models.choose('/w', {}, signal).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'model-unauthorized' });
    expect(tellError(double.host.vscode, refused).next).toContain('Accounts');
    double.languageModels.allowed = false;
    await expect(models.choose('/w', {}, signal)).rejects.toMatchObject({ code: 'model-unauthorized' });
    expect(double.left).toEqual([]);
  });
});

describe('the list', () => {
  test('shows what there is with price, context, strength and what it can do, and what is in use', async () => {
    const work = await server({ models: ['m-1', 'm-2'] });
    const { double, command, knows } = open({
      models: [{ vendor: 'copilot', id: 'gpt-4o', name: 'GPT-4o', tools: true, pricing: '1x', maxInputTokens: 111_000 }],
    });
    double.set('endpoints', { work: { baseUrl: work.url } });
    double.set('models.worker', 'work:m-1');
    double.set('prices', { 'm-2': { input: 1, output: 2 } });
    await knows(work.url, 'm-1');
    double.does(choose('work:m-2'), back, choose('work:m-2'), close);
    await command('choose');
    const lines = linesOf(double, top);
    expect(lines).toContain('$(tools) Worker | work:m-1');
    expect(lines).toContain('$(lightbulb) Strong | the same as the worker');
    expect(lines.find((line) => line.startsWith('embedded |'))).toMatch(
      /free · 8\.2K tokens · weak.*(set up|running), 1\.1 GB · JSON by schema, no tools/,
    );
    expect(lines).toContain('$(check) work:m-1 | free · 32K tokens · strong | JSON, tools, counts tokens');
    expect(lines).toContain('work:m-2 | 1 USD in, 2 USD out per million · weak | not tried yet: the first use makes a few short calls');
    expect(lines).toContain(
      'vscode:copilot/gpt-4o | price by its provider: 1x · 111K tokens · strong | text only, tools, tokens estimated, VS Code gives no figures of its quota · GPT-4o',
    );
  });

  test('a model is used as worker or strong; the setting goes where it holds now', async () => {
    const { double, command } = open();
    double.does(choose('embedded:0.5b'), choose('Use as worker'));
    await command('choose');
    expect(double.get('models.worker')).toBe('embedded:0.5b');
    double.set('models.strong', 'old', 'workspaceValue');
    double.does(choose('embedded:0.5b'), choose('Use as strong'));
    await command('choose');
    expect(double.get('models.strong', 'workspaceValue')).toBe('embedded:0.5b');
    expect(double.get('models.strong')).toBeUndefined();
  });

  test('a model of VS Code is asked for access where it is chosen', async () => {
    const { double, models, command } = open({ models: [{ vendor: 'copilot', id: 'gpt-4o' }] });
    double.does(choose('vscode:copilot/gpt-4o'), choose('Use as worker'));
    await command('choose');
    expect(double.languageModels.requests).toHaveLength(1);
    expect(double.get('models.worker')).toBe('vscode:copilot/gpt-4o');
    await models.choose('/w', {}, signal);
    expect(double.shown.filter(({ kind }) => kind === 'question')).toEqual([]);
  });

  test('a model is tried with progress, again whenever it is wished, and it can be cancelled', async () => {
    const work = await server({}, () => ({ text: '{"lantern": 3}', chunkMs: 1 }));
    const { double, command, knows } = open();
    double.set('endpoints', { work: { baseUrl: work.url } });
    await knows(work.url, 'scripted');
    double.does(choose('work:scripted'), choose('Find out what it can do'), close);
    await command('choose');
    expect(work.requests.length).toBeGreaterThan(2);
    expect(double.said()).toContain('work:scripted answers: weak, JSON by schema');
    double.cancelAt('Finding out');
    double.does(choose('work:scripted'), choose('Find out what it can do'));
    await expect(command('choose')).rejects.toMatchObject({ code: 'stopped' });
  });

  test('price and strength of a model are the user’s to say, and to take back', async () => {
    const { double, command } = open({ models: [{ vendor: 'copilot', id: 'gpt-4o' }] });
    const model = choose('vscode:copilot/gpt-4o');
    double.does(model, choose('Set price'), type('cheap'), type('$2, 8, 0.5'), model, choose('Set strength'), choose('weak'), close);
    await command('choose');
    expect(double.said()).toContain('Write two or three amounts');
    expect(double.get('prices')).toEqual({ 'gpt-4o': { input: 2, output: 8, cachedInput: 0.5 } });
    expect(double.get('strength')).toEqual({ 'gpt-4o': 'weak' });
    double.does(model, choose('Set price'), type(''), model, choose('Set strength'), choose('guess'), close);
    await command('choose');
    expect(double.get('prices')).toBeUndefined();
    expect(double.get('strength')).toBeUndefined();
  });

  test('an endpoint that refuses access stands in its place with the sentence, and gets another key there', async () => {
    const work = await server({ apiKey: key, models: ['m-1'] });
    const { double, command } = open();
    double.set('endpoints', { work: { baseUrl: work.url } });
    double.does(choose('$(warning) work'), choose('Set Key'), type(key), choose('work:m-1'), close);
    await command('choose');
    expect(double.said()).toContain('The model server work refused access');
    expect(double.said()).toContain('Check the key and whether the account has credit.');
    expect(double.said()).not.toContain(key);
    expect(double.left).toEqual([]);
  });

  test('an endpoint with very many models has a list of its own', async () => {
    const work = await server({ models: Array.from({ length: 40 }, (_, at) => `m-${at}`) });
    const { double, command } = open();
    double.set('endpoints', { work: { baseUrl: work.url } });
    double.does(choose('All 40 models of work'), choose('work:m-37'), choose('Use as worker'));
    await command('choose');
    expect(double.get('models.worker')).toBe('work:m-37');
  });

  test('any name can be written, and taken away again', async () => {
    const { double, command } = open();
    double.does(
      choose('Worker'),
      choose('Write the name'),
      type('ollama'),
      type('m@http://127.0.0.1:9/v1'),
      choose('Worker'),
      choose('Name none'),
      close,
    );
    await command('choose');
    expect(double.said()).toContain('The name has a server but no model: "ollama"');
    expect(double.said()).toContain('$(tools) Worker | m@http://127.0.0.1:9/v1');
    expect(double.get('models.worker')).toBeUndefined();
  });
});

describe('the model of one request', () => {
  test('is picked from what there is, or written; the settings stay as they are', async () => {
    const work = await server({ models: ['m-1', 'm-2'] });
    const { double, models } = open();
    double.set('endpoints', { work: { baseUrl: work.url } });
    double.does(choose('work:m-2'));
    expect(await models.pick()).toEqual({ model: 'work:m-2' });
    double.does(choose('As the settings say'));
    expect(await models.pick()).toBe('settings');
    double.does(choose('$(edit) Write the name of a model…'), type('work:m-9'));
    expect(await models.pick()).toEqual({ model: 'work:m-9' });
    double.does(close);
    expect(await models.pick()).toBeUndefined();
    expect(double.get('models.worker')).toBeUndefined();
  });

  test('is the only one that is asked, whatever the settings name', async () => {
    const [own, other] = [await server({ models: ['m-1'] }), await server({ models: ['m-1'] })];
    const { double, models, knows } = open();
    double.set('endpoints', { own: { baseUrl: own.url }, other: { baseUrl: other.url } });
    double.set('models.worker', 'other:m-1');
    double.set('models.strong', 'other:m-1');
    await knows(own.url, 'm-1');
    const { set } = await models.choose('/w', { model: 'own:m-1' }, signal);
    expect([set.worker.client.endpoint, set.strong.client.endpoint]).toEqual(['own', 'own']);
    expect(other.requests).toEqual([]);
  });
});

describe('endpoints', () => {
  test('an address or a name that will not do is refused where it is written', async () => {
    const { double, command } = open();
    double.does(
      choose('Another server…'),
      type('host'),
      type('https://api.mistral.ai/v1'),
      type('My Server'),
      type('mistral'),
      type('a b'),
      type(''),
      close,
    );
    await command('addEndpoint');
    expect(double.get('endpoints')).toEqual({ mistral: { baseUrl: 'https://api.mistral.ai/v1' } });
    expect(double.said()).toContain('must be an address');
    expect(double.said()).toContain('must be a lower-case name');
    expect(double.said()).toContain('A key has no spaces');
    expect(double.shown.filter(({ kind }) => kind === 'input')[1]?.lines).toEqual(['mistral']);
    expect(double.secrets.size).toBe(0);
  });

  test.each([
    { title: 'Anthropic', typed: [], name: 'anthropic', baseUrl: 'https://api.anthropic.com/v1' },
    {
      title: 'Azure OpenAI',
      typed: ['https://mine.openai.azure.com/openai/v1'],
      name: 'azure',
      baseUrl: 'https://mine.openai.azure.com/openai/v1',
    },
    { title: 'Ollama', typed: [], name: 'my-ollama', baseUrl: 'http://127.0.0.1:11434/v1' },
  ])('one of $title begins with its address and a name, and its model can be named', async ({ title, typed, name, baseUrl }) => {
    const { double, command } = open();
    const preset = endpointPresets.find((each) => each.title === title);
    double.does(choose(title), type(preset?.baseUrl ?? ''), ...typed.map(type), type(name), type(''), close);
    await command('addEndpoint');
    expect(double.get('endpoints')).toEqual({ [name]: { baseUrl } });
    expect(double.shown.filter(({ kind }) => kind === 'input').map(({ lines }) => lines)).toContainEqual([name]);
    expect(double.said().includes('Put your own name in the place of RESOURCE.')).toBe(typed.length > 0);
    expect(parseModelId({ by: 'user' }, `${name}:some-model`, [name])).toEqual({ kind: 'endpoint', endpoint: name, model: 'some-model' });
  });

  test('a key that would travel unencrypted needs a second yes', async () => {
    const { double, command } = open();
    double.set('endpoints', { plain: { baseUrl: 'http://models.example/v1' } });
    double.does(type(key), dismiss);
    expect(await command('setKey', 'plain')).toBe(false);
    expect(double.secrets.size).toBe(0);
    double.does(choose('plain'), type(key), press('Use It All the Same'));
    expect(await command('setKey')).toBe(true);
    expect(double.secrets.size).toBe(1);
  });

  test('removing one takes its address and its key, from every scope', async () => {
    const { double, command } = open();
    double.set('endpoints', { a: { baseUrl: 'https://a.example/v1' }, b: { baseUrl: 'https://b.example/v1' } });
    double.set('endpoints', { a: { baseUrl: 'https://c.example/v1' } }, 'workspaceValue');
    double.does(type(key));
    await command('setKey', 'a');
    double.does(press('Remove'));
    expect(await command('removeEndpoint', 'a')).toBe(true);
    expect(double.get('endpoints')).toEqual({ b: { baseUrl: 'https://b.example/v1' } });
    expect(double.get('endpoints', 'workspaceValue')).toBeUndefined();
    expect(double.secrets.size).toBe(0);
  });
});
