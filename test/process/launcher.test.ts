/** The launcher (bin/teamwright.mjs) around a stand-in for the bundle, on this Node and on an older one where the machine has one. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const nodes = [...new Set((process.env.PATH ?? '').split(path.delimiter))]
  .map((folder) => path.join(folder, 'node'))
  .filter((file) => existsSync(file));
const old = nodes.find((file) => /^v(18|20)\./.test(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? ''));

let home: string;
let launcher: string;

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'teamwright launcher '));
  launcher = path.join(home, 'bin', 'teamwright.mjs');
  cpSync('bin', path.join(home, 'bin'), { recursive: true });
  mkdirSync(path.join(home, 'dist'));
  mkdirSync(path.join(home, 'node_modules', 'node', 'bin'), { recursive: true });
  symlinkSync(process.execPath, path.join(home, 'node_modules', 'node', 'bin', 'node'));
  writeFileSync(path.join(home, 'package.json'), '{"type": "module"}');
  writeFileSync(
    path.join(home, 'dist', 'cli.js'),
    `const [order] = process.argv.slice(2);
     if (order === 'exit') process.exit(3);
     if (order === 'show') console.log(JSON.stringify({ node: process.version, args: process.argv.slice(2), pid: process.pid }));
     if (order === 'wait') {
       for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log(signal); process.exit(4); });
       console.log(process.pid);
       setInterval(() => {}, 1000);
     }`,
  );
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function alive(pid: number): boolean {
  return spawnSync('kill', ['-0', String(pid)]).status === 0;
}

describe.each([
  ['this Node', process.execPath],
  ['an older Node', old],
])('on %s', (_, node = '') => {
  test.skipIf(node === '')('arguments and exit code pass through, and the bundle runs on a Node that is new enough', () => {
    const shown = JSON.parse(execFileSync(node, [launcher, 'show', '--a b', 'ü'], { encoding: 'utf8' })) as {
      node: string;
      args: string[];
    };
    expect(shown.args).toEqual(['show', '--a b', 'ü']);
    expect(Number(/\d+/.exec(shown.node)?.[0])).toBeGreaterThanOrEqual(22);
    expect(spawnSync(node, [launcher, 'exit']).status).toBe(3);
  });

  test.skipIf(node === '')('a signal reaches the program, whose exit code counts', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const child = spawn(node, [launcher, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (data: Buffer) => {
        if (said === '') child.kill(signal);
        said += data.toString();
      });
      expect(await new Promise((resolve) => child.on('close', resolve))).toBe(4);
      expect(said).toContain(signal);
    }
  });

  test.skipIf(node === '')('a launcher that is killed leaves no program behind', async () => {
    const child = spawn(node, [launcher, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString()))));
    child.kill('SIGKILL');
    for (const giveUp = Date.now() + 30_000; alive(pid) && Date.now() < giveUp; ) await sleep(50);
    expect(alive(pid)).toBe(false);
  });
});

test('a package without its bundle says so', () => {
  const empty = mkdtempSync(path.join(os.tmpdir(), 'teamwright-empty-'));
  try {
    cpSync('bin', path.join(empty, 'bin'), { recursive: true });
    const result = spawnSync(process.execPath, [path.join(empty, 'bin', 'teamwright.mjs')], { encoding: 'utf8' });
    expect(result.status).toBe(5);
    expect(result.stderr).toMatch(/cli\.js is missing/);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});
