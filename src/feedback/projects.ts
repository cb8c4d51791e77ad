/** The projects of a workspace and how each runs its tests, from their manifests. */
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { globSync } from 'tinyglobby';
import * as z from 'zod';
import { throwIfStopped } from '../errors.ts';
import type { Fenced } from '../process/index.ts';
import { testCommandFromText } from './command-line.ts';
import { type Folder, findFiles, isInside, textOf } from './folders.ts';
import { files as namedFiles, namedLinesAt, readJson } from './named-lines.ts';
import { fromPython } from './python-projects.ts';
import { type Pythons, pythonsOf } from './pythons.ts';
import { commandOf, readLine } from './read-line.ts';
import { isTapProgram } from './runners/tap.ts';
import { chainOf, handsOn, onlyChecks, type ScriptChain } from './script-chain.ts';
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

const manifests = `{${[
  ...[
    'package.json',
    'go.mod',
    'Cargo.toml',
    'pyproject.toml',
    'pytest.ini',
    'setup.cfg',
    'tox.ini',
    'manage.py',
    'noxfile.py',
    'runtests.py',
  ],
  ...['Pipfile', 'pom.xml', 'build.gradle', 'build.gradle.kts', 'mix.exs', 'Gemfile', 'composer.json', 'deno.json', 'Makefile', 'justfile'],
]}}`;
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
  const pythons = pythonsOf(fence, startNothing ?? false, signal);
  for (const folder of folders.slice(0, mostFolders)) {
    throwIfStopped(signal);
    const at: Folder = { root, folder, path: join(root, folder), isTop: folder === '' };
    const all = [await fromPackage(at, pythons), await fromPython(at, projects, pythons), fromGo(at), fromCargo(at, crates)];
    const found = all.filter((command) => command !== undefined);
    projects.push(...found);
    const other = found.length === 0 ? await fromOthers(at, projects, pythons) : undefined;
    if (other !== undefined) projects.push(other);
  }
  if (projects.length > 0) return packagesFirst(projects, root);
  const tests = fromNodeTests(root);
  return tests === undefined ? [] : [tests];
}

/** A command at the top that only starts those of the packages tells nothing of single tests: it comes after them. */
function packagesFirst(projects: readonly TestCommand[], root: string): readonly TestCommand[] {
  const [top, ...packages] = projects;
  if (top?.source !== 'package.json' || top.runner !== 'command' || !packages.some(({ source }) => source.endsWith('package.json')))
    return projects;
  return handsOn('npm run test', namedLinesAt(root, '')) ? [...packages, top] : projects;
}

const depthOf = (folder: string): number => (folder === '' ? 0 : folder.split('/').length);

const sourceIn = ({ folder }: Folder, name: string): string => (folder === '' ? name : `${folder}/${name}`);

const commandIn = (at: Folder, line: string, name: string): TestCommand => ({
  ...testCommandFromText(line, sourceIn(at, name)),
  cwd: at.folder,
});

// ---- JavaScript -----------------------------------------------------------------------------------------------------------------

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
});

async function fromPackage(at: Folder, pythons: Pythons): Promise<TestCommand | undefined> {
  const manifest = packageSchema.safeParse(readJson(join(at.path, 'package.json'))).data;
  if (manifest === undefined) return undefined;
  const known = namedLinesAt(at.root, at.folder);
  const { scripts } = known;
  if (scripts.test?.trim() && !/no test specified/.test(scripts.test)) {
    const { pretest: _before, posttest: _after, ...own } = scripts;
    const chain = chainOf('npm run test', { ...known, scripts: own }, at.folder);
    const command = chain && (await commandOf(chain, at.root, sourceIn(at, 'package.json'), pythons));
    // What comes down to nothing better is started as the project has it.
    if (chain === undefined || command === undefined || isAsWritten(command, chain)) return packageManagerTest(at);
    const whole = scripts.pretest === undefined || onlyChecks('pretest', known) ? [] : [`${packageManager(at)} run pretest`];
    const before = [...whole, ...chain.before].join(' && ');
    const hooks = ['pretest', 'posttest'].filter((name) => scripts[name] !== undefined && (name === 'posttest' || whole.length === 0));
    const leftOut = [...chain.leftOut, ...hooks];
    return { ...command, ...(before === '' ? {} : { before }), ...(leftOut.length === 0 ? {} : { leftOut }) };
  }
  const installed = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const name of ['vitest', 'jest', 'mocha', 'ava']) {
    if (name in installed) return readLine(name === 'vitest' ? 'vitest run' : name, at, 'package.json', pythons);
  }
  return undefined;
}

const isAsWritten = ({ runner, argv }: TestCommand, { leftOut, watched }: ScriptChain): boolean =>
  watched === undefined && runner === 'command' && leftOut.length === 0 && !isTapProgram(argv ?? []);

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
  const speaks = files.slice(0, 50).some((file) => /['"]node:test['"]/.test(textOf(join(root, file)) ?? ''));
  return speaks ? testCommandFromText('node --test', 'test files') : undefined;
}

// ---- Go, Rust -------------------------------------------------------------------------------------------------------------------

function fromGo(at: Folder): TestCommand | undefined {
  return existsSync(join(at.path, 'go.mod')) ? commandIn(at, 'go test ./...', 'go.mod') : undefined;
}

/** `workspaces`: folders of Cargo workspaces found so far; their members are tested with them. */
function fromCargo(at: Folder, workspaces: Map<string, readonly string[]>): TestCommand | undefined {
  const manifest = textOf(join(at.path, 'Cargo.toml'));
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

// ---- what is only known by its exit code ----------------------------------------------------------------------------------------

/** What the project's own tools are called with, by the file that speaks of them; the first that fits. */
const others: readonly (readonly [file: string, line: string | ((has: (name: string) => boolean) => string), says?: RegExp])[] = [
  ...Object.entries(namedFiles).flatMap(([program, names]) =>
    ['test', 'tests', 'check'].flatMap((target) =>
      names.map(
        (name) =>
          [name, `${program} ${target}`, new RegExp(program === 'task' ? `^ +${target}:` : `^@?${target}\\b[^=\\n]*:(?!=)`, 'm')] as const,
      ),
    ),
  ),
  ['pom.xml', (has) => (has('mvnw') ? './mvnw test' : 'mvn test')],
  ...['build.gradle', 'build.gradle.kts'].map(
    (name) => [name, (has: (one: string) => boolean) => (has('gradlew') ? './gradlew test' : 'gradle test')] as const,
  ),
  ['mix.exs', 'mix test'],
  ['Gemfile', (has) => (has('spec') ? 'bundle exec rspec' : 'bundle exec rake test'), /./],
  ['composer.json', 'composer test', /"test"\s*:/],
  ['phpunit.xml', 'vendor/bin/phpunit'],
  ['phpunit.xml.dist', 'vendor/bin/phpunit'],
  ['deno.json', 'deno test'],
  ['deno.jsonc', 'deno test'],
  ['Package.swift', 'swift test'],
  ['build.sbt', 'sbt test'],
  ['build.zig', 'zig build test'],
  ['pubspec.yaml', 'dart test'],
  [
    'CMakeLists.txt',
    'cmake -S . -B build && cmake --build build && ctest --test-dir build --output-on-failure',
    /enable_testing|include\s*\(\s*CTest/i,
  ],
];

async function fromOthers(at: Folder, known: readonly TestCommand[], pythons: Pythons): Promise<TestCommand | undefined> {
  const has = (name: string): boolean => existsSync(join(at.path, name));
  if (!at.isTop && known.some(({ cwd, runner }) => runner === 'command' && isInside(at.folder, cwd))) return undefined;
  const solution = at.isTop ? findFiles(at.path, ['*.sln', '*.slnx', '*.csproj', '*.fsproj'])[0] : undefined;
  if (solution !== undefined) return commandIn(at, 'dotnet test', solution);
  const found = others.find(([file, , says]) => has(file) && (says?.test(textOf(join(at.path, file)) ?? '') ?? true));
  if (found === undefined) return undefined;
  const [file, line] = found;
  return readLine(
    typeof line === 'string' ? line : line(has),
    at,
    file,
    pythons,
    typeof line === 'string' && /^(make|just|task) /.test(line) ? line : undefined,
  );
}
