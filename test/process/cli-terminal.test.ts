/** The command line in front of a person: questions, moving lines and Ctrl-C, in a real pseudo-terminal. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { CommandLine, StartOptions } from '../support/command-line.ts';
import { type CommandLineScene, commandLineScene } from '../support/command-line-scene.ts';
import type { Script } from '../support/scripted-server.ts';
import { quickSum, sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Scene extends CommandLineScene {
  run(args: readonly string[], options?: StartOptions): ReturnType<CommandLine['start']>;
}

async function scene(script: Script, files: Readonly<Record<string, string>> = quickSum): Promise<Scene> {
  const { cli, workspace, server } = await commandLineScene(cleanUps, script, { files });
  return {
    cli,
    workspace,
    server,
    run: (args, options) =>
      cli.start(
        ['run', 'make the failing test pass', '--workspace', workspace.root, '--model', `scripted@${server.url}`, ...args],
        options,
      ),
  };
}

/** util-linux: it gives the child a pseudo-terminal and passes on what is typed. */
function hasScript(): boolean {
  try {
    return process.platform === 'linux' && execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
const inTerminal = { terminal: true } as const;
const question = 'Run this plan?';

describe.skipIf(!hasScript())('the review', () => {
  test('shows briefing, plan and price, asks, and runs on yes with a meter that moves', async () => {
    const { run } = await scene([{ text: sumReply('a + b'), chunkMs: 20 }]);
    const started = run([], inTerminal);
    const before = stripVTControlCharacters(await started.printed(question));
    expect(before).toContain('Briefing');
    expect(before).toContain('JavaScript');
    expect(before).toContain('Estimate');
    started.type('maybe\n');
    await started.printed('Please answer');
    started.type('\n');
    const { code, stdout } = await started.done;
    expect(code).toBe(0);
    expect(stdout).toContain('\u001b[32m');
    const seen = stripVTControlCharacters(stdout);
    expect(seen).toContain('approved by you');
    expect(seen).toMatch(/tokens ░.*of 60K · calls \d of/);
    expect(seen).toContain('Solved: the tests pass.');
    expect(seen).toContain('+  return a + b;');
  });

  test('what was typed before the plan stood on the screen is no answer to it', async () => {
    const { server, run } = await scene([sumReply('a + b')]);
    const started = run([], inTerminal);
    // Two whole lines, and the beginning of a third.
    started.type('y\ny\ny');
    await started.printed(question);
    started.type('n\n');
    const { code, stdout } = await started.done;
    expect(code).toBe(4);
    expect(stdout).toContain('the plan was declined');
    expect(server.requests).toHaveLength(0);
  });

  test('runs nothing on no', async () => {
    const { server, run } = await scene([sumReply('a + b')]);
    const started = run([], inTerminal);
    await started.printed(question);
    started.type('n\n');
    const { code, stdout } = await started.done;
    expect(code).toBe(4);
    expect(stdout).toContain('the plan was declined');
    expect(server.requests).toHaveLength(0);
  });

  test('an edit is checked, its problems are told by line, and what runs is what was shown last', async () => {
    const { cli, run } = await scene([sumReply('a + b')]);
    // First it breaks the plan, then it mends it and gives it another name.
    const editor = join(cli.home, 'my editor.sh');
    writeFileSync(
      editor,
      '#!/bin/sh\nif grep -q codr "$1"; then sed -i -e "s/codr/coder/" -e "s/^name: .*/name: mine/" "$1"; else sed -i "s/agent: coder/agent: codr/" "$1"; fi\n',
    );
    chmodSync(editor, 0o755);
    const started = run([], { ...inTerminal, env: { EDITOR: `'${editor}'` } });
    await started.printed(question);
    started.type('e\n');
    const broken = stripVTControlCharacters(await started.printed('[E]dit again'));
    expect(broken).toMatch(/\d+:\d+ error steps\[0\]\.agent: .*codr/);
    started.type('e\n');
    await started.printed('Plan (yours)');
    await started.printed(question, 2);
    started.type('y\n');
    const { code, stdout } = await started.done;
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout)).toContain('mine approved by you');
  });

  test('solo takes the place of a team, and is shown before it runs', async () => {
    const { run } = await scene([sumReply('a + b')]);
    const started = run(['--designer', 'library'], inTerminal);
    await started.printed(question);
    started.type('s\n');
    await started.printed('Plan (yours)');
    await started.printed(question, 2);
    started.type('y\n');
    const { code, stdout } = await started.done;
    expect(stripVTControlCharacters(stdout)).toContain('solo approved by you');
    expect(code).toBe(0);
  });

  test('other teams stand below the plan, each in a line; a number takes one, and it is shown before it runs', async () => {
    const { server, run } = await scene(({ messages }) =>
      messages.at(-1)?.content.includes('Write no code') ? 'Line 2 subtracts.' : sumReply('a + b'),
    );
    const started = run(['--designer', 'solo'], inTerminal);
    const before = stripVTControlCharacters(await started.printed('[2]'));
    expect(before).toMatch(/Other teams\r?\n {2}1 {2}bug-fix: 2–3 calls, .*\r?\n {2}2 {2}bug-fix-larger: /);
    started.type('1\n');
    await started.printed('Plan (yours)');
    await started.printed(question, 2);
    started.type('y\n');
    expect((await started.done).code).toBe(0);
    expect(server.requests).toHaveLength(2);
  });

  test('a remark sends the plan back, and another one is shown', async () => {
    const { server, run } = await scene([]);
    const started = run(['--designer', 'library'], inTerminal);
    await started.printed(question);
    started.type('r\n');
    await started.printed('What should be different?');
    started.type('One coder is enough.\n');
    await started.printed('after the remark');
    await started.printed(question, 2);
    started.type('n\n');
    const { code, stdout } = await started.done;
    expect(code).toBe(4);
    expect(stripVTControlCharacters(stdout)).toContain('In place of bug-fix, after the remark "One coder is enough."');
    expect(server.requests).toEqual([]);
  });

  test('Ctrl-C at the question stops, with nothing run', async () => {
    const { server, run } = await scene([sumReply('a + b')]);
    const started = run([], inTerminal);
    await started.printed(question);
    started.type('\u0003');
    const { code, stdout } = await started.done;
    expect(code).toBe(4);
    expect(stdout).toContain('Stopping');
    expect(server.requests).toHaveLength(0);
  });

  test('NO_COLOR is respected', async () => {
    const { run } = await scene([]);
    const started = run([], { ...inTerminal, env: { NO_COLOR: '1' } });
    await started.printed(question);
    started.type('n\n');
    const { stdout } = await started.done;
    for (const code of ['0', '1', '2', '31', '32', '36', '39']) expect(stdout).not.toContain(`\u001b[${code}m`);
  });
});

describe('stopping', () => {
  const hanging = {
    ...quickSum,
    'sum.test.js': "require('node:fs').writeFileSync('hanging', '');\nrequire('node:test')('hangs', () => { for (;;) {} });\n",
  };

  test('one Ctrl-C in the middle of a call ends it, with a trace that can be read and an untouched workspace', async () => {
    const { cli, workspace, server, run } = await scene([{ text: sumReply('a + b'), stallAfterChunks: 2 }]);
    const before = workspace.contents();
    const started = run(['--yes']);
    await started.printed('approved by --yes');
    await until(() => server.requests.length === 1);
    const asked = performance.now();
    started.child.kill('SIGINT');
    const { code, stderr } = await started.done;
    expect(code).toBe(4);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(stderr).toContain('Stopped. The workspace was not changed.');
    expect(stderr).toMatch(/trace +.*runs/);
    expect(workspace.contents()).toEqual(before);
    expect(await cli.run(['runs', 'list'])).toMatchObject({ code: 0, stdout: expect.stringContaining('stopped') });
    expect(await cli.run(['runs', 'show', 'last'])).toMatchObject({ code: 0, stdout: expect.stringContaining('stopped') });
    expect(copiesLeft(cli)).toEqual([]);
  });

  test.each([1, 2])('%i Ctrl-C in the middle of tests that hang leave no process behind', async (times) => {
    const { cli, workspace, run } = await scene([], hanging);
    const before = workspace.contents();
    const started = run(['--yes']);
    await until(() => globSync('copies/**/hanging', { cwd: cli.dataDir }).length > 0);
    for (let n = 0; n < times; n += 1) started.child.kill('SIGINT');
    const { code } = await started.done;
    expect(code).toBe(4);
    await until(() => processesWith(workspace.dataDir, cli.dataDir) === 0);
    expect(workspace.contents()).toEqual(before);
  });
});

const copiesLeft = (cli: CommandLine): string[] => {
  const folder = join(cli.dataDir, 'copies');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== '.trash') : [];
};

/** Living processes that work in one of the folders. */
function processesWith(...folders: readonly string[]): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(pid) !== process.pid && folders.some((folder) => line.includes(folder));
      } catch (error) {
        // It has ended while we looked.
        if (error instanceof Error) return false;
        throw error;
      }
    }).length;
}

async function until(holds: () => boolean): Promise<void> {
  const giveUp = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > giveUp) throw new Error('It did not come to that within a minute.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
