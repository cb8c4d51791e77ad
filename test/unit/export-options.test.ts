/** Dates and shares as people write them after the options of `export`, and the formats that docs and help name. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseShare, parseTime } from '../../src/cli/values.ts';
import { exportFormats, sentFormat } from '../../src/lessons/index.ts';

const now = Date.UTC(2026, 10, 25, 12);

describe('--since and --until', () => {
  test.each([
    ['2026-11-20', Date.UTC(2026, 10, 20)],
    ['2026-11-20T08:30', Date.UTC(2026, 10, 20, 8, 30)],
    ['2026-11-20T08:30:15+02:00', Date.UTC(2026, 10, 20, 6, 30, 15)],
    ['12h', Date.UTC(2026, 10, 25)],
    ['7d', Date.UTC(2026, 10, 18, 12)],
    [' 2w ', Date.UTC(2026, 10, 11, 12)],
  ])('%s', (text, at) => expect(parseTime('--since', text, now)).toBe(at));

  test.each(['yesterday', '2026-13-45', '20.11.2026', '', '7', '-7d', '2026'])('%j is no date', (text) => {
    expect(() => parseTime('--since', text, now)).toThrow('--since is no date');
  });
});

describe('--split', () => {
  test.each([
    ['0', 0],
    ['0.1', 0.1],
    ['.25', 0.25],
  ])('%s', (text, share) => expect(parseShare('--split', text)).toBe(share));

  test.each(['1', '1.5', '-0.1', '10%', '', 'a tenth', 'NaN'])('%j is no share', (text) => {
    expect(() => parseShare('--split', text)).toThrow('takes a share');
  });
});

test('the table of formats in docs/exports.md is the table of the sources', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/exports.md'), 'utf8');
  const table = page.slice(page.indexOf('| format '), page.indexOf('## What becomes a row'));
  const named = [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
  expect(named).toEqual([...exportFormats, sentFormat].map(({ name }) => name));
});
