import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { detectChecks, detectTestCommand, runChecks } from '../../src/feedback/index.ts';
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

const detect = (files: Record<string, string>, testCommand?: string) =>
  detectTestCommand(workspace(files), testCommand === undefined ? {} : { testCommand }, never);
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
    await expect(detectTestCommand(workspace({}), {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
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
