/** Lines that tests ran over, told by runners that are no dependencies of ours. */
import { describe, expect, test } from 'vitest';
import { installedNodeRunners, installedPython } from '../../scripts/test-runners.ts';
import { linesRun } from '../support/lines-run.ts';
import { works } from '../support/python.ts';

const modules = installedNodeRunners() ?? '';
const script = [
  '// Comments and empty lines are not in what a compiler makes of it.',
  '',
  'function add(a, b) {',
  '  if (a > 10) {',
  '',
  '    return a - b;',
  '  }',
  '  return a + b;',
  '}',
  'module.exports = { add };',
  '',
].join('\n');
const tests = [
  "const assert = require('node:assert');",
  "const { add } = require('./calc.js');",
  "it('small', () => assert.equal(add(1, 2), 3));",
  "describe('large', () => {",
  "  it('adds', async () => {",
  '    await new Promise((resolve) => setTimeout(resolve, 5));',
  '    assert.equal(add(11, 2), 13);',
  '  });',
  '});',
].join('\n');
/** Of tests that are left out, the last of them. */
const other = "it('is', () => undefined);\nit.todo('later');\nit.skip('not', () => undefined);\n";
const large = ['4:1/1', '6:1/0', '8:0/1'];

describe.skipIf(modules === '')('with lines recorded', () => {
  test.each(['mocha', 'mocha --parallel'])('%s', async (command) => {
    expect(
      await linesRun({ 'calc.js': script, 'test/calc.js': tests.replace('./calc', '../calc') }, command, 'calc.js', { modulesOf: modules }),
    ).toEqual(expect.arrayContaining(large));
  });

  test.each([
    ['jest', '{}'],
    ['jest --workers=2', '{}'],
    ['jest', '{"jest":{"transform":{}}}'],
  ])('%s, set up by %s', async (command, settings) => {
    const files = { 'package.json': settings, 'calc.js': script, 'calc.test.js': tests, 'other.test.js': other };
    expect(await linesRun(files, command, 'calc.js', { modulesOf: modules })).toEqual(expect.arrayContaining(large));
  });
});

const python = installedPython() ?? 'python3';

test.skipIf(!works(python, '-c', 'import xdist'))('pytest, its tests in two workers', async () => {
  const files = {
    'calc.py': 'def add(a, b):\n    if a > 10:\n        return a - b\n    return a + b\n',
    'test_calc.py': [
      'import pytest',
      'from calc import add',
      "@pytest.mark.parametrize('a', [1, 2, 3, 11])",
      'def test_add(a):',
      '    assert add(a, 2) == a + 2',
      '',
    ].join('\n'),
  };
  expect(await linesRun(files, `${python} -m pytest -n 2`, 'calc.py')).toEqual(expect.arrayContaining(['2:1/3', '3:1/0', '4:0/3']));
});
