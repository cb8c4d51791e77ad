/** Nothing of a folder is started before the user trusts it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { StartOptions } from '../support/command-line.ts';
import { commandLineScene } from '../support/command-line-scene.ts';
import { quickSum, sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Every program of this workspace that could be started leaves a mark in the user's home; no fence holds it back. */
async function scene() {
  const { cli, workspace, server } = await commandLineScene(cleanUps, () => sumReply('a + b'), { files: quickSum });
  const mark = join(cli.home, 'started');
  const script = `#!/bin/sh\necho "$0" >> '${mark}'\nexit 0\n`;
  const program = (path: string): void => {
    mkdirSync(dirname(join(workspace.root, path)), { recursive: true });
    writeFileSync(join(workspace.root, path), script);
    chmodSync(join(workspace.root, path), 0o755);
  };
  const marks = `require('node:fs').appendFileSync(${JSON.stringify(mark)}, 'test');\n`;
  writeFileSync(join(workspace.root, 'sum.test.js'), marks + quickSum['sum.test.js']);
  for (const path of ['.venv/bin/python', 'venv/bin/python', 'node_modules/.bin/tsc', 'node_modules/.bin/eslint', 'hook']) program(path);
  writeFileSync(join(workspace.root, 'conftest.py'), '');
  writeFileSync(join(workspace.root, 'test_it.py'), 'def test_it():\n    pass\n');
  writeFileSync(
    join(workspace.root, '.git/config'),
    `${readFileSync(join(workspace.root, '.git/config'), 'utf8')}\n[core]\n\tfsmonitor = ${workspace.root}/hook\n\tpager = ${workspace.root}/hook\n[filter "x"]\n\tclean = ${workspace.root}/hook\n[diff]\n\texternal = ${workspace.root}/hook\n`,
  );
  writeFileSync(join(workspace.root, '.gitattributes'), '*.js filter=x\n');
  const arguments_ = (command: string, more: readonly string[]) => [
    ...[command, 'Fix sum', '--workspace', workspace.root, '--model', `scripted@${server.url}`, '--designer', 'solo', '--no-fence'],
    ...more,
  ];
  const options = (more: StartOptions = {}): StartOptions => ({ ...more, env: { TEAMWRIGHT_TRUST: '', ...more.env } });
  return {
    cli,
    workspace,
    server,
    started: () => existsSync(mark),
    run: (more: readonly string[] = [], how?: StartOptions) => cli.run(arguments_('run', more), options(how)),
    plan: (more: readonly string[] = []) => cli.run(arguments_('plan', more), options()),
    atTerminal: () => cli.start(arguments_('run', []), options({ terminal: true })),
  };
}

describe('a folder that was never trusted', () => {
  test('is refused to a run that only approves its plans, with what would be started', async () => {
    const { run, started, server } = await scene();
    const { code, stderr } = await run(['--yes']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/not trusted yet[\s\S]*node --test[\s\S]*--trust/)]);
    expect([started(), server.requests]).toEqual([false, []]);
  });

  test('gets a plan without its tests, which says so', async () => {
    const { plan, started } = await scene();
    const { code, stderr } = await plan();
    expect([code, stderr, started()]).toEqual([
      0,
      expect.stringMatching(/Tests +not looked for[\s\S]*This folder was not trusted yet: its tests were not run/),
      false,
    ]);
    expect(JSON.parse((await plan(['--json'])).stdout)).toMatchObject({ trusted: false });
    expect(started()).toBe(false);
  });

  test('is asked about once at a terminal; a no starts nothing', async () => {
    const { atTerminal, started, server } = await scene();
    const asked = atTerminal();
    expect(await asked.printed('Do you trust this folder')).toMatch(/A run starts its tests \([^)]*node --test/);
    asked.type('\n');
    expect((await asked.done).code).toBe(2);
    expect([started(), server.requests]).toEqual([false, []]);
  });

  test('is trusted by a yes, which is remembered', async () => {
    const { atTerminal, run, started } = await scene();
    const asked = atTerminal();
    await asked.printed('Do you trust this folder');
    asked.type('y\n');
    await asked.printed('Run this plan?');
    asked.type('n\n');
    expect((await asked.done).code).toBe(4);
    expect(started()).toBe(true);
    expect((await run(['--yes'])).code).not.toBe(2);
  });

  test.each(['--trust', 'TEAMWRIGHT_TRUST'])(
    'is trusted by %s, and so are the folders in it, but not those around it or linked from it',
    async (word) => {
      const { cli, workspace, run, started } = await scene();
      const said = word === '--trust' ? await run(['--yes', word]) : await run(['--yes'], { env: { [word]: '1' } });
      expect([said.code === 2, started()]).toEqual([false, true]);
      const within = join(workspace.root, 'inner');
      mkdirSync(within);
      const elsewhere = join(cli.home, 'elsewhere');
      mkdirSync(elsewhere);
      symlinkSync(elsewhere, join(workspace.root, 'link'));
      const codeIn = async (folder: string): Promise<number | null> => {
        const args = ['run', 'Fix sum', '--workspace', folder, '--yes', '--model', 'scripted@http://127.0.0.1:9/v1'];
        return (await cli.run(args, { env: { TEAMWRIGHT_TRUST: '' } })).code;
      };
      expect(await codeIn(within)).not.toBe(2);
      expect(await codeIn(dirname(workspace.root))).toBe(2);
      expect(await codeIn(join(workspace.root, 'link'))).toBe(2);
    },
  );
});

test('a command that only has an exit code is said to be just that, at the plan, at the verdict and later', async () => {
  const files = {
    'package.json': '{"type":"module","scripts":{"test":"node check.js"}}',
    'sum.js': 'export const sum = (a, b) => a - b;\n',
    'check.js': "import { sum } from './sum.js';\nprocess.exitCode = sum(1, 2) === 3 ? 0 : 1;\n",
  };
  const { cli, workspace, server } = await commandLineScene(cleanUps, () => 'sum.js\n```js\nexport const sum = (a, b) => a + b;\n```\n', {
    files,
  });
  const args = ['run', 'Fix sum', '--workspace', workspace.root, '--model', `scripted@${server.url}`, '--designer', 'solo', '--yes'];
  const { stderr } = await cli.run(args);
  expect(stderr).toMatch(/Tests .*before: .*; Only the exit code of this command is known/);
  expect(stderr).toContain('No guard of ours saw these tests: Only the exit code of this command is known');
  expect((await cli.run(['runs', 'show', 'last'])).stdout).toContain('Unguarded  Only the exit code of this command is known');
});
