import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { detectChecks } from '../../src/feedback/checks.ts';
import { findSuites, runChecks, suiteFor, suitesOf } from '../../src/feedback/index.ts';
import { covers } from '../../src/feedback/suites.ts';
import { findProgram } from '../../src/process/index.ts';

const never = new AbortController().signal;
const limits = { wallMs: 100_000, idleMs: 100_000, outputBytes: 64 * 1024 };
const made: string[] = [];

function workspace(files: Record<string, string>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright detect é ')));
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

const suitesIn = (files: Record<string, string>, testCommand?: string) =>
  findSuites(workspace(files), testCommand === undefined ? {} : { testCommand }, never);
const detect = async (files: Record<string, string>, testCommand?: string) => (await suitesIn(files, testCommand))[0];
const withScript = (test: string, more: object = {}) => ({ 'package.json': JSON.stringify({ scripts: { test, ...more } }) });

describe('the test command of a workspace', () => {
  it.each([
    ['node --test', { runner: 'node-test', argv: ['node', '--test'] }],
    ['vitest', { runner: 'vitest', argv: ['vitest'] }],
    ['NODE_ENV=test jest --ci', { runner: 'jest', env: { NODE_ENV: 'test' } }],
    ['tsc && mocha dist', { runner: 'mocha', before: 'tsc' }],
    ['./scripts/all.sh', { runner: 'command', argv: ['npm', 'test'] }],
  ])('script %s', async (script, expected) => {
    expect(await detect(withScript(script))).toMatchObject({ ...expected, source: 'package.json' });
  });

  it('is what Django starts where there is a manage.py, and what the settings of pytest say where there are some', async () => {
    const django = { 'manage.py': 'import sys\n', 'polls/tests.py': 'import unittest\n', 'polls/models.py': '' };
    expect(await detect(django)).toMatchObject({
      runner: 'unittest',
      display: expect.stringMatching(/python\S* manage\.py test$/),
      source: 'manage.py',
    });
    expect(await detect({ ...django, 'pytest.ini': '[pytest]\nDJANGO_SETTINGS_MODULE = a.settings\n' })).toMatchObject({
      runner: 'pytest',
    });
    expect(await detect({ 'manage.py': 'import sys\n', 'app.py': '' })).toBeUndefined();
  });

  it('takes the runner out of a chain of checks, and names what is not run', async () => {
    expect(await detect(withScript('eslint . && c8 node --test && npm run size', { size: 'size-limit' }))).toMatchObject({
      ...{ runner: 'node-test', argv: ['node', '--test'], display: 'node --test', leftOut: ['eslint .', 'size-limit', 'c8'] },
    });
  });

  it('follows a script that names another, and keeps what runs before it', async () => {
    expect(await detect(withScript('npm run test:unit', { 'test:unit': 'vitest run unit', pretest: 'node build.js' }))).toMatchObject({
      runner: 'vitest',
      argv: ['vitest', 'run', 'unit'],
      before: 'npm run pretest',
    });
    expect(await detect({ ...withScript('make'), 'pnpm-lock.yaml': '' })).toMatchObject({ runner: 'command', display: 'pnpm test' });
  });

  it('takes what the user set before anything found', async () => {
    expect(await detect(withScript('jest'), ' pytest -q ')).toMatchObject({ runner: 'pytest', display: 'pytest -q', source: 'settings' });
  });

  it('knows the other languages by their files', async () => {
    expect(await detect({ 'go.mod': 'module x' })).toMatchObject({ runner: 'go-test', source: 'go.mod' });
    expect(await detect({ 'Cargo.toml': '' })).toMatchObject({ runner: 'cargo-test' });
    expect(await detect({ 'pytest.ini': '[pytest]' })).toMatchObject({ runner: 'pytest', source: 'pytest.ini' });
    expect(await detect({ 'pyproject.toml': '\uFEFF[tool.pytest.ini_options]\r\n' })).toMatchObject({ runner: 'pytest' });
    expect(await detect({ 'a.test.mjs': "import { test } from 'node:test';" })).toMatchObject({
      runner: 'node-test',
      source: 'test files',
    });
    const python = await detect({ 'tests/test_a.py': 'import unittest\n' });
    expect(['pytest', 'unittest']).toContain(python?.runner);
  });

  it('knows a dependency without a script', async () => {
    expect(await detect({ 'package.json': '{"devDependencies":{"vitest":"1"}}' })).toMatchObject({
      runner: 'vitest',
      argv: ['vitest', 'run'],
    });
  });

  it('says nothing where there is nothing, or only npm’s own placeholder, or rubbish', async () => {
    expect(await detect({})).toBeUndefined();
    expect(await detect({ 'README.md': '' })).toBeUndefined();
    expect(await detect(withScript('echo "Error: no test specified" && exit 1'))).toBeUndefined();
    expect(await detect({ 'package.json': '{ "scripts": ' })).toBeUndefined();
    expect(await detect({ 'package.json': '[]' })).toBeUndefined();
    expect(await detect({ 'package.json': '{"scripts":{"test":1}}' })).toBeUndefined();
    expect(await detect({ 'node_modules/x/a.test.js': "require('node:test')" })).toBeUndefined();
  });

  it('stops', async () => {
    await expect(findSuites(workspace({}), {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('the test commands of a workspace with several projects', () => {
  const node = (script: string) => JSON.stringify({ scripts: { test: script } });
  const shown = (suites: readonly { display: string; cwd: string }[]) => suites.map(({ display, cwd }) => `${cwd || '.'}: ${display}`);

  it.each<[string, Record<string, string>, string[]]>([
    [
      'packages of a monorepo, before the command that starts them all',
      {
        'package.json': node('npm test --workspaces'),
        'packages/a/package.json': node('vitest run'),
        'packages/b/package.json': node('mocha'),
      },
      ['packages/a: vitest run', 'packages/b: mocha', '.: npm test'],
    ],
    [
      'a Cargo workspace with its members, and a crate it leaves out',
      {
        'Cargo.toml': '[package]\nname = "app"\n[workspace]\nmembers = ["lib"]\nexclude = ["tool"]\n',
        'lib/Cargo.toml': '[package]\nname = "lib"\n',
        'tool/Cargo.toml': '[package]\nname = "tool"\n',
      },
      ['.: cargo test --workspace', 'tool: cargo test'],
    ],
    [
      'a Go module below another',
      { 'go.mod': 'module a\n', 'tool/go.mod': 'module a/tool\n', 'tool/deep/go.mod': 'module b\n' },
      ['.: go test ./...', 'tool: go test ./...', 'tool/deep: go test ./...'],
    ],
    ['only a module further in', { 'README.md': '', 'server/go.mod': 'module a\n' }, ['server: go test ./...']],
    [
      'what is an example, a template or food for tests is none',
      {
        'go.mod': 'module a\n',
        'examples/x/go.mod': 'module x\n',
        'internal/testdata/go.mod': 'module y\n',
        'node_modules/z/package.json': node('jest'),
      },
      ['.: go test ./...'],
    ],
  ])('%s', async (_, files, expected) => {
    expect(shown(await suitesIn(files))).toEqual(expected);
  });

  it('several languages', async () => {
    const suites = await suitesIn({
      'package.json': node('node --test'),
      'api/sums.py': '',
      'api/tests/test_sums.py': 'from api.sums import total\n',
      'worker/pyproject.toml': '[tool.pytest.ini_options]\n',
      'worker/.venv/bin/python': '',
      'crate/Cargo.toml': '[package]\n',
    });
    expect(suites.map(({ runner, cwd }) => `${cwd || '.'} ${runner}`)).toEqual([
      '. node-test',
      '. pytest',
      'crate cargo-test',
      'worker pytest',
    ]);
    expect(suites[3]?.argv?.[0]).toBe('.venv/bin/python');
    const of = (path: string) => suitesOf(suites, [path]).map(({ runner, cwd }) => `${cwd || '.'} ${runner}`);
    expect(of('ui/a.ts')).toEqual(['. node-test']);
    expect(of('api/sums.py')).toEqual(['. pytest']);
    expect(of('worker/job.py')).toEqual(['worker pytest']);
    expect(of('crate/src/lib.rs')).toEqual(['crate cargo-test']);
    expect(of('README.md')).toEqual([]);
    expect(suites.every((suite) => !covers(suite, 'main.go', suites))).toBe(true);

    const chosen = (hints: Partial<Parameters<typeof suiteFor>[1]>) => {
      const suite = suiteFor(suites, { paths: [], words: [], tests: [], ...hints });
      return `${suite?.cwd || '.'} ${suite?.runner}`;
    };
    expect(chosen({})).toBe('. node-test');
    expect(chosen({ paths: ['api/tests/test_sums.py'] })).toBe('. pytest');
    expect(chosen({ paths: ['worker/job.py'], words: ['javascript'] })).toBe('worker pytest');
    expect(chosen({ words: ['rust'] })).toBe('crate cargo-test');
    expect(chosen({ words: ['worker'] })).toBe('worker pytest');
    expect(chosen({ tests: ['test_total'] })).toBe('. pytest');
  });

  it('what the user set is the only one', async () => {
    expect(shown(await suitesIn({ 'go.mod': 'module a\n', 'tool/go.mod': 'module b\n' }, 'make check'))).toEqual(['.: make check']);
  });
});

describe('checks', () => {
  it('are those set up and installed', async () => {
    const root = workspace({
      'tsconfig.json': '{"compilerOptions":{"strict":true,"types":[]},"include":["*.ts"]}',
      'a.ts': 'const n: number = "x";\n',
    });
    expect(detectChecks(root).map((check) => check.display)).not.toContain('eslint .');
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
    expect(detectChecks(root)).toMatchObject([{ name: 'types', display: 'tsc --noEmit' }]);
    const [types, lint] = await runChecks(['types', 'lint'], root, limits, never);
    expect(types).toMatchObject({ name: 'types', ok: false, available: true });
    expect(types?.output).toContain("a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.");
    expect(lint).toEqual({ name: 'lint', ok: true, available: false, output: '', ms: 0 });
    writeFileSync(join(root, 'a.ts'), 'export const n: number = 1;\n');
    expect((await runChecks(['types'], root, limits, never))[0]).toMatchObject({ ok: true, output: '' });
  });

  it.skipIf(findProgram('go', '.') === undefined)('go vet', async () => {
    const root = workspace({ 'go.mod': 'module example.com/g\n\ngo 1.21\n', 'a.go': 'package g\n\nfunc F() int { return "x" }\n' });
    const [types] = await runChecks(['types'], root, limits, never);
    expect(types).toMatchObject({ display: 'go vet ./...', ok: false, available: true });
    expect(types?.output).toContain('a.go:3');
  });
});
