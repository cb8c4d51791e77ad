import { matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTampering, isTestPath, type TestReport, testGlobs } from '../../src/feedback/index.ts';

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

describe('tampering that the files show', () => {
  it('nothing, when tests are added, moved in space or left alone', () => {
    expect(kinds('a.test.js', js, js)).toEqual([]);
    expect(kinds('a.test.js', js, `${js}test('more', () => { assert.ok(add(5)); });\n`)).toEqual([]);
    expect(kinds('a.test.js', js, js.replaceAll('  ', '    ').replaceAll('\n', '\r\n'))).toEqual([]);
    expect(kinds('a.test.js', undefined, 'test.skip("x", () => {})')).toEqual([]);
    expect(kinds('src/add.js', js, '')).toEqual([]);
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
    ['a snapshot', '__snapshots__/a.snap', 'a', 'b', 'weakened-assertion'],
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

  it('no alarm for other changes of shared manifests', () => {
    expect(
      kinds('package.json', '{"scripts":{"test":"node --test"}}', '{"scripts":{"test":"node --test"},"dependencies":{"a":"1"}}'),
    ).toEqual([]);
    expect(kinds('package.json', '{}', '{"scripts":{"test":"node --test"}}')).toEqual([]);
    expect(kinds('package.json', '{ broken', '{"name":"a"}')).toEqual([]);
    expect(kinds('pyproject.toml', '[project]\nname="a"', '[project]\nname="b"')).toEqual([]);
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

describe('test paths', () => {
  const tests = [
    'a.test.js',
    'src/deep/b.spec.tsx',
    'pkg/x_test.go',
    'test_a.py',
    'src/a_test.py',
    'tests/helper.py',
    'a/test/b.js',
    'conftest.py',
    'a/__snapshots__/b.snap',
    'vitest.config.ts',
    '.mocharc.json',
    'pytest.ini',
  ];
  const others = ['src/a.js', 'latest.py', 'contest/a.js', 'testing.md', 'src/attest.go', 'package.json', 'src/test.ts'];

  it.each(tests)('%s is one, by name and by glob', (path) => {
    expect(isTestPath(path)).toBe(true);
    expect(testGlobs.some((glob) => matchesGlob(path, glob))).toBe(true);
  });
  it.each(others)('%s is none', (path) => {
    expect(isTestPath(path)).toBe(false);
    expect(testGlobs.some((glob) => matchesGlob(path, glob))).toBe(false);
  });
  it('knows Windows paths', () => expect(isTestPath('src\\__tests__\\a.js')).toBe(true));
});
