// Makes a clone ready to run: dependencies as the lock says, and `dist/` no older than `src/`.
// Plain JavaScript for Node 20, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stampFile = path.join(root, 'node_modules', '.teamwright-installed');

/** The Node that the lock pins (24); the running one where the package is absent but new enough. */
export function node24() {
  const pinned = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  throw new Error(`Node 22 or newer is needed, and ${pinned} is missing. Run \`npm install --no-save\` and try again.`);
}

/** The environment in which `node` and the installed tools are the clone's own. */
export function toolEnvironment(extra = {}) {
  const bins = [path.dirname(node24()), path.join(root, 'node_modules', '.bin')];
  return { ...process.env, PATH: [...bins, process.env.PATH ?? ''].join(path.delimiter), ...extra };
}

function lockDigest() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  hash.update(JSON.stringify([manifest.dependencies, manifest.devDependencies, manifest.allowScripts]));
  hash.update(readFileSync(path.join(root, 'package-lock.json')));
  return hash.digest('hex');
}

/** Installs what the lock names when it was not installed yet. Offline with an older install: goes on, and says so. */
export function installDependencies() {
  const wanted = lockDigest();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  console.error('Installing dependencies (once) …');
  // `npm ci` insists on optional packages of other platforms that a registry may lack; `install --no-save` follows the same lock.
  const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status === 0) {
    mkdirSync(path.dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, wanted);
    return;
  }
  const reason = result.error?.message ?? `npm ended with ${result.status ?? result.signal}`;
  if (!existsSync(path.join(root, 'node_modules', 'esbuild'))) {
    throw new Error(`Dependencies could not be installed (${reason}). Check the network and run the command again.`);
  }
  console.error(`Dependencies could not be refreshed (${reason}); going on with those installed before.`);
}

function newestIn(entry) {
  const stat = statSync(entry, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time counts too: it moves when a file is deleted.
  return readdirSync(entry).reduce((newest, name) => Math.max(newest, newestIn(path.join(entry, name))), stat.mtimeMs);
}

/** True when a source is newer than the bundle. */
export function distIsStale() {
  const built = statSync(path.join(root, 'dist', 'cli.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ['src', 'esbuild.js', 'package.json', 'package-lock.json'].some((entry) => newestIn(path.join(root, entry)) > built);
}

export function build() {
  const result = spawnSync(node24(), [path.join(root, 'esbuild.js')], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) throw new Error(`The build failed (${result.error?.message ?? `exit ${result.status ?? result.signal}`}).`);
}

/** Installs and builds what is missing or out of date; silent when nothing is. Throws with a sentence for the user. */
export function bootstrap() {
  installDependencies();
  if (distIsStale()) build();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--clean')) rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  bootstrap();
}
