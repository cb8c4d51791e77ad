// The training kit's one command: `npm run training -- sft --data FOLDER --model MODEL --output FOLDER` (`training/`, docs/training.md).
// It makes a Python environment with the pinned packages once, in the user's cache folder, shared by all clones.
// Plain JavaScript for Node 20, because it may run in a clone where nothing is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const kit = path.join(root, 'training');
const requirements = path.join(kit, 'requirements.txt');
/** PyTorch's Linux wheels bring the libraries for NVIDIA cards along, with or without a card. */
const neededBytes = process.platform === 'linux' ? 9e9 : 3e9;

/** Why the kit cannot be used on this machine; `setup` throws it. */
export class TrainingUnavailable extends Error {}

function cacheFolder() {
  if (process.env.TEAMWRIGHT_CACHE) return path.resolve(process.env.TEAMWRIGHT_CACHE);
  if (process.env.XDG_CACHE_HOME && path.isAbsolute(process.env.XDG_CACHE_HOME)) return path.join(process.env.XDG_CACHE_HOME, 'teamwright');
  if (process.platform === 'win32') return path.join(process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local'), 'teamwright');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'teamwright');
  return path.join(os.homedir(), '.cache', 'teamwright');
}

/** Python 3.10 or newer that can make environments; the path of its program. */
function findPython() {
  const names = process.platform === 'win32' ? ['py', 'python'] : ['python3'];
  for (const name of names) {
    const said = spawnSync(name, ['-c', 'import sys, venv, ensurepip; print(sys.version_info >= (3, 10))'], { encoding: 'utf8' });
    if (said.status === 0 && said.stdout.trim() === 'True') return name;
  }
  throw new TrainingUnavailable('The training kit needs Python 3.10 or newer with venv and pip (on Debian: python3-venv).');
}

/** The environment's Python, installed first when it is not there. Throws `TrainingUnavailable` with a sentence. */
export function setup() {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = path.join(cacheFolder(), `training-${digest}`);
  const python = process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const stamp = path.join(folder, 'installed');
  if (existsSync(stamp)) return python;
  const source = findPython();
  mkdirSync(path.dirname(folder), { recursive: true });
  const free = statfsSync(path.dirname(folder));
  if (free.bavail * free.bsize < neededBytes) {
    throw new TrainingUnavailable(`The training kit needs ${neededBytes / 1e9} GB below ${path.dirname(folder)}; less is free there.`);
  }
  console.error('Installing the training kit (once, some gigabytes) …');
  rmSync(folder, { recursive: true, force: true });
  const run = (program, args) => {
    const done = spawnSync(program, args, { stdio: ['ignore', 2, 2] });
    if (done.status !== 0)
      throw new TrainingUnavailable(`The training kit could not be installed: ${program} ended with ${done.status ?? done.signal}.`);
  };
  run(source, ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]);
  writeFileSync(`${stamp}.new`, `${new Date().toISOString()}\n`);
  renameSync(`${stamp}.new`, stamp);
  return python;
}

/** What the kit runs with: its own folder to import from, and nothing told to anybody. */
export const environment = () => ({
  ...process.env,
  PYTHONPATH: kit,
  PYTHONDONTWRITEBYTECODE: '1',
  TOKENIZERS_PARALLELISM: 'false',
  HF_HUB_DISABLE_TELEMETRY: '1',
  HF_HUB_DISABLE_PROGRESS_BARS: '1',
});

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const python = setup();
    const args = process.argv.slice(2);
    if (args[0] === 'setup') console.log(python);
    else {
      const child = spawn(python, ['-m', 'teamwright_training', ...args], { stdio: 'inherit', env: environment() });
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
      child.on('exit', (code, signal) => {
        process.exitCode = code ?? 128 + os.constants.signals[signal];
      });
    }
  } catch (error) {
    if (!(error instanceof TrainingUnavailable)) throw error;
    console.error(error.message);
    process.exitCode = 5;
  }
}
