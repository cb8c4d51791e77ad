/** The pure parts of the editor's models. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/editor/failure-table.ts';
import { parsePrice } from '../../src/editor/models/actions.ts';
import { suggestedName } from '../../src/editor/models/endpoints.ts';
import { keyProblem } from '../../src/editor/models/keys.ts';
import { speedMeter } from '../../src/editor/models/speed-meter.ts';
import { failureOf, TeamwrightError } from '../../src/errors.ts';
import { priceOf } from '../../src/models/index.ts';

describe('a download', () => {
  test('speed is that of the last seconds, and another count begins anew', () => {
    const meter = speedMeter();
    expect(meter(0, 0, true)).toBeUndefined();
    expect(meter(1_000, 1_000, false)).toBe(1_000);
    for (let at = 2; at <= 20; at++) meter(1_000 + at * 100, at * 1_000, false);
    expect(meter(1_000 + 2_100, 21_000, false)).toBeCloseTo(100, 0);
    expect(meter(50, 22_000, true)).toBeUndefined();
    expect(meter(10, 23_000, false)).toBeUndefined();
  });
});

describe('a price as people write it', () => {
  test.each([
    ['', undefined],
    ['0.25, 2', { input: 0.25, output: 2 }],
    ['$1 $2', { input: 1, output: 2 }],
    ['3;15; 0.3', { input: 3, output: 15, cachedInput: 0.3 }],
    ['0 0', { input: 0, output: 0 }],
  ])('%j', (text, price) => expect(parsePrice(text)).toEqual(price));
  test.each(['1', '-1, 2', '1, 2, 3, 4', 'a, b', '1e3, 2', '1,2,'.repeat(3)])('%j is refused', (text) =>
    expect(parsePrice(text)).toBe('wrong'),
  );

  test('comes back as the price that runs count with', () => {
    const amount = fc.double({ min: 0, max: 1000, noNaN: true }).map((value) => Number(value.toFixed(4)));
    fc.assert(
      fc.property(amount, amount, (input, output) => {
        const parsed = parsePrice(`${input}, ${output}`);
        expect(priceOf('https://h/v1', 'm', { m: parsed as { input: number; output: number } })).toMatchObject({
          input,
          output,
          known: true,
        });
      }),
    );
  });
});

test.each([
  ['https://api.mistral.ai/v1', [], 'mistral'],
  ['https://api.mistral.ai/v1', ['mistral', 'mistral-2'], 'mistral-3'],
  ['http://10.0.0.7:8080/v1', [], 'server'],
  ['https://models.example.com/v1', [], 'example'],
  ['http://localhost:1234/v1', [], 'localhost'],
] as const)('%s is called %j → %s', (address, taken, name) => expect(suggestedName(address, taken)).toBe(name));

test('a key is one line of ASCII', () => {
  expect(keyProblem(' sk-1 ')).toBeUndefined();
  expect(keyProblem(' ')).toBe('empty');
  expect(keyProblem('a b')).toBe('characters');
  expect(keyProblem('schlüssel')).toBe('characters');
});

describe('the next step after a failure', () => {
  const api = { l10n: { t: (text: string) => text } } as never;
  test('a missing embedded model is set up by a button, the very one that is missing', () => {
    const failure = failureOf(new TeamwrightError('local-model-missing', { id: 'qwen2.5-coder-0.5b', what: 'weights' }));
    expect(tell(api, failure).buttons?.[0]).toMatchObject({
      command: 'teamwright.models.setUpEmbedded',
      argument: 'qwen2.5-coder-0.5b',
    });
  });

  test('a model of VS Code has its own next step, and no key', () => {
    const failure = failureOf(new TeamwrightError('model-unauthorized', { endpoint: 'vscode', detail: '', why: 'quota' }));
    expect(tell(api, failure).next).toContain('quota');
    expect(tell(api, failure).buttons?.map(({ command }) => command)).toEqual(['teamwright.models.choose']);
  });
});
