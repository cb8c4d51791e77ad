/** Starts VS Code's own server with folders of its own, and ends it with everything that came of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { node24 } from '../bootstrap.mjs';
import { installVscode } from './install.ts';
import { descendants, endAll, type ProcessEntry, signal } from './processes.ts';

export interface ServerOptions {
  /** User settings. Telemetry, updates and start pages are off already. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A packed extension to install before the start. */
  readonly vsix?: string;
  /** A folder that holds an extension, as sources with their built `dist/` or as VS Code installed it: there by a link. */
  readonly sources?: string;
  /** Makes VS Code honour `OpenOptions.tests`. It shows no toasts then. */
  readonly driver?: boolean;
  /** Added to the environment of the server and so of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface OpenOptions {
  /** Absolute path of the folder, or of a `.code-workspace` file. */
  readonly folder?: string;
  /** In a server with `driver`: loads the extension in `development` and calls `run()` of the CommonJS module `tests` in its host. */
  readonly tests?: { readonly development: string; readonly module: string };
}

export interface VscodeServer {
  readonly port: number;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  url(options?: OpenOptions): string;
  /** What the server printed. */
  output(): string;
  /** Every process below the server now, those of extension hosts included. */
  processes(): ProcessEntry[];
  /** Process ids of the extension hosts: one for each window. */
  extensionHosts(): number[];
  changeSettings(settings: Readonly<Record<string, unknown>>): void;
  /** Ends the whole process tree (within 2 s) and removes the folders. */
  stop(): Promise<void>;
}

const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.welcomePage.experimentalOnboarding': false,
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.menuBarVisibility': 'compact',
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  'editor.accessibilitySupport': 'off',
  'files.hotExit': 'off',
};

/** Starts the server on a free port. Installs VS Code when it is missing. Rejects with the server's output when it does not come up. */
export async function startVscode(options: ServerOptions = {}): Promise<VscodeServer> {
  const { server } = await installVscode();
  const top = realpathSync(mkdtempSync(path.join(tmpdir(), 'teamwright-vscode-')));
  const folders = foldersIn(top);
  // What belongs to a machine, VS Code's server reads from a file of its own; all other settings are the user's.
  const settingsFiles = [path.join(folders.userData, 'User', 'settings.json'), path.join(folders.userData, 'Machine', 'settings.json')];
  for (const folder of [...Object.values(folders), ...settingsFiles.map((file) => path.dirname(file))])
    mkdirSync(folder, { recursive: true });
  const changeSettings: VscodeServer['changeSettings'] = (settings) => {
    for (const file of settingsFiles) writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
  };
  changeSettings(options.settings ?? {});

  // With this VS Code takes the environment as it is, and starts no login shell to find out about another one.
  const environment = { ...cleanEnvironment(), VSCODE_CLI: '1', ...options.env };
  if (options.sources !== undefined) symlinkSync(options.sources, path.join(folders.extensions, 'teamwright.teamwright-0.0.0'), 'dir');
  if (options.vsix !== undefined) await install(server, options.vsix, folders, environment);

  const port = await freePort();
  const child = spawn(
    node24(),
    [
      server,
      ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms'],
      ...['--telemetry-level', 'off', ...(options.driver ? ['--enable-smoke-test-driver'] : [])],
      ...folderArguments(folders),
    ],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' },
  );
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const stop = async (): Promise<void> => {
    process.off('exit', atExit);
    await endAll(child);
    rmSync(top, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  const atExit = (): void => {
    for (const each of [...descendants(child.pid), { pid: child.pid }]) if (each.pid !== undefined) signal(each.pid, 'SIGKILL');
    rmSync(top, { recursive: true, force: true });
  };
  process.on('exit', atExit);
  try {
    await answers(child, port, () => printed);
  } catch (error) {
    await stop();
    throw error;
  }
  const remote = (file: string): string => `vscode-remote://localhost:${port}${file}`;
  return {
    port,
    userDataDir: folders.userData,
    extensionsDir: folders.extensions,
    url: ({ folder, tests } = {}) => {
      const url = new URL(`http://localhost:${port}/`);
      if (folder !== undefined) url.searchParams.set(folder.endsWith('.code-workspace') ? 'workspace' : 'folder', folder);
      if (tests !== undefined) {
        const payload = [
          ['extensionDevelopmentPath', remote(tests.development)],
          ['extensionTestsPath', remote(tests.module)],
        ];
        url.searchParams.set('payload', JSON.stringify(payload));
      }
      return url.toString();
    },
    output: () => printed,
    processes: () => descendants(child.pid),
    extensionHosts: () =>
      descendants(child.pid)
        .filter((each) => each.command.includes('--type=extensionHost'))
        .map((each) => each.pid),
    changeSettings,
    stop,
  };
}

/** Nothing of the shell that started the tests may steer the editor: neither its git, nor another VS Code, nor npm. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|ELECTRON_|GIT_|npm_|NODE_OPTIONS$|TEAMWRIGHT_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

type Folders = ReturnType<typeof foldersIn>;

/** The folders that a VS Code keeps everything in. */
function foldersIn(top: string) {
  return { userData: path.join(top, 'user'), extensions: path.join(top, 'extensions'), data: path.join(top, 'server') };
}

function folderArguments({ userData, extensions, data }: Folders): string[] {
  return ['--user-data-dir', userData, '--extensions-dir', extensions, '--server-data-dir', data];
}

/** VS Code installs a packed extension below `folder`, as it does for users. Gives the folder that `ServerOptions.sources` takes. */
export async function installPacked(vsix: string, folder: string): Promise<string> {
  const { server } = await installVscode();
  const folders = foldersIn(folder);
  await install(server, vsix, folders, { ...cleanEnvironment(), VSCODE_CLI: '1' });
  const name = readdirSync(folders.extensions).find((each) => each.startsWith('teamwright.'));
  if (name === undefined) throw new Error(`VS Code installed nothing in ${folders.extensions}.`);
  return path.join(folders.extensions, name);
}

async function install(server: string, vsix: string, folders: Folders, env: NodeJS.ProcessEnv): Promise<void> {
  const args = [server, ...folderArguments(folders), '--install-extension', vsix, '--force', '--accept-server-license-terms'];
  const child = spawn(node24(), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0 || !printed.includes('successfully installed'))
    throw new Error(`The extension could not be installed (${code}):\n${printed}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}

async function answers(child: ChildProcess, port: number, output: () => string): Promise<void> {
  const until = Date.now() + 60_000;
  let reason = 'no answer';
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/version`);
      if (response.ok) return;
      reason = `status ${response.status}`;
    } catch (error) {
      reason = String(error);
    }
    await wait(100);
  }
  throw new Error(`VS Code's server did not come up (${reason}):\n${output()}`);
}
