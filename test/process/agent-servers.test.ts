/** Servers of the Model Context Protocol in whole runs: the reference servers, started for real. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopped } from '../../src/errors.ts';
import { replayRun } from '../../src/run/index.ts';
import { agentRun, call, mend } from '../support/agent-scene.ts';
import type { Setup } from '../support/run-scene.ts';
import type { Reply } from '../support/scripted-server.ts';

const signal = new AbortController().signal;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-servers-')));
beforeAll(() => writeFileSync(join(folder, 'rates.txt'), `The rate is 19.\n${'line\n'.repeat(4000)}the last line`));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programOf = (name: string): string =>
  join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dist', 'index.js');
const servers = {
  files: { command: process.execPath, args: [programOf('@modelcontextprotocol/server-filesystem'), folder], env: {} },
  memory: {
    command: process.execPath,
    args: [programOf('@modelcontextprotocol/server-memory')],
    env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') },
  },
};

async function work(agent: object, calls: readonly Reply[], setup: Partial<Setup> = {}) {
  const done = await agentRun(agent, calls, { servers, ...setup });
  expect(running()).toEqual([]);
  return done;
}

/** Servers that are still there. */
const running = (): string[] =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.startsWith('ps'));

describe('a server that the plan grants', () => {
  test('is used by its tools, with long answers to be read on, ends with the run, and is not started by a replay', async () => {
    const { told, log, result, server, workspace } = await work({ servers: ['files', 'memory'] }, [
      call('files__read_text_file', { path: join(folder, 'rates.txt') }),
      call('more', { answer: 1, from: 4001 }),
      call('memory__create_entities', { entities: [{ name: 'rate', entityType: 'fact', observations: ['19'] }] }),
      call('memory__search_nodes', { query: 'rate' }),
      call('files__read_text_file', { path: '/etc/hostname' }),
      mend,
    ]);
    expect(told[0]).toMatch(/^The rate is 19\.\n[\s\S]*more lines\. To read on, call more with \{"answer": 1/);
    expect(told[0]?.length).toBeLessThan(9000);
    expect(told[1]).toContain('the last line');
    expect(told[3]).toContain('19');
    expect(told[4]).toMatch(/denied|outside/i);
    expect(result.outcome).toBe('solved');
    expect(log.of('server.started').map((one) => one.server)).toEqual(['files', 'memory']);
    expect(log.of('tool.used').map(({ ok, outside }) => [ok, outside === true])).toEqual([
      [true, true],
      [true, false],
      [true, true],
      [true, true],
      [false, true],
      [true, false],
      [true, false],
    ]);
    const offered = ((server.requests[0]?.body.tools ?? []) as { function: { name: string } }[]).map((one) => one.function.name);
    expect(offered).toEqual(expect.arrayContaining(['edit', 'more', 'files__list_directory', 'memory__read_graph']));
    const kept = readFileSync(join(folder, 'memory.jsonl'), 'utf8');
    expect(await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, signal)).toMatchObject({ same: true });
    expect(readFileSync(join(folder, 'memory.jsonl'), 'utf8')).toBe(kept);
  });

  test('is gone within two seconds after a stop', async () => {
    const stop = new AbortController();
    let began = 0;
    const { result } = await work({ servers: ['files'] }, [{ text: 'Never.', stallMs: 60_000 }], {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== 'call.started') return;
        began = performance.now();
        expect(running()).toHaveLength(1);
        stop.abort(stopped('the user'));
      },
    });
    expect(result.outcome).toBe('stopped');
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('a server that the plan does not grant', () => {
  test('is never started, and a call of its tools is a breach', async () => {
    const marker = join(folder, 'started');
    const command = { command: process.execPath, args: ['-e', `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')`], env: {} };
    const { log, result } = await work({}, [call('marked__anything', {}), mend], { servers: { ...servers, marked: command } });
    expect(result.outcome).toBe('solved');
    expect(existsSync(marker)).toBe(false);
    expect(log.of('server.started')).toEqual([]);
    expect(log.of('right.refused')).toMatchObject([{ agent: 'coder', right: 'server', what: 'marked__anything' }]);
  });
});

test.each([
  ['is not in the settings', 'none', {}, 'not-configured', /"none", which the settings do not have/],
  ['cannot be found', 'x', { x: { command: 'no-such-server', args: [], env: {} } }, 'not-started', /No such program: no-such-server/],
  [
    'ends at once',
    'x',
    { x: { command: process.execPath, args: ['-e', 'console.error("no key"); process.exit(3)'], env: {} } },
    'not-started',
    /ended with code 3\. no key/,
  ],
])('a server that %s is named, and its step fails', async (_, name, configured, why, message) => {
  const { log } = await work({ servers: [name] }, [mend], { servers: configured });
  expect(log.of('server.failed')).toMatchObject([
    { server: name, failure: { code: 'server-failed', facts: { why }, message: expect.stringMatching(message) } },
  ]);
  expect(log.of('step.done')[0]?.failure).toMatchObject({ code: 'server-failed' });
});
