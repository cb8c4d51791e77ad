/** Tests that no change can mend, beside one that the change does mend: whole runs over real runners. */
import { expect, test } from 'vitest';
import { works } from '../support/python.ts';
import { start } from '../support/run-scene.ts';

const request = 'The sum is wrong. Mend sum.';
const reply = (path: string, text: string) => `${path}\n\`\`\`\n${text}\`\`\`\n`;

const all: Record<string, { files: Record<string, string>; fixed: [string, string]; red: string }> = {
  'node:test': {
    files: {
      'sum.js': 'exports.sum = (a, b) => a - b;\n',
      'sum.test.js': [
        "const test = require('node:test');",
        "const assert = require('node:assert');",
        "const { sum } = require('./sum.js');",
        "test('sum', () => assert.equal(sum(1, 2), 3));",
        "test('asks', () => require('node:dns').promises.lookup('nobody.invalid').then((found) => assert.equal(sum(1, found.family), 5)));",
        '',
      ].join('\n'),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    fixed: ['sum.js', 'exports.sum = (a, b) => a + b;\n'],
    red: 'asks',
  },
  unittest: {
    files: {
      'sums.py': 'def sum_of(a, b):\n    return a - b\n',
      'test_sums.py': [
        'import socket',
        'import unittest',
        'from sums import sum_of',
        '',
        'class Sums(unittest.TestCase):',
        '    def test_sum(self):',
        '        self.assertEqual(sum_of(1, 2), 3)',
        '',
        '    def test_asks(self):',
        "        self.assertEqual(sum_of(len(socket.getaddrinfo('nobody.invalid', 80)), 1), 2)",
        '',
      ].join('\n'),
    },
    fixed: ['sums.py', 'def sum_of(a, b):\n    return a + b\n'],
    red: 'test_asks',
  },
};
const projects = Object.entries(all).filter(([name]) => name !== 'unittest' || works('python3', '-c', 'import unittest'));

test.each(projects)('%s: a host that is not found decides nothing, and is named', async (_, { files, fixed, red }) => {
  const { run } = await start({ files, request, script: [reply(...fixed)], settings: { replans: 0 } });
  const result = await run();
  expect(result).toMatchObject({ outcome: 'solved', after: { passed: 1, failed: 1 } });
  expect(result.judgement?.outOfReach).toEqual([expect.stringContaining(red)]);
});

test.each(projects)('%s: it counts where the request speaks of it', async (_, { files, fixed }) => {
  const asked = `${request} It must find its host too.`;
  const { run } = await start({ files, request: asked, script: () => reply(...fixed), settings: { replans: 0 } });
  expect((await run()).outcome).toBe('tests-fail');
});
