/**
 * With the opt-in off nothing leaves this machine: every connection of a whole run, and of the commands around it, is watched, in the process
 * itself and (where strace is there) by the kernel, children included. The model's server is the only one anybody speaks to.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { commandLineScene } from '../support/command-line-scene.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { startEndpoint } from '../support/sharing-servers.ts';
import { sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const preload = pathToFileURL(resolve(import.meta.dirname, 'watch-connections.ts')).href;

/** Tracing needs the program and the right to trace. */
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-f', '-e', 'trace=connect', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

interface Watched {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `host:port` or the name that was looked up, as the process saw it. */
  readonly opened: readonly string[];
  /** What the kernel saw of it and its children: `host:port` of every connection that is not a local socket. */
  readonly traced: readonly string[];
}

interface Scene {
  readonly server: ScriptedServer;
  readonly model: string;
  readonly workspace: string;
  watch(args: readonly string[], options?: { trace?: boolean; env?: Readonly<Record<string, string>> }): Promise<Watched>;
}

async function scene(): Promise<Scene> {
  const { cli, workspace, server } = await commandLineScene(cleanUps, () => sumReply('a + b'));
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-watch-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  return {
    server,
    model: new URL(server.url).host,
    workspace: workspace.root,
    watch: async (args, { trace = false, env = {} } = {}) => {
      count += 1;
      const seen = join(folder, `opened-${count}.jsonl`);
      const log = join(folder, `traced-${count}.txt`);
      const finished = await cli.start(args, {
        cwd: workspace.root,
        env: { ...env, WATCH_CONNECTIONS: seen, NODE_OPTIONS: `--import=${preload}` },
        ...(trace && { within: ['strace', '-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', log] }),
      }).done;
      return { ...finished, opened: openedIn(readFileSync(seen, 'utf8')), traced: trace ? tracedIn(readFileSync(log, 'utf8')) : [] };
    },
  };
}

function openedIn(text: string): string[] {
  const notes = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; details: { host?: string; port?: number; path?: string } | string });
  expect(notes[0]?.what).toBe('watching');
  return notes.slice(1).flatMap(({ what, details }) => {
    if (what === 'watching') return [];
    // An address that is looked up as a name, as a server that begins to listen does, asks nobody.
    if (typeof details === 'string') return isIP(details) === 0 ? [details] : [];
    // Pipes between a program and its children have a path and no port.
    return details.port === undefined && what === 'connect' ? [] : [`${details.host ?? 'localhost'}:${details.port}`];
  });
}

function tracedIn(text: string): string[] {
  return [...text.matchAll(/sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/g)].map(
    ([, port, four, six]) => `${four ?? six}:${port}`,
  );
}

const commands: readonly (readonly string[])[] = [
  ['plan', 'make the failing test pass', '--designer', 'library'],
  ['runs', 'list'],
  ['runs', 'show', 'last'],
  ['runs', 'diff', 'last'],
  ['runs', 'replay', 'last'],
  ['export', '--format', 'atif', '--out', 'OUT'],
  ['share', 'status'],
  ['share', 'preview', 'last'],
  ['privacy', 'show'],
];

describe('with the opt-in off', () => {
  test('a whole run speaks to the model and to nobody else', async () => {
    const { watch, model, server } = await scene();
    const run = await watch(['run', 'make the failing test pass', '--yes', '--apply', '--model', `scripted@${server.url}`]);
    expect(run).toMatchObject({ code: 0 });
    expect(server.requests.length).toBeGreaterThan(0);
    expect(run.opened.length).toBeGreaterThan(0);
    expect(new Set(run.opened)).toEqual(new Set([model]));
  });

  test.skipIf(!canTrace())('nor do its children: git, the tests, the sandbox', async () => {
    const { watch, model, server } = await scene();
    const run = await watch(['run', 'make the failing test pass', '--yes', '--model', `scripted@${server.url}`], { trace: true });
    expect(run).toMatchObject({ code: 0 });
    expect(run.traced.length).toBeGreaterThan(0);
    const others = [...new Set(run.traced)].filter((place) => place !== model);
    expect(run.traced).toContain(model);
    // The fence is tried before it is trusted: it must not reach a server of ours outside, and must reach one inside.
    expect(others).toEqual(others.map(() => expect.stringMatching(/^127\.0\.0\.1:/)));
    expect(others.length).toBeLessThanOrEqual(2);
  });

  test('commands that need no model open not one connection', async () => {
    const { watch, server } = await scene();
    await watch(['run', 'make the failing test pass', '--yes', '--model', `scripted@${server.url}`]);
    const out = mkdtempSync(join(tmpdir(), 'teamwright-out-'));
    cleanUps.push(() => rmSync(out, { recursive: true, force: true }));
    for (const command of commands) {
      const words = command.map((word) => (word === 'OUT' ? join(out, 'export') : word));
      const model = command[0] === 'plan' ? ['--model', `scripted@${server.url}`] : [];
      const { opened, code, stderr } = await watch([...words, ...model]);
      expect({ command, opened, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, opened: [], code: 0, stderr: '' });
    }
    expect(existsSync(join(out, 'export'))).toBe(true);
  });
});

describe('with the opt-in on', () => {
  test('a run sends nothing by itself', async () => {
    const { watch, model, server } = await scene();
    const endpoint = await startEndpoint();
    cleanUps.push(endpoint.close);
    expect((await watch(['share', 'on', '--yes', '--to', endpoint.url])).opened).toEqual([]);
    const run = await watch(['run', 'make the failing test pass', '--yes', '--model', `scripted@${server.url}`]);
    expect(new Set(run.opened)).toEqual(new Set([model]));
    expect(endpoint.calls).toEqual([]);
  });

  test('the watch itself sees an upload', async () => {
    const { watch, server } = await scene();
    const endpoint = await startEndpoint();
    cleanUps.push(endpoint.close);
    await watch(['run', 'make the failing test pass', '--yes', '--model', `scripted@${server.url}`]);
    await watch(['share', 'on', '--yes', '--to', endpoint.url]);
    const { hash } = JSON.parse((await watch(['share', 'preview', 'last', '--json'])).stdout);
    const sent = await watch(['share', 'send', 'last', '--approve', hash]);
    expect(sent.opened).toContain(new URL(endpoint.url).host);
    expect(endpoint.files.size).toBe(1);
  });
});
