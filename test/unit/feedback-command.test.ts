import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainWords } from '../../src/feedback/command-line.ts';
import { testCommandFromText } from '../../src/feedback/index.ts';

describe('what a person types as test command', () => {
  it.each(['cargo build', 'cargo +nightly build test', 'cargo nextest list', 'cargo --version test', 'rustup test', 'cargo -C x test'])(
    '%s starts no runner that is known',
    (text) => expect(testCommandFromText(text)).toMatchObject({ runner: 'command' }),
  );

  it.each([
    ['node --test solution.test.js', 'node-test', ['node', '--test', 'solution.test.js']],
    ['python3 -m pytest -q test_x.py', 'pytest', ['python3', '-m', 'pytest', '-q', 'test_x.py']],
    ['pytest "tests/a b"', 'pytest', ['pytest', 'tests/a b']],
    ['.venv/bin/python -m pytest', 'pytest', ['.venv/bin/python', '-m', 'pytest']],
    ['python -m unittest discover -s tests', 'unittest', ['python', '-m', 'unittest', 'discover', '-s', 'tests']],
    ['npx --yes vitest run', 'vitest', ['vitest', 'run']],
    ['pnpm exec jest --runInBand', 'jest', ['jest', '--runInBand']],
    ['mocha test/**/*.js', 'mocha', ['mocha', 'test/**/*.js']],
    ['go test ./...', 'go-test', ['go', 'test', './...']],
    ['cargo test --workspace', 'cargo-test', ['cargo', 'test', '--workspace']],
    ['cargo +stable test --workspace', 'cargo-test', ['cargo', '+stable', 'test', '--workspace']],
    ['cargo +nightly t -q', 'cargo-test', ['cargo', '+nightly', 't', '-q']],
    ['cargo --locked --config net.offline=true test', 'cargo-test', ['cargo', '--locked', '--config', 'net.offline=true', 'test']],
    ['rustup run nightly cargo test', 'cargo-test', ['rustup', 'run', 'nightly', 'cargo', 'test']],
    ['rustup run --install 1.80 cargo test', 'cargo-test', ['rustup', 'run', '--install', '1.80', 'cargo', 'test']],
    ['cargo nextest run', 'cargo-test', ['cargo', 'nextest', 'run']],
    ['cargo +nightly nextest r -p x', 'cargo-test', ['cargo', '+nightly', 'nextest', 'r', '-p', 'x']],
    ['node --import tsx --test "src/**/*.test.ts"', 'node-test', ['node', '--import', 'tsx', '--test', 'src/**/*.test.ts']],
  ])('%s is %s', (text, runner, argv) => {
    expect(testCommandFromText(text)).toEqual({ runner, argv, display: text, cwd: '', source: 'settings' });
  });

  it('keeps variables in front, and flags of node', () => {
    expect(testCommandFromText('TZ=UTC A="b c" vitest run')).toMatchObject({
      runner: 'vitest',
      argv: ['vitest', 'run'],
      env: { TZ: 'UTC', A: 'b c' },
    });
    expect(testCommandFromText('cross-env NODE_ENV=test jest')).toMatchObject({
      runner: 'jest',
      argv: ['jest'],
      env: { NODE_ENV: 'test' },
    });
    expect(testCommandFromText('node --experimental-vm-modules node_modules/jest/bin/jest.js -i')).toMatchObject({
      runner: 'jest',
      argv: ['jest', '-i'],
      env: { NODE_OPTIONS: '--experimental-vm-modules' },
    });
  });

  it('builds first where a build stands in front', () => {
    expect(testCommandFromText('tsc -p . && node --test dist')).toMatchObject({
      runner: 'node-test',
      argv: ['node', '--test', 'dist'],
      before: 'tsc -p .',
    });
    expect(testCommandFromText('cd lib && node --test')).toMatchObject({ runner: 'command', shell: 'cd lib && node --test' });
  });

  it('runs anything else as it is, with a shell only where it needs one', () => {
    expect(testCommandFromText('make check')).toMatchObject({ runner: 'command', argv: ['make', 'check'] });
    expect(testCommandFromText('make check | tee log')).toMatchObject({ runner: 'command', shell: 'make check | tee log' });
    expect(testCommandFromText('./run *.txt')).toMatchObject({ runner: 'command', shell: './run *.txt' });
    expect(testCommandFromText('node check.js')).toMatchObject({ runner: 'command', argv: ['node', 'check.js'] });
    expect(testCommandFromText('vitest bench')).toMatchObject({ runner: 'command' });
    expect(testCommandFromText('echo "unclosed')).toMatchObject({ runner: 'command', shell: 'echo "unclosed' });
  });

  it('takes quoted words apart and puts them together again', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
        expect(plainWords(quoted)).toEqual(words);
      }),
    );
  });
});
