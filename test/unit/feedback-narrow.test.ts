/** Of a long suite, the command for the files that hold the failing tests. */
import { describe, expect, test } from 'vitest';
import { baselineIn, narrowed, saysAnything, testCommandFromText } from '../../src/feedback/index.ts';
import type { TestCase, TestCommand, TestReport } from '../../src/feedback/types.ts';

const one = (file: string | undefined, outcome: TestCase['outcome'], ms: number, more: Partial<TestCase> = {}): TestCase => ({
  ...{ id: `${file ?? 'example.com/x/part'} T`, name: 'T', outcome, ms },
  ...(file === undefined ? {} : { file }),
  ...more,
});
const report = (cases: TestCase[], more: Partial<TestReport> = {}): TestReport => ({
  ...{ ending: 'finished', exitCode: 1, cases, passed: 1, failed: 1, skipped: 0, green: false },
  ...{ guard: 'records', breaches: [], doubts: [], output: '', ms: 60_000 },
  ...more,
});
const baseline = report([one('test/a.js', 'failed', 20), one('test/slow.js', 'passed', 50_000), one('src/x.spec.js', 'passed', 5)]);
const argvOf = (line: string, from = baseline, more: Partial<TestCommand> = {}) =>
  narrowed({ ...testCommandFromText(line), ...more }, from)?.test.argv?.join(' ');

describe('a long suite', () => {
  test.each([
    ['node --test', 'node --test test/a.js'],
    ['node --import tsx --test --test-concurrency=1 test/', 'node --import tsx --test --test-concurrency=1 test/a.js'],
    ['node --import ./hook.js --test "test/**/*.js"', 'node --import ./hook.js --test test/a.js'],
    ['vitest run --config c.ts', 'vitest run --config c.ts test/a.js'],
    ['vitest', 'vitest test/a.js'],
    ['vitest run --dir test', undefined],
    ['jest --ci test', 'jest --ci --runTestsByPath test/a.js'],
    ['mocha --recursive test', 'mocha --recursive test/a.js'],
    ['mocha --require ./test', undefined],
    ['python3 -m pytest -q test', 'python3 -m pytest -q test/a.js'],
    ['pytest -k T', 'pytest -k T test/a.js'],
    ['pytest -c test', undefined],
    ['python3 -m unittest -v', 'python3 -m unittest -v test/a.js'],
    ['python3 -m unittest discover -s test', undefined],
    ['make test', undefined],
  ])('%s → %s', (line, expected) => expect(argvOf(line)).toBe(expected));

  test('of Go is narrowed to packages, of Cargo to targets', () => {
    const go = report([one(undefined, 'failed', 5), one(undefined, 'passed', 9_000, { id: 'example.com/x/slow T' })]);
    expect(argvOf('go test -race ./... -args x', go)).toBe('go test -race example.com/x/part -args x');
    expect(argvOf('go test', go)).toBeUndefined();
    const cargo = report([one('tests/price.rs', 'failed', 5), one('src/lib.rs', 'failed', 5), one('tests/slow.rs', 'passed', 9_000)]);
    expect(argvOf('cargo test', cargo)).toBe('cargo test --test price --lib');
    expect(argvOf('cargo +nightly test', cargo)).toBe('cargo +nightly test --test price --lib');
    expect(argvOf('cargo test --workspace', cargo)).toBeUndefined();
    expect(argvOf('cargo nextest run', cargo)).toBeUndefined();
  });

  test('is run as a whole where little is won or nothing known', () => {
    expect(argvOf('node --test', { ...baseline, ms: 4_000 })).toBeUndefined();
    expect(argvOf('node --test', report([one('test/a.js', 'passed', 20)]))).toBeUndefined();
    expect(argvOf('node --test', report([one('test/a.js', 'failed', 59_000), one('test/b.js', 'passed', 5)]))).toBeUndefined();
    expect(argvOf('node --test', report([one(undefined, 'failed', 5, { id: 'node-test run', whole: true })]))).toBeUndefined();
    expect(argvOf('node --test', baseline, { before: 'tsc' })).toBeUndefined();
  });

  test('names files as the folder it runs in sees them', () => {
    const inside = report([one('app/test/a.js', 'failed', 5), one('app/test/b.js', 'passed', 9_000)]);
    expect(argvOf('node --test', inside, { cwd: 'app' })).toBe('node --test test/a.js');
    expect(argvOf('node --test', baseline, { cwd: 'app' })).toBeUndefined();
  });

  test('leaves what was only under way at a limit to the whole', () => {
    const cut = report([one('test/a.js', 'failed', 5), one('test/late.js', 'failed', 5, { cut: true })], { ending: 'time-limit' });
    expect(argvOf('node --test', cut)).toBe('node --test test/a.js');
    expect(argvOf('node --test', report([one('test/late.js', 'failed', 5, { cut: true })]))).toBe('node --test test/late.js');
  });

  test('is judged by its own part of the baseline, and says nothing where no test of it ran', () => {
    const part = narrowed(testCommandFromText('node --test'), baseline, ['test/new.js']);
    expect(part?.places).toEqual(['test/a.js', 'test/new.js']);
    if (part === undefined) return;
    const now = report([one('test/a.js', 'passed', 5), one('src/x.spec.js', 'passed', 5)]);
    expect(baselineIn(baseline, part, now).cases.map(({ file }) => file)).toEqual(['test/a.js', 'src/x.spec.js']);
    expect(saysAnything(now, part)).toBe(true);
    expect(saysAnything(report([one('src/x.spec.js', 'passed', 5)]), part)).toBe(false);
    expect(saysAnything(report(now.cases, { ending: 'no-report' }), part)).toBe(false);
    expect(saysAnything(report([...now.cases, one(undefined, 'failed', 0, { id: 'jest run', whole: true })]), part)).toBe(false);
  });
});
