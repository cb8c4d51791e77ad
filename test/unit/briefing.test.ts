/** The pure parts of the briefing: frames, imports, words, excerpts, exclusions. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatherEvidence, weights } from '../../src/briefing/evidence.ts';
import { cutToBytes, excerpt } from '../../src/briefing/excerpt.ts';
import { isGeneratedText, isSearchable } from '../../src/briefing/exclusions.ts';
import { placedFrames } from '../../src/briefing/frames.ts';
import { importsOf } from '../../src/briefing/imports.ts';
import { countLanguages, mainLanguages, packageManagerOf } from '../../src/briefing/languages.ts';
import { rankByWords, stem, wordsOf } from '../../src/briefing/lexical.ts';
import { decode } from '../../src/briefing/source.ts';
import { fileTree, stemOf } from '../../src/briefing/tree.ts';
import { isNeverShown } from '../../src/workspace/index.ts';

/** Stands before each part that an excerpt shows. */
const markerPattern = /^\[lines (\d+)-(\d+) of (\d+)\]$/;

const treeOf = (...paths: string[]) => fileTree([...paths].sort());

describe('stack frames', () => {
  const tree = treeOf(
    ...[
      'src/cart.js',
      'test/cart.test.js',
      'src/with space/x.ts',
      'app/models.py',
      'tests/test_models.py',
      'pkg/sum/sum.go',
      'pkg/sum/sum_test.go',
    ],
    ...[
      'crates/core/src/lib.rs',
      'app/src/main/java/com/acme/Cart.java',
      'app/src/test/java/com/acme/CartTest.java',
      'web/src/view.tsx',
      'lib/json/decoder.py',
    ],
  );
  const frames = (text: string, more: { cwd?: string; testFile?: string } = {}) =>
    placedFrames(text, { tree, roots: ['/home/u/shop', 'C:/shop'], cwd: '', ...more }).map(({ path, line }) => `${path}:${line}`);

  test.each([
    [
      'Node',
      'Error: x\n    at total (src/cart.js:12:7)\n    at node:internal/x:1:2\n    at async test/cart.test.js:4:1',
      ['src/cart.js:12', 'test/cart.test.js:4'],
    ],
    [
      'Node, absolute and URL',
      'at a (/home/u/shop/src/cart.js:1:2)\nat file:///home/u/shop/src/with%20space/x.ts:3:4',
      ['src/cart.js:1', 'src/with space/x.ts:3'],
    ],
    ['Node on Windows', '    at total (C:\\shop\\src\\cart.js:12:7)', ['src/cart.js:12']],
    ['vitest', ' ❯ src/cart.js:3:9\n ❯ web/src/view.tsx:7:1', ['src/cart.js:3', 'web/src/view.tsx:7']],
    [
      'Python, innermost last',
      'Traceback (most recent call last):\n  File "tests/test_models.py", line 3, in t\n  File "app/models.py", line 9, in f\nValueError',
      ['app/models.py:9', 'tests/test_models.py:3'],
    ],
    ['pytest', 'E  assert 1 == 2\n\ntests/test_models.py:12: AssertionError', ['tests/test_models.py:12']],
    [
      'Go, bare names beside the test',
      '    sum_test.go:11: got 3\n    /usr/lib/go/src/testing/testing.go:1 +0x1',
      ['pkg/sum/sum_test.go:11'],
    ],
    ['Go panic', 'goroutine 7 [running]:\nexample.org/sum.Sum(...)\n\t/home/u/shop/pkg/sum/sum.go:9 +0x1d', ['pkg/sum/sum.go:9']],
    [
      'Rust',
      "thread 'main' panicked at crates/core/src/lib.rs:21:5:\nassertion failed\n  --> crates/core/src/lib.rs:3:1",
      ['crates/core/src/lib.rs:21', 'crates/core/src/lib.rs:3'],
    ],
    [
      'Java',
      '\tat com.acme.Cart.total(Cart.java:14)\n\tat com.acme.CartTest.adds(CartTest.java:8)\n\tat java.base/java.util.List.of(List.java:1)',
      ['app/src/main/java/com/acme/Cart.java:14', 'app/src/test/java/com/acme/CartTest.java:8'],
    ],
    ['files elsewhere, though the name fits', 'File "/usr/lib/python3/json/decoder.py", line 3\nat node_modules/src/cart.js:1:1', []],
    ['nonsense', 'at (((:1:2\n12:34:56 GET http://localhost:8080/a.b:c\n::::', []],
  ])('%s', (_name, text, expected) => expect(frames(text)).toEqual(expected));

  test('relative to the folder the tests ran in', () =>
    expect(frames('at src/view.tsx:2:1', { cwd: 'web' })).toEqual(['web/src/view.tsx:2']));

  test('any text at all is read without trouble', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => frames(text).length >= 0),
      { numRuns: 200 },
    );
    const start = performance.now();
    frames(`${'at a('.repeat(40_000)}\n${'x.y:'.repeat(40_000)}\n${'/'.repeat(100_000)}`);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('imports', () => {
  const none = new Map<string, { folder: string; main?: string }>();
  test('JavaScript and TypeScript: relative, without ending, index, packages, aliases, require and dynamic', () => {
    const tree = treeOf(
      'a/x.ts',
      'a/y.ts',
      'a/z/index.tsx',
      'b/lib/q.js',
      'packages/cart/src/index.ts',
      'packages/cart/src/money.ts',
      'src/util/date.ts',
    );
    const text = `import { y } from './y.js';\nimport './z';\nconst q = require("../b/lib/q");\nawait import('@s/cart');\nexport * from '@s/cart/money';\nimport d from '@/util/date';\nimport react from 'react';\nimport up from '../../..';`;
    expect(importsOf('a/x.ts', text, tree, new Map([['@s/cart', { folder: 'packages/cart' }]]))).toEqual([
      ...['a/y.ts', 'a/z/index.tsx', 'b/lib/q.js', 'packages/cart/src/index.ts', 'packages/cart/src/money.ts', 'src/util/date.ts'],
    ]);
  });

  test('JavaScript: a folder means its entry, also the one around and this one', () => {
    const tree = treeOf(
      'index.js',
      'test/a.test.js',
      'test/deep/b.test.js',
      'lib/index.js',
      'pkg/test/c.js',
      'pkg/lib/shop.js',
      'pkg/index.d.ts',
      'odd/x.js',
    );
    const packages = new Map([['pkg', { folder: 'pkg', main: './lib/shop' }]]);
    const of = (path: string, specifier: string) => importsOf(path, `const x = require('${specifier}');\n`, tree, packages);
    expect([of('test/a.test.js', '..'), of('test/a.test.js', '../'), of('test/deep/b.test.js', '../..')]).toEqual(
      Array(3).fill(['index.js']),
    );
    expect(of('bin.js', '.')).toEqual(['index.js']);
    expect(of('lib/x.js', '.')).toEqual(['lib/index.js']);
    expect(of('pkg/test/c.js', '..')).toEqual(['pkg/lib/shop.js']);
    expect(of('test/a.test.js', '../pkg')).toEqual(['pkg/lib/shop.js']);
    expect(of('test/a.test.js', 'pkg')).toEqual(['pkg/lib/shop.js']);
    const nameless = new Map([['./odd', { folder: 'odd', main: 'x.js' }]]);
    expect(importsOf('test/a.test.js', `require('odd');\nrequire('../odd');\n`, tree, nameless)).toEqual(['odd/x.js']);
    expect([of('test/a.test.js', '../odd'), of('test/a.test.js', '../..')]).toEqual([[], []]);
  });

  test('Python: relative, absolute below a source folder, names that are modules, several lines', () => {
    const tree = treeOf(
      'src/shop/__init__.py',
      'src/shop/cart.py',
      'src/shop/tax/rates.py',
      'src/shop/tax/__init__.py',
      'tests/test_cart.py',
      'tests/conftest.py',
    );
    expect(
      importsOf('tests/test_cart.py', 'import os, shop.cart\nfrom shop.tax import (\n  rates,\n  other,\n)\n', tree, none).sort(),
    ).toEqual(['src/shop/cart.py', 'src/shop/tax/__init__.py', 'src/shop/tax/rates.py']);
    expect(importsOf('src/shop/tax/rates.py', 'from ..cart import Cart\nfrom . import x\n', tree, none)).toEqual(['src/shop/cart.py']);
  });

  test('Go, Rust, Java and C', () => {
    const go = treeOf('internal/tax/tax.go', 'internal/tax/tax_test.go', 'cmd/main.go');
    expect(importsOf('cmd/main.go', 'import (\n\t"fmt"\n\t"example.org/shop/internal/tax"\n)\n', go, none)).toEqual([
      'internal/tax/tax.go',
    ]);
    expect(importsOf('internal/tax/tax_test.go', 'package tax', go, none)).toEqual(['internal/tax/tax.go']);
    const rust = treeOf('src/lib.rs', 'src/cart.rs', 'src/tax/mod.rs', 'src/tax/rates.rs', 'tests/all.rs');
    expect(importsOf('src/lib.rs', 'pub mod cart;\nmod tax;\n', rust, none)).toEqual(['src/cart.rs', 'src/tax/mod.rs']);
    expect(importsOf('src/cart.rs', 'use crate::tax::rates::VAT;\nuse std::fmt;\n', rust, none)).toEqual(['src/tax/rates.rs']);
    expect(importsOf('tests/all.rs', 'use shop::cart::Cart;\n', rust, none)).toEqual(['src/cart.rs']);
    const java = treeOf(
      'src/main/java/com/acme/Cart.java',
      'src/main/java/com/acme/tax/Rates.java',
      'src/test/java/com/acme/CartTest.java',
    );
    expect(importsOf('src/test/java/com/acme/CartTest.java', 'import static com.acme.tax.Rates.DE;\n', java, none)).toEqual([
      'src/main/java/com/acme/tax/Rates.java',
      'src/main/java/com/acme/Cart.java',
    ]);
    const c = treeOf('include/cart.h', 'src/cart.c', 'src/cart.h');
    expect(importsOf('src/main.c', '#include "cart.h"\n#include <stdio.h>\n', c, none)).toEqual(['src/cart.h', 'src/cart.c']);
  });
});

describe('words', () => {
  test('names are split at case, underscores and digits; endings meet', () => {
    expect(wordsOf('applyDiscount HTTPServer max_items2 größe')).toEqual([
      'applydiscount',
      'apply',
      'discount',
      'httpserver',
      'http',
      'server',
      'max_items2',
      'max',
      'item',
      'größe',
    ]);
    expect(new Set(['rounding', 'rounded', 'rounds', 'round'].map(stem)).size).toBe(1);
    expect(new Set(['cache', 'caches', 'cached', 'caching'].map(stem)).size).toBe(1);
    expect(stem('class')).toBe('class');
  });

  test('a rare word weighs more than a common one, a name in the path more than one in the text', () => {
    const documents = [
      ...Array.from({ length: 20 }, (_, n) => ({ path: `src/f${n}.ts`, text: 'user total' })),
      { path: 'src/rare.ts', text: 'user kerberos' },
      { path: 'src/kerberos.ts', text: 'user kerberos' },
    ];
    const ranked = [
      ...rankByWords(
        documents,
        new Map([
          ['user', 1],
          ['kerbero', 1],
        ]),
      ),
    ].sort((a, b) => b[1] - a[1]);
    expect(ranked.slice(0, 2).map(([path]) => path)).toEqual(['src/kerberos.ts', 'src/rare.ts']);
    expect(ranked[0]?.[1]).toBe(1);
    expect(rankByWords([], new Map([['x', 1]])).size).toBe(0);
  });
});

describe('excerpts', () => {
  const lines = Array.from({ length: 400 }, (_, n) => `line ${n + 1} ${'x'.repeat(n % 30)}`);

  test('hold whole lines around the focus, each part under a marker that says where it stands', () => {
    const part = excerpt(
      lines.join('\n'),
      1500,
      [
        { line: 200, weight: 10 },
        { line: 20, weight: 5 },
      ],
      new Map(),
    );
    expect(part).toContain('line 200 ');
    expect(part).toContain('line 20 ');
    expect(part.split('\n')[0]).toMatch(markerPattern);
  });

  test('never exceed their bytes, and every shown line is the one its marker names', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replace(/[\n\r[]/g, ' ')),
          { minLength: 1, maxLength: 120 },
        ),
        fc.integer({ min: 100, max: 3000 }),
        fc.array(fc.record({ line: fc.integer({ min: 1, max: 200 }), weight: fc.integer({ min: 1, max: 9 }) }), { maxLength: 5 }),
        (source, bytes, focus) => {
          const part = excerpt(source.join('\n'), bytes, focus, new Map([['the', 1]]));
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(bytes);
          let at = 0;
          for (const line of part.split('\n')) {
            const marker = markerPattern.exec(line);
            if (marker !== null) at = Number(marker[1]);
            else {
              expect((source[at - 1] ?? '').startsWith(line)).toBe(true);
              at += 1;
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a cut never splits a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (text, bytes) => {
        const cut = cutToBytes(text, bytes);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
        expect(text.startsWith(cut)).toBe(true);
      }),
    );
  });
});

describe('exclusions', () => {
  test.each([
    '.env',
    '.env.local',
    'app/.env.production',
    'prod.env',
    'k/id_rsa',
    'id_ed25519.bak',
    'a/server.pem',
    '.npmrc',
    '.aws/config',
    'credentials.json',
    'infra/main.tfvars',
    'secrets/db.yaml',
  ])('%s is a secret', (path) => expect(isNeverShown(path)).toBe(true));
  test.each(['src/env.ts', 'environment.md', 'src/secrets/store.ts', 'keyboard.ts', 'src/token.ts', 'src/credentials.ts'])(
    '%s is code',
    (path) => expect([isNeverShown(path), isSearchable(path)]).toEqual([false, true]),
  );
  test.each([
    'package-lock.json',
    'go.sum',
    'a.min.js',
    'x/node_modules/a.js',
    'img/a.PNG',
    'a_pb2.py',
    'dist/a.js',
    'x.snap',
    'vendor/a.go',
  ])('%s is not searched', (path) => expect(isSearchable(path)).toBe(false));
  test('generated and minified text', () => {
    expect(isGeneratedText('// Code generated by protoc. DO NOT EDIT.\npackage x')).toBe(true);
    expect(isGeneratedText(`var a=${'1,'.repeat(5000)}1`)).toBe(true);
    expect(isGeneratedText('export function markGenerated() {}\n')).toBe(false);
  });
  test('bytes that are no text', () => {
    expect(decode(Buffer.from([1, 0, 2]))).toMatchObject({ ok: false, why: 'binary' });
    expect(decode(Buffer.alloc(200, 0xff))).toMatchObject({ ok: false, why: 'binary' });
    expect(decode(Buffer.from('\uFEFFgrüße\r\n'))).toMatchObject({ ok: true, text: 'grüße\r\n', damaged: false });
  });
});

describe('counting', () => {
  test('a summary names four languages at most, and none of next to no share', () => {
    const sizes = { 'a.ts': 9_000, 'b.py': 500, 'c.go': 300, 'd.css': 150, 'e.sql': 49, 'f.js': 1 };
    const languages = countLanguages(Object.entries(sizes).map(([path, bytes]) => ({ path, bytes })));
    expect(mainLanguages(languages)).toEqual([
      { name: 'TypeScript', share: 0.9 },
      { name: 'Python', share: 0.05 },
      { name: 'Go', share: 0.03 },
      { name: 'CSS', share: 0.015 },
    ]);
    expect(
      mainLanguages(
        countLanguages([
          { path: 'a.ts', bytes: 9_999 },
          { path: 'f.js', bytes: 1 },
        ]),
      ).map(({ name }) => name),
    ).toEqual(['TypeScript']);
    expect(mainLanguages(countLanguages([{ path: 'a.ts', bytes: 0 }]))).toEqual([{ name: 'TypeScript', share: 0 }]);
    expect(mainLanguages([])).toEqual([]);
  });

  test('languages by bytes, the package manager of the main one', () => {
    const languages = countLanguages([
      { path: 'a.py', bytes: 10 },
      { path: 'b.ts', bytes: 5 },
      { path: 'c.PY', bytes: 1 },
      { path: 'Makefile', bytes: 99 },
    ]);
    expect(languages).toEqual([
      { name: 'Python', files: 2, bytes: 11 },
      { name: 'TypeScript', files: 1, bytes: 5 },
    ]);
    const has =
      (...present: string[]) =>
      (path: string) =>
        present.includes(path);
    expect(packageManagerOf(has('package-lock.json', 'uv.lock'), languages)).toBe('uv');
    expect(packageManagerOf(has('package.json', 'yarn.lock'), [])).toBe('yarn');
    expect(packageManagerOf(has(), languages)).toBeUndefined();
  });

  test('evidence counts each kind once and breaks ties by path', () => {
    const evidence = gatherEvidence();
    evidence.add('b', 'selected', weights.selected);
    evidence.add('a', 'selected', weights.selected);
    evidence.add('b', 'lexical', 3);
    evidence.add('b', 'lexical', 2);
    expect(evidence.ranked()).toEqual([
      { path: 'b', score: 103, reasons: ['selected', 'lexical'] },
      { path: 'a', score: 100, reasons: ['selected'] },
    ]);
  });

  test('a test is named after its subject', () => {
    expect(['cart.test.ts', 'test_cart.py', 'cart_test.go', 'a/b/cart.spec.js', 'cart.ts', 'test.js'].map(stemOf)).toEqual([
      'cart',
      'cart',
      'cart',
      'cart',
      'cart',
      'test',
    ]);
    expect(stemOf('CartTest.java')).toBe('Cart');
  });
});

describe('the part that is shown of a long file', () => {
  const filler = (name: string): string => `function ${name}(header) {\n${'  send(header);\n'.repeat(20)}}\n`;
  const long = (middle: string): string => [...'abcdefgh'].map(filler).join('') + middle + [...'ijklmnop'].map(filler).join('');

  test('lines with rare words of the request come before lines with words that stand everywhere', () => {
    const text = excerpt(
      long('// populate Content-Length\nset("Content-Length", 1);\n'),
      1200,
      [],
      new Map([
        ['send', 1],
        ['header', 1],
        ['length', 1],
      ]),
    );
    expect(text).toContain('populate Content-Length');
  });

  test('a line that opens a block brings the block', () => {
    const body = Array.from({ length: 40 }, (_, n) => `  step(${n});\n`).join('');
    const source = long(`function wanted() {\n${body}}\n`);
    const line = source.split('\n').indexOf('function wanted() {') + 1;
    expect(excerpt(source, 2000, [{ line, weight: 40 }], new Map())).toContain('step(39);');
  });
});
