import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import * as z from 'zod';
import { throwIfStopped } from '../errors.ts';
import { type Fenced, findProgram, openFor, runCommand } from '../process/index.ts';
import { testCommandFromText } from './command-line.ts';
import type { TestCommand } from './types.ts';

export interface TestSettings {
  /** The user's own test command, one line as typed; wins over everything found. */
  readonly testCommand?: string;
  /** For the interpreter that is asked what it can import; it may be the workspace's own. */
  readonly fence?: Fenced;
}

/** How the tests of this workspace are run, from what its files say; undefined when nothing says so. Reads a few files, starts at most one process. */
export async function detectTestCommand(root: string, settings: TestSettings, signal: AbortSignal): Promise<TestCommand | undefined> {
  throwIfStopped(signal);
  const wished = settings.testCommand?.trim();
  if (wished) return testCommandFromText(wished);
  return fromPackage(root) ?? (await fromPython(root, settings.fence, signal)) ?? fromGo(root) ?? fromCargo(root) ?? fromNodeTests(root);
}

// ---- JavaScript -----------------------------------------------------------------------------------------------------------------

const packageSchema = z.object({
  scripts: z.record(z.string(), z.string()).catch({}).default({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
});

function fromPackage(root: string): TestCommand | undefined {
  const manifest = packageSchema.safeParse(readJson(join(root, 'package.json'))).data;
  if (manifest === undefined) return undefined;
  const { scripts } = manifest;
  const script = scripts.test?.trim();
  const source = 'package.json';
  if (script && !/no test specified/.test(script)) {
    const known = testCommandFromText(followScripts(script, scripts), source);
    if (known.runner === 'command') return packageManagerTest(root, source);
    const pretest = scripts.pretest === undefined ? undefined : `${packageManager(root)} run pretest`;
    const before = [pretest, known.before].filter((part) => part !== undefined).join(' && ');
    return { ...known, ...(before === '' ? {} : { before }) };
  }
  const installed = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const name of ['vitest', 'jest', 'mocha']) {
    if (name in installed) return testCommandFromText(name === 'vitest' ? 'vitest run' : name, source);
  }
  return undefined;
}

/** `npm run test:unit` stands for the script `test:unit`; followed while it is as plain as that. */
function followScripts(script: string, scripts: Readonly<Record<string, string>>): string {
  let line = script;
  for (let depth = 0; depth < 5; depth += 1) {
    const target = /^(?:npm run|npm run-script|pnpm(?: run)?|yarn(?: run)?|bun run)\s+(?:-s\s+|--silent\s+)?([\w:.-]+)$/.exec(line)?.[1];
    const next = target === undefined ? undefined : scripts[target];
    if (next === undefined) return line;
    line = next.trim();
  }
  return script;
}

function packageManager(root: string): string {
  if (existsSync(join(root, 'pnpm-lock.yaml'))) return 'pnpm';
  if (existsSync(join(root, 'yarn.lock'))) return 'yarn';
  if (existsSync(join(root, 'bun.lock')) || existsSync(join(root, 'bun.lockb'))) return 'bun';
  return 'npm';
}

function packageManagerTest(root: string, source: string): TestCommand {
  const manager = packageManager(root);
  const argv = manager === 'bun' ? ['bun', 'run', 'test'] : [manager, 'test'];
  return { runner: 'command', argv, display: argv.join(' '), cwd: '', source };
}

/** Test files without a script: node:test, when they say so. */
function fromNodeTests(root: string): TestCommand | undefined {
  const files = findFiles(root, ['**/*.test.{js,mjs,cjs,ts,mts,cts}', '**/test/**/*.{js,mjs,cjs}', '**/test.{js,mjs,cjs}']);
  const speaks = files.slice(0, 50).some((file) => /['"]node:test['"]/.test(readText(join(root, file)) ?? ''));
  return speaks ? testCommandFromText('node --test', 'test files') : undefined;
}

// ---- Python ---------------------------------------------------------------------------------------------------------------------

async function fromPython(root: string, fence: Fenced | undefined, signal: AbortSignal): Promise<TestCommand | undefined> {
  const source = pytestConfig(root);
  const files = findFiles(root, ['test_*.py', '*_test.py', '{test,tests}/**/{test_*,*_test}.py', '*/{test,tests}/**/{test_*,*_test}.py']);
  if (source === undefined && files.length === 0) return undefined;
  const python = pythonOf(root);
  const hasPytest = await canImport(python, 'pytest', root, fence, signal);
  const usesUnittest = files.slice(0, 20).some((file) => /\bunittest\b/.test(readText(join(root, file)) ?? ''));
  // Without pytest on the machine its command is still the honest answer, unless the tests run without it.
  if (!hasPytest && source === undefined && usesUnittest) {
    const folder = files.every((file) => file.includes('/')) ? ` discover -s ${files[0]?.split('/')[0]} -t .` : '';
    return testCommandFromText(`${python} -m unittest${folder}`, 'test files');
  }
  return testCommandFromText(`${python} -m pytest`, source ?? 'test files');
}

function pytestConfig(root: string): string | undefined {
  if (existsSync(join(root, 'pytest.ini'))) return 'pytest.ini';
  if (/^\[tool\.pytest/m.test(readText(join(root, 'pyproject.toml')) ?? '')) return 'pyproject.toml';
  if (/^\[tool:pytest\]/m.test(readText(join(root, 'setup.cfg')) ?? '')) return 'setup.cfg';
  if (/^\[pytest\]/m.test(readText(join(root, 'tox.ini')) ?? '')) return 'tox.ini';
  if (existsSync(join(root, 'conftest.py'))) return 'conftest.py';
  return undefined;
}

/** The workspace's own interpreter, else the machine's; relative, so that it is also found in a copy. */
function pythonOf(root: string): string {
  const own = ['.venv', 'venv'].flatMap((folder) => [`${folder}/bin/python`, `${folder}/Scripts/python.exe`]);
  const found = own.find((path) => existsSync(join(root, path)));
  if (found !== undefined) return found;
  return findProgram('python3', root) === undefined && findProgram('python', root) !== undefined ? 'python' : 'python3';
}

async function canImport(python: string, module: string, root: string, fence: Fenced | undefined, signal: AbortSignal): Promise<boolean> {
  const options = fence === undefined ? {} : { fence: { ...fence, view: openFor(fence.view, [root]) } };
  const result = await runCommand({ argv: [python, '-c', `import ${module}`], cwd: root, wallMs: 20_000 }, options, signal);
  throwIfStopped(signal);
  return result.ending === 'exited' && result.exitCode === 0;
}

// ---- Go, Rust -------------------------------------------------------------------------------------------------------------------

function fromGo(root: string): TestCommand | undefined {
  return existsSync(join(root, 'go.mod')) ? testCommandFromText('go test ./...', 'go.mod') : undefined;
}

function fromCargo(root: string): TestCommand | undefined {
  return existsSync(join(root, 'Cargo.toml')) ? testCommandFromText('cargo test', 'Cargo.toml') : undefined;
}

// ---- files ----------------------------------------------------------------------------------------------------------------------

const ignored = [
  '**/node_modules/**',
  '**/.git/**',
  '**/.venv/**',
  '**/venv/**',
  '**/target/**',
  '**/dist/**',
  '**/build/**',
  '**/vendor/**',
];

/** A few levels deep: enough to tell the kind of tests, cheap on a huge repository. */
function findFiles(root: string, patterns: string[]): string[] {
  return globSync(patterns, { cwd: root, ignore: ignored, deep: 4, onlyFiles: true, followSymbolicLinks: false }).sort();
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').replace(/^\uFEFF/, '') : undefined;
}

/** Undefined for no file and for one that is not JSON: then its owner's tools cannot read it either. */
function readJson(path: string): unknown {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
