/** Choosing models, as far as nobody has to be asked: names, who decides, and the best of what was found. */
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { failureOf } from '../../src/errors.ts';
import { bestForCode } from '../../src/model-choice/discovered.ts';
import { chooseModels, idOf, knownOf, type ModelContext, parseModelId, standing } from '../../src/model-choice/index.ts';

/** As the command line tells it. */
const refusal = (work: () => unknown): { code: string; message: string } => {
  try {
    work();
  } catch (error) {
    return tell(failureOf(error));
  }
  throw new Error('It was accepted.');
};

describe('model ids', () => {
  test.each([
    ['embedded', { kind: 'embedded' }],
    ['embedded:0.5b', { kind: 'embedded', size: '0.5b' }],
    ['ollama:qwen2.5-coder:7b', { kind: 'local', server: 'ollama', model: 'qwen2.5-coder:7b' }],
    ['lmstudio:org/model', { kind: 'local', server: 'lmstudio', model: 'org/model' }],
    ['m@http://127.0.0.1:8080/v1', { kind: 'url', model: 'm', baseUrl: 'http://127.0.0.1:8080/v1' }],
    ['a@b:c@https://host/v1', { kind: 'url', model: 'a@b:c', baseUrl: 'https://host/v1' }],
    ['work:gpt-5', { kind: 'endpoint', endpoint: 'work', model: 'gpt-5' }],
    ['gpt-5-mini', { kind: 'environment', model: 'gpt-5-mini' }],
    ['qwen:7b', { kind: 'environment', model: 'qwen:7b' }],
    ['vscode:copilot/gpt-4o', { kind: 'vscode', model: 'copilot/gpt-4o' }],
    ['vscode:vendor/a/b:c', { kind: 'vscode', model: 'vendor/a/b:c' }],
  ] as const)('reads %j, and writes it back', (text, expected) => {
    const reference = parseModelId({ by: 'user', tier: 'worker' }, text, ['work']);
    expect(reference).toEqual(expected);
    expect(idOf(reference)).toBe(text);
  });

  test('an endpoint of the settings wins over a server of the same name', () => {
    expect(parseModelId({ by: 'user', tier: 'worker' }, 'ollama:x', ['ollama'])).toEqual({
      kind: 'endpoint',
      endpoint: 'ollama',
      model: 'x',
    });
  });

  test('a slash at the end of an address is dropped', () => {
    expect(parseModelId({ by: 'user', tier: 'worker' }, 'm@http://h:1/v1//', [])).toEqual({
      kind: 'url',
      model: 'm',
      baseUrl: 'http://h:1/v1',
    });
  });

  test.each([
    ['', 'empty'],
    ['embedded:', 'no size'],
    ['ollama', 'no model'],
    ['ollama:', 'no model'],
    ['vscode:', 'no model'],
    ['vscode:gpt-4o', 'no model'],
    ['vscode:copilot/', 'no model'],
    ['work', 'no model'],
    ['work:', 'no model'],
    ['@http://h/v1', 'no model'],
    ['http://h/v1', 'no model'],
    ['m@http://', 'cannot be read'],
    ['m@http://user:secret@h/v1', 'password'],
  ])('refuses %j', (text, why) => {
    const { code, message } = refusal(() => parseModelId({ by: 'user', tier: 'worker' }, text, ['work']));
    expect(code).toBe('model-name-invalid');
    expect(message).toMatch(/^--model /);
    expect(message).toContain(why);
  });
});

test('of the models that a server has, one for code is taken, the larger the better; never one that only embeds', () => {
  expect(bestForCode(['nomic-embed-text', 'llama3.1:70b', 'qwen2.5-coder:1.5b', 'qwen2.5-coder:7b'])).toBe('qwen2.5-coder:7b');
  expect(bestForCode(['bge-m3'])).toBeUndefined();
  expect(bestForCode([])).toBeUndefined();
});

const signal = new AbortController().signal;

function context(settings: Partial<ModelContext['settings']> = {}, env: Record<string, string> = {}): ModelContext {
  return {
    env,
    dataDir: '/absent/teamwright',
    clock: () => 0,
    tell: () => {},
    settings: { models: {}, endpoints: {}, discover: true, prices: {}, strength: {}, ...settings },
    keyOf: async () => undefined,
    embedded: { require: async () => {} },
  };
}

describe('who decides', () => {
  const named = (id: string, by: string): object => ({ kind: 'named', by, reference: parseModelId({ by: 'user' }, id, ['work']) });

  test.each([
    ['nobody', {}, {}, { kind: 'found' }, { kind: 'found' }],
    ['nobody, and this machine is not looked at', { discover: false }, {}, named('embedded', 'default'), named('embedded', 'default')],
    ['the settings', { models: { worker: 'ollama:a' } }, {}, named('ollama:a', 'settings'), named('ollama:a', 'settings')],
    [
      'the settings, for both',
      { models: { worker: 'ollama:a', strong: 'vllm:b' } },
      {},
      named('ollama:a', 'settings'),
      named('vllm:b', 'settings'),
    ],
    [
      'the settings, before the environment, which then names no strong one either',
      { models: { worker: 'ollama:a' } },
      { TEAMWRIGHT_MODEL: 'ollama:x', TEAMWRIGHT_STRONG: 'ollama:y', OPENAI_BASE_URL: 'https://h/v1' },
      named('ollama:a', 'settings'),
      named('ollama:a', 'settings'),
    ],
    [
      'the environment',
      {},
      { TEAMWRIGHT_MODEL: 'ollama:x', TEAMWRIGHT_STRONG: 'ollama:y' },
      named('ollama:x', 'environment'),
      named('ollama:y', 'environment'),
    ],
    [
      'the server of the environment',
      {},
      { OPENAI_BASE_URL: 'https://h/v1/' },
      { kind: 'only', server: 'https://h/v1' },
      { kind: 'only', server: 'https://h/v1' },
    ],
    ['a strong model alone', { models: { strong: 'ollama:a' } }, {}, { kind: 'found' }, named('ollama:a', 'settings')],
    ['a key, which is no consent to send code to its owner', {}, { OPENAI_API_KEY: 'k' }, { kind: 'found' }, { kind: 'found' }],
  ])('%s', (_who, settings, env, worker, strong) => {
    expect(standing(context(settings, env))).toEqual({ worker, strong });
  });

  test('a name that cannot be read is refused in the words of the program', () => {
    expect(refusal(() => standing(context({ models: { worker: 'ollama' } }))).message).toContain(
      'models.worker names a server but no model: "ollama"',
    );
  });
});

test('a model of VS Code can be asked only inside of it', async () => {
  await expect(chooseModels(context(), { model: 'vscode:copilot/gpt-4o' }, signal)).rejects.toMatchObject({
    code: 'model-elsewhere',
    message: expect.stringContaining('only inside VS Code'),
  });
});

test('what is known of a model without asking: its price, and its strength by name or by the user', async () => {
  const reference = { kind: 'endpoint', endpoint: 'work', model: 'gpt-4o' } as const;
  const endpoints = { work: { baseUrl: 'https://api.openai.com/v1' } };
  expect(await knownOf(reference, context({ endpoints }))).toMatchObject({
    capabilities: undefined,
    strength: 'strong',
    price: { known: true },
  });
  const own = context({ endpoints, strength: { 'gpt-4o': 'weak' }, prices: { 'gpt-4o': { input: 9, output: 9 } } });
  expect(await knownOf(reference, own)).toMatchObject({ strength: 'weak', price: { input: 9 } });
});
