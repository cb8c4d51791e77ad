/**
 * Test runners that are no dependencies of ours, and that the tests of their guards need: jest and mocha, and a Python with pytest and its plugins, as
 * `test/runners/` pins them. Installed once for all clones, into the user's cache folder. `node scripts/test-runners.ts` does it by hand.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from './bootstrap.mjs';
import { cacheFolder, lock, npm, program } from './install-once.ts';

const pinned = path.join(root, 'test', 'runners');

interface Kit {
  readonly what: string;
  /** Files of `test/runners/` that say what is in it; another text of one of them is another kit. */
  readonly from: readonly string[];
  /** What tests use of it: its path below the kit's folder. */
  readonly used: string;
  /** Undefined when it went well, else why not. */
  readonly install: (folder: string) => string | undefined;
  /** What is done once for all starts of it; where it fails, they only take longer. */
  readonly warm?: (folder: string) => void;
}

const nodeKit: Kit = {
  what: 'jest and mocha',
  from: ['package.json', 'package-lock.json'],
  used: 'node_modules',
  install: (folder) =>
    npm(folder, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', '--fetch-retries=1'),
};

const windows = process.platform === 'win32';
const interpreter = windows ? path.join('python', 'Scripts', 'python.exe') : path.join('python', 'bin', 'python');
/** Wheels only, and only those that are named: nothing of a package is run. */
const pip = [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--retries',
  '1',
  '--no-deps',
  '--only-binary',
  ':all:',
  '--requirement',
];
const pythonKit: Kit = {
  what: 'pytest and its plugins',
  from: ['requirements.txt'],
  used: interpreter,
  install: (folder) =>
    program(windows ? 'py' : 'python3', '-m', 'venv', path.join(folder, 'python')) ??
    program(path.join(folder, interpreter), ...pip, path.join(folder, 'requirements.txt')),
  // pytest rewrites the assertions of its plugins at each start until what it wrote lies beside them, and what Teamwright starts writes no bytecode.
  warm: (folder) => {
    const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
    const nothing = ['-m', 'pytest', '-q', '--collect-only', '-p', 'no:cacheprovider', path.dirname(interpreter)];
    spawnSync(path.join(folder, interpreter), nothing, { cwd: folder, env, stdio: 'ignore', timeout: 60_000 });
  },
};

function folderOf(kit: Kit): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of kit.from) hash.update(readFileSync(path.join(pinned, name)));
  return path.join(cacheFolder(), `test-runners-${hash.digest('hex').slice(0, 12)}`);
}

const stampOf = (folder: string): string => path.join(folder, 'installed');

/** What tests use of a kit, when it is there. */
function installed(kit: Kit): string | undefined {
  const folder = folderOf(kit);
  const used = path.join(folder, kit.used);
  return existsSync(stampOf(folder)) && existsSync(used) ? used : undefined;
}

/** Folder whose `node_modules` has jest, mocha and chai: the one that `TEAMWRIGHT_TEST_RUNNERS` names, else the installed one; undefined where there is none. */
export function installedNodeRunners(): string | undefined {
  const named = process.env.TEAMWRIGHT_TEST_RUNNERS;
  if (named) return path.resolve(named);
  const modules = installed(nodeKit);
  return modules === undefined ? undefined : path.dirname(modules);
}

/** A Python with pytest and its plugins: the one that `TEAMWRIGHT_TEST_PYTHON` names, else the installed one; undefined where there is none. */
export const installedPython = (): string | undefined => process.env.TEAMWRIGHT_TEST_PYTHON || installed(pythonKit);

/** Installs what is missing. Undefined when all is there, else a sentence: tests that need it are skipped. */
async function install(kit: Kit): Promise<string | undefined> {
  if (installed(kit) !== undefined) return undefined;
  const folder = folderOf(kit);
  mkdirSync(folder, { recursive: true });
  const release = await lock(path.join(folder, 'installing'), kit.what, console.error);
  try {
    if (installed(kit) !== undefined) return undefined;
    console.error(`Installing ${kit.what} for the tests into ${folder} (once) …`);
    rmSync(path.join(folder, kit.used.split(path.sep)[0] ?? ''), { recursive: true, force: true });
    for (const name of kit.from) copyFileSync(path.join(pinned, name), path.join(folder, name));
    const failure = kit.install(folder);
    if (failure !== undefined) return `${kit.what} could not be installed (${failure}): the tests that need them are skipped.`;
    writeFileSync(stampOf(folder), `${new Date().toISOString()}\n`);
    return undefined;
  } finally {
    release();
  }
}

if (import.meta.main) {
  const named: readonly [Kit, string | undefined][] = [
    [nodeKit, process.env.TEAMWRIGHT_TEST_RUNNERS],
    [pythonKit, process.env.TEAMWRIGHT_TEST_PYTHON],
  ];
  for (const [kit, own] of named) {
    const missing = own ? undefined : await install(kit);
    if (!own && missing === undefined) kit.warm?.(folderOf(kit));
    if (missing === undefined) continue;
    console.error(`${missing.slice(0, 1).toUpperCase()}${missing.slice(1)}`);
    process.exitCode = 1;
  }
}
