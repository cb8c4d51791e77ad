/** A temporary folder that cannot be used is named as the cause, before anything is paid for; other file systems do not matter. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { git, quickSum, sumReply, temporaryWorkspace } from '../support/workspaces.ts';

const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
const has = (program: string): boolean => spawnSync(program, ['version']).status === 0;

let server: ScriptedServer;
let cli: CommandLine;
let disk: string;
beforeAll(async () => {
  server = await startScriptedServer(() => sumReply('a + b'));
  cli = commandLine();
  await cli.knows(server.url);
  disk = mkdtempSync(join(tmpdir(), 'teamwright-disk-'));
});
afterAll(async () => {
  rmSync(disk, { recursive: true, force: true });
  cli.dispose();
  await server.close();
});

const request = (root: string): string[] => [
  ...['run', 'The tests fail. Fix the bug in sum.js.', '--yes', '--designer', 'solo'],
  ...['--workspace', root, '--model', `scripted@${server.url}`],
];

/** The command with a disk of its own mounted at `disk`, `first` done there, and the temporary folder at `place`. */
async function asks(files: Readonly<Record<string, string>>, mounted: string, { first = 'true', place = disk, env = {} } = {}) {
  const workspace = temporaryWorkspace(files, { git: true });
  const before = workspace.contents();
  const calls = server.requests.length;
  try {
    const ended = await cli.run(request(workspace.root), {
      env: { TMPDIR: place, ...env },
      within: ['unshare', '-rm', 'sh', '-c', `mount -t tmpfs -o ${mounted} none '${disk}' && ${first} && exec "$0" "$@"`],
    });
    expect(workspace.contents()).toEqual(before);
    expect(git(workspace.root, 'status', '--porcelain')).toBe('');
    return { ...ended, calls: server.requests.length - calls };
  } finally {
    workspace.dispose();
  }
}

const filling = {
  ...quickSum,
  'fill.test.js': `import test from 'node:test';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
test('fills', () => { for (let n = 0; n < 2000; n++) appendFileSync(tmpdir() + '/big', Buffer.alloc(4096)); });
`,
};
const inGo = {
  'go.mod': 'module example.com/sum\n\ngo 1.22\n',
  'sum.go': 'package sum\n',
  'sum_test.go': 'package sum\n\nimport "testing"\n\nfunc TestSum(t *testing.T) { t.Fatal("no") }\n',
};

describe.skipIf(!canMount)('a temporary folder', () => {
  test.each([
    ['that is full', 'its disk is full', 'Make more room there', quickSum, 'size=64k', {}],
    ['without room for another file', 'its disk is full', 'Make more room there', quickSum, 'nr_inodes=1', {}],
    ['that is not there', 'it is not there', 'See to it', quickSum, 'size=1m', { place: '/nonexistent/tmp' }],
    ['that is a file', 'it is not a folder', 'See to it', quickSum, 'size=1m', { place: '/etc/passwd' }],
    ['on a disk that is only read', 'its disk is read-only', 'See to it', quickSum, 'ro', {}],
    ['that the tests fill', 'its disk is full', 'Make more room there', filling, 'size=3m', {}],
  ] as const)('%s', async (_, why, next, files, mounted, more) => {
    const { code, stderr, calls } = await asks(files, mounted, more);
    expect(stderr).toContain(`The temporary folder ${'place' in more ? more.place : disk} cannot be used: ${why}.\n${next}`);
    expect(stderr).toContain('or set TMPDIR (on Windows TEMP) to another folder, then run again.');
    expect(stderr).not.toMatch(/report|repository|Install/);
    expect({ code, calls }).toEqual({ code: 5, calls: 0 });
  });

  test.skipIf(!has('go'))('from which no program may be started, where the tests need that', async () => {
    const { code, stderr, calls } = await asks(inGo, 'noexec', {
      env: { GOCACHE: process.env.GOCACHE ?? join(homedir(), '.cache/go-build') },
    });
    expect(stderr).toContain(
      `${disk} cannot be used: no program may be started from there, which the tests need.\nMount its disk without noexec`,
    );
    expect({ code, calls }).toEqual({ code: 5, calls: 0 });
  });

  test('from which no program may be started hinders nobody who starts none; nor does a home that is only read', async () => {
    const { code, stderr } = await asks(quickSum, 'noexec', { first: 'mount -t tmpfs -o ro none /mnt', env: { HOME: '/mnt' } });
    expect(code, stderr).toBe(0);
  });
});

test.skipIf(!existsSync('/dev/shm')).each([
  ['a data folder', 'TEAMWRIGHT_DATA', (folder: string) => join(folder, 'copies')],
  ['a home', 'HOME', undefined],
])('%s in shared memory is a place like any other', async (_, variable, copies) => {
  const folder = mkdtempSync('/dev/shm/teamwright-data-');
  const workspace = temporaryWorkspace(quickSum, { git: true });
  try {
    const { code } = await cli.run(request(workspace.root), { env: { [variable]: folder } });
    expect(code).toBe(0);
    if (copies !== undefined) expect(readdirSync(copies(folder)).filter((name) => name !== '.trash')).toEqual([]);
  } finally {
    workspace.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
});
