import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { installedNodeRunners } from '../../scripts/test-runners.ts';
import { compareReports, runTests, score, testCommandFromText } from '../../src/feedback/index.ts';
import type { TestReport } from '../../src/feedback/types.ts';
import { findFence } from '../../src/process/find-fence.ts';
import { viewHere } from '../support/fences.ts';
import { works } from '../support/python.ts';

const limits = { wallMs: 100_000, idleMs: 100_000, outputBytes: 64 * 1024 };
const never = new AbortController().signal;
const made: string[] = [];

/** A workspace with spaces and letters of other alphabets in its path. */
function workspace(files: Record<string, string>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright feedback é ')));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

const run = (text: string, root: string, more: Partial<typeof limits> = {}) =>
  runTests(testCommandFromText(text), root, { ...limits, ...more }, {}, never);

const outcomes = (report: TestReport) =>
  Object.fromEntries(report.cases.map((one) => [one.id, `${one.outcome}${one.whole ? ' (whole)' : ''}`]));
const messageOf = (report: TestReport, id: string) => report.cases.find((one) => one.id === id)?.message ?? '';
/** What may differ between two runs of the same code is only how long they took. */
const timeless = (report: TestReport) => ({ ...report, ms: 0, cases: report.cases.map((one) => ({ ...one, ms: 0 })) });

const fence = await findFence();
const hasPytest = works('python3', '-c', 'import pytest');
const hasPython = works('python3', '-c', 'import unittest');
const hasGo = works('go', 'version');
const hasCargo = works('cargo', '--version');
/** Folder with `node_modules` that has jest and mocha; they are not dependencies of ours. */
const moreRunners = installedNodeRunners() ?? '';

/** Every version of Node that the PATH holds, once. */
const nodes = new Map(
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .map((path) => [execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path] as const)
    .reverse(),
);

describe.each([...nodes])('node:test on %s', (_version, node) => {
  const files = {
    'a.test.js': `const { test, describe, it, before } = require('node:test');
const assert = require('node:assert');
describe('suite', () => {
  it('adds', () => {});
  it('subtracts', () => assert.strictEqual(1, 2));
  it.skip('later', () => {});
  it.todo('some day');
});
test('parent', async (t) => { await t.test('child ü', () => assert.deepStrictEqual({ a: 1 }, { a: 2 })); });
describe('hooked', () => { before(() => { throw new Error('no database'); }); it('never', () => {}); });
test('same', () => {}); test('same', () => {});
console.log('printed by a test file');
`,
    'b.test.mjs': 'const x = = 1;\n',
    'c.test.js': "require('./nowhere.js');\n",
    'd.test.js': "require('node:assert').ok(true);\n",
  };

  it('tells every test, and errors before any test, with stable names and texts', async () => {
    const root = workspace(files);
    const report = await run(`'${node}' --test`, root);
    expect(report).toMatchObject({ ending: 'finished', exitCode: 1, green: false });
    expect(outcomes(report)).toMatchObject({
      'a.test.js > suite > adds': 'passed',
      'a.test.js > suite > subtracts': 'failed',
      'a.test.js > suite > later': 'skipped',
      'a.test.js > suite > some day': 'skipped',
      'a.test.js > parent > child ü': 'failed',
      'a.test.js > hooked > never': 'failed',
      'a.test.js > same': 'passed',
      'a.test.js > same #2': 'passed',
      'b.test.mjs': 'failed (whole)',
      'c.test.js': 'failed (whole)',
      'd.test.js': 'passed',
    });
    expect(Object.keys(outcomes(report))).not.toContain('a.test.js > parent');
    expect(messageOf(report, 'a.test.js > suite > subtracts')).toMatch(/1 !== 2[\s\S]*a\.test\.js:5/);
    expect(messageOf(report, 'b.test.mjs')).toContain("SyntaxError: Unexpected token '='");
    expect(messageOf(report, 'c.test.js')).toContain("Cannot find module './nowhere.js'");
    expect(report.output).toContain('printed by a test file');
    expect(JSON.stringify(report)).not.toContain(tmpdir());
    // The same code elsewhere fails with the same text, and nothing was left in the workspace.
    expect(timeless(await run(`'${node}' --test`, workspace(files)))).toEqual(timeless(report));
    expect(readdirSync(root).sort()).toEqual(Object.keys(files).sort());
  });

  it('names the test that never ends, with what ran before it', async () => {
    const root = workspace({
      'a.test.js': `const { test, describe, it } = require('node:test');
describe('suite', () => { it('ok', () => {}); it('bad', () => { throw new Error('wrong'); }); });
test('spins', () => { for (;;); });
test('unreached', () => {});`,
    });
    const report = await run(`'${node}' --test`, root, { wallMs: 20_000 });
    expect(report).toMatchObject({ ending: 'time-limit', green: false });
    expect(outcomes(report)).toEqual({
      'a.test.js > suite > ok': 'passed',
      'a.test.js > suite > bad': 'failed',
      'a.test.js > spins': 'failed',
    });
    expect(messageOf(report, 'a.test.js > spins')).toContain('did not finish within the time limit');
    expect(messageOf(report, 'a.test.js > suite > bad')).toContain('Error: wrong');
  });

  it('names the file whose loading never ends, and a test that waits for ever in silence', async () => {
    const waits = "require('node:test').test('waits', async () => { setInterval(() => {}, 1000); await new Promise(() => {}); });";
    const [loading, waiting] = await Promise.all([
      run(`'${node}' --test`, workspace({ 'a.test.js': 'for (;;);' }), { wallMs: 15_000 }),
      run(`'${node}' --test`, workspace({ 'a.test.js': waits }), { idleMs: 12_000 }),
    ]);
    expect(outcomes(loading)).toEqual({ 'a.test.js': 'failed (whole)' });
    expect(waiting.ending).toBe('silence-limit');
    expect(outcomes(waiting)).toEqual({ 'a.test.js > waits': 'failed' });
  });

  it('runs the files of a wildcard, and the ones it is given', async () => {
    const pass = "require('node:test').test('t', () => {});";
    const root = workspace({ 'a.test.js': pass, 'deep/b.test.js': pass, 'other.js': pass });
    expect(outcomes(await run(`'${node}' --test deep/*.test.js`, root))).toEqual({ 'deep/b.test.js > t': 'passed' });
    expect(outcomes(await run(`'${node}' --test other.js`, root))).toEqual({ 'other.js > t': 'passed' });
  });

  it('bears tests that print a lot', async () => {
    const text = `require('node:test').test('prints', async () => {
      const line = 'x'.repeat(1023) + '\\n';
      for (let i = 0; i < 100; i += 1) await new Promise((done) => process.stdout.write(line.repeat(1024), done));
    });`;
    const report = await run(`'${node}' --test`, workspace({ 'a.test.js': text }));
    expect(report).toMatchObject({ ending: 'finished', green: true });
    expect(report.output.length).toBeLessThan(15_000);
  });

  it('a repaired file is a fixed one', async () => {
    const test =
      "const { test } = require('node:test'); const { f } = require('./f.js'); test('f', () => require('assert').equal(f(), 1));";
    const root = workspace({ 'a.test.js': test, 'f.js': 'exports.f = () => {' });
    const before = await run(`'${node}' --test`, root);
    writeFileSync(join(root, 'f.js'), 'exports.f = () => 1;');
    const after = await run(`'${node}' --test`, root);
    expect(after.green).toBe(true);
    expect(compareReports(before, after)).toMatchObject({ fixed: ['a.test.js'], added: ['a.test.js > f'], missing: [] });
    expect([score(before, before), score(after, before)]).toEqual([0, 1]);
  });
});

describe('any run', () => {
  it('that did not get to its end is no success', async () => {
    const dies =
      "require('node:test').test('t', () => {}); setTimeout(() => {}, 50); process.on('exit', () => process.kill(process.ppid, 'SIGKILL'));";
    const report = await run('node --test', workspace({ 'a.test.js': dies }));
    expect(report).toMatchObject({ ending: 'no-report', green: false });
    expect(report.failed).toBeGreaterThan(0);
  });

  it('whose runner is missing is not started', async () => {
    const report = await run('mocha', workspace({ 'a.js': '' }));
    expect(report).toMatchObject({ ending: 'not-started', green: false, exitCode: null });
    expect(report.output).toContain('No such program: mocha');
  });

  it('that exits with an error though no test failed is not green', async () => {
    const text = "require('node:test').test('t', () => {}); process.on('exit', () => { process.exitCode = 7; });";
    const report = await run('node --test', workspace({ 'a.test.js': text }));
    expect(report.green).toBe(false);
    expect(report.failed).toBeGreaterThan(0);
  });

  it('of an unknown command is judged by its exit code', async () => {
    const root = workspace({ 'check.js': 'console.error("bad luck", __dirname); process.exit(Number(process.argv[2]))' });
    expect(await run('node check.js 0', root)).toMatchObject({ ending: 'finished', green: true, passed: 1, failed: 0 });
    const failed = await run('node check.js 3 | cat; exit 3', root);
    expect(failed).toMatchObject({ ending: 'finished', green: false, exitCode: 3, failed: 1 });
    expect(failed.cases[0]?.message).toBe('bad luck .');
  });

  it('whose build fails says so', async () => {
    const root = workspace({ 'a.test.js': "require('node:test').test('t', () => {});", 'build.js': 'throw new Error("no build")' });
    const report = await run('node build.js && node --test', root);
    expect(outcomes(report)).toEqual({ 'node build.js': 'failed (whole)' });
    expect(report.cases[0]?.message).toContain('Error: no build');
    writeFileSync(join(root, 'build.js'), '');
    expect(outcomes(await run('node build.js && node --test', root))).toEqual({ 'a.test.js > t': 'passed' });
  });

  it('ends the processes its tests started, also those that hide', async () => {
    const mark = `mark-${process.pid}-${Date.now()}`;
    const text = `const { spawn } = require('node:child_process');
      require('node:test').test('t', () => {
        spawn('sh', ['-c', 'trap "" TERM; : ${mark}; while :; do sleep 1; done'], { detached: true, stdio: 'ignore' }).unref();
        for (;;);
      });`;
    const report = await run('node --test', workspace({ 'a.test.js': text }), { wallMs: 4000 });
    expect(report).toMatchObject({ ending: 'time-limit' });
    const living = execFileSync('ps', ['-axww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
    expect(living.filter((line) => line.includes(mark))).toEqual([]);
  });

  it.skipIf(fence.by === 'none')('works in a fence, where what it writes elsewhere reaches nothing', async () => {
    const text = `const { test } = require('node:test'), { writeFileSync } = require('node:fs'), { homedir } = require('node:os');
      test('t', () => { writeFileSync('inside', ''); });
      test('o', () => { writeFileSync('/usr/teamwright-outside', ''); });
      test('h', () => { writeFileSync(homedir() + '/teamwright-outside', ''); });`;
    const root = workspace({ 'a.test.js': text });
    if (fence.by === 'none') throw new Error(fence.reason);
    const report = await runTests(testCommandFromText('node --test'), root, limits, { fence: { fence, view: viewHere() } }, never);
    expect(outcomes(report)).toEqual({ 'a.test.js > t': 'passed', 'a.test.js > o': 'failed', 'a.test.js > h': 'passed' });
    expect(messageOf(report, 'a.test.js > o')).toContain('EROFS');
    expect(existsSync(join(root, 'inside'))).toBe(true);
    expect(existsSync(join(homedir(), 'teamwright-outside'))).toBe(false);
  });

  it('can be stopped', async () => {
    const stop = new AbortController();
    const root = workspace({ 'a.test.js': 'for (;;);' });
    setTimeout(() => stop.abort(), 1000);
    const report = await runTests(testCommandFromText('node --test'), root, limits, {}, stop.signal);
    expect(report).toMatchObject({ ending: 'stopped', green: false });
    expect(report.ms).toBeLessThan(20_000);
  });
});

describe.skipIf(!hasPytest)('pytest', () => {
  const files = {
    'test_a.py': `import pytest
@pytest.mark.parametrize('n', [1, 2])
def test_n(n):
    assert n == 1
@pytest.fixture
def broken():
    raise RuntimeError('no fixture')
def test_fixture(broken): pass
@pytest.mark.skip(reason='later')
def test_skip(): pass
@pytest.mark.xfail
def test_expected(): assert False
class TestC:
    def test_m(self):
        print('printed'); raise ValueError(object())
`,
    'pkg/test_b.py': 'import nowhere\n',
    'pkg/test_c.py': 'def broken(:\n',
  };

  it('tells every test and every file that does not load', async () => {
    const root = workspace(files);
    const report = await run('python3 -m pytest', root);
    // Collection errors end pytest before any test runs.
    expect(outcomes(report)).toEqual({ 'pkg/test_b.py': 'failed (whole)', 'pkg/test_c.py': 'failed (whole)' });
    expect(messageOf(report, 'pkg/test_b.py')).toContain("ModuleNotFoundError: No module named 'nowhere'");
    expect(messageOf(report, 'pkg/test_c.py')).toContain('SyntaxError');
    rmSync(join(root, 'pkg'), { recursive: true });
    const second = await run('python3 -m pytest', root);
    expect(outcomes(second)).toEqual({
      'test_a.py::test_n[1]': 'passed',
      'test_a.py::test_n[2]': 'failed',
      'test_a.py::test_fixture': 'failed',
      'test_a.py::test_skip': 'skipped',
      'test_a.py::test_expected': 'skipped',
      'test_a.py::TestC::test_m': 'failed',
    });
    expect(messageOf(second, 'test_a.py::test_n[2]')).toContain('assert 2 == 1');
    expect(messageOf(second, 'test_a.py::test_fixture')).toContain('no fixture');
    expect(timeless(await run('python3 -m pytest', workspace({ 'test_a.py': files['test_a.py'] })))).toEqual(timeless(second));
    expect(readdirSync(root)).toEqual(['test_a.py']);
  });

  it('names the test, or the file, that never ends', async () => {
    const tests = 'def test_ok(): pass\ndef test_spins():\n    while True: pass\n';
    const [spinning, loading] = await Promise.all([
      run('python3 -m pytest -q', workspace({ 'test_a.py': tests }), { wallMs: 8000 }),
      run('python3 -m pytest -q', workspace({ 'test_a.py': 'while True: pass\n' }), { wallMs: 8000 }),
    ]);
    expect(spinning.ending).toBe('time-limit');
    expect(outcomes(spinning)).toEqual({ 'test_a.py::test_ok': 'passed', 'test_a.py::test_spins': 'failed' });
    expect(outcomes(loading)).toEqual({ 'test_a.py': 'failed (whole)' });
  });

  it('sees an edit of the same size within the same second', async () => {
    const root = workspace({ 'f.py': 'def f(): return 1\n', 'test_f.py': 'from f import f\ndef test_f(): assert f() == 2\n' });
    expect((await run('python3 -m pytest -q', root)).green).toBe(false);
    writeFileSync(join(root, 'f.py'), 'def f(): return 2\n');
    expect((await run('python3 -m pytest -q', root)).green).toBe(true);
  });

  it('tells files below the workspace when it runs in a folder of it', async () => {
    const root = workspace({ 'backend/test_a.py': 'def test_a(): assert 0\n' });
    const report = await runTests({ ...testCommandFromText('python3 -m pytest'), cwd: 'backend' }, root, limits, {}, never);
    expect(report.cases).toMatchObject([{ id: 'backend/test_a.py::test_a', file: 'backend/test_a.py' }]);
  });
});

describe.skipIf(!hasPython)('unittest', () => {
  it('tells tests, subtests, class set-up and failed imports', async () => {
    const root = workspace({
      'test_a.py': `import unittest
class A(unittest.TestCase):
    def test_ok(self): pass
    def test_bad(self): self.assertEqual(1, 2)
    @unittest.skip('no')
    def test_skip(self): pass
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i): self.assertNotEqual(i, 1)
class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError('class')
    def test_x(self): pass
`,
      'test_b.py': 'import nowhere\n',
    });
    const report = await run('python3 -m unittest', root);
    expect(outcomes(report)).toEqual({
      'test_a.py > A.test_ok': 'passed',
      'test_a.py > A.test_bad': 'failed',
      'test_a.py > A.test_skip': 'skipped',
      'test_a.py > A.test_sub': 'failed',
      'setUpClass (test_a.B)': 'failed (whole)',
      test_b: 'failed (whole)',
    });
    expect(messageOf(report, 'test_b')).toContain("No module named 'nowhere'");
    expect(messageOf(report, 'test_a.py > A.test_sub')).toContain('(i=1)');
    expect(readdirSync(root).sort()).toEqual(['test_a.py', 'test_b.py']);
  });
});

describe('vitest', () => {
  it('tells tests, failed imports and syntax errors', async () => {
    const root = workspace({
      'a.test.ts': `import { describe, expect, it, test } from 'vitest';
describe('suite', () => { it('ok', () => {}); it('bad', () => { expect({ a: 1 }).toEqual({ a: 2 }); }); it.skip('later', () => {}); });
test('outer', () => { throw new TypeError('boom'); });`,
      'b.test.ts': "import { x } from './nowhere.ts'; x();",
      'c.test.ts': 'const x = = 1;',
    });
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
    const report = await run('npx vitest', root);
    expect(report.ending).toBe('finished');
    expect(outcomes(report)).toEqual({
      'a.test.ts > suite > ok': 'passed',
      'a.test.ts > suite > bad': 'failed',
      'a.test.ts > suite > later': 'skipped',
      'a.test.ts > outer': 'failed',
      'b.test.ts': 'failed (whole)',
      'c.test.ts': 'failed (whole)',
    });
    expect(messageOf(report, 'a.test.ts > suite > bad')).toContain('-   "a": 2');
    expect(messageOf(report, 'b.test.ts')).toContain('./nowhere.ts');
  });
});

describe.skipIf(moreRunners === '')('jest and mocha', () => {
  const tests = `const assert = require('assert');
describe('suite', () => { it('ok', () => {}); it('bad', () => { assert.strictEqual(1, 2); }); it.skip('later', () => {}); });`;

  it.each([
    ['jest', 'a.test.js'],
    ['mocha', 'test/a.js'],
  ])('%s tells every test', async (runner, file) => {
    const root = workspace({ [file]: tests, 'package.json': '{}' });
    symlinkSync(join(moreRunners, 'node_modules'), join(root, 'node_modules'));
    const report = await run(runner, root);
    expect(report.ending).toBe('finished');
    expect(outcomes(report)).toEqual({
      [`${file} > suite > ok`]: 'passed',
      [`${file} > suite > bad`]: 'failed',
      [`${file} > suite > later`]: 'skipped',
    });
    writeFileSync(join(root, file), `${tests}\nit('spins', () => { for (;;); });`);
    const hanging = await run(runner, root, { wallMs: 8000 });
    expect(outcomes(hanging)).toMatchObject({ [`${file} > spins`]: 'failed' });
    writeFileSync(join(root, file), 'const x = = 1;');
    const broken = await run(runner, root);
    expect(broken.green).toBe(false);
    expect(broken.cases[0]?.message).toContain('Unexpected token');
  });
});

describe.skipIf(!hasGo)('go test', () => {
  it('tells tests, subtests, panics and packages that do not build', async () => {
    const root = workspace({
      'go.mod': 'module example.com/g\n\ngo 1.21\n',
      'a_test.go': `package g
import "testing"
func TestOk(t *testing.T) {}
func TestTable(t *testing.T) { t.Run("one two", func(t *testing.T) { t.Errorf("got %d want %d", 1, 2) }); t.Run("fine", func(t *testing.T) {}) }
func TestSkip(t *testing.T) { t.Skip("later") }
func TestPanic(t *testing.T) { var m map[string]int; m["x"] = 1 }
`,
      'bad/b_test.go': 'package bad\nimport "testing"\nfunc TestX(t *testing.T) { undefinedThing() }\n',
    });
    const report = await run('go test ./...', root);
    expect(report.ending).toBe('finished');
    expect(outcomes(report)).toEqual({
      'example.com/g TestOk': 'passed',
      'example.com/g TestTable/one_two': 'failed',
      'example.com/g TestTable/fine': 'passed',
      'example.com/g TestSkip': 'skipped',
      'example.com/g TestPanic': 'failed',
      'example.com/g/bad': 'failed (whole)',
    });
    expect(messageOf(report, 'example.com/g TestTable/one_two')).toContain('a_test.go:4: got 1 want 2');
    expect(messageOf(report, 'example.com/g TestPanic')).toContain('assignment to entry in nil map');
    expect(messageOf(report, 'example.com/g TestPanic')).not.toMatch(/0x[0-9a-f]{4}/);
    expect(messageOf(report, 'example.com/g/bad')).toContain('undefined: undefinedThing');
    expect(report.output).not.toContain('"Action"');
  });
});

describe.skipIf(!hasCargo)('cargo test', () => {
  it('tells tests of all targets, and a crate that does not build', async () => {
    const root = workspace({
      'Cargo.toml': '[package]\nname = "c"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/lib.rs': `pub fn add(a: i32, b: i32) -> i32 { a - b }
#[cfg(test)]
mod tests {
    #[test] fn ok() {}
    #[test] fn bad() { assert_eq!(super::add(1, 2), 3, "sum"); }
    #[test] #[ignore] fn later() {}
}
`,
      'tests/it.rs': '#[test] fn outer() {}\n',
    });
    const report = await run('cargo test', root);
    expect(report.ending).toBe('finished');
    expect(outcomes(report)).toEqual({
      'src/lib.rs tests::ok': 'passed',
      'src/lib.rs tests::bad': 'failed',
      'src/lib.rs tests::later': 'skipped',
      'tests/it.rs outer': 'passed',
    });
    expect(messageOf(report, 'src/lib.rs tests::bad')).toMatch(/^thread 'tests::bad' panicked at src\/lib\.rs:5[\s\S]*left: -1/);
    writeFileSync(join(root, 'src/lib.rs'), 'pub fn add(a: i32) -> String { a }\n');
    const broken = await run('cargo test', root);
    expect(broken).toMatchObject({ ending: 'finished', green: false });
    expect(outcomes(broken)).toEqual({ 'cargo build': 'failed (whole)' });
    expect(messageOf(broken, 'cargo build')).toContain('error[E0308]: mismatched types');
  });
});
