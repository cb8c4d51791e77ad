/** The pure parts of choosing models: names, and the best of what was found. */
import { describe, expect, test } from 'vitest';
import { bestForCode, idOf, parseModelId } from '../../src/model-choice/index.ts';

const refusal = (work: () => unknown): { code: string; message: string } => {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string };
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
    const reference = parseModelId('--model', text, ['work']);
    expect(reference).toEqual(expected);
    expect(idOf(reference)).toBe(text);
  });

  test('an endpoint of the settings wins over a server of the same name', () => {
    expect(parseModelId('--model', 'ollama:x', ['ollama'])).toEqual({ kind: 'endpoint', endpoint: 'ollama', model: 'x' });
  });

  test('a slash at the end of an address is dropped', () => {
    expect(parseModelId('--model', 'm@http://h:1/v1//', [])).toEqual({ kind: 'url', model: 'm', baseUrl: 'http://h:1/v1' });
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
    const { code, message } = refusal(() => parseModelId('--model', text, ['work']));
    expect(code).toBe('bad-argument');
    expect(message).toContain(why);
  });
});

test('of the models that a server has, one for code is taken, the larger the better; never one that only embeds', () => {
  expect(bestForCode(['nomic-embed-text', 'llama3.1:70b', 'qwen2.5-coder:1.5b', 'qwen2.5-coder:7b'])).toBe('qwen2.5-coder:7b');
  expect(bestForCode(['bge-m3'])).toBeUndefined();
  expect(bestForCode([])).toBeUndefined();
});
