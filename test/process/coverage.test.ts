/** Lines that tests ran over, told by real runners. */
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { linesRun } from '../support/lines-run.ts';
import { python, works } from '../support/python.ts';
import { quickNodeTest } from '../support/workspaces.ts';

const script = [
  'export function add(a, b) {',
  '  if (a > 10) {',
  '    return a - b;',
  '  }',
  '  return a + b;',
  '}',
  'export const times = (a, b) => {',
  '  let all = 0;',
  '  for (let i = 0; i < b; i += 1) all += a;',
  '  return all;',
  '};',
  '',
].join('\n');

const suites = {
  'calc.mjs': script,
  'calc.test.mjs': [
    "import assert from 'node:assert';",
    "import test, { describe, it } from 'node:test';",
    "import { add, times } from './calc.mjs';",
    "test('small', () => assert.equal(add(1, 2), 3));",
    "describe('large', () => {",
    "  it('adds', async () => {",
    '    await new Promise((resolve) => setTimeout(resolve, 5));',
    '    assert.equal(add(11, 2), 13);',
    '  });',
    '});',
    "test('times', (t) => t.test('inner', () => assert.equal(times(3, 2), 6)));",
  ].join('\n'),
};
const large = expect.arrayContaining(['2:1/1', '3:1/0', '5:0/1', '8:0/1', '9:0/1', '10:0/1']);

test('node:test, in suites, in subtests and with time between', async () => {
  expect(await linesRun(suites, 'node --test', 'calc.mjs')).toEqual(large);
});

test('node:test, all files in one process', async () => {
  expect(await linesRun(suites, quickNodeTest, 'calc.mjs')).toEqual(large);
});

test('what was made in a test is what the tests in it are about, and a test is red by itself or by one in it', async () => {
  const files = {
    'calc.mjs': script,
    'calc.test.mjs': [
      "import assert from 'node:assert';",
      "import test from 'node:test';",
      "import { add, times } from './calc.mjs';",
      "test('outer', async (t) => {",
      '  const large = add(11, 2);',
      "  await t.test('first', () => {});",
      "  await t.test('second', () => assert.equal(large, 13));",
      '});',
      "test('red by itself', async (t) => {",
      '  const small = add(1, 2);',
      "  await t.test('third', () => assert.equal(small, 3));",
      '  assert.equal(times(2, 2), 5);',
      '});',
    ].join('\n'),
  };
  for (const command of ['node --test', quickNodeTest])
    expect(await linesRun(files, command, 'calc.mjs')).toEqual(expect.arrayContaining(['2:2/2', '3:1/1', '5:1/1', '9:1/0']));
});

test('a function of one line ran where it was called, and not where its file was loaded', async () => {
  const files = {
    'calc.mjs': 'export const twice = (n) => n + n;\nexport const half = (n) => n / 3;\n',
    'calc.test.mjs': [
      "import assert from 'node:assert';",
      "import test from 'node:test';",
      "import { half, twice } from './calc.mjs';",
      "test('twice', () => assert.equal(twice(2), 4));",
      "test('more', () => assert.equal(twice(3), 6));",
      "test('half', () => assert.equal(half(4), 2));",
    ].join('\n'),
  };
  expect(await linesRun(files, 'node --test', 'calc.mjs')).toEqual(['1:0/2', '2:1/0']);
});

test.each(['node --test', quickNodeTest])('tests of one name, in a file and in another: %s', async (command) => {
  const using = (a: number) => [
    "import assert from 'node:assert';",
    "import test from 'node:test';",
    "import { add } from './calc.mjs';",
    `test('works', () => assert.equal(add(${a}, 2), ${a + 2}));`,
    `test('works', () => assert.equal(add(${a}, 3), ${a + 3}));`,
  ];
  const files = { 'calc.mjs': script, 'a.test.mjs': using(1).join('\n'), 'b.test.mjs': using(11).join('\n') };
  expect(await linesRun(files, command, 'calc.mjs')).toEqual(expect.arrayContaining(['2:2/2', '3:2/0', '5:0/2']));
});

const typed = [
  'interface Pair {',
  '  a: number;',
  '}',
  '',
  '',
  'export function add({ a }: Pair, b: number): number {',
  '  if (a > 10) {',
  '    return a - b;',
  '  }',
  '  return a + b;',
  '}',
  '',
].join('\n');
const typedTests = (from: string, runner: string) =>
  [
    "import assert from 'node:assert';",
    `import { test } from '${runner}';`,
    `import { add } from '${from}';`,
    'interface Case { b: number }',
    "test('small', () => { const one: Case = { b: 2 }; assert.equal(add({ a: 1 }, one.b), 3); });",
    "test('large', () => { const one: Case = { b: 2 }; assert.equal(add({ a: 11 }, one.b), 13); });",
  ].join('\n');
const typedLarge = expect.arrayContaining(['7:1/1', '8:1/0', '10:0/1']);

test('what Node takes types out of is told by its own lines', async () => {
  const files = { 'calc.ts': typed, 'calc.test.ts': typedTests('./calc.ts', 'node:test'), 'package.json': '{"type":"module"}' };
  expect(await linesRun(files, 'node --test', 'calc.ts')).toEqual(typedLarge);
});

test('compiled code is told by the lines of its source', async () => {
  const { code, map } = transformSync(typed, { loader: 'ts', sourcemap: true, sourcefile: '../src/calc.ts' });
  const files = {
    'src/calc.ts': typed,
    'lib/calc.mjs': `${code}//# sourceMappingURL=calc.mjs.map\n`,
    'lib/calc.mjs.map': map,
    'calc.test.mjs': transformSync(typedTests('./lib/calc.mjs', 'node:test'), { loader: 'ts' }).code,
  };
  expect(await linesRun(files, 'node --test', 'src/calc.ts')).toEqual(typedLarge);
  expect(await linesRun(files, 'node --test', 'lib/calc.mjs')).toEqual([]);
  const { 'lib/calc.mjs.map': _, ...withoutMap } = files;
  expect(await linesRun(withoutMap, 'node --test', 'lib/calc.mjs')).toEqual(expect.arrayContaining(['2:1/1', '3:1/0', '5:0/1']));
});

test.each(['forks', 'threads'])('vitest, in %s', async (pool) => {
  const files = { 'calc.ts': typed, 'calc.test.ts': typedTests('./calc', 'vitest'), 'package.json': '{"type":"module"}' };
  expect(await linesRun(files, `vitest run --pool=${pool}`, 'calc.ts', { modulesOf: '.' })).toEqual(typedLarge);
});

test.each(['node --test', quickNodeTest, 'vitest run'])('a program that a test starts is told nothing of it: %s', async (command) => {
  const runner = command.startsWith('node') ? 'node:test' : 'vitest';
  const files = {
    'calc.mjs': script,
    'program.mjs': "import { add } from './calc.mjs';\nconsole.log(add(1, 2), process.env.NODE_OPTIONS ?? '');\n",
    'calc.test.mjs': [
      "import assert from 'node:assert';",
      "import { execFileSync } from 'node:child_process';",
      `import { test } from '${runner}';`,
      "import { add } from './calc.mjs';",
      "test('as a program', () => {",
      "  assert.equal(execFileSync(process.execPath, ['program.mjs'], { encoding: 'utf8' }), '3 \\n');",
      '  assert.equal(add(1, 2), 3);',
      '});',
      "test('large', () => assert.equal(add(11, 2), 13));",
    ].join('\n'),
    'package.json': '{"type":"module"}',
  };
  expect(await linesRun(files, command, 'calc.mjs', { modulesOf: '.' })).toEqual(expect.arrayContaining(['2:1/1', '3:1/0', '5:0/1']));
});

test('what tests of vitest that leave themselves out ran over is told of no test', async () => {
  const files = {
    'calc.mjs': script,
    'a.test.mjs': [
      "import { expect, test } from 'vitest';",
      "import { add, times } from './calc.mjs';",
      "test('large', () => expect(add(11, 2)).toBe(13));",
      "test.skip('later', () => {});",
      "test('not here', async (context) => { times(1, 3); times(2, 2); await new Promise((done) => setTimeout(done, 2_000)); context.skip(); });",
      "test('slow', async () => { expect(add(1, 2)).toBe(3); await new Promise((done) => setTimeout(done, 2_000)); });",
    ].join('\n'),
    // Loading takes long enough to be looked at.
    'b.test.mjs': [
      "import { expect, test } from 'vitest';",
      "import { add } from './calc.mjs';",
      'for (const until = Date.now() + 2_500; Date.now() < until; ) add(1, 2);',
      "test('small', () => expect(add(1, 2)).toBe(3));",
    ].join('\n'),
    'package.json': '{"type":"module"}',
  };
  const lines = await linesRun(files, 'vitest run --no-isolate --no-file-parallelism', 'calc.mjs', { modulesOf: '.' });
  expect(lines).toEqual(expect.arrayContaining(['2:1/2', '3:1/0', '5:0/2', '8:1/2']));
});

test.each(['node --test', 'vitest run --pool=forks'])('a test that never ends tells where it is: %s', async (command) => {
  const runner = command === 'node --test' ? 'node:test' : 'vitest';
  const files = {
    'calc.mjs': script.replace('    return a - b;', '    while (a > 10) {\n      a += 1;\n    }'),
    'calc.test.mjs': [
      "import assert from 'node:assert';",
      `import { test } from '${runner}';`,
      "import { add } from './calc.mjs';",
      "test('slow', async () => {",
      '  await new Promise((resolve) => setTimeout(resolve, 1_800));',
      '  assert.equal(add(1, 2), 3);',
      '});',
      "test('large', () => assert.equal(add(11, 2), 13));",
    ].join('\n'),
    'package.json': '{"type":"module"}',
  };
  const lines = await linesRun(files, command, 'calc.mjs', { wallMs: 12_000, modulesOf: '.' });
  expect(lines).toEqual(expect.arrayContaining(['2:1/1', '3:1/0', '4:1/0', '7:0/1']));
});

const module = [
  'def add(a, b):',
  '    if a > 10:',
  '        return a - b',
  '    return a + b',
  '',
  'def times(a, b):',
  '    all = 0',
  '    for _ in range(b):',
  '        all += a',
  '    return all',
  '',
].join('\n');

const cases = [
  'import unittest',
  'from calc import add, times',
  'class Calc(unittest.TestCase):',
  '    def test_small(self): self.assertEqual(add(1, 2), 3)',
  '    def test_large(self): self.assertEqual(add(11, 2), 13)',
  '    def test_times(self): self.assertEqual(times(3, 2), 6)',
  '',
].join('\n');

const expected = ['1:1/2', '2:1/1', '3:1/0', '4:0/1', '6:1/2', '7:0/1', '8:0/1', '9:0/1', '10:0/1'];

test.skipIf(python === undefined)('unittest', async () => {
  expect(await linesRun({ 'calc.py': module, 'test_calc.py': cases }, `${python} -m unittest`, 'calc.py')).toEqual(expected);
});

test.skipIf(python === undefined || !works(python, '-m', 'pytest', '--version'))('pytest, functions and classes', async () => {
  const files = { 'calc.py': module, 'test_calc.py': `${cases}def test_plain(): assert add(20, 1) == 21\n` };
  expect(await linesRun(files, `${python} -m pytest`, 'calc.py')).toEqual([
    '1:2/2',
    '2:2/1',
    '3:2/0',
    '4:0/1',
    '6:2/2',
    '7:0/1',
    '8:0/1',
    '9:0/1',
    '10:0/1',
  ]);
});

const inCommon = [
  'import pytest',
  'from calc import add, times',
  '@pytest.fixture(scope="module")',
  'def large(): return add(11, 2)',
  '@pytest.fixture(scope="session")',
  'def small(): return add(1, 2)',
  'def test_first(large): pass',
  'def test_second(large): assert large == 13',
  'def test_third(small): assert small == 3',
  'def test_fourth(): assert times(3, 2) == 6',
  '',
].join('\n');

test.skipIf(python === undefined || !works(python, '-m', 'pytest', '--version'))(
  'pytest, what several tests use was made by each',
  async () => {
    const files = { 'calc.py': module, 'test_calc.py': inCommon, 'test_other.py': inCommon.replace('== 13', '== 9') };
    const lines = await linesRun(files, `${python} -m pytest`, 'calc.py');
    expect(lines).toEqual(expect.arrayContaining(['2:1/5', '3:1/3', '4:0/2', '7:0/2']));
  },
);

test.skipIf(python === undefined)('unittest, what several tests use was made by each', async () => {
  const tests = [
    'import unittest',
    'from calc import add, times',
    'def setUpModule(): times(1, 1)',
    'class One(unittest.TestCase):',
    '    @classmethod',
    '    def setUpClass(cls): cls.large = add(11, 2)',
    '    def test_first(self): pass',
    '    def test_second(self): self.assertEqual(self.large, 13)',
    'class Two(unittest.TestCase):',
    '    def test_third(self): self.assertEqual(add(1, 2), 3)',
    '',
  ].join('\n');
  const files = {
    'calc.py': module,
    'test_a.py': tests,
    'test_b.py': 'import unittest\nclass B(unittest.TestCase):\n    def test_it(self): pass\n',
  };
  const lines = await linesRun(files, `${python} -m unittest`, 'calc.py');
  expect(lines).toEqual(expect.arrayContaining(['2:1/2', '3:1/1', '4:0/1', '7:1/2']));
});

test.skipIf(python === undefined)('a test that never ends tells where it is', async () => {
  const endless = module.replace('        return a - b', '        while True:\n            a = 11');
  const lines = await linesRun({ 'calc.py': endless, 'test_calc.py': cases }, `${python} -m unittest`, 'calc.py', { wallMs: 4_000 });
  expect(lines).toEqual(expect.arrayContaining(['2:1/0', '3:1/0', '4:1/0']));
});

test('a runner whose tests cannot be told apart says nothing', async () => {
  expect(await linesRun({ 'calc.mjs': script }, `${join('.', 'check')} --all`, 'calc.mjs')).toEqual([]);
});
