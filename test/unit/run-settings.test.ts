import { expect, test } from 'vitest';
import { grantsFor, noGrants } from '../../src/process/index.ts';
import { defaultRunSettings, runSettings } from '../../src/run/index.ts';

const unwritten = { budget: {}, fence: true, allow: {} };

test('what was asked for this one run wins over what the settings say, and that over the usual', () => {
  expect(runSettings(unwritten, '/w', {})).toEqual({ ...defaultRunSettings, testCommand: undefined });
  const written = { budget: { tokens: 5, calls: 3 }, parallel: 7, replans: 0 };
  expect(runSettings({ ...unwritten, ...written }, '/w', {})).toMatchObject({ ...written, seed: defaultRunSettings.seed });
  expect(
    runSettings({ ...unwritten, ...written }, '/w', { budget: { tokens: 9 }, parallel: 1, seed: 4, testCommand: 'npm test' }),
  ).toMatchObject({
    budget: { tokens: 9, calls: 3 },
    parallel: 1,
    replans: 0,
    seed: 4,
    testCommand: 'npm test',
  });
});

test('tests get the time that was asked for, else what the settings say, and half of it without a word', () => {
  const limits = (...[written, asked]: [{ testSeconds?: number }, { testSeconds?: number }]) =>
    runSettings({ ...unwritten, ...written }, '/w', asked).testLimits;
  expect(limits({}, {})).toEqual(defaultRunSettings.testLimits);
  expect(limits({ testSeconds: 600 }, {})).toMatchObject({ wallMs: 600_000, idleMs: 300_000 });
  expect(limits({ testSeconds: 600 }, { testSeconds: 4 })).toMatchObject({ wallMs: 4000, idleMs: 2000 });
});

test('what the fence leaves open is what the user wrote for the nearest folder at or above the workspace', () => {
  const grants = (more: object) => ({ ...noGrants, ...more });
  const allow = {
    '/w': grants({ network: true, variables: ['DATABASE_URL'] }),
    '/w/app': grants({ read: ['~/data', '/srv/./x'], write: ['/var/run/docker.sock'] }),
    '/w/application': grants({ namespaces: true }),
  };
  const of = (workspace: string) => grantsFor(workspace, allow, '/home/u');
  expect(of('/w/lib')).toEqual({ ...noGrants, network: true, variables: ['DATABASE_URL'] });
  expect(of('/w/app/deep')).toEqual({ ...noGrants, read: ['/home/u/data', '/srv/x'], write: ['/var/run/docker.sock'] });
  expect(of('/elsewhere')).toEqual(noGrants);
  expect(runSettings({ ...unwritten, allow }, '/w', {}).grants.network).toBe(true);
  expect(runSettings({ ...unwritten, fence: true }, '/w', { fence: false }).fence).toBe(false);
});
