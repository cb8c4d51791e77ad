import { describe, expect, it } from 'vitest';
import { findTampering, isTestPath, roleOf, secondLook, testSourcesOf } from '../../src/feedback/index.ts';
import type { TestCommand, TestReport } from '../../src/feedback/types.ts';

const js = `import { test } from 'node:test';
test('adds', () => {
  assert.equal(add(1, 2), 3);
  assert.equal(add(0, 0), 0);
});
test('fails', () => { assert.throws(() => add()); });
`;
const py = `def test_a():\n    assert add(1, 2) == 3\n\ndef test_b():\n    assert add(0, 0) == 0\n`;

const kinds = (path: string, before?: string, after?: string) =>
  findTampering({ changedFiles: [{ path, before, after }] }).map((one) => one.kind);

const cases = `package calc

import "testing"

func TestAdd(t *testing.T) {
	for _, one := range []struct{ name string; a, sum int }{
	{"large", 11, 13},
	{"other", 2, 4},
	} {
		if got := Add(one.a, 2); got != one.sum {
			t.Error(one.name)
		}
	}
}
`;
const rows = `import pytest

@pytest.mark.parametrize("a,sum", [
    (1, 3),
    (11, 13),
])
def test_add(a, sum):
    assert add(a, 2) == sum
`;
const each = `import { expect, test } from 'vitest';
test.each([
  [1, 3],
  [11, 13],
])('adds', (a, sum) => {
  expect(add(a, 2)).toBe(sum);
});
`;
const same = `import test from 'node:test';
import assert from 'node:assert';
export const same = (name, a, b) =>
  test(name, () => {
    assert.equal(String(a), String(b));
  });
`;
const check = `package check

import (
	"fmt"
	"testing"
)

func Same(t *testing.T, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("got %v", got)
	}
}
`;

describe('tampering that the files show', () => {
  it('nothing, when tests are added, moved in space or left alone', () => {
    expect(kinds('a.test.js', js, js)).toEqual([]);
    expect(kinds('a.test.js', js, `${js}test('more', () => { assert.ok(add(5)); });\n`)).toEqual([]);
    expect(kinds('a.test.js', js, js.replaceAll('  ', '    ').replaceAll('\n', '\r\n'))).toEqual([]);
    expect(kinds('a.test.js', undefined, 'test.skip("x", () => {})')).toEqual([]);
    expect(kinds('src/add.js', 'export const add = (n) => n + 1;\n', '')).toEqual([]);
    expect(kinds('src/add.js', 'export const add = (n) => n + 1;\n', js)).toEqual([]);
  });

  it('nothing, when a test takes in more, is told more about, or is written in another way that keeps its values', () => {
    expect(kinds('a.test.js', js, js.replace('add }', 'add, more }'))).toEqual([]);
    expect(kinds('test_a.py', py, `# Of numbers 1 to 3.\n${py}`)).toEqual([]);
    const other = each.replaceAll("'", '"').replace('[11, 13],', '[11, 13]').replaceAll('  ', '    ');
    expect(kinds('a.test.js', each, other)).toEqual([]);
    expect(kinds('a_test.go', cases, cases.replace('{"large", 11, 13},', '{"large", 11, 13},\n\t{"small", 1, 3},'))).toEqual([]);
  });

  it('nothing, when what a source demands of its callers is changed', () => {
    const demands = 'def root(n):\n    assert n > 0\n    return n ** 0.5\n';
    for (const path of ['root.py', 'spectrum.py', 'src/expected.py', 'testament/root.py', 'latest.py'])
      expect(kinds(path, demands, demands.replace('n > 0', 'n >= 0'))).toEqual([]);
  });

  it('nothing, when a plugin of a test runner is mended', () => {
    const plugin =
      'import pytest\n\ndef pytest_runtest_setup(item):\n    if item.get_closest_marker("slow") == 1:\n        item.slow = True\n';
    expect(kinds('src/pytest_slow/plugin.py', plugin, plugin.replace('== 1', 'is not None'))).toEqual([]);
  });

  it.each([
    ['a removed test', 'a.test.js', js, js.replace(/test\('fails'.*\n/, ''), 'deleted-test'],
    ['a removed function', 'test_a.py', py, py.slice(0, py.indexOf('def test_b')), 'deleted-test'],
    ['a deleted file', 'tests/test_a.py', py, undefined, 'deleted-file'],
    ['test.skip', 'a.test.js', js, js.replace("test('adds'", "test.skip('adds'"), 'skipped-test'],
    ['xit', 'a.spec.ts', "it('a', () => {})", "xit('a', () => {})", 'skipped-test'],
    ['{ skip: true }', 'a.test.js', js, js.replace("'adds', ", "'adds', { skip: true }, "), 'skipped-test'],
    ['.only', 'a.test.js', js, js.replace("test('adds'", "test.only('adds'"), 'skipped-test'],
    ['pytest.mark.skip', 'test_a.py', py, `@pytest.mark.skip\n${py}`, 'skipped-test'],
    ['pytest.mark.xfail', 'test_a.py', py, `@pytest.mark.xfail\n${py}`, 'skipped-test'],
    ['t.Skip', 'a_test.go', 'func TestA(t *testing.T) {\n}', 'func TestA(t *testing.T) {\n t.Skip("x")\n}', 'skipped-test'],
    ['#[ignore]', 'tests/a.rs', '#[test]\nfn a() {}', '#[test]\n#[ignore]\nfn a() {}', 'skipped-test'],
    ['test.todo', 'a.test.js', js, `${js}test.todo('later');`, 'skipped-test'],
    ['another expected value', 'test_a.py', py, py.replace('== 3', '== 4'), 'weakened-assertion'],
    ['a removed assertion', 'a.test.js', js, js.replace('  assert.equal(add(0, 0), 0);\n', ''), 'weakened-assertion'],
    ['an assertion in a comment', 'a.test.js', js, js.replace('  assert.equal(add(0', '  // assert.equal(add(0'), 'weakened-assertion'],
    ['assert True', 'test_a.py', py, `${py}\ndef test_c():\n    assert True\n`, 'weakened-assertion'],
    ['expect(true)', 'a.test.js', js, `${js}expect(true).toBe(true);`, 'weakened-assertion'],
    [
      'a swallowed failure',
      'test_a.py',
      py,
      `${py}\ndef test_c():\n    try:\n        assert add(1)\n    except Exception:\n        pass\n`,
      'weakened-assertion',
    ],
    ['an empty catch', 'a.test.js', js, `${js}try { assert.ok(0) } catch (error) {}`, 'weakened-assertion'],
    ['the condition in front of a complaint', 'a_test.go', cases, cases.replace('got != one.sum', 'got == 0'), 'weakened-assertion'],
    ['a row of cases', 'a_test.go', cases, cases.replace('11, 13', '11, 9'), 'weakened-assertion'],
    ['a row of cases in Python', 'test_a.py', rows, rows.replace('(11, 13)', '(11, 9)'), 'weakened-assertion'],
    ['a row of cases in a list', 'a.test.js', each, each.replace('[11, 13]', '[11, 9]'), 'weakened-assertion'],
    ['a helper of tests among the sources', 'lib/same.js', same, same.replace('String(b)', 'String(a)'), 'weakened-assertion'],
    ['a helper of tests that is emptied', 'lib/same.js', same, 'export const same = () => {};\n', 'weakened-assertion'],
    ['a helper of tests that is away', 'lib/same.js', same, undefined, 'weakened-assertion'],
    [
      'a helper of tests by its name',
      'lib/assertions.py',
      'def same(a, b):\n    assert a == b\n',
      'def same(a, b):\n    return a\n',
      'weakened-assertion',
    ],
    [
      'one in Rust',
      'src/testutil.rs',
      'pub fn same(a: u8, b: u8) {\n    assert_eq!(a, b);\n}\n',
      'pub fn same(a: u8, b: u8) {}\n',
      'weakened-assertion',
    ],
    [
      'one in a folder',
      'src/testing/same.js',
      'exports.same = (a, b) => {\n  assert.equal(a, b);\n};\n',
      'exports.same = () => {};\n',
      'weakened-assertion',
    ],
    ['a helper of tests in Go', 'check/check.go', check, check.replace('got != want', 'got == nil'), 'weakened-assertion'],
    [
      'a helper of tests in Go that says nothing',
      'check/check.go',
      check,
      check.replace('t.Errorf', '_ = fmt.Sprintf'),
      'weakened-assertion',
    ],
    ['a snapshot', '__snapshots__/a.snap', 'a', 'b', 'changed-expectation'],
    ['a golden file', 'testdata/expected.json', '{"r":3}', '{"r":-1}', 'changed-expectation'],
    ['conftest.py', 'conftest.py', undefined, 'collect_ignore = ["test_a.py"]', 'changed-config'],
    ['pytest.ini', 'pytest.ini', '[pytest]', '[pytest]\naddopts = -k nothing', 'changed-config'],
    ['vitest.config.ts', 'vitest.config.ts', 'a', 'b', 'changed-config'],
    ['the test script', 'package.json', '{"scripts":{"test":"node --test"}}', '{"scripts":{"test":"true"}}', 'changed-config'],
    ['the jest section', 'package.json', '{}', '{"jest":{"testPathIgnorePatterns":["a"]}}', 'changed-config'],
    [
      'the pytest section',
      'pyproject.toml',
      '[project]\nname="a"\n',
      '[project]\nname="a"\n[tool.pytest.ini_options]\naddopts="-x"\n',
      'changed-config',
    ],
  ])('%s', (_what, path, before, after, kind) => {
    expect(kinds(path, before, after)).toContain(kind);
  });

  it.each([
    [
      'a script the test runs',
      'package.json',
      '{"scripts":{"test":"npm run unit","unit":"node --test"}}',
      '{"scripts":{"test":"npm run unit","unit":"true"}}',
    ],
    [
      'a script after the test',
      'package.json',
      '{"scripts":{"test":"node --test"}}',
      '{"scripts":{"test":"node --test","posttest":"true"}}',
    ],
    ['another target of an import', 'package.json', '{"imports":{"#check":"./check.js"}}', '{"imports":{"#check":"./none.js"}}'],
    ['how paths are resolved', 'tsconfig.json', '{}', '{"compilerOptions":{"paths":{"*":["x"]}}}'],
    ['which targets are tested', 'Cargo.toml', '[package]\nname="a"\n', '[package]\nname="a"\n[lib]\ntest = false\n'],
    ['the same above all sections', 'Cargo.toml', '[package]\nname="a"\n', 'lib.harness = false\n[package]\nname="a"\n'],
    ['a table of it in one line', 'Cargo.toml', '[package]\nname="a"\n', 'lib = { test = false }\n[package]\nname="a"\n'],
    ['a script of the build by another name', 'Cargo.toml', '[package]\nname="a"\n', '[package]\nname="a"\nbuild = "src/b.rs"\n'],
    ['which tests are found', 'Cargo.toml', '[package]\nname="a"\n', '[package]\nname="a"\nautotests = false\n'],
    ["a crate in the place of Rust's own", 'Cargo.toml', '[dependencies]\n', '[dependencies]\ntest = { path = "t" }\n'],
    ['the same as a section', 'Cargo.toml', '[package]\n', '[package]\n[dev-dependencies.test]\npath = "t"\n'],
    ['an object that Go links', 'calc/fast.syso', undefined, ''],
    ['a constructor in C', 'calc/fast.c', undefined, 'static void __attribute__((constructor)) early(void) { _exit(0); }\n'],
    ['one among other attributes', 'calc/fast.c', undefined, 'static void __attribute((used, __constructor__(101))) early(void) {}\n'],
    ['one in the manner of C23', 'calc/fast.cpp', undefined, '[[gnu::constructor]] static void early() {}\n'],
    ['one in a file that was there', 'calc/fast.c', 'int f;\n', 'int f;\n__attribute__((constructor)) static void early(void) {}\n'],
    ['a place that the loader calls', 'calc/fast.h', undefined, 'asm(".section .init_array\\n.quad early");\n'],
    ['another module in its place', 'go.mod', 'module x\n', 'module x\n\nreplace a => ./b\n'],
    [
      'an entry point of pytest',
      'pyproject.toml',
      '[project]\nname="a"\n',
      '[project]\nname="a"\n[project.entry-points.pytest11]\na = "b"\n',
    ],
    ['an installed package', 'node_modules/eq/index.js', 'x', 'y'],
    ['a new file of npm', '.npmrc', undefined, 'script-shell=/bin/true\n'],
    ['a module in place of the runner', 'pytest.py', undefined, ''],
    ['a package in place of a module', 'random/__init__.py', undefined, ''],
    ['a start file of Python', 'sitecustomize.py', undefined, ''],
  ])('%s', (_what, path, before, after) => {
    expect(kinds(path, before, after)).toContain('changed-config');
  });

  it('the build that the command runs', () => {
    const make: TestCommand = { runner: 'command', display: 'make check', argv: ['make', 'check'], cwd: '', source: 'settings' };
    const changedFiles = [{ path: 'Makefile', before: 'check:\n\tpytest', after: 'check:\n\ttrue' }];
    expect(findTampering({ test: make, changedFiles }).map(({ kind }) => kind)).toEqual(['changed-config']);
    expect(findTampering({ changedFiles })).toEqual([]);
  });

  it('what something runs or obeys later', () => {
    expect(kinds('.vscode/tasks.json', undefined, '{}')).toEqual(['runs-later']);
    expect(kinds('.github/workflows/ci.yml', 'a', 'b')).toEqual(['runs-later']);
    expect(kinds('AGENTS.md', 'a', 'b')).toEqual(['runs-later']);
  });

  const rust =
    'pub fn sum(a: i32, b: i32) -> i32 {\n    a - b\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn adds() {\n        assert_eq!(sum(1, 2), 3);\n    }\n}\n';
  const documented = '/// Adds.\n/// ```\n/// assert_eq!(x::sum(1, 2), 3);\n/// ```\npub fn sum(a: i32, b: i32) -> i32 { a - b }\n';
  const doctest = 'def add(a, b):\n    """Adds.\n\n    >>> add(1, 2)\n    3\n    """\n    return a - b\n';
  const inSource =
    'export const sum = (a, b) => a - b;\nif (import.meta.vitest) {\n  const { test, expect } = import.meta.vitest;\n  test("adds", () => { expect(sum(1, 2)).toBe(3); });\n}\n';
  it.each([
    ['a Rust module of tests', 'src/lib.rs', rust, 'assert_eq!(sum(1, 2), 3)', 'let _ = sum(1, 2)', 'a - b', 'a + b'],
    ['an example in Rust', 'src/lib.rs', documented, 'assert_eq!(x::sum(1, 2), 3)', 'x::sum(1, 2)', 'a - b', 'a + b'],
    ['a doctest', 'calc.py', doctest, '    3\n', '    -1\n', 'a - b', 'a + b'],
    ['tests in the source', 'src/sum.js', inSource, 'toBe(3)', 'toBe(-1)', 'a - b', 'a + b'],
  ])('%s, changed beside the code it is about', (_what, path, before, test, weaker, bug, mended) => {
    expect(kinds(path, before, before.replace(test, weaker))).toContain('weakened-assertion');
    expect(kinds(path, before, before.replace(bug, mended))).toEqual([]);
    expect(kinds(path, before, 'x')).toEqual(['deleted-test']);
  });

  it('no alarm for other changes of shared manifests', () => {
    expect(
      kinds('package.json', '{"scripts":{"test":"node --test"}}', '{"scripts":{"test":"node --test"},"dependencies":{"a":"1"}}'),
    ).toEqual([]);
    expect(kinds('package.json', '{}', '{"scripts":{"test":"node --test"}}')).toEqual([]);
    expect(kinds('package.json', '{ broken', '{"name":"a"}')).toEqual([]);
    expect(kinds('pyproject.toml', '[project]\nname="a"', '[project]\nname="b"')).toEqual([]);
    expect(kinds('package.json', '{"scripts":{"test":"a"}}', '{"scripts":{"test":"a","lint":"b"}}')).toEqual([]);
    expect(kinds('Cargo.toml', '[package]\nname="a"\n', '[package]\nname="a"\n\n[dependencies]\nlog = "1"\n')).toEqual([]);
    expect(kinds('Cargo.toml', '[package]\nname="a"\n', '[package]\nname="a"\nversion = "2.0.0"\ndescription = "x"\n')).toEqual([]);
    expect(kinds('Cargo.toml', '[dependencies]\n', '[dependencies]\ntest-case = "3"\ncore-foundation = "1"\n')).toEqual([]);
    expect(kinds('calc/fast.c', undefined, 'int add(int a, int b) { return a + b; }\n')).toEqual([]);
    expect(kinds('go.mod', 'module x\n', 'module x\n\nrequire a v1.0.0\n')).toEqual([]);
    expect(kinds('shop/queue.py', undefined, '')).toEqual([]);
    expect(kinds('calendar.py', 'a', 'b')).toEqual([]);
  });
});

describe('tampering that the runs show', () => {
  const run = (cases: TestReport['cases'], ending: TestReport['ending'] = 'finished'): TestReport => {
    return {
      ending,
      exitCode: 0,
      cases,
      passed: 0,
      failed: 0,
      skipped: 0,
      green: false,
      guard: 'records',
      breaches: [],
      doubts: [],
      output: '',
      ms: 0,
    };
  };
  const test = (name: string, outcome: 'passed' | 'failed' | 'skipped') => ({
    id: `a.test.js > ${name}`,
    name,
    file: 'a.test.js',
    outcome,
  });

  describe('examples in the documentation of Python', () => {
    const withExample = 'def add(a, b):\n    """Adds.\n\n    >>> add(1, 2)\n    3\n    """\n    return a - b\n';
    const changedFiles = [{ path: 'shop/calc.py', before: withExample, after: 'def add(a, b):\n    return a + b\n' }];
    const passed = (id: string, file?: string): TestReport['cases'][number] => ({ id, name: id, outcome: 'passed', ...(file && { file }) });
    const ordinary = passed('test_calc.py::test_add', 'test_calc.py');
    const texts = (text: string) => ({ files: new Set(['test_calc.py']), texts: new Map([['test_calc.py', text]]) });
    const removed = ['deleted-test'];

    it.each<[string, TestReport['cases'], string, string[]]>([
      ['are no tests where nothing runs them', [ordinary], 'from shop.calc import add', []],
      ['are tests where one of the file ran (pytest)', [ordinary, passed('shop/calc.py::shop.calc.add', 'shop/calc.py')], '', removed],
      ['are tests where one of the module ran (unittest)', [ordinary, passed('shop.calc.add')], '', removed],
      ['are tests where a test runs them itself', [ordinary], 'import doctest\nimport shop.calc', removed],
      ['are no tests where only those of a module of a like name ran', [ordinary, passed('shop.calculator.add')], '', []],
    ])('%s', (_what, cases, text, expected) => {
      const found = findTampering({ before: run(cases), after: run(cases), sources: texts(text), changedFiles });
      expect(found.filter(({ path }) => path === 'shop/calc.py').map(({ kind }) => kind)).toEqual(expected);
    });

    it('are tests where only an exit code was seen', () => {
      const unseen = { ...run([ordinary]), guard: 'exit-code' as const };
      expect(findTampering({ before: unseen, after: unseen, changedFiles }).map(({ kind }) => kind)).toEqual(removed);
    });
  });

  it('tests that vanished or are skipped now', () => {
    const found = findTampering({
      before: run([test('a', 'passed'), test('b', 'passed')]),
      after: run([test('a', 'skipped')]),
      changedFiles: [],
    });
    expect(found).toEqual([
      { kind: 'deleted-test', path: 'a.test.js', detail: 'No longer runs: a.test.js > b' },
      { kind: 'skipped-test', path: 'a.test.js', detail: 'Newly skipped: a.test.js > a' },
    ]);
  });

  it('a failing test that goes is one when its file was touched', () => {
    const runs = { before: run([test('a', 'failed')]), after: run([test('b', 'passed')]) };
    expect(findTampering({ ...runs, changedFiles: [{ path: 'solution.js', before: '', after: '1' }] })).toEqual([]);
    expect(findTampering({ ...runs, changedFiles: [{ path: 'a.test.js', before: '', after: '1' }] })).toMatchObject([
      { kind: 'deleted-test' },
    ]);
  });

  it('nothing is said of tests that a cut-short run did not reach', () => {
    expect(findTampering({ before: run([test('a', 'passed')]), after: run([], 'time-limit'), changedFiles: [] })).toEqual([]);
  });
});

describe('where the tests of a baseline are', () => {
  const files: Readonly<Record<string, string>> = {
    'check.js': "test('adds', () => { eq(sum(1, 2), read('data/expected.json')); });",
    'src/lib.rs': '#[cfg(test)]\nmod tests {}\n',
    'data/expected.json': '{"r":3}',
  };
  const report = (...names: string[]): TestReport => ({
    ...{
      ending: 'finished',
      exitCode: 1,
      passed: 0,
      failed: 0,
      skipped: 0,
      green: false,
      guard: 'records',
      breaches: [],
      doubts: [],
      output: '',
      ms: 0,
    },
    cases: names.map((file) => ({ id: file, name: 'adds', file, outcome: 'failed' })),
  });
  const sourcesOf = (...names: string[]) => testSourcesOf(report(...names), async (path) => files[path]);

  it('files of tests count by whatever name, source files with tests inside do not', async () => {
    expect([...(await sourcesOf('check.js', 'src/lib.rs', 'gone.js')).files]).toEqual(['check.js', 'gone.js']);
  });

  it('a test by another name is a test to its change, and the data it names is what it expects', async () => {
    const sources = await sourcesOf('check.js');
    const found = findTampering({
      sources,
      changedFiles: [
        { path: 'check.js', before: files['check.js'], after: 'x' },
        { path: 'data/expected.json', before: '{"r":3}', after: '{"r":-1}' },
        { path: 'data/unexpected.json', before: '1', after: '2' },
        { path: 'data/new.json', after: '2' },
      ],
    });
    expect(found.map(({ kind, path }) => `${path}: ${kind}`)).toEqual([
      'check.js: deleted-test',
      'data/expected.json: changed-expectation',
    ]);
  });
});

describe('a file that tests are about, with a name that tests have', () => {
  const source = 'const sorted = (list) => list;\nmodule.exports = { sorted };\n';
  const test = "const { sorted } = require('./test.js');\ntest('sorts', () => {});\n";
  const subjectsOf = async (asked: string, text: string, cases: readonly { file: string; id: string; whole?: boolean }[] = []) => {
    const texts = new Map([
      ['calc.test.js', test],
      [asked, text],
    ]);
    const own = [{ file: 'calc.test.js', id: 'calc.test.js > sorts' }, ...cases].map((one) => ({
      ...one,
      name: one.id,
      outcome: 'passed',
    }));
    const report = { cases: own } as unknown as TestReport;
    const { files, subjects = new Set() } = await testSourcesOf(report, async (path) => texts.get(path), [asked]);
    return [files.has(asked), subjects.has(asked)];
  };

  it.each<[string, Parameters<typeof subjectsOf>, boolean]>([
    ['is source when it is asked for and a test takes it in', ['test.js', source], true],
    ['also where the runner took the file itself for a test', ['test.js', source, [{ file: 'test.js', id: 'test.js' }]], true],
    ['is a test when one of its own ran', ['test.js', source, [{ file: 'test.js', id: 'test.js > one' }]], false],
    ['is a test when it holds one', ['test.js', "test('one', () => {});\n"], false],
    ['is none when no test takes it in', ['spec.js', source], false],
    ['is none in a folder of tests', ['test/test.js', source], false],
  ])('%s', async (_what, question, expected) => {
    expect((await subjectsOf(...question))[1]).toBe(expected);
  });

  it('may be changed, and is looked at for what is made for its tests', () => {
    const changedFiles = [{ path: 'test.js', before: source, after: `${source}assert(1);\n` }];
    const sources = { files: new Set<string>(), texts: new Map<string, string>(), subjects: new Set(['test.js']) };
    const before = [{ path: 'test.js', before: 'assert(1);\n', after: source }];
    expect(findTampering({ sources, changedFiles: before })).toEqual([]);
    expect(findTampering({ changedFiles: before }).map(({ kind }) => kind)).toEqual(['weakened-assertion']);
    const exits = changedFiles.map((file) => ({ ...file, after: 'process.exit(0);\n' }));
    const look = { request: 'write test.js', changedFiles: exits, testFiles: sources.files, tests: new Map<string, string>() };
    expect(secondLook({ ...look, subjects: sources.subjects }).map(({ kind }) => kind)).toContain('ends-process');
    expect(secondLook(look)).toEqual([]);
  });
});

describe('the role of a file', () => {
  it.each([
    [
      'test',
      'a.test.js SUM.TEST.JS src/deep/b.spec.tsx pkg/x_test.go test_a.py src/a_test.py tests/helper.py a/test/b.js Tests/a.js conftest.py sum-test.js sum_test.js a/b_spec.rb polls/tests.py test.js test.py spec/a_spec.rb e2e/a.js cypress/a.cy.js features/a.feature SumTest.java src/SumTests.cs src/test/java/X.java testdata/x.json a/__snapshots__/b.snap __fixtures__/x golden/x.txt a.golden out.approved.txt src\\__tests__\\a.js',
    ],
    [
      'steering',
      'vitest.config.ts vite.config.mts vite.build.config.js vitest.workspace.ts jest.config.js jest.setup.js jest-setup.ts setupTests.ts globalSetup.ts babel.config.js .babelrc .swcrc .mocharc.json .nycrc .taprc ava.config.js karma.conf.js playwright.config.ts pytest.ini .pytest.ini pytest.toml tox.ini noxfile.py sitecustomize.py a.pth .npmrc .yarnrc.yml .pnpmfile.cjs bunfig.toml deno.json phpunit.xml build.rs .cargo/config.toml go.work .config/nextest.toml pnpm-workspace.yaml nose2.cfg unittest.cfg node.config.json .RSPEC',
    ],
    [
      'later',
      '.vscode/tasks.json .idea/x.xml .github/workflows/ci.yml .gitlab-ci.yml .circleci/config.yml .husky/pre-commit .pre-commit-config.yaml lefthook.yml .mcp.json .claude/settings.json .cursor/rules AGENTS.md CLAUDE.md .worktreeinclude .gitattributes .gitmodules .envrc .bashrc mise.toml .devcontainer/devcontainer.json azure-pipelines.yml Jenkinsfile a.code-workspace .devcontainer.json .woodpecker.yml .gitea/workflows/a.yml .forgejo/workflows/a.yml .semaphore/semaphore.yml .teamcity/settings.kts .builds/a.yml .build.yml .gitpod.yml .replit .cirrus.star wercker.yml codemagic.yaml renovate.json .releaserc.yml release.config.cjs .huskyrc .simple-git-hooks.json .theia/tasks.json x.sublime-project .dir-locals.el .lvimrc .nvim.lua .envrc.local .netrc .hg/hgrc opencode.json .opencode/agent/a.md .junie/guidelines.md .amazonq/rules/a.md .kiro/steering/a.md .trae/rules.md AGENTS.override.md .clinerules',
    ],
    ['installed', 'node_modules/a/index.js packages/b/node_modules/c.js .venv/lib/x.py vendor/github.com/x/y.go .pnp.cjs'],
    [
      'source',
      'src/a.js latest.py contest/a.js testing.md src/attest.go package.json src/test.ts src/commands/test.ts src/Latest.java src/spec/parser.ts src/features/login.ts app.config.ts tailwind.config.js manage.py src/testing/x.py README.md tsconfig.json Makefile fixtures/x.json .gitignore',
    ],
  ])('%s', (role, paths) => {
    for (const path of paths.split(' ')) expect(`${path}: ${roleOf(path)}`).toBe(`${path}: ${role}`);
  });

  it('tests and what steers them are one to the briefing', () => {
    expect(['a.test.js', 'vitest.config.ts', 'src/a.js', 'AGENTS.md'].map(isTestPath)).toEqual([true, true, false, false]);
  });
});
