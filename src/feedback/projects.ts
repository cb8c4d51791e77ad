/** The projects of a workspace and how each runs its tests, from their manifests. */
import { existsSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { globSync } from 'tinyglobby';
import * as z from 'zod';
import { throwIfStopped } from '../errors.ts';
import { type Fenced, findProgram, openFor, runCommand, textAtNow } from '../process/index.ts';
import { testCommandFromText } from './command-line.ts';
import { chainOf, onlyChecks } from './script-chain.ts';
import type { TestCommand } from './types.ts';

/** Folders that hold no project of their own: what is installed, built, or there as an example or as food for tests. */
const skipped = [
  ...['node_modules', '.git', '.venv', 'venv', 'target', 'dist', 'build', 'out', 'vendor', 'third_party', 'site-packages', '.tox', '.nox'],
  ...[
    'test',
    'tests',
    '__tests__',
    'spec',
    'fixtures',
    '__fixtures__',
    'testdata',
    'examples',
    'example',
    'samples',
    'templates',
    'template',
  ],
  ...['docs', 'benchmarks', 'e2e'],
];

const manifests = '{package.json,go.mod,Cargo.toml,pyproject.toml,pytest.ini,setup.cfg,tox.ini,manage.py}';
/** How deep projects are looked for, and how many folders with manifests are looked at. */
const deepest = 5;
const mostFolders = 200;

/** The command of the workspace's top first, then by depth. */
export async function findProjects(
  root: string,
  { fence, startNothing }: { readonly fence?: Fenced; readonly startNothing?: boolean },
  signal: AbortSignal,
): Promise<readonly TestCommand[]> {
  const found = globSync(`**/${manifests}`, {
    cwd: root,
    ignore: skipped.map((name) => `**/${name}/**`),
    deep: deepest,
    onlyFiles: true,
    followSymbolicLinks: false,
    dot: false,
  });
  const folders = [...new Set(['', ...found.map((path) => posix.dirname(path)).map((folder) => (folder === '.' ? '' : folder))])];
  folders.sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1));
  const projects: TestCommand[] = [];
  const crates = new Map<string, readonly string[]>();
  const hasPytest: HasPytest = startNothing ? async () => false : pytestFinder(fence, signal);
  for (const folder of folders.slice(0, mostFolders)) {
    throwIfStopped(signal);
    const at: Folder = { root, folder, path: join(root, folder), isTop: folder === '' };
    const all = [fromPackage(at), await fromPython(at, projects, hasPytest), fromGo(at), fromCargo(at, crates)];
    projects.push(...all.filter((command) => command !== undefined));
  }
  if (projects.length > 0) return projects;
  const tests = fromNodeTests(root);
  return tests === undefined ? [] : [tests];
}

const depthOf = (folder: string): number => (folder === '' ? 0 : folder.split('/').length);

interface Folder {
  readonly root: string;
  /** Relative to the workspace, '' is its top. */
  readonly folder: string;
  /** Absolute. */
  readonly path: string;
  readonly isTop: boolean;
}

const sourceIn = ({ folder }: Folder, name: string): string => (folder === '' ? name : `${folder}/${name}`);

const commandIn = (at: Folder, line: string, name: string): TestCommand => ({
  ...testCommandFromText(line, sourceIn(at, name)),
  cwd: at.folder,
});

// ---- JavaScript -----------------------------------------------------------------------------------------------------------------

const packageSchema = z.object({
  scripts: z.record(z.string(), z.string()).catch({}).default({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
});

function fromPackage(at: Folder): TestCommand | undefined {
  const manifest = packageSchema.safeParse(readJson(join(at.path, 'package.json'))).data;
  if (manifest === undefined) return undefined;
  const { scripts } = manifest;
  const script = scripts.test?.trim();
  if (script && !/no test specified/.test(script)) {
    const chain = chainOf(script, scripts);
    if (chain === undefined) return packageManagerTest(at);
    const whole = scripts.pretest === undefined || onlyChecks('pretest', scripts) ? [] : [`${packageManager(at)} run pretest`];
    const before = [...whole, ...chain.before].join(' && ');
    const hooks = ['pretest', 'posttest'].filter((name) => scripts[name] !== undefined && (name === 'posttest' || whole.length === 0));
    const leftOut = [...chain.leftOut, ...hooks];
    return {
      ...commandIn(at, chain.line, 'package.json'),
      ...(before === '' ? {} : { before }),
      ...(leftOut.length === 0 ? {} : { leftOut }),
    };
  }
  const installed = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const name of ['vitest', 'jest', 'mocha']) {
    if (name in installed) return commandIn(at, name === 'vitest' ? 'vitest run' : name, 'package.json');
  }
  return undefined;
}

/** By the lock file of the package or of the workspace around it. */
function packageManager({ root, path }: Folder): string {
  for (let folder = path; ; folder = dirname(folder)) {
    const has = (name: string): boolean => existsSync(join(folder, name));
    if (has('pnpm-lock.yaml')) return 'pnpm';
    if (has('yarn.lock')) return 'yarn';
    if (has('bun.lock') || has('bun.lockb')) return 'bun';
    if (has('package-lock.json') || folder === root || folder === dirname(folder)) return 'npm';
  }
}

function packageManagerTest(at: Folder): TestCommand {
  const manager = packageManager(at);
  const argv = manager === 'bun' ? ['bun', 'run', 'test'] : [manager, 'test'];
  return { runner: 'command', argv, display: argv.join(' '), cwd: at.folder, source: sourceIn(at, 'package.json') };
}

/** Test files without a script: node:test, when they say so. */
function fromNodeTests(root: string): TestCommand | undefined {
  const files = findFiles(root, ['**/*.test.{js,mjs,cjs,ts,mts,cts}', '**/test/**/*.{js,mjs,cjs}', '**/test.{js,mjs,cjs}']);
  const speaks = files.slice(0, 50).some((file) => /['"]node:test['"]/.test(readText(join(root, file)) ?? ''));
  return speaks ? testCommandFromText('node --test', 'test files') : undefined;
}

// ---- Python ---------------------------------------------------------------------------------------------------------------------

async function fromPython(at: Folder, known: readonly TestCommand[], asksForPytest: HasPytest): Promise<TestCommand | undefined> {
  const { path } = at;
  const source = pytestConfig(path);
  // A folder further in is a project of its own when it says so; else its tests are among those of the project around it.
  if (source === undefined && !at.isTop && known.some((other) => isPython(other) && isInside(at.folder, other.cwd))) return undefined;
  const django = source === undefined && existsSync(join(path, 'manage.py'));
  if (django && findFiles(path, ['**/tests.py', '**/test*.py']).length > 0)
    return commandIn(at, `${pythonOf(at)} manage.py test`, 'manage.py');
  const files = findFiles(path, ['test_*.py', '*_test.py', '{test,tests}/**/{test_*,*_test}.py', '*/{test,tests}/**/{test_*,*_test}.py']);
  if (source === undefined && files.length === 0) return undefined;
  const python = pythonOf(at);
  const hasPytest = await asksForPytest(python, at);
  const usesUnittest = files.slice(0, 20).some((file) => /\bunittest\b/.test(readText(join(path, file)) ?? ''));
  // Without pytest on the machine its command is still the honest answer, unless the tests run without it.
  if (!hasPytest && source === undefined && usesUnittest) {
    const folder = files.every((file) => file.includes('/')) ? ` discover -s ${files[0]?.split('/')[0]} -t .` : '';
    return commandIn(at, `${python} -m unittest${folder}`, 'test files');
  }
  return commandIn(at, `${python} -m pytest`, source ?? 'test files');
}

function pytestConfig(root: string): string | undefined {
  if (existsSync(join(root, 'pytest.ini'))) return 'pytest.ini';
  if (/^\[tool\.pytest/m.test(readText(join(root, 'pyproject.toml')) ?? '')) return 'pyproject.toml';
  if (/^\[tool:pytest\]/m.test(readText(join(root, 'setup.cfg')) ?? '')) return 'setup.cfg';
  if (/^\[pytest\]/m.test(readText(join(root, 'tox.ini')) ?? '')) return 'tox.ini';
  if (existsSync(join(root, 'conftest.py'))) return 'conftest.py';
  return undefined;
}

const isPython = ({ runner }: TestCommand): boolean => runner === 'pytest' || runner === 'unittest';

const isInside = (folder: string, other: string): boolean => other === '' || folder === other || folder.startsWith(`${other}/`);

/** The project's own interpreter or that of the workspace around it, else the machine's; relative, so that it is also found in a copy. */
function pythonOf({ root, path }: Folder): string {
  const own = ['.venv', 'venv'].flatMap((folder) => [`${folder}/bin/python`, `${folder}/Scripts/python.exe`]);
  for (let folder = path; ; folder = dirname(folder)) {
    const found = own.find((program) => existsSync(join(folder, program)));
    if (found !== undefined) return posix.join(relative(path, folder).replaceAll('\\', '/'), found);
    if (folder === root || folder === dirname(folder)) break;
  }
  return findProgram('python3', root) === undefined && findProgram('python', root) !== undefined ? 'python' : 'python3';
}

/** Whether an interpreter has pytest; it is asked in the project's folder. */
type HasPytest = (python: string, at: Folder) => Promise<boolean>;

/** Each interpreter is asked once. */
function pytestFinder(fence: Fenced | undefined, signal: AbortSignal): HasPytest {
  const answers = new Map<string, Promise<boolean>>();
  const ask = async (python: string, { root, path }: Folder): Promise<boolean> => {
    const options = fence === undefined ? {} : { fence: { ...fence, view: openFor(fence.view, [root]) } };
    const result = await runCommand({ argv: [python, '-c', 'import pytest'], cwd: path, wallMs: 20_000 }, options, signal);
    throwIfStopped(signal);
    return result.ending === 'exited' && result.exitCode === 0;
  };
  return (python, at) => {
    const program = python.includes('/') ? join(at.path, python) : python;
    const known = answers.get(program) ?? ask(python, at);
    answers.set(program, known);
    return known;
  };
}

// ---- Go, Rust -------------------------------------------------------------------------------------------------------------------

function fromGo(at: Folder): TestCommand | undefined {
  return existsSync(join(at.path, 'go.mod')) ? commandIn(at, 'go test ./...', 'go.mod') : undefined;
}

/** `workspaces`: folders of Cargo workspaces found so far; their members are tested with them. */
function fromCargo(at: Folder, workspaces: Map<string, readonly string[]>): TestCommand | undefined {
  const manifest = readText(join(at.path, 'Cargo.toml'));
  if (manifest === undefined) return undefined;
  const isWorkspace = /^[ \t]*\[workspace\]/m.test(manifest);
  if (isWorkspace) workspaces.set(at.folder, excludedFrom(manifest));
  else if (
    [...workspaces].some(
      ([folder, excluded]) => isInside(at.folder, folder) && !excluded.some((name) => isInside(at.folder, posix.join(folder, name))),
    )
  )
    return undefined;
  return commandIn(at, isWorkspace ? 'cargo test --workspace' : 'cargo test', 'Cargo.toml');
}

function excludedFrom(manifest: string): string[] {
  const list = /^[ \t]*exclude[ \t]*=[ \t]*\[([^\]]*)\]/m.exec(manifest)?.[1] ?? '';
  return [...list.matchAll(/["']([^"']+)["']/g)].map(([, name = '']) => name);
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
  return textAtNow(path)?.replace(/^\uFEFF/, '');
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
