/** A copy lies where no program passes over it, wherever the data folder lies, and looks like the project to its tests. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copiesFolder } from '../../src/workspace/index.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { git, quickSum, sumReply, temporaryWorkspace } from '../support/workspaces.ts';

let server: ScriptedServer;
let cli: CommandLine;
beforeAll(async () => {
  server = await startScriptedServer(() => sumReply('a + b'));
  cli = commandLine();
  await cli.knows(server.url);
});
afterAll(async () => {
  cli.dispose();
  await server.close();
});

const head = "import test from 'node:test';\nimport assert from 'node:assert';\n";
/** What programs do with paths: each passes in the project. */
const lookers = {
  'walk.test.js': `${head}import { readdirSync } from 'node:fs';
test('a walker that skips dot folders by absolute path', () =>
  assert.ok(readdirSync(import.meta.dirname).filter((name) => !/[\\\\/]\\.[^\\\\/]+[\\\\/]/.test(import.meta.dirname + '/' + name)).length > 2));
`,
  'send.test.js': `${head}test('a server that hands out no file with a dotted part in its path, as express does', () =>
  assert.deepEqual(import.meta.dirname.split('/').filter((part) => part.length > 1 && part[0] === '.'), []));
`,
  'ignored.test.js': `${head}test('patterns of runners and linters for what is no source', () =>
  assert.doesNotMatch(import.meta.dirname, /\\/(node_modules|vendor|testdata|build|dist|target|coverage|_[^/]*)(\\/|$)/));
`,
  'describe.test.js': `${head}import { execFileSync } from 'node:child_process';
const git = (...args) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
test('git tells tag, branch and remote', () =>
  assert.deepEqual([git('describe', '--tags'), git('branch', '--show-current'), git('remote')], ['v1.2.3', 'topic/sum', 'upstream']));
`,
};

test('what tests see of their place is as in the project, with the data where it lies by default', async () => {
  const data = join(cli.home, '.local/share/teamwright');
  const workspace = temporaryWorkspace({ ...quickSum, ...lookers }, { git: true });
  try {
    git(workspace.root, 'tag', 'v1.2.3');
    git(workspace.root, 'checkout', '-q', '-b', 'topic/sum');
    git(workspace.root, 'remote', 'add', 'upstream', 'https://example.com/sum.git');
    const args = ['run', 'The tests fail. Fix the bug in sum.js.', '--yes', '--designer', 'solo', '--json'];
    const ended = await cli.run([...args, '--workspace', workspace.root, '--model', `scripted@${server.url}`], {
      env: { TEAMWRIGHT_DATA: data },
    });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: 'solved', before: { passed: 5, failed: 1 } });
    expect(readdirSync(copiesFolder(data)).filter((name) => name !== '.trash')).toEqual([]);
  } finally {
    workspace.dispose();
    rmSync(copiesFolder(data), { recursive: true, force: true });
  }
});

test.each(['.local/share/teamwright', 'node_modules/tw', 'build/data', 'testdata', '_data', 'vendor/x'])(
  'no copies lie below %s',
  (place) => {
    const data = join(cli.home, place);
    expect(copiesFolder(data)).not.toContain(data);
  },
);

test('copies lie with the other data where nothing passes over them', () => {
  expect(copiesFolder('/home/you/share/teamwright')).toBe('/home/you/share/teamwright/copies');
});

test('a folder for copies that somebody else could write is not used', () => {
  const data = join(cli.home, '.data');
  mkdirSync(data);
  const elsewhere = copiesFolder(data);
  expect(elsewhere).toMatch(/^\/(private\/)?(var\/)?tmp\/teamwright-\d+-[0-9a-f]{12}$/);
  mkdirSync(elsewhere, { mode: 0o777 });
  try {
    expect(copiesFolder(data)).toBe(join(data, 'copies'));
    rmSync(elsewhere, { recursive: true });
    writeFileSync(elsewhere, '');
    expect(copiesFolder(data)).toBe(join(data, 'copies'));
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});
