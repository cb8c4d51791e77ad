import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fence } from '../../src/process/fence/types.ts';
import { findFence } from '../../src/process/find-fence.ts';
import { openFor, runCommand } from '../../src/process/index.ts';
import type { CommandOptions, CommandSpec } from '../../src/process/types.ts';
import { fences, viewHere } from '../support/fences.ts';

const posix = process.platform !== 'win32';
const never = new AbortController().signal;
const frontDoor = resolve('src/process/index.ts');

let folder: string;
/** A word that only this test's processes have on their command line. */
let mark: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright process é ')));
  mark = `mark-${randomUUID()}`;
});

afterEach(() => {
  for (const pid of marked()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Living processes with the mark. */
function marked(): number[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,state=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
  return lines.filter((line) => line.includes(mark) && !/^\s*\d+\s+Z/.test(line)).map((line) => Number.parseInt(line, 10));
}

const node = (script: string, ...args: string[]): string[] => [process.execPath, '-e', script, ...args];

/** A shell line that stays, deaf to SIGTERM, with the mark on its command line. */
const stays = () => `trap "" TERM; : ${mark}; while :; do sleep 1; done`;

/** In no fence, and in each that works here. */
const ways: [string, Fence | undefined][] = [
  ['by its process group', undefined],
  ...fences.map((fence): [string, Fence] => [`in a fence by ${fence.by}`, fence]),
];

describe.skipIf(!posix).each(ways)('a command held together %s', (_name, fence) => {
  const optionsFor = (write: string): CommandOptions =>
    fence === undefined ? {} : { fence: { fence, view: openFor(viewHere(), [write]) } };
  const run = (spec: Partial<CommandSpec> & Pick<CommandSpec, 'argv'>, signal = never, more: CommandOptions = {}) =>
    runCommand({ cwd: folder, wallMs: 60_000, ...spec }, { ...optionsFor(folder), ...more }, signal);

  it('gets its arguments as they are, without a shell, in its folder', async () => {
    const words = ['a b', '$HOME', '; echo x', '*', 'ü 漢 "q"', ''];
    const result = await run({ argv: node('console.log(JSON.stringify([process.cwd(), ...process.argv.slice(1)]))', ...words) });
    expect(result).toMatchObject({ ending: 'exited', exitCode: 0, signal: null, stderr: '', droppedBytes: 0, fenced: fence !== undefined });
    expect(JSON.parse(result.stdout)).toEqual([folder, ...words]);
  });

  it('tells exit codes and signals', async () => {
    expect(await run({ argv: node('process.exit(3)') })).toMatchObject({ ending: 'exited', exitCode: 3, signal: null });
    expect(await run({ argv: ['sh', '-c', 'kill -9 $$'] })).toMatchObject({ ending: 'signal', exitCode: null, signal: 'SIGKILL' });
  });

  it('gets a picked environment', async () => {
    const environment = {
      ...process.env,
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--no-such-option',
      VSCODE_PID: '1',
      OPENAI_API_KEY: 'sk-1',
      GOPATH: '/go',
      TERM: 'xterm-256color',
      HTTPS_PROXY: 'http://me:secret@proxy',
    };
    const result = await run({ argv: node('console.log(JSON.stringify(process.env))'), env: { MINE: 'x' } }, never, { environment });
    const seen = JSON.parse(result.stdout) as Record<string, string>;
    expect(seen).toMatchObject({ TERM: 'xterm-256color', GOPATH: '/go', MINE: 'x', PATH: process.env.PATH });
    // What a terminal of the user would not have is not forced on their tests.
    for (const name of ['CI', 'NO_COLOR']) expect(seen[name]).toBe(process.env[name]);
    for (const name of ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'VSCODE_PID', 'OPENAI_API_KEY', 'HTTPS_PROXY'])
      expect(seen).not.toHaveProperty(name);
  });

  it('reads what it is given, and may leave it unread', async () => {
    expect((await run({ argv: ['cat'], stdin: 'héllo' })).stdout).toBe('héllo');
    expect(await run({ argv: ['true'], stdin: 'x'.repeat(1 << 20) })).toMatchObject({ ending: 'exited', exitCode: 0 });
  });

  it('streams output with characters whole', async () => {
    let heard = '';
    await run({
      argv: node('for (const b of Buffer.from("é漢😀")) { require("fs").writeSync(1, Buffer.from([b])) }'),
      onOutput: (text) => (heard += text),
    });
    expect(heard).toBe('é漢😀');
  });

  it('may print a gigabyte: head and tail are kept, memory is bounded', async () => {
    const before = process.memoryUsage().rss;
    const result = await run({
      argv: ['sh', '-c', 'echo first; head -c 1000000000 /dev/zero; echo; echo last'],
      outputBytes: 10_000,
      wallMs: 100_000,
    });
    expect(result.ending).toBe('exited');
    expect(result.stdout.startsWith('first\n')).toBe(true);
    expect(result.stdout.endsWith('\nlast\n')).toBe(true);
    expect(result.stdout.length).toBeLessThan(10_200);
    expect(result.droppedBytes).toBe(1_000_000_000 + 'first\n\nlast\n'.length - 10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });

  it('is ended with its whole tree within a second of its limit, whatever it does to stay', async () => {
    // A child in a session of its own, a double-forked one, a tree of twelve, and itself; all deaf to SIGTERM.
    const script = `${[
      `setsid sh -c '${stays()}' &`,
      `(setsid sh -c '${stays()}' >/dev/null 2>&1 &)`,
      `for i in 1 2 3; do sh -c 'for j in 1 2 3; do sh -c "trap : TERM; : ${mark}; sleep 600; sleep 600" & done; trap "" TERM; : ${mark}; wait' & done`,
      stays(),
    ].join('\n')}`;
    const running = run({ argv: ['sh', '-c', script], wallMs: 1500 });
    await sleep(1000);
    expect(marked().length).toBeGreaterThan(8);
    const result = await running;
    expect(result).toMatchObject({ ending: 'wall-limit', exitCode: null });
    expect(marked()).toEqual([]);
    // One second is the promise; the rest is for a busy machine.
    expect(result.ms).toBeLessThan(1500 + 1000 + 1500);
  });

  it('lets a polite command tidy up when it is ended', async () => {
    const argv = node(
      'process.on("SIGTERM", () => { require("fs").writeFileSync("tidy", "1"); process.exit() }); setInterval(() => {}, 1000); console.log(1)',
    );
    await run({ argv, idleMs: 2000 });
    expect(existsSync(join(folder, 'tidy'))).toBe(true);
  });

  it('leaves no daemon behind when it exits by itself', async () => {
    const result = await run({ argv: ['sh', '-c', `(setsid sh -c '${stays()}' &) ; echo bye`] });
    expect(result).toMatchObject({ ending: 'exited', exitCode: 0, stdout: 'bye\n' });
    expect(marked()).toEqual([]);
    expect(result.ms).toBeLessThan(20_000);
  });

  it('is ended after too long a silence, and not while something else shows activity', async () => {
    expect(await run({ argv: ['sleep', '60'], idleMs: 300 })).toMatchObject({ ending: 'idle-limit' });
    const start = Date.now();
    const lastActivity = () => Math.min(Date.now(), start + 900);
    const result = await run({ argv: ['sleep', '60'], idleMs: 300, lastActivity });
    expect(result.ending).toBe('idle-limit');
    expect(result.ms).toBeGreaterThan(1000);
  });

  it('stops at once on the signal, and does not start after it', async () => {
    const stop = new AbortController();
    const running = run({ argv: ['sh', '-c', stays()] }, stop.signal);
    await sleep(300);
    stop.abort();
    expect(await running).toMatchObject({ ending: 'stopped' });
    expect(marked()).toEqual([]);
    expect(await run({ argv: ['sh', '-c', 'echo x > started'] }, stop.signal)).toMatchObject({ ending: 'stopped' });
    expect(existsSync(join(folder, 'started'))).toBe(false);
  });

  it('that cannot be started says why', async () => {
    expect(await run({ argv: ['no-such-program-here'] })).toMatchObject({
      ending: 'not-found',
      stderr: 'No such program: no-such-program-here\n',
    });
    expect(await run({ argv: [] })).toMatchObject({ ending: 'not-found' });
    expect(await run({ argv: ['true'], cwd: join(folder, 'gone') })).toMatchObject({ ending: 'not-started' });
    expect(await run({ argv: ['echo', 'a\0b'] })).toMatchObject({ ending: 'not-started' });
  });

  it('finds a program by a path relative to its folder', async () => {
    writeFileSync(join(folder, 'tool.sh'), '#!/bin/sh\necho mine\n', { mode: 0o755 });
    expect((await run({ argv: ['./tool.sh'] })).stdout).toBe('mine\n');
  });

  it('leaves nothing in the process that ran it: no timer, no handle', async () => {
    const script = `import { runCommand } from ${JSON.stringify(frontDoor)};
      const stop = new AbortController();
      await runCommand({ argv: ['true'], cwd: '/', wallMs: 600000, idleMs: 600000 }, ${JSON.stringify(optionsFor(folder))}, stop.signal);
      await runCommand({ argv: ['sleep', '60'], cwd: '/', wallMs: 200 }, ${JSON.stringify(optionsFor(folder))}, stop.signal);`;
    const outer = await runCommand(
      { argv: [process.execPath, '--input-type=module', '-e', script], cwd: resolve('.'), wallMs: 30_000 },
      {},
      never,
    );
    expect(outer).toMatchObject({ ending: 'exited', exitCode: 0 });
  });

  it('does not outlive us, killed without warning', async () => {
    const script = `import { runCommand } from ${JSON.stringify(frontDoor)};
      const argv = ['sh', '-c', ${JSON.stringify(`setsid sh -c '${stays()}' & (setsid sh -c '${stays()}' &); ${stays()}`)}];
      await runCommand({ argv, cwd: '/', wallMs: 600000 }, ${JSON.stringify(optionsFor(folder))}, new AbortController().signal);`;
    const file = join(folder, 'parent.mjs');
    writeFileSync(file, script);
    const parent = spawn(process.execPath, [file], { stdio: 'ignore' });
    const started = Date.now();
    while (marked().length < 3 && Date.now() - started < 30_000) await sleep(100);
    expect(marked().length).toBeGreaterThanOrEqual(3);
    parent.kill('SIGKILL');
    const killed = Date.now();
    while (marked().length > 0 && Date.now() - killed < 10_000) await sleep(50);
    // Two seconds are the promise; a busy machine gets some more.
    expect(Date.now() - killed).toBeLessThan(5000);
    expect(marked()).toEqual([]);
  });
});

describe.skipIf(!posix)('where no fence works', () => {
  it('that is said with its reason, and a command that must be fenced does not start', async () => {
    const script = `import { findFence, runCommand } from ${JSON.stringify(frontDoor)};
      const run = (options) => runCommand({ argv: ['/bin/sh', '-c', 'exit 0'], cwd: '/', wallMs: 10000 }, options, new AbortController().signal);
      const fence = { fence: { by: 'bwrap', discards: false }, view: { shown: [], links: [], hidden: [], home: '/home', network: false, namespaces: false } };
      console.log(JSON.stringify([await run({}), await run({ fence })]));`;
    const result = await runCommand(
      { argv: [process.execPath, '--input-type=module', '-e', script], cwd: resolve('.'), env: { PATH: '/nonexistent' }, wallMs: 60_000 },
      {},
      never,
    );
    const [open, fenced] = JSON.parse(result.stdout);
    expect(open).toMatchObject({ ending: 'exited', exitCode: 0, fenced: false });
    expect(fenced).toMatchObject({ ending: 'not-started', fenced: true, stderr: expect.stringContaining('bwrap') });
  });

  it('is found by trying: what is found here holds, or says why there is none', async () => {
    const found = await findFence();
    if (found.by === 'none') expect(found.reason).not.toBe('');
    else expect(fences).toContainEqual(found);
  });
});
