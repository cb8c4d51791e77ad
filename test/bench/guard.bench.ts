/**
 * What the guard costs a test run: the same tests with it, as a run of Teamwright has them, and without it, in turns. `npm run bench -- guard`, or
 * `node test/bench/guard.bench.ts ROUNDS`. The tests do a little work each (hashing, comparing); the cost is the difference in the same round.
 * jest and mocha are measured when `TEAMWRIGHT_TEST_RUNNERS` names a folder whose `node_modules` has them.
 */
import { symlinkSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests, testCommandFromText } from '../../src/feedback/index.ts';
import { resolveLocalProgram } from '../../src/feedback/local-program.ts';
import { runCommand } from '../../src/process/index.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const rounds = Number(process.argv[2] ?? 10);
const goal = 0.05;
const limits = { wallMs: 120_000, idleMs: 120_000, outputBytes: 64 * 1024 };
const signal = new AbortController().signal;
const testFiles = 10;
const testsInFile = 50;
const more = process.env.TEAMWRIGHT_TEST_RUNNERS;

const work = `const { createHash } = require('node:crypto');
exports.work = (n) => { let text = String(n); for (let i = 0; i < 300; i += 1) text = createHash('sha256').update(text).digest('hex'); return text.length; };
`;
const withExpect = `const { work } = require('./work.cjs');\nfor (let n = 0; n < ${testsInFile}; n += 1) test('test ' + n, () => { expect(work(n)).toBe(64); });\n`;
const withAssert = `const assert = require('node:assert/strict');\n${withExpect.replace('expect(work(n)).toBe(64)', 'assert.equal(work(n), 64)')}`;

const python = process.env.TEAMWRIGHT_TEST_PYTHON ?? 'python3';
const workPy = `import hashlib
def work(n):
    text = str(n)
    for _ in range(300):
        text = hashlib.sha256(text.encode()).hexdigest()
    return len(text)
`;
const numbers = Array.from({ length: testsInFile }, (_one, n) => n);
const withAsserts = `from work import work\n${numbers.map((n) => `def test_${n}():\n    assert work(${n}) == 64\n`).join('')}`;
const withCases = `import unittest\nfrom work import work\nclass T(unittest.TestCase):\n${numbers.map((n) => `    def test_${n}(self):\n        self.assertEqual(work(${n}), 64)\n`).join('')}`;

interface Measured {
  readonly command: string;
  readonly modules: string;
  readonly test: string;
  /** Of a file of tests, with `*` for its number. */
  readonly name?: string;
}
const own = resolve('node_modules');
const runners: readonly Measured[] = [
  { command: 'node --test', modules: own, test: `const { test } = require('node:test');\n${withAssert}` },
  {
    command: 'vitest run',
    modules: own,
    test: `import { test, expect } from 'vitest';\nimport { work } from './work.cjs';\n${withExpect.split('\n').slice(1).join('\n')}`,
  },
  { command: `${python} -m pytest -p no:cacheprovider`, modules: own, test: withAsserts, name: 'test_*.py' },
  { command: `${python} -m unittest`, modules: own, test: withCases, name: 'test_*.py' },
  ...(more === undefined
    ? []
    : [
        { command: 'jest', modules: join(more, 'node_modules'), test: withExpect },
        { command: 'mocha *.test.js', modules: join(more, 'node_modules'), test: withAssert.replace('test(', 'it(') },
      ]),
];

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const table: Record<string, object> = {};
let met = true;
for (const { command, modules, test, name = 'f*.test.js' } of runners) {
  const files = Object.fromEntries(Array.from({ length: testFiles }, (_one, index) => [name.replace('*', String(index)), test]));
  const workspace = temporaryWorkspace({
    'package.json': command.startsWith('vitest') ? '{"type":"module"}' : '{}',
    'work.cjs': work,
    'work.py': workPy,
    ...files,
  });
  try {
    symlinkSync(modules, join(workspace.root, 'node_modules'));
    const given = testCommandFromText(command);
    const words = (given.argv ?? []).flatMap((word) => (word.includes('*') ? Object.keys(files) : [word]));
    const argv = resolveLocalProgram(words, { root: workspace.root, cwd: workspace.root });
    const guarded = async (): Promise<number> => {
      const report = await runTests({ ...given, argv: words }, workspace.root, limits, {}, signal);
      if (report.passed !== testFiles * testsInFile || report.guard !== 'records')
        throw new Error(`${command}: ${JSON.stringify(report).slice(0, 500)}`);
      return report.ms;
    };
    const unguarded = async (): Promise<number> => {
      const result = await runCommand({ argv, cwd: workspace.root, wallMs: limits.wallMs }, {}, signal);
      if (result.exitCode !== 0) throw new Error(`${command}: ${result.stdout}${result.stderr}`);
      return result.ms;
    };
    const [withGuard, without]: [number[], number[]] = [[], []];
    for (let round = -2; round < rounds; round += 1) {
      const pair = round % 2 === 0 ? [await guarded(), await unguarded()] : [await unguarded(), await guarded()].reverse();
      if (round < 0) continue;
      withGuard.push(pair[0] ?? Number.NaN);
      without.push(pair[1] ?? Number.NaN);
    }
    const costMs = median(withGuard.map((ms, round) => ms - (without[round] ?? Number.NaN)));
    const part = costMs / median(without);
    if (part > goal) met = false;
    const row = {
      withoutMs: Math.round(median(without)),
      withMs: Math.round(median(withGuard)),
      costMs: Math.round(costMs),
      percent: Math.round(part * 1000) / 10,
    };
    table[command] = row;
    console.log(JSON.stringify({ bench: 'guard', command, rounds, ...row }));
  } finally {
    workspace.dispose();
  }
}
console.table(table);
console.log(
  `Goal: at most ${goal * 100} % of each: ${met ? 'met' : 'missed'}. ${testFiles} files of ${testsInFile} tests; load ${loadavg()[0]?.toFixed(1)}.`,
);
