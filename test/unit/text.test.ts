import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { counted, englishNumbers, hiddenCharacter, named, numbersIn, printable, rangeText } from '../../src/text/index.ts';

describe('amounts', () => {
  const german = numbersIn('de');

  test.each([
    [0, '0', '0'],
    [950, '950', '950'],
    [8192, '8.2K', '8192'],
    [99_960, '100K', '99.960'],
    [1_250_000, '1.3M', '1,3\u00a0Mio.'],
    [Number.POSITIVE_INFINITY, '∞', '∞'],
  ])('%d of something', (value, inEnglish, inGerman) => {
    expect([englishNumbers.count(value), german.count(value)]).toEqual([inEnglish, inGerman]);
  });

  test.each([
    [0, '$0', '0\u00a0$'],
    [0.00001, '<$0.0001', '<0,0001\u00a0$'],
    [0.0042, '$0.0042', '0,0042\u00a0$'],
    [0.05, '$0.05', '0,05\u00a0$'],
    [0.5, '$0.50', '0,50\u00a0$'],
    [12.345, '$12.35', '12,35\u00a0$'],
  ])('%d US dollars', (usd, inEnglish, inGerman) => {
    expect([englishNumbers.money(usd), german.money(usd)]).toEqual([inEnglish, inGerman]);
  });

  test.each([
    [0, '0 ms'],
    [350, '350 ms'],
    [999.7, '1 sec'],
    [4200, '4.2 sec'],
    [9951, '10 sec'],
    [59_600, '1 min'],
    [185_000, '3 min 5 sec'],
    [3_599_600, '1 hr'],
    [7_800_000, '2 hr 10 min'],
  ])('%d milliseconds', (ms, text) => expect(englishNumbers.span(ms)).toBe(text));

  test.each([
    [850, '850 byte'],
    [90_400, '90.4 kB'],
    [512_000_000, '512 MB'],
    [1_117_320_768, '1.1 GB'],
  ])('%d bytes, a thousand to the kilobyte', (bytes, text) => expect(englishNumbers.bytes(bytes)).toBe(text));

  test('scores have two digits and no minus before zero; every digit where it counts; one or many', () => {
    expect([-0.001, 0.123, -1].map(englishNumbers.score)).toEqual(['0', '0.12', '-1']);
    expect(englishNumbers.whole(1_234_567)).toBe('1,234,567');
    expect(englishNumbers.percent(0.421)).toBe('42%');
    expect([counted(1, 'call'), counted(3, 'call')]).toEqual(['1 call', '3 calls']);
    expect([rangeText(1, 1, String), rangeText(1, 2, String)]).toEqual(['1', '1–2']);
    expect(rangeText(1001, 1002, englishNumbers.count)).toBe('1K');
  });
});

/** Who makes a number into text without this room, and why that is no amount shown to a person. */
const otherwise: Readonly<Record<string, string>> = {
  'bench/bank-report.ts': 'columns of a table that must line up digit by digit',
  'bench/learn-report.ts': 'columns of a table that must line up digit by digit',
  'bench/search.ts': 'columns of a table that must line up digit by digit',
  'bench/report.ts': 'columns of a table that must line up digit by digit',
  'cli/commands/grade.ts': 'a reward, for machines',
  'design/fallback.ts': 'a temperature, rounded',
  'design/model.ts': 'a score in a prompt',
  'feedback/second-look/trial-inputs.ts': 'a number in source code',
  'lessons/exports/export.ts': 'a number in a training file',
  'plan/check-budget.ts': 'a limit in a finding',
  'plan/kinds/vote.ts': 'replies on average, rounded to a tenth',
  'trace/render.ts': 'the terms of a reward, rounded',
  'webviews/dashboard/chart.tsx': 'ticks of an axis',
};

test('amounts are made into text in one place', () => {
  const source = join(import.meta.dirname, '../../src');
  const makers = globSync('**/*.{ts,tsx}', { cwd: source })
    .map((name) => name.split(sep).join('/'))
    .filter((name) => !name.startsWith('text/'))
    .filter((name) => /\.toFixed\(|\.toPrecision\(|NumberFormat\b/.test(readFileSync(join(source, name), 'utf8')));
  expect(makers.sort()).toEqual(Object.keys(otherwise).sort());
});

describe('characters that nobody sees', () => {
  test.each([
    ['a direction override', 'do \u202e it', 'U+202E'],
    ['a space without width', 'do\u200bit', 'U+200B'],
    ['a joiner in plain words', 'do\u200dit', 'U+200D'],
    ['a selector in plain words', 'do \ufe0f', 'U+FE0F'],
    ['tags', 'do \u{e0049}\u{e0047}', 'U+E0049'],
    ['further selectors', 'do \u{e0101}', 'U+E0101'],
    ['a soft hyphen', 'do\u00adit', 'U+00AD'],
    ['a mark of direction', 'do\u200eit', 'U+200E'],
    ['a filler', 'do\u3164it', 'U+3164'],
    ['an empty braille cell', 'do\u2800it', 'U+2800'],
    ['a line separator', 'do\u2028it', 'U+2028'],
    ['an escape', 'do\u001b[31mit', 'U+001B'],
    ['nothing', 'do\u0000it', 'U+0000'],
    ['a byte order mark', 'do\ufeffit', 'U+FEFF'],
    ['a deprecated format', 'do\u206ait', 'U+206A'],
    ['an annotation', 'do\ufff9it', 'U+FFF9'],
    ['a joiner after an underscore', 'do_\u200dit', 'U+200D'],
    ['a joiner after a digit', '1\u200cit', 'U+200C'],
    ['a selector after a bracket', 'do(\ufe0fit', 'U+FE0F'],
    ['a selector after a digit that is no keycap', '1\ufe0fit', 'U+FE0F'],
    ['a second joiner after a letter', 'é\u200d\u200dit', 'U+200D'],
    ['a second selector after an emoji', '❤\ufe0f\ufe0eit', 'U+FE0E'],
    ['a filler of another script', 'do\u{16fe4}it', 'U+16FE4'],
    ['half of a character', 'do\ud83dit', 'U+D83D'],
  ])('%s', (_, text, code) => {
    expect(hiddenCharacter(text)).toBe(code);
    expect(named(text)).toContain(`<${code}>`);
    expect(hiddenCharacter(printable(text))).toBeUndefined();
  });

  test('letters and emoji that are made of several are whole', () => {
    for (const text of ['👩‍👩‍👧 and ❤️', 'می‌خواهم', 'नमस्‍ते', 'añ e\u0301', '1️⃣ #️⃣', '🏳️‍🌈 👩‍❤️‍👨', 'tab\tline\n']) {
      expect(hiddenCharacter(text), text).toBeUndefined();
      expect(printable(text)).toBe(text);
    }
  });

  test('what is printed cannot steer the terminal', () => {
    expect(printable('a\u001b[31mred\u001b[0m\u001b]0;title\u0007b\u0008\u202ec\u009bd')).toBe('aredbcd');
    expect(printable('tab\tand\r\nline\rend')).toBe('tab\tand\nline\nend');
    expect(named('an end\r\nand\rwritten over')).toBe('an end\r\nand<U+000D>written over');
  });
});
