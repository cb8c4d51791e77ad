/** Lines that tests ran over, told by real runners. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { coverageOf, testCommandFromText } from '../../src/feedback/index.ts';
import { python, works } from '../support/python.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const opened: TemporaryWorkspace[] = [];
afterAll(() => {
  for (const one of opened) one.dispose();
});

const limits = { wallMs: 30_000, idleMs: 30_000, outputBytes: 64_000 };

/** Lines of the file as `line:failing/passing`. */
async function linesOf(files: Readonly<Record<string, string>>, command: string, file: string, wallMs = limits.wallMs): Promise<string[]> {
  const workspace = temporaryWorkspace(files, { git: false });
  opened.push(workspace);
  const before = workspace.contents();
  const signal = new AbortController().signal;
  const coverage = await coverageOf(testCommandFromText(command), workspace.root, { ...limits, wallMs }, {}, signal);
  expect(workspace.contents()).toEqual(before);
  const lines = [...(coverage?.files.get(file) ?? [])].sort(([a], [b]) => a - b);
  return lines.map(([line, { failing, passing }]) => `${line}:${failing}/${passing}`);
}

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

test('node:test, in suites, in subtests and with time between', async () => {
  const files = {
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
  const lines = await linesOf(files, 'node --test', 'calc.mjs');
  expect(lines).toEqual(expect.arrayContaining(['2:1/1', '3:1/0', '5:0/1', '8:0/1', '9:0/1', '10:0/1']));
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
  expect(await linesOf({ 'calc.py': module, 'test_calc.py': cases }, `${python} -m unittest`, 'calc.py')).toEqual(expected);
});

test.skipIf(python === undefined || !works(python, '-m', 'pytest', '--version'))('pytest, functions and classes', async () => {
  const files = { 'calc.py': module, 'test_calc.py': `${cases}def test_plain(): assert add(20, 1) == 21\n` };
  expect(await linesOf(files, `${python} -m pytest`, 'calc.py')).toEqual([
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

test.skipIf(python === undefined)('a test that never ends tells where it is', async () => {
  const endless = module.replace('        return a - b', '        while True:\n            a = 11');
  const lines = await linesOf({ 'calc.py': endless, 'test_calc.py': cases }, `${python} -m unittest`, 'calc.py', 4_000);
  expect(lines).toEqual(expect.arrayContaining(['2:1/0', '3:1/0', '4:1/0']));
});

test('a runner whose tests cannot be told apart says nothing', async () => {
  expect(await linesOf({ 'calc.mjs': script }, `${join('.', 'check')} --all`, 'calc.mjs')).toEqual([]);
});
