/** The colours of badges can be told from what they stand on, by at least 3:1, in the four themes that VS Code brings. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** As VS Code 1.139 has them; `caution` is `list.warningForeground`, or `editorWarning.foreground` where a theme has none of it. */
const themes = {
  'Dark Modern': {
    good: '#89d185',
    bad: '#f14c4c',
    caution: '#cca700',
    busy: '#59a4f9',
    quiet: '#9d9d9d',
    on: ['#1f1f1f', '#181818', '#202020'],
  },
  'Light Modern': { good: '#388a34', bad: '#e51400', caution: '#855f00', busy: '#0063d3', quiet: '#3b3b3b', on: ['#ffffff', '#f8f8f8'] },
  'Dark High Contrast': {
    good: '#89d185',
    bad: '#f48771',
    caution: '#ffd370',
    busy: '#59a4f9',
    quiet: '#b3b3b3',
    on: ['#000000', '#0c141f'],
  },
  'Light High Contrast': { good: '#374e06', bad: '#b5200d', caution: '#895503', busy: '#0063d3', quiet: '#696969', on: ['#ffffff'] },
} as const;

/** Relative luminance and contrast of WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(Object.entries(themes))('in %s', (_, { on, ...tones }) => {
  test.each(Object.entries(tones))('%s', (_tone, colour) => {
    for (const background of on) expect(contrast(colour, background)).toBeGreaterThanOrEqual(3);
  });
});

test('the pages and the view take these colours of the theme', () => {
  const read = (file: string): string => readFileSync(path.join(import.meta.dirname, '../../src', file), 'utf8');
  const named = [...read('webviews/styles/base.css').matchAll(/^ {2}--(good|bad|caution|busy|muted): (.*);$/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  expect(Object.fromEntries(named)).toEqual({
    good: 'var(--vscode-charts-green)',
    bad: 'var(--vscode-charts-red)',
    caution: 'var(--vscode-list-warningForeground, var(--vscode-editorWarning-foreground))',
    busy: 'var(--vscode-charts-blue)',
    muted: 'var(--vscode-descriptionForeground)',
  });
  expect(read('editor/words.ts')).toContain(
    "good: 'charts.green',\n  bad: 'charts.red',\n  caution: 'list.warningForeground',\n  busy: 'charts.blue',\n  quiet: 'descriptionForeground',",
  );
});
