import { describe, expect, test } from 'vitest';
import { chainOf, linksOf, onlyChecks } from '../../src/feedback/script-chain.ts';

const scripts = {
  lint: 'eslint .',
  types: 'tsc',
  build: 'tsc -b',
  check: 'node check.js',
  'test:unit': 'mocha test/unit',
  'test:lint': 'standard',
  'test:types': 'tsd',
  unit: 'c8 --reporter=lcov npm run test:unit',
  prebuilt: 'rollup -c',
  built: 'node --test dist',
  postbuilt: 'rimraf dist',
  circle: 'npm run circle',
  'build:types': 'tsc -p tsconfig.build.json',
  'types:emit': 'tsc -b',
  'compile:style': 'sass src:dist',
  'style:sheets': 'postcss src -d dist',
  'prepare:lint-rules': 'node rules.js',
  'lint:all': 'node scripts/all.js',
};

describe('the runner is taken out of the chain', () => {
  test.each<[string, string, string[], string[]]>([
    ['node --test', 'node --test', [], []],
    ['node --test && npm run check', 'node --test', [], ['node check.js']],
    ['node lint.js && node --test && node check.js', 'node --test', [], ['node lint.js', 'node check.js']],
    ['npm run lint && npm run types && jest', 'jest', [], ['eslint .', 'tsc']],
    ['xo && c8 ava && tsd', 'ava', [], ['xo', 'tsd', 'c8']],
    ['xo && nyc mocha && tsd', 'mocha', [], ['xo', 'tsd', 'nyc']],
    ['npm run build && node --test dist', 'node --test dist', ['tsc -b'], []],
    ['tsc --noEmit && vitest run', 'vitest run', [], ['tsc --noEmit']],
    ['tsc && vitest run', 'vitest run', ['tsc'], []],
    ['c8 node --test', 'node --test', [], ['c8']],
    ['npm run build:types && node --test dist/', 'node --test dist/', ['tsc -p tsconfig.build.json'], []],
    ['npm run types:emit && node --test dist/', 'node --test dist/', ['tsc -b'], []],
    ['npm run compile:style && jest', 'jest', ['sass src:dist'], []],
    ['npm run style:sheets && jest', 'jest', ['postcss src -d dist'], []],
    ['npm run prepare:lint-rules && jest', 'jest', ['node rules.js'], []],
    ['npm run lint:all && jest', 'jest', [], ['node scripts/all.js']],
    ['npm run lint --silent && npm run test:unit --silent', 'mocha test/unit', [], ['eslint .']],
    ['c8 -r lcov --lines 100 mocha -u tdd', 'mocha -u tdd', [], ['c8 -r lcov --lines 100']],
    ['cross-env NODE_ENV=test nyc --silent mocha', 'cross-env NODE_ENV=test mocha', [], ['nyc --silent']],
    ['TZ=UTC npx c8 mocha', 'TZ=UTC mocha', [], ['c8']],
    ['run-s lint test:*', 'mocha test/unit', [], ['eslint .', 'standard', 'tsd']],
    ['npm-run-all -s build built', 'node --test dist', ['tsc -b', 'rollup -c'], ['rimraf dist']],
    ['npm run built', 'node --test dist', ['rollup -c'], ['rimraf dist']],
    ['mocha "test/a && b.js"', 'mocha "test/a && b.js"', [], []],
    ['yarn test:unit', 'mocha test/unit', [], []],
    ['pnpm run -s build && pnpm test:unit', 'mocha test/unit', ['pnpm run -s build'], []],
  ])('%s', (script, line, before, leftOut) => {
    const found = chainOf(script, { scripts });
    if (line === '') expect(found).toBeUndefined();
    else expect(found).toMatchObject({ line, leftOut });
    if (line !== '' && !script.startsWith('pnpm run -s')) expect(found?.before).toEqual(before);
  });

  test.each([
    'mocha && node --test',
    'cd packages/a && mocha',
    'export A=1 && mocha',
    'mocha | tap-spec',
    'mocha; node check.js',
    'mocha || true',
    'node run-tests.js',
    'npm run absent && npm run circle',
    'npm run circle && npm run check',
    '',
    '&& mocha',
  ])('and left alone where it is not as plain as that: %s', (script) => {
    expect(chainOf(script, { scripts })).toBeUndefined();
  });

  test('a coverage program around a script of tests', () => {
    expect(chainOf('npm run unit', { scripts })).toEqual({ line: 'mocha test/unit', cwd: '', before: [], leftOut: ['c8 --reporter=lcov'] });
  });

  test('hooks that only check are known from those that build', () => {
    expect(['lint', 'test:lint', 'test:types', 'build', 'check'].map((name) => onlyChecks(name, { scripts }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('long lines take no long time', () => {
    const started = process.cpuUsage();
    expect(linksOf(`${'a && '.repeat(20_000)}b`)).toHaveLength(20_001);
    expect(chainOf(`c8 ${'x '.repeat(2000)}`, { scripts })).toBeUndefined();
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000);
  });
});
