/**
 * A real VS Code (its own server, as code-server packages it) and a real Chromium, in the user's cache folder: installed once for all
 * clones, outside of every clone. `node scripts/vscode/install.ts` does it by hand. About 600 MB, by npm only.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { node24, root } from '../bootstrap.mjs';
import { cacheFolder, lock, npm } from '../install-once.ts';

const packageVersion = '4.139.1';
const vscodeVersion = '1.139.1';
const minute = 60_000;

export interface InstalledVscode {
  /** The program of VS Code's own server. */
  readonly server: string;
  readonly chromium: string;
}

/** Where it all lies; `TEAMWRIGHT_VSCODE` names another folder. */
function vscodeFolder(): string {
  if (process.env.TEAMWRIGHT_VSCODE) return path.resolve(process.env.TEAMWRIGHT_VSCODE);
  return path.join(cacheFolder(), `vscode-${vscodeVersion}`);
}

/**
 * The language service of TypeScript is not in the package: its extension would greet every window with an error. VS Code turns its chat
 * extension off by restarting all extension hosts of a new window, in the middle of whatever is tried there.
 */
const withoutExtensions = ['typescript-language-features', 'copilot'];
/** Another install than this one is made anew. */
const stampText = JSON.stringify({ package: packageVersion, vscode: vscodeVersion, without: withoutExtensions });
const stampOf = (folder: string): string => path.join(folder, 'installed.json');
const serverOf = (folder: string): string => path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
const browserOf = (folder: string): string => path.join(folder, 'chromium', 'chromium');

/** Paths of an install that is complete, or undefined. */
export function installedVscode(folder = vscodeFolder()): InstalledVscode | undefined {
  const stamp = stampOf(folder);
  if (!existsSync(stamp)) return undefined;
  const found = { server: path.join(serverOf(folder), 'out', 'server-main.js'), chromium: systemChromium() ?? browserOf(folder) };
  return readFileSync(stamp, 'utf8') === stampText && existsSync(found.server) && existsSync(found.chromium) ? found : undefined;
}

const systemChromium = (): string | undefined => ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((each) => existsSync(each));

/**
 * The paths of VS Code's server and of Chromium; installs what is missing. What an interrupted install has downloaded stays in npm's cache,
 * so another try goes on from there. Two installers at once: the second waits for the first. Throws with a sentence when it cannot be had.
 */
export async function installVscode(folder = vscodeFolder(), log: (line: string) => void = console.error): Promise<InstalledVscode> {
  const before = installedVscode(folder);
  if (before !== undefined) return before;
  if (process.platform === 'win32') throw new Error('The real VS Code of the tests is installed on Linux and macOS only.');
  mkdirSync(folder, { recursive: true });
  const release = await lock(path.join(folder, 'installing'), 'VS Code', log);
  try {
    const meanwhile = installedVscode(folder);
    if (meanwhile !== undefined) return meanwhile;
    log(`Installing VS Code ${vscodeVersion} and a browser for the tests into ${folder} (once, about 600 MB) …`);
    installServer(folder);
    if (systemChromium() === undefined) await unpackChromium(folder);
    writeFileSync(stampOf(folder), stampText);
    const after = installedVscode(folder);
    if (after === undefined) throw new Error(`The install in ${folder} is incomplete. Delete the folder and try again.`);
    return after;
  } finally {
    release();
  }
}

function installServer(folder: string): void {
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'vscode-of-the-tests', private: true }));
  install(folder, '--save-exact', `code-server@${packageVersion}`);
  const product = JSON.parse(readFileSync(path.join(serverOf(folder), 'package.json'), 'utf8'));
  if (product.version !== vscodeVersion)
    throw new Error(`code-server ${packageVersion} holds VS Code ${product.version}, not ${vscodeVersion}.`);
  for (const name of withoutExtensions) rmSync(path.join(serverOf(folder), 'extensions', name), { recursive: true, force: true });
  // Native modules stay unbuilt: the server logs that they are absent and does without.
  install(serverOf(folder), '--omit=dev');
}

function install(cwd: string, ...args: readonly string[]): void {
  const reason = npm(cwd, 'install', ...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  if (reason !== undefined)
    throw new Error(`VS Code ${vscodeVersion} could not be installed (${reason}). Check the network and try again.`);
}

/** Chromium as npm has it unpacks itself into the folder for temporary files; it is moved where it may stay. */
async function unpackChromium(folder: string): Promise<void> {
  if (existsSync(browserOf(folder))) return;
  const temporary = path.join(folder, 'unpacking');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  const result = spawnSync(node24(), [path.join(root, 'scripts', 'vscode', 'unpack-chromium.ts')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: temporary },
    timeout: 5 * minute,
  });
  if (result.status !== 0) throw new Error(`Chromium could not be unpacked (${result.error?.message ?? result.stderr.trim()}).`);
  const half = path.join(folder, 'chromium.half');
  rmSync(half, { recursive: true, force: true });
  cpSync(temporary, half, { recursive: true });
  chmodSync(path.join(half, 'chromium'), 0o755);
  rmSync(temporary, { recursive: true, force: true });
  renameSync(half, path.dirname(browserOf(folder)));
}

if (import.meta.main) {
  try {
    const found = await installVscode();
    console.log(`VS Code ${vscodeVersion}: ${found.server}\nChromium: ${found.chromium}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
