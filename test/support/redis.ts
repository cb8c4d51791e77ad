/** A real Redis of its own for a test: Debian's `redis-server`, or another one on the path. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../src/process/index.ts';

const program = findProgram('redis-server', '.');

/** Why there is none; empty: there is one. */
export const redisAbsent =
  program === undefined ? 'redis-server is not installed on this machine (Debian: apt-get install redis-server)' : '';

export interface RunningRedis {
  readonly port: number;
  /** Ends it at once, without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it again at its port, empty. */
  again(): Promise<void>;
  close(): Promise<void>;
}

export async function startRedis({ password }: { readonly password?: string } = {}): Promise<RunningRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-redis-'));
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const login = password === undefined ? [] : ['--requirepass', password];
    const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    child = spawn(program ?? '', [...place, ...login], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`redis-server ended:\n${said}`)));
    });
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    port,
    kill,
    again: start,
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
