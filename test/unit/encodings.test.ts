/** Files in other encodings than UTF-8: told by their bytes, changed in their own encoding, and otherwise left alone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import { bytesIn, textIn, unheld } from '../../src/workspace/charset.ts';
import { encodingName, recognise } from '../../src/workspace/encodings.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'teamwright-encodings-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const inCharset = (charset: string, text: string): Buffer => {
  const bytes = bytesIn(charset, text);
  if (bytes === undefined) throw new Error(`${charset} cannot hold ${text}`);
  return bytes;
};
const told = (bytes: Buffer): string => {
  const found = recognise(bytes);
  return typeof found === 'string' ? found : `${encodingName(found.encoding)}${found.encoding.guessed ? ', guessed' : ''}`;
};

/** As people write them into sources. */
const samples: Readonly<Record<string, readonly string[]>> = {
  'windows-1252': [
    'const x = 1;\n// café\n',
    '// naïve “quotes” — für Größe über alles, más años, garçon\n',
    'print("Ä Ö Ü ß")\n',
    '# ¿qué? ¡sí! 10 € © 2020\n',
    'if a == "é": return "à la carte"\n',
  ],
  'windows-1251': ['// Привет, мир\nint x = 1;\n', '# Это функция считает сумму двух чисел\n', '"Да"; "Нет"\n', 'ИТОГО = 5 // СУММА\n'],
  'koi8-r': ['// Привет, мир\nint x = 1;\n', '# Это функция считает сумму двух чисел\n'],
  shift_jis: [
    '// こんにちは世界\nx = 1\n',
    '// 日本語のコメント。表示する ソ\n',
    '"設定ファイルを読み込みます"\n',
    'printf("エラー\\n");\n',
    '// 合計\n',
  ],
  'euc-jp': ['// こんにちは世界\nx = 1\n', '"設定ファイルを読み込みます"\n', 'printf("エラー\\n");\n'],
  gb18030: ['// 你好，世界\nint x = 1;\n', '# 这个函数计算两个数的和\n', 'printf("错误：文件不存在\\n");\n', '// 计算\n'],
  big5: ['# 這個函數計算兩個數的和\n', 'printf("錯誤：檔案不存在\\n");\n'],
  'euc-kr': ['// 안녕하세요 세계\nint x = 1;\n', '# 두 수의 합을 계산하는 함수\n'],
  'utf-16le': ['const x = 1;\n', 'x = "日本語"\n', '// Привет\n'],
  'utf-16be': ['const x = 1;\n', 'x = "日本語"\n'],
};

describe('the encoding of a file', () => {
  test.each(Object.entries(samples))('%s is told by its looks', (charset, texts) => {
    for (const text of texts) {
      const found = recognise(inCharset(charset, text));
      expect(found, text).toEqual({ text, encoding: { charset, bom: false, guessed: true } });
    }
  });

  test.each<[string, string, Buffer]>([
    ['a mark of UTF-8', 'UTF-8', Buffer.from('\ufeffgrüße\n')],
    ['a mark of UTF-16 LE', 'UTF-16 LE', inCharset('utf-16le', '\ufeffa\n')],
    ['a mark of UTF-16 BE', 'UTF-16 BE', inCharset('utf-16be', '\ufeffa\n')],
    ['nothing: UTF-8', 'UTF-8', Buffer.from('grüße\n')],
    ['nothing in an empty file', 'UTF-8', Buffer.alloc(0)],
    ['a line for Python', 'Windows-1252', inCharset('windows-1252', '# -*- coding: latin-1 -*-\nx = "ÄÖÜäöü"\n')],
    ['a line for Python with underscores', 'ISO-8859-2', inCharset('iso-8859-2', '# coding=iso8859_2\nx = "zażółć"\n')],
    ['the head of an XML file', 'ISO-8859-15', inCharset('iso-8859-15', '<?xml version="1.0" encoding="ISO-8859-15"?>\n<a>5 €</a>\n')],
    ['the head of a page', 'Windows-1253', inCharset('windows-1253', '<meta charset="windows-1253">\nΚαλημέρα\n')],
    ['a rule of a style sheet', 'Shift JIS', inCharset('shift_jis', '@charset "Shift_JIS";\n/* 合計 */\n')],
    ['a line for Vim', 'EUC-JP', inCharset('euc-jp', '// vim: fileencoding=euc-jp\n// 合計\n')],
  ])('is sure by %s', (_name, name, bytes) => expect(told(bytes)).toBe(name));

  test.each<[string, string, Buffer]>([
    ['UTF-32', 'unknown', Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from('a\0\0\0\n\0\0\0', 'latin1')])],
    ['ISO-2022-JP', 'unknown', Buffer.from('// \u001b$B9g7W\u001b(B\n')],
    ['Greek without a word of it', 'unknown', inCharset('windows-1253', '// Καλημέρα κόσμε, αυτό είναι σχόλιο\n')],
    ['UTF-8 with a broken character', 'unknown', Buffer.concat([Buffer.from('// grüße größe für\n'), Buffer.from([0xe9, 10])])],
    ['a program', 'binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0])],
    ['half a UTF-16', 'binary', Buffer.from('a\0b\0c', 'latin1')],
    ['UTF-16 with a lone half of a pair', 'binary', Buffer.from('a\0\n\0\0\xd8b\0', 'latin1')],
    ['signs of the upper half only', 'binary', Buffer.alloc(200, 0xff)],
  ])('is not taken from %s', (_name, result, bytes) => expect(told(bytes)).toBe(result));
});

const charsets = Object.keys(samples);
const characters: Readonly<Record<string, string>> = {
  'windows-1252': 'äöüßéèçñ€“”—',
  'windows-1251': 'приветмиЯ',
  'koi8-r': 'приветмиЯ',
  shift_jis: 'こんにちは世界表示ソ能ｶﾅ①',
  'euc-jp': 'こんにちは世界表示',
  gb18030: '这个函数计算😀ÿ',
  big5: '這個函數計算十',
  'euc-kr': '안녕하세요함수',
  'utf-16le': 'äя世😀\u2028',
  'utf-16be': 'äя世😀\u0a0a',
};

describe('a change in a file of another encoding', () => {
  test.each(charsets)('%s leaves every byte outside of it as it was', (charset) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.stringMatching(/^[ -~]{0,12}$/),
            fc.constantFrom(...(characters[charset] ?? '')),
            fc.constantFrom('\n', '\r\n', '\r'),
          ),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.nat(11),
        fc.boolean(),
        fc.boolean(),
        async (lines, place, mark, whole) => {
          const bom = mark && charset.startsWith('utf-16') ? '\ufeff' : '';
          const parts = lines.map(([ascii, sign, end]) => `${ascii}${sign}${end}`);
          parts.splice(place % (lines.length + 1), 0, 'const unique = 1;\n');
          const before = inCharset(charset, bom + parts.join(''));
          const now = `const unique = "${samples[charset]?.[0]?.replaceAll(/["\n]/g, '')}";`;
          const file = join(root, `${charset}.txt`);
          writeFileSync(file, before);
          const found = recognise(before);
          const { problems } = await applyEdits(
            root,
            [
              whole && typeof found === 'object'
                ? {
                    kind: 'whole-file',
                    path: `${charset}.txt`,
                    text: found.text.replaceAll('\r\n', '\n').replace('const unique = 1;', now),
                  }
                : { kind: 'search-replace', path: `${charset}.txt`, search: 'const unique = 1;', replace: now },
            ],
            { allow: ['**'] },
          );
          const after = readFileSync(file);
          // Where the bytes are taken for another encoding, or for none, that may not hold the new text: then nothing is written.
          if (problems.length > 0)
            expect([after.equals(before), problems[0]?.message]).toEqual([
              true,
              expect.stringMatching(/it was left as it is|carriage returns/),
            ]);
          else {
            const [head, tail] = (bom + parts.join('')).split('const unique = 1;').map((part) => inCharset(charset, part));
            expect(after.subarray(0, head?.length)).toEqual(head);
            expect(after.subarray(after.length - (tail?.length ?? 0))).toEqual(tail);
            if (typeof found === 'object') expect(textIn(found.encoding.charset, after)).toContain(now);
          }
        },
      ),
      { numRuns: 150, seed: 5 },
    ),
  );

  test.each(charsets.filter((charset) => charset !== 'gb18030' && !charset.startsWith('utf-')))(
    '%s is refused when the new text has characters that it lacks, and they are named',
    async (charset) => {
      const before = inCharset(charset, `${samples[charset]?.[0]}value = 1\n`);
      writeFileSync(join(root, 'a.txt'), before);
      const { changed, problems } = await applyEdits(
        root,
        [{ kind: 'search-replace', path: 'a.txt', search: 'value = 1', replace: 'value = "😀 ☃"' }],
        { allow: ['**'] },
      );
      expect(changed).toEqual([]);
      expect(problems[0]?.message).toMatch(/is kept in .*, which has no 😀 ☃; it was left as it is/);
      expect(readFileSync(join(root, 'a.txt'))).toEqual(before);
    },
  );

  test('that holds carriage returns inside lines keeps them, or is refused', async () => {
    const before = 'p 10%\rp 20%\r\nconst x = 1;\n';
    writeFileSync(join(root, 'a.txt'), before);
    const whole = (text: string) => applyEdits(root, [{ kind: 'whole-file', path: 'a.txt', text }], { allow: ['**'] });
    expect((await whole('p 10%\np 20%\nconst x = 2;\n')).problems[0]?.message).toMatch(/carriage returns inside lines/);
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe(before);
    expect((await whole('p 10%\rp 20%\nconst x = 2;\n')).problems).toEqual([]);
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe(before.replace('1;', '2;'));
  });

  test('with carriage returns as its only line ends keeps to them', async () => {
    writeFileSync(join(root, 'a.txt'), 'a\rconst x = 1;\rb');
    await applyEdits(root, [{ kind: 'whole-file', path: 'a.txt', text: 'a\nconst x = 2;\nnew\nb\n' }], { allow: ['**'] });
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('a\rconst x = 2;\rnew\rb');
  });
});

test('what an encoding lacks is named once each', () => expect(unheld('windows-1252', 'a☃b☃é😀')).toEqual(['☃', '😀']));
