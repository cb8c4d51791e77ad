/**
 * What the guard costs a test run: the same tests with it, as a run of Teamwright has them, and without it, in turns. `npm run bench -- guard`, or
 * `node test/bench/guard.bench.ts ROUNDS [WORD of the command]`. The tests do a little work each (hashing, comparing); the cost is the difference in the same round.
 * Of Go and Rust the tests are built before; what the guard costs a build is a row of its own, in which a source is changed before each run.
 * jest and mocha, and pytest with its plugins, are measured once `node scripts/test-runners.ts` has installed them.
 */
import { appendFileSync, symlinkSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { installedNodeRunners, installedPython } from '../../scripts/test-runners.ts';
import { runTests, testCommandFromText } from '../../src/feedback/index.ts';
import { resolveLocalProgram } from '../../src/feedback/local-program.ts';
import { runCommand } from '../../src/process/index.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const rounds = Number(process.argv[2] ?? 10);
const only = process.argv[3] ?? '';
const goal = 0.05;
const limits = { wallMs: 120_000, idleMs: 120_000, outputBytes: 64 * 1024 };
const signal = new AbortController().signal;
const testFiles = 10;
const testsInFile = 50;
const more = installedNodeRunners();

const work = `const { createHash } = require('node:crypto');
exports.work = (n) => { let text = String(n); for (let i = 0; i < 300; i += 1) text = createHash('sha256').update(text).digest('hex'); return text.length; };
`;
const withExpect = `const { work } = require('./work.cjs');\nfor (let n = 0; n < ${testsInFile}; n += 1) test('test ' + n, () => { expect(work(n)).toBe(64); });\n`;
const withAssert = `const assert = require('node:assert/strict');\n${withExpect.replace('expect(work(n)).toBe(64)', 'assert.equal(work(n), 64)')}`;

const python = installedPython() ?? 'python3';
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

const workGo = `package work
import ("crypto/sha256"; "encoding/hex"; "strconv")
func Work(n int) int {
	text := strconv.Itoa(n)
	for i := 0; i < 300; i++ { sum := sha256.Sum256([]byte(text)); text = hex.EncodeToString(sum[:]) }
	return len(text)
}
`;
const withT = `package work\nimport "testing"\n${numbers.map((n) => `func Test*_${n}(t *testing.T) { if Work(${n}) != 64 { t.Fatal("no") } }\n`).join('')}`;
// Without a library that hashes: as many steps of arithmetic.
const workRust = `pub fn work(n: u64) -> usize {
    let mut text = n;
    for step in 0..200_000u64 { text = text.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ step; }
    format!("{text:064x}").len()
}
`;
const withTests = numbers.map((n) => `#[test] fn test_${n}() { assert_eq!(work::work(${n}), 64); }\n`).join('');

interface Measured {
  readonly command: string;
  /** What stands in the place of the command in the table. */
  readonly shown?: string;
  readonly modules: string;
  /** Source that is changed before each run, so that the tests are built anew. */
  readonly changed?: string;
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
  ...['', 'work.go'].map((changed) => ({
    command: 'go test -count=1 ./...',
    shown: changed === '' ? 'go test' : 'go test, with its build',
    modules: own,
    test: withT,
    name: 'f*_test.go',
    changed,
  })),
  ...['', 'src/lib.rs'].map((changed) => ({
    command: 'cargo test --offline',
    shown: changed === '' ? 'cargo test' : 'cargo test, with its build',
    modules: own,
    test: withTests,
    name: 'tests/f*.rs',
    changed,
  })),
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
for (const { command, shown = command, modules, test, name = 'f*.test.js', changed = '' } of runners) {
  if (!shown.includes(only)) continue;
  const files = Object.fromEntries(
    Array.from({ length: testFiles }, (_one, index) => [name.replace('*', String(index)), test.replaceAll('Test*', `Test${index}`)]),
  );
  const workspace = temporaryWorkspace({
    'package.json': command.startsWith('vitest') ? '{"type":"module"}' : '{}',
    'work.cjs': work,
    'work.py': workPy,
    'go.mod': 'module example.com/work\n\ngo 1.22\n',
    'work.go': workGo,
    'Cargo.toml': '[package]\nname = "work"\nversion = "0.1.0"\nedition = "2021"\n[lib]\ndoctest = false\n[profile.dev]\nopt-level = 1\n',
    'src/lib.rs': workRust,
    ...files,
  });
  try {
    symlinkSync(modules, join(workspace.root, 'node_modules'));
    const given = testCommandFromText(command);
    const words = (given.argv ?? []).flatMap((word) => (word.includes('*') ? Object.keys(files) : [word]));
    const argv = resolveLocalProgram(words, { top: workspace.root, cwd: workspace.root });
    let turn = 0;
    const change = (): void => {
      turn += 1;
      if (changed !== '') appendFileSync(join(workspace.root, changed), `// ${turn}\n`);
    };
    const guarded = async (): Promise<number> => {
      change();
      const report = await runTests({ ...given, argv: words }, workspace.root, limits, {}, signal);
      if (report.passed !== testFiles * testsInFile || report.guard !== 'records')
        throw new Error(`${command}: ${JSON.stringify(report).slice(0, 500)}`);
      return report.ms;
    };
    const unguarded = async (): Promise<number> => {
      change();
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
    table[shown] = row;
    console.log(JSON.stringify({ bench: 'guard', command: shown, rounds, ...row }));
  } finally {
    workspace.dispose();
  }
}
console.table(table);
console.log(
  `Goal: at most ${goal * 100} % of each: ${met ? 'met' : 'missed'}. ${testFiles} files of ${testsInFile} tests; load ${loadavg()[0]?.toFixed(1)}.`,
);
