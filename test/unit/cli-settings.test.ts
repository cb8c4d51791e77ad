import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitOf } from '../../src/cli/failure-table.ts';
import { defaultSettings, keyOf, parseSettings, readSettings, testCommandFor } from '../../src/cli/settings.ts';
import type { TeamwrightError } from '../../src/errors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'teamwright-settings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const refused = async (text: string): Promise<TeamwrightError<'bad-settings'>> => {
  const error = await parseSettings(text, '/s.json').then(
    () => undefined,
    (failure: TeamwrightError<'bad-settings'>) => failure,
  );
  if (error === undefined) throw new Error('It was accepted.');
  return error;
};

test('no file means defaults', async () => {
  expect(await readSettings(path.join(folder, 'absent.json'))).toEqual(defaultSettings);
  expect(defaultSettings).toMatchObject({ designer: 'auto', discover: true, endpoints: {}, models: {} });
});

test('everything a file can say is read, with a byte order mark and CRLF', async () => {
  const text = `\uFEFF{\r
    "version": 1,\r
    "models": { "worker": "work:m-1", "strong": "work:m-2" },\r
    "endpoints": { "work": { "baseUrl": "https://host/v1", "keyVariable": "WORK_KEY" } },\r
    "prices": { "m-1": { "input": 1, "output": 2 } },\r
    "strength": { "m-1": "strong" },\r
    "budget": { "tokens": 5000 },\r
    "workspaces": { "/work/ü x": { "test": "npm test" } }\r
  }`;
  const settings = await parseSettings(text, '/s.json');
  expect(settings.models.strong).toBe('work:m-2');
  expect(settings.budget).toEqual({ tokens: 5000 });
  expect(settings.workspaces['/work/ü x']?.test).toBe('npm test');
});

describe('broken settings', () => {
  test('every problem is told by line and field, in order', async () => {
    const error = await refused(`{
  "endpoints": {
    "work": { "baseUrl": "htp:/x", "keyVariable": "sk-12345" }
  },
  "budget": { "tokens": -1 },
  "colour": true
}`);
    expect(error).toMatchObject({ code: 'bad-settings' });
    expect(exitOf(error)).toBe(2);
    expect(error.facts.problems).toMatchObject([
      { line: 3, field: 'endpoints.work.baseUrl' },
      { line: 3, field: 'endpoints.work.keyVariable', message: 'must be the name of an environment variable, not a key' },
      { line: 5, field: 'budget.tokens' },
      { line: 6, field: 'colour', message: 'is not a setting' },
    ]);
    expect(error.message).toContain('/s.json');
    expect(error.message).toContain('line 6: colour: is not a setting');
  });

  test.each([
    ['{\n  "version": 1,\n}', 3],
    ['{', 1],
    ['{"a": 1} x', 1],
    ['', 1],
    ['not json', 1],
  ])('%j is no JSON, and the line is told', async (text, line) => {
    const error = await refused(text);
    expect(error.facts.problems).toMatchObject([{ line }]);
  });

  test.each(['[]', '1', 'null', '"text"'])('%s is no settings', async (text) => {
    expect((await refused(text)).code).toBe('bad-settings');
  });

  test('a password in an address and a relative workspace are refused', async () => {
    expect((await refused('{"endpoints": {"a": {"baseUrl": "https://u:p@h/v1"}}}')).message).toContain('user name or password');
    expect((await refused('{"workspaces": {"here": {"test": "x"}}}')).message).toContain('must be an absolute path');
  });

  test('the file is left as it was', async () => {
    const file = path.join(folder, 'broken.json');
    await writeFile(file, '{ "designer": "best" ');
    await expect(readSettings(file)).rejects.toMatchObject({ code: 'bad-settings' });
    expect(await readFile(file, 'utf8')).toBe('{ "designer": "best" ');
  });

  test('a folder in place of the file is told, not skipped', async () => {
    await expect(readSettings(folder)).rejects.toMatchObject({ code: 'bad-settings' });
  });
});

test('the test command is that of the nearest folder above the workspace', async () => {
  const settings = await parseSettings(
    JSON.stringify({ workspaces: { '/a': { test: 'outer' }, '/a/b': { test: 'inner' }, '/a/b/none': {}, '/ab': { test: 'other' } } }),
    '/s.json',
  );
  expect(testCommandFor(settings, '/a/x')).toBe('outer');
  expect(testCommandFor(settings, '/a/b/c')).toBe('inner');
  expect(testCommandFor(settings, '/a/b/none')).toBe('inner');
  expect(testCommandFor(settings, '/abc')).toBeUndefined();
});

test('a key is the value of the named variable; an unset one is told by name', () => {
  const endpoint = { baseUrl: 'https://h/v1', keyVariable: 'WORK_KEY' };
  expect(keyOf('work', endpoint, { WORK_KEY: ' k-1 ' }, '/s.json')).toBe('k-1');
  expect(keyOf('work', { baseUrl: 'https://h/v1' }, {}, '/s.json')).toBeUndefined();
  expect(() => keyOf('work', endpoint, { WORK_KEY: ' ' }, '/s.json')).toThrow(
    'endpoints.work.keyVariable: names WORK_KEY, which is not set',
  );
});
