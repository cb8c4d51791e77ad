/** The fence as users meet it: on by default, said where it is not, opened only by their own settings. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { StartOptions } from '../support/command-line.ts';
import { commandLineScene } from '../support/command-line-scene.ts';
import { fences } from '../support/fences.ts';
import { quickSum, sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A workspace whose tests also do this, asynchronously; what it prints or throws is the test's. */
async function scene(body: string) {
  const files = {
    ...quickSum,
    'reach.test.js': `const { test } = require('node:test'), fs = require('node:fs'), os = require('node:os'), net = require('node:net'), assert = require('node:assert');
test('reaches', async () => {\n${body}\n});\n`,
  };
  const { cli, workspace, server } = await commandLineScene(cleanUps, () => sumReply('a + b'), { files });
  const args = (...more: string[]) => ['run', 'Fix sum', '--workspace', workspace.root, '--model', `scripted@${server.url}`, ...more];
  return {
    cli,
    workspace,
    server,
    run: (more: readonly string[] = [], options?: StartOptions) => cli.run(args('--yes', '--json', ...more), options),
    atTerminal: (options: StartOptions) => cli.start(args(), { terminal: true, ...options }),
  };
}

/** A user namespace in which no further one can be made: no fence works in there. */
const withoutFence = [
  'unshare',
  '--user',
  '--map-current-user',
  '--keep-caps',
  'sh',
  '-c',
  'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"',
  'sh',
];

describe.skipIf(fences.length === 0)('a run', () => {
  test('keeps the code under test from the home, the network and the environment of the user', async () => {
    const { cli, run, workspace } = await scene(`
      fs.writeFileSync(os.homedir() + '/.bashrc', 'x');
      assert.deepStrictEqual([fs.existsSync(os.homedir() + '/.ssh'), fs.existsSync(${JSON.stringify('WORKSPACE')}), process.env.DATABASE_URL], [false, false, undefined]);`);
    mkdirSync(join(cli.home, '.ssh'));
    writeFileSync(join(cli.home, '.ssh/id'), 'x');
    const text = readFileSync(join(workspace.root, 'reach.test.js'), 'utf8').replace('WORKSPACE', workspace.root);
    writeFileSync(join(workspace.root, 'reach.test.js'), text);
    const { code, stdout, stderr } = await run([], { env: { DATABASE_URL: 'x' } });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('without a fence')]);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'solved', after: { passed: 3, failed: 0 } });
    expect(existsSync(join(cli.home, '.bashrc'))).toBe(false);
    const shown = await cli.run(['runs', 'show', 'last', '--json']);
    expect(JSON.parse(shown.stdout).state.start.fence).toEqual({ by: fences[0]?.by });
  });

  test('lets tests use git as in the project, also from a folder of the repository: with a name that is nobody’s, and without logins', async () => {
    const test = `const { test } = require('node:test'), fs = require('node:fs'), os = require('node:os'), assert = require('node:assert');
const git = (line, cwd = __dirname) => require('node:child_process').execSync('git ' + line, { cwd, encoding: 'utf8' });
test('elsewhere', () => {
  const own = fs.mkdtempSync(os.tmpdir() + '/own-');
  git('init -q', own);
  git('commit -q --allow-empty -m x', own);
  assert.strictEqual(git('log --format=%an,%ae', own) + git('branch --show-current', own), 'Teamwright,teamwright@localhost\\ntrunk\\n');
  assert.doesNotMatch(git('config --global --list'), /Ann|ann@|helper|hush|danger/);
});
test('here', () => {
  assert.strictEqual(git('show HEAD~1:./sum.js'), 'older');
  assert.match(git('log --format=%s -- .'), /second\\nfirst/);
  git('commit -q --allow-empty -m x');
  git('stash list');
  git('tag made');
  fs.writeFileSync(__dirname + '/../beside.txt', '');
});
`;
    const inFolder = Object.fromEntries(Object.entries({ ...quickSum, 'git.test.js': test }).map(([path, text]) => [`pkg/${path}`, text]));
    const { cli, workspace, server } = await commandLineScene(cleanUps, () => sumReply('a + b'), { files: inFolder });
    writeFileSync(
      join(cli.home, '.gitconfig'),
      '[user]\n\tname = Ann\n\temail = ann@example.com\n[init]\n\tdefaultBranch = trunk\n[credential]\n\thelper = !hush\n[alias]\n\tx = !danger\n[url "https://hush@example.com"]\n\tinsteadOf = gh:\n',
    );
    const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace.root, env: { ...process.env, HOME: cli.home } });
    git('init', '-q');
    const { 'pkg/sum.js': sum = '' } = inFolder;
    writeFileSync(join(workspace.root, 'pkg/sum.js'), 'older');
    git('add', '-A');
    git('commit', '-qm', 'first');
    writeFileSync(join(workspace.root, 'pkg/sum.js'), sum);
    git('commit', '-qam', 'second');
    const before = git('for-each-ref').toString();
    const argv = ['run', 'Fix sum', '--workspace', join(workspace.root, 'pkg'), '--model', `scripted@${server.url}`, '--yes', '--json'];
    const { stdout } = await cli.run(argv);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'solved', before: { failed: 1 }, after: { failed: 0 } });
    expect(git('for-each-ref').toString()).toBe(before);
    expect(git('status', '--porcelain').toString()).toBe('');
  });

  test('with --no-fence lets tests run as the user, and says so at the plan and at the verdict', async () => {
    const { cli, run } = await scene("fs.writeFileSync(os.homedir() + '/reached', 'x');");
    const { code, stderr } = await run(['--no-fence']);
    expect(code).toBe(0);
    expect(stderr.split('The tests run without a fence, as you: the fence is switched off.')).toHaveLength(3);
    expect(existsSync(join(cli.home, 'reached'))).toBe(true);
    expect((await cli.run(['runs', 'show', 'last'])).stdout).toContain('Fence      none: the fence is switched off');
  });

  test("opens what the user's settings grant in this workspace, and only there", async () => {
    const listener = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => listener.close());
    const { port } = listener.address() as { port: number };
    const { cli, run, workspace } = await scene(`
      await new Promise((ok, no) => net.connect(${port}, '127.0.0.1', ok).on('error', no));
      assert.strictEqual(process.env.DATABASE_URL, 'x');
      assert.strictEqual(fs.readFileSync(os.homedir() + '/stuff/in', 'utf8'), 'in');
      assert.strictEqual(fs.readFileSync('.env', 'utf8'), 'K=1');
      fs.writeFileSync(os.homedir() + '/stuff/out/file', 'out');`);
    writeFileSync(join(workspace.root, '.env'), 'K=1');
    mkdirSync(join(cli.home, 'stuff/out'), { recursive: true });
    writeFileSync(join(cli.home, 'stuff/in'), 'in');
    const grants = { network: true, variables: ['DATABASE_URL'], read: ['~/stuff'], write: ['~/stuff/out'], secrets: ['.env'] };
    const env = { DATABASE_URL: 'x' };
    cli.settings({ allow: { [join(workspace.root, 'deeper')]: grants } });
    expect(JSON.parse((await run([], { env })).stdout)).toMatchObject({ outcome: 'tests-fail' });
    cli.settings({ allow: { [workspace.root]: grants } });
    expect(JSON.parse((await run([], { env })).stdout)).toMatchObject({ outcome: 'solved' });
    expect(readFileSync(join(cli.home, 'stuff/out/file'), 'utf8')).toBe('out');
  });

  test('says what failing tests wanted beyond their fence, and the setting that opens it', async () => {
    const listener = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => listener.close());
    const { port } = listener.address() as { port: number };
    const { cli, run, workspace } = await scene(`await new Promise((ok, no) => net.connect(${port}, '127.0.0.1', ok).on('error', no));`);
    const { stdout, stderr } = await run();
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'tests-fail' });
    expect(stderr.split(`The tests wanted to reach 127.0.0.1:${port}, which is kept from them.`)).toHaveLength(3);
    const setting = /Add to "allow" in your settings: (.*)/.exec(stderr)?.[1] ?? '';
    cli.settings({ allow: JSON.parse(`{${setting}}`) });
    const again = await run();
    expect([JSON.parse(again.stdout).outcome, again.stderr]).toEqual(['solved', expect.not.stringContaining('wanted to reach')]);
    expect(setting).toContain(workspace.root);
  });

  test('refuses grants that are no paths or names', async () => {
    const { cli, run, workspace } = await scene('');
    cli.settings({ allow: { [workspace.root]: { read: ['data'], variables: ['A B'] } } });
    const { code, stderr } = await run();
    expect([code, stderr]).toEqual([2, expect.stringMatching(/must be an absolute path[\s\S]*must be the name of a variable/)]);
  });
});

function canForbid(): boolean {
  try {
    execFileSync(withoutFence[0] ?? '', [...withoutFence.slice(1), 'true']);
    return process.platform === 'linux';
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const unfencedIn = (dataDir: string): string[] => Object.keys(JSON.parse(readFileSync(join(dataDir, 'consents.json'), 'utf8')).unfenced);

describe.skipIf(!canForbid())('where no fence works', () => {
  const reached = "fs.writeFileSync(os.homedir() + '/reached', 'x');";
  const asks = 'Run them like that in this workspace';

  test('nothing of the workspace runs before the user said yes, however many flags say so for the plan', async () => {
    const { cli, run, server } = await scene(reached);
    const { code, stderr } = await run([], { within: withoutFence });
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/cannot be kept apart from this machine: .*max_user_namespaces[\s\S]*--no-fence/),
    ]);
    expect([existsSync(join(cli.home, 'reached')), server.requests]).toEqual([false, []]);
  });

  test('a script may say beforehand that a fence is used only where one works', async () => {
    const { cli, run } = await scene(reached);
    const { code, stderr } = await run([], { within: withoutFence, env: { TEAMWRIGHT_FENCE: 'if-possible' } });
    expect([code, stderr]).toEqual([0, expect.stringContaining('The tests run without a fence, as you:')]);
    expect(existsSync(join(cli.home, 'reached'))).toBe(true);
    const fenced = await scene(reached);
    await fenced.run([], { env: { TEAMWRIGHT_FENCE: 'if-possible' } });
    expect(existsSync(join(fenced.cli.home, 'reached'))).toBe(fences.length === 0);
  });

  test('a plan for a folder that is not trusted is made all the same: it starts nothing', async () => {
    const { cli, workspace, server } = await scene(reached);
    const args = ['plan', 'Fix sum', '--workspace', workspace.root, '--model', `scripted@${server.url}`, '--designer', 'solo'];
    const { code, stderr } = await cli.run(args, { within: withoutFence, env: { TEAMWRIGHT_TRUST: '' } });
    expect([code, stderr]).toEqual([0, expect.stringContaining('This folder was not trusted yet')]);
    expect(existsSync(join(cli.home, 'reached'))).toBe(false);
  });

  test('a person is asked with the reason, and a no leaves everything as it was', async () => {
    const { cli, atTerminal } = await scene(reached);
    const started = atTerminal({ within: withoutFence });
    expect(await started.printed(asks)).toContain('No fence works here:');
    started.type('\n');
    expect((await started.done).code).toBe(5);
    expect([existsSync(join(cli.home, 'reached')), unfencedIn(cli.dataDir)]).toEqual([false, []]);
  });

  test('a yes is remembered for this workspace alone, and said with every plan', async () => {
    const { cli, atTerminal, run, workspace } = await scene(reached);
    const started = atTerminal({ within: withoutFence });
    await started.printed(asks);
    started.type('y\n');
    expect(await started.printed('Run this plan?')).toContain('The tests run without a fence, as you:');
    started.type('y\n');
    expect((await started.done).code).toBe(0);
    expect(unfencedIn(cli.dataDir)).toEqual([workspace.root]);
    const again = await run([], { within: withoutFence });
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('The tests run without a fence, as you:')]);
    mkdirSync(join(workspace.root, 'other'));
    const elsewhere = await cli.run(['plan', 'Fix sum', '--workspace', join(workspace.root, 'other'), '--designer', 'solo'], {
      within: withoutFence,
    });
    expect(elsewhere.code).toBe(5);
  });
});
