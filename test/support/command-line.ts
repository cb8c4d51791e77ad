/** The command line as users have it: a real child process with a home, settings and data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { capabilityStore } from '../../src/models/index.ts';
import { worksHere } from './fences.ts';

const program = resolve(import.meta.dirname, '../../dist/cli.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Finished>;
  /** Waits until the text stands on either stream (so many times); gives all that was printed so far. */
  printed(text: string, times?: number): Promise<string>;
  type(text: string): void;
}

export interface CommandLine {
  readonly home: string;
  readonly dataDir: string;
  run(args: readonly string[], options?: StartOptions): Promise<Finished>;
  start(args: readonly string[], options?: StartOptions): Started;
  settings(value: unknown): void;
  /** Makes a model known, so that no probe is sent. */
  knows(baseUrl: string, model?: string): Promise<void>;
  /** Ends what still runs and removes everything. */
  dispose(): void;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Words in front of the command, such as another program that starts it. */
  readonly within?: readonly string[];
  /** In place of the bundle that all tests start. */
  readonly program?: string;
  /** In a pseudo-terminal of `script` (util-linux). */
  readonly terminal?: boolean;
}

export function commandLine(): CommandLine {
  const home = mkdtempSync(join(tmpdir(), 'teamwright-cli-'));
  const dataDir = join(home, 'data');
  const settingsFile = join(home, 'config', 'settings.json');
  const children = new Set<ChildProcess>();
  const environment = {
    PATH: process.env.PATH,
    HOME: home,
    TEAMWRIGHT_DATA: dataDir,
    TEAMWRIGHT_CONFIG: settingsFile,
    // Nothing is set up here: the tests must not meet the developer's own weights.
    TEAMWRIGHT_CACHE: join(home, 'cache'),
    ...(!worksHere && { TEAMWRIGHT_FENCE: 'off' }),
    // What tests of trust take away.
    TEAMWRIGHT_TRUST: '1',
    // Compiling it anew would cost each start a third of its time.
    NODE_COMPILE_CACHE: resolve(import.meta.dirname, '../../node_modules/.cache/command-line'),
  };

  const start = (args: readonly string[], options: StartOptions = {}): Started => {
    const plain = [...(options.within ?? []), process.execPath, options.program ?? program, ...args];
    const argv = options.terminal ? ['script', '-qefc', `exec ${plain.map(quoted).join(' ')}`, '/dev/null'] : plain;
    const child = spawn(argv[0] as string, argv.slice(1), {
      cwd: options.cwd ?? home,
      env: { ...environment, ...(options.terminal && { TERM: 'xterm', COLUMNS: '100' }), ...options.env } as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    const listeners = new Set<() => void>();
    const heard = (): void => {
      for (const listener of listeners) listener();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      heard();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      heard();
    });
    // A program that has ended reads no more; its exit code tells what happened.
    child.stdin.on('error', () => undefined);
    if (!options.terminal) child.stdin.end(options.input ?? '');
    const done = new Promise<Finished>((fulfil, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        children.delete(child);
        fulfil({ code, stdout, stderr });
        heard();
      });
    });
    return {
      child,
      done,
      printed: (text, times = 1) =>
        new Promise((fulfil, reject) => {
          const look = (): void => {
            if (`${stdout}${stderr}`.split(text).length > times) fulfil(`${stdout}${stderr}`);
            else if (!children.has(child)) reject(new Error(`It ended without printing ${JSON.stringify(text)}:\n${stdout}${stderr}`));
            else return;
            listeners.delete(look);
          };
          listeners.add(look);
          look();
        }),
      type: (text) => void child.stdin.write(text),
    };
  };

  return {
    home,
    dataDir,
    start,
    run: (args, options) => start(args, options).done,
    settings: (value) => {
      mkdirSync(dirname(settingsFile), { recursive: true });
      writeFileSync(settingsFile, typeof value === 'string' ? value : JSON.stringify(value));
    },
    knows: (baseUrl, model = 'scripted') =>
      capabilityStore(join(dataDir, 'models')).set(baseUrl, model, {
        format: 'json-object',
        tools: false,
        usage: true,
        seed: true,
        strength: 'weak',
      }),
    dispose: () => {
      for (const child of children) child.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
