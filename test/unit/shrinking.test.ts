/** A file that loses most of its text although nobody asked for it is flagged beside the verdict. */
import { expect, test } from 'vitest';
import { secondLook, tamperingText } from '../../src/feedback/index.ts';
import type { ChangedFile } from '../../src/feedback/steering-changes.ts';

const lines = (count: number, of = (n: number) => `export const value${n} = ${n};`): string =>
  Array.from({ length: count }, (_, n) => `${of(n)}\n`).join('');
const flags = (request: string, ...changedFiles: ChangedFile[]) =>
  secondLook({ request, changedFiles, testFiles: new Set(['checks/all.js']), tests: new Map() })
    .filter(({ kind }) => kind === 'shrinks')
    .map(({ path, detail }) => `${path}: ${detail}`);
const fix = 'The tests fail. Fix the bug.';

test.each([
  ['a part given for the whole', { path: 'a.js', before: lines(40), after: lines(9) }, 'a.js: it keeps 9 of 40 lines'],
  [
    'an ellipsis for the rest',
    { path: 'a.py', before: lines(30, (n) => `x${n} = ${n}`), after: 'x0 = 1\n# ... the rest as before\n' },
    'a.py: it keeps 1 of 30 lines',
  ],
  [
    'a document cut at its first fence',
    { path: 'README.md', before: lines(50, (n) => `Line ${n}`), after: 'Line 0\n' },
    'README.md: it keeps 1 of 50 lines',
  ],
  [
    'settings that lose their keys',
    { path: 'data.yaml', before: lines(20, (n) => `key${n}: ${n}`), after: 'key0: 1\n' },
    'data.yaml: it keeps 1 of 20 lines',
  ],
  ['an emptied file, however small', { path: 'a.js', before: 'export const a = 1;\n', after: '' }, 'a.js: it keeps 0 of 1 lines'],
  ['one with nothing but blank lines', { path: 'a.go', before: 'package a\n\nvar A = 1\n', after: '\n\n' }, 'a.go: it keeps 0 of 2 lines'],
  [
    'code that only comments are left of',
    { path: 'a.rs', before: lines(20, (n) => `pub const V${n}: u8 = 1;`), after: '// see git\n'.repeat(20) },
    'a.rs: it keeps 0 of 20 lines',
  ],
])('is told: %s', (_, file, told) => {
  expect(flags(fix, file)).toEqual([told]);
});

test.each<[string, string, ChangedFile[]]>([
  ['it was asked for', 'Remove the unused values from a.js.', [{ path: 'a.js', before: lines(40), after: lines(9) }]],
  ['it was asked for in other words', 'Simplify a.js', [{ path: 'a.js', before: lines(40), after: lines(9) }]],
  [
    'the text stands in another file now',
    fix,
    [
      { path: 'a.js', before: lines(40), after: "export * from './b.js';\n" },
      { path: 'b.js', after: lines(40) },
    ],
  ],
  ['it is written anew at half the length', fix, [{ path: 'a.js', before: lines(40), after: lines(20, (n) => `other${n}();`) }]],
  ['it is a short file', fix, [{ path: 'a.js', before: lines(8), after: lines(1) }]],
  ['comments go', fix, [{ path: 'a.js', before: `${'// long story\n'.repeat(60)}${lines(8)}`, after: lines(8) }]],
  ['it was empty', fix, [{ path: 'a/__init__.py', before: '', after: '' }]],
  ['the file is deleted, which stands in the diff by itself', fix, [{ path: 'a.js', before: lines(40) }]],
  [
    'it is a test, which has flags of its own',
    fix,
    [
      { path: 'checks/all.js', before: lines(40), after: '' },
      { path: 'a.test.js', before: lines(40), after: '' },
    ],
  ],
])('is not told: %s', (_, request, files) => {
  expect(flags(request, ...files)).toEqual([]);
});

test('is said in words', () => {
  expect(tamperingText({ kind: 'shrinks', path: 'a.js', detail: 'it keeps 9 of 40 lines' })).toBe(
    'most of the text is gone, which nobody asked for, in a.js: it keeps 9 of 40 lines',
  );
});
