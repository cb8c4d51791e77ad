import { expect, test } from 'vitest';
import { defaultRunSettings, runSettings } from '../../src/run/index.ts';

test('what was asked for this one run wins over what the settings say, and that over the usual', () => {
  expect(runSettings({ budget: {} }, {})).toEqual({ ...defaultRunSettings, testCommand: undefined });
  const written = { budget: { tokens: 5, calls: 3 }, parallel: 7, replans: 0 };
  expect(runSettings(written, {})).toMatchObject({ ...written, seed: defaultRunSettings.seed });
  expect(runSettings(written, { budget: { tokens: 9 }, parallel: 1, seed: 4, testCommand: 'npm test' })).toMatchObject({
    budget: { tokens: 9, calls: 3 },
    parallel: 1,
    replans: 0,
    seed: 4,
    testCommand: 'npm test',
  });
});
