import { describe, expect, test } from 'vitest';
import { settingsFileFrom } from '../../src/cli/places.ts';
import { parseBudget, parseChoices, parseSelection, parseWhole } from '../../src/cli/values.ts';

const refusal = (work: () => unknown): { code: string; message: string; next: string } => {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string; next: string };
  }
  throw new Error('It was accepted.');
};

describe('--budget', () => {
  test('takes any of the limits, with spaces and a comma too many', () => {
    expect(parseBudget('tokens=20000,usd=0.5,seconds=300,calls=10')).toEqual({ tokens: 20000, usd: 0.5, seconds: 300, calls: 10 });
    expect(parseBudget(' usd = 0 , agents=3,')).toEqual({ usd: 0, agents: 3 });
  });

  test.each([
    ['token=5', 'no limit called "token"'],
    ['tokens', 'no value'],
    ['tokens=', 'no value'],
    ['tokens=1=2', 'no value'],
    ['tokens=many', 'must be a plain number'],
    ['tokens=-5', 'must be a plain number'],
    ['tokens=1e3', 'must be a plain number'],
    ['tokens=1.5', 'whole number'],
    ['tokens=0', 'more than 0'],
    ['tokens=1,tokens=2', 'twice'],
    ['', 'empty'],
    ['__proto__=1', 'no limit called'],
  ])('refuses %j and says what is wrong', (text, why) => {
    const { code, message, next } = refusal(() => parseBudget(text));
    expect(code).toBe('bad-argument');
    expect(message).toContain(why);
    expect(next).toContain('tokens=20000');
  });
});

describe('--selection', () => {
  test.each([
    ['src/a.ts', { path: 'src/a.ts' }],
    ['src/a.ts:10', { path: 'src/a.ts', startLine: 10, endLine: 10 }],
    ['src/a b ü.ts:10-20', { path: 'src/a b ü.ts', startLine: 10, endLine: 20 }],
    ['C:\\work\\a.ts:3', { path: 'C:\\work\\a.ts', startLine: 3, endLine: 3 }],
    ['C:\\work\\a.ts', { path: 'C:\\work\\a.ts' }],
  ])('reads %j', (text, expected) => expect(parseSelection(text)).toEqual(expected));

  test.each(['', 'a.ts:', 'a.ts:0', 'a.ts:9-3', ':3', 'a.ts:3-'])('refuses %j', (text) => {
    expect(refusal(() => parseSelection(text)).code).toBe('bad-argument');
  });
});

test('whole numbers keep to their bounds', () => {
  expect(parseWhole('--limit', '7', 1, 10)).toBe(7);
  for (const text of ['', '0', '11', '1.5', 'x', '0x1', '1e1']) {
    expect(refusal(() => parseWhole('--limit', text, 1, 10)).message).toContain('--limit takes a whole number from 1 to 10');
  }
});

test('choices come from their list, once each', () => {
  expect(parseChoices('--arms', 'team, one-shot,team', ['one-shot', 'samples', 'team'])).toEqual(['team', 'one-shot']);
  expect(refusal(() => parseChoices('--arms', 'all', ['one-shot', 'team'])).next).toContain('one-shot, team');
  expect(refusal(() => parseChoices('--arms', ' , ', ['one-shot'])).message).toContain('empty');
});

describe('where the settings are', () => {
  test('Unix and macOS follow XDG; a relative folder is ignored', () => {
    expect(settingsFileFrom({}, 'linux', '/home/a')).toBe('/home/a/.config/teamwright/settings.json');
    expect(settingsFileFrom({ XDG_CONFIG_HOME: '/c' }, 'darwin', '/Users/a')).toBe('/c/teamwright/settings.json');
    expect(settingsFileFrom({ XDG_CONFIG_HOME: 'c' }, 'linux', '/home/a')).toBe('/home/a/.config/teamwright/settings.json');
  });

  test('Windows has them in APPDATA', () => {
    expect(settingsFileFrom({ APPDATA: 'C:\\R' }, 'win32', 'C:\\Users\\a')).toBe('C:\\R\\teamwright\\settings.json');
  });

  test('TEAMWRIGHT_CONFIG names the file, by its full path', () => {
    expect(settingsFileFrom({ TEAMWRIGHT_CONFIG: '/x/s.json' }, 'linux', '/home/a')).toBe('/x/s.json');
    expect(refusal(() => settingsFileFrom({ TEAMWRIGHT_CONFIG: 's.json' }, 'linux', '/home/a')).code).toBe('bad-argument');
  });
});
