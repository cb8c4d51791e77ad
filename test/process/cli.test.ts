/** The command line as a child process, on real workspaces; only the model is scripted. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { sumTask } from '../support/bench-task.ts';
import { type CommandLine, commandLine, type StartOptions } from '../support/command-line.ts';
import { type CommandLineScene, commandLineScene } from '../support/command-line-scene.ts';
import type { Script, ServerOptions } from '../support/scripted-server.ts';
import { brokenSum, quickSum, sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const fresh = (): CommandLine => {
  const cli = commandLine();
  cleanUps.push(cli.dispose);
  return cli;
};

interface Scene extends CommandLineScene {
  /** `run` and `plan` on the workspace with the scripted model. */
  ask(command: 'run' | 'plan', args: readonly string[], options?: StartOptions): ReturnType<CommandLine['start']>;
}

async function scene(script: Script, options: ServerOptions & { files?: Readonly<Record<string, string>> } = {}): Promise<Scene> {
  const { cli, workspace, server } = await commandLineScene(cleanUps, script, options);
  return {
    cli,
    workspace,
    server,
    ask: (command, args, more) =>
      cli.start([command, 'make the failing test pass', '--workspace', workspace.root, '--model', `scripted@${server.url}`, ...args], more),
  };
}

const errorOf = (stdout: string): { code: string; message: string; next: string } =>
  JSON.parse(stdout.trim().split('\n').at(-1) ?? '').error;

describe('help', () => {
  test.each([[], ['plan', 'check']])('%j has an example and the exit codes', async (...command) => {
    const { code, stdout, stderr } = await fresh().run([...command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: teamwright');
    expect(stdout).toMatch(/Examples?:|Start with:/);
    expect(stdout).toContain('5  a model or this machine failed');
  });

  test('the version is that of the package', async () => {
    const { stdout } = await fresh().run(['--version']);
    expect(stdout.trim()).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
  });
});

describe('bad use ends with 2, a sentence and a next step', () => {
  test.each([
    [[], 'No command was named'],
    [['rum', 'x'], "Unknown command 'rum'"],
    [['run', 'fix', 'it'], 'Too many arguments'],
    [['run', 'x'], 'Nobody can be asked to approve the plan'],
    [['run', 'x', '--approve-below', 'cheap'], 'takes an amount in USD'],
    [['run', 'x', '--yes', '--workspace', '/no/such/folder'], 'There is no folder /no/such/folder'],
    [['run', 'x', '--yes', '--selection', '../a.js:3'], 'not inside the workspace'],
    [['run', 'x', '--yes', '--designer', 'absent.team.yaml'], 'cannot be read'],
    [['run', 'x', '--yes', '--team', 'absent'], 'There is no saved team "absent" in this workspace'],
    [['run', 'x', '--yes', '--team', 'own', '--designer', 'solo'], "Option '--team <name>' cannot be used with option '--designer <name>'"],
    [['run', 'x', '--yes', '--workspace', resolve('examples/failing-test'), '--model', 'embedded:9b'], 'no embedded model "9b"'],
    [['runs', 'show', '../../etc'], 'not a run id'],
    [['bench', 'absent.jsonl', '--arms', 'magic'], 'no choice called "magic"'],
    [['learn', 'evaluate', 'absent.jsonl'], 'There is no attempt in absent.jsonl'],
    [['learn', 'evaluate', 'absent.jsonl', '--folds', '1'], '--folds takes a whole number from 2 to 1000'],
  ])('%j', async (args, why) => {
    const { code, stderr } = await fresh().run(args);
    expect(stderr).toContain('error: ');
    expect(stderr).toContain(why);
    expect(code).toBe(2);
  });

  test('for machines it is one JSON document', async () => {
    const { code, stdout } = await fresh().run(['runs', 'show', 'nope', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'error',
      version: 1,
      exit: 2,
      error: { code: 'run-unknown', next: expect.any(String) },
    });
  });
});

test('broken settings stop every command that needs them, by line, and stay as they are', async () => {
  const cli = fresh();
  const text = '{\n  "models": { "worker": 3 }\n';
  cli.settings(text);
  const { code, stdout } = await cli.run(['model', 'list', '--json']);
  expect(code).toBe(2);
  expect(errorOf(stdout)).toMatchObject({ code: 'bad-settings', message: expect.stringContaining('line 3: is not JSON') });
  expect(readFileSync(join(cli.home, 'config', 'settings.json'), 'utf8')).toBe(text);
});

describe('run', () => {
  test('fixes a failing test, shows diff and cost, and leaves the workspace alone; apply, undo and replay follow from the trace', async () => {
    const { cli, workspace, server, ask } = await scene([sumReply('a + b')]);
    const before = workspace.contents();
    const { code, stdout, stderr } = await ask('run', ['--yes']).done;
    expect(stderr).toContain('Solved: the tests pass.');
    expect(code).toBe(0);
    expect(stderr).toContain('1 passed, 1 failed  →  2 passed, 0 failed');
    expect(stderr).toMatch(/coder +\S+ answered by scripted +\S+ in \S+ out/);
    expect(stderr).not.toContain('\u001b');
    expect(stdout).toContain('+  return a + b;');
    expect(server.requests).toHaveLength(1);
    expect(workspace.contents()).toEqual(before);

    const listed = await cli.run(['runs', 'list']);
    expect(listed.stdout).toMatch(/tests pass .*make the failing test pass/);
    const runId = /teamwright runs apply (\S+)/.exec(stderr)?.[1] ?? '';
    const beginning = runId.slice(0, -3);
    const shown = await cli.run(['runs', 'show', beginning]);
    expect(shown.stdout).toContain('solved');
    const patch = await cli.run(['runs', 'diff', 'last']);
    expect(patch.stdout).toBe(stdout);

    const applied = await cli.run(['runs', 'apply', beginning]);
    expect(applied).toMatchObject({ code: 0, stderr: expect.stringContaining('applied: sum.js') });
    expect(workspace.read('sum.js')).toContain('a + b');
    const undone = await cli.run(['runs', 'undo', 'last', '--json']);
    expect(JSON.parse(undone.stdout)).toMatchObject({ kind: 'undone', runId, restored: ['sum.js'], conflicts: [] });
    expect(workspace.contents()).toEqual(before);

    await server.close();
    const replayed = await cli.run(['runs', 'replay', 'last', '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ kind: 'replay', same: true, differences: [] });
    expect(replayed.code).toBe(0);

    const refused = await cli.run(['runs', 'delete', 'last']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect((await cli.run(['runs', 'delete', 'last', '--yes'])).code).toBe(0);
    expect(readdirSync(join(cli.dataDir, 'runs'))).toEqual([]);
  });

  test('--json prints one document and keeps progress on standard error; --apply writes what the tests vouch for', async () => {
    const { workspace, ask } = await scene([sumReply('a + b')]);
    const { code, stdout } = await ask('run', ['--yes', '--json', '--apply']).done;
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'run',
      version: 1,
      exit: 0,
      outcome: 'solved',
      before: { passed: 1, failed: 1 },
      after: { passed: 2, failed: 0 },
      applied: { applied: ['sum.js'], conflicts: [] },
      diff: { files: [{ path: 'sum.js' }] },
    });
    expect(code).toBe(0);
    expect(workspace.read('sum.js')).toContain('a + b');
  });

  test('--json-events prints every event as a line, and the result last', async () => {
    const { ask } = await scene([sumReply('a + b')]);
    const { stdout } = await ask('run', ['--yes', '--json-events']).done;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'run.started', seq: 0 });
    expect(lines.at(-2)).toMatchObject({ type: 'run.finished' });
    expect(lines.at(-1)).toMatchObject({ kind: 'run', outcome: 'solved' });
  });

  test('tests that still fail end with 1, and --apply writes nothing', async () => {
    const { workspace, ask } = await scene(() => sumReply('a * b'));
    const before = workspace.contents();
    const { code, stderr } = await ask('run', ['--yes', '--apply', '--designer', 'solo']).done;
    expect(stderr).toContain('The tests still fail.');
    expect(stderr).toContain('not applied');
    expect(code).toBe(1);
    expect(workspace.contents()).toEqual(before);
  });

  test.each([
    ['an answer by the literals of a test', 'a === 2 && b === 3 ? 5 : a - b', 'hard-coded', 'answers what they put in by literals'],
    ['a question whether there is a test', 'process.env.NODE_TEST_CONTEXT ? a + b : a - b', 'asks-if-tested', 'by what, it is tested'],
  ])('%s is solved, said beside it, and --apply leaves it to the user', async (_what, expression, kind, words) => {
    const { cli, workspace, ask } = await scene(() => sumReply(expression), { files: brokenSum });
    const before = workspace.contents();
    const { code, stdout, stderr } = await ask('run', ['--yes', '--apply', '--json', '--designer', 'solo']).done;
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'solved', tampering: [{ kind, path: 'sum.js', line: 2 }] });
    expect(stderr).toContain('Solved');
    expect(stderr).toContain(words);
    expect(stderr).toContain('not applied: the change looks made for its own tests');
    expect(code).toBe(0);
    expect(workspace.contents()).toEqual(before);
    const shown = (await cli.run(['runs', 'show', 'last'])).stdout;
    expect(shown).toMatch(new RegExp(`Warning +looks made for its tests: .*${words} in sum.js:2`));
  });

  test('tests that need longer than they may say at the plan and at the verdict what gives them more time', async () => {
    const slow = `const { test } = require('node:test');\ntest('slow', async () => { await new Promise((done) => setTimeout(done, 8000)); });\n`;
    const { ask } = await scene(() => sumReply('a + b'), { files: { ...quickSum, 'slow.test.js': slow } });
    const hint = 'Give them more time: --test-seconds N, or "testSeconds" in your settings.';
    const short = await ask('run', ['--yes', '--designer', 'solo', '--test-seconds', '4']).done;
    expect(short.code).not.toBe(0);
    expect(short.stderr.split(hint).length - 1).toBeGreaterThanOrEqual(2);
    const long = await ask('run', ['--yes', '--designer', 'solo', '--test-seconds', '60']).done;
    expect(long).toMatchObject({ code: 0 });
    expect(long.stderr).not.toContain(hint);
  });

  test('a budget that runs out ends with 3; one that no plan can keep is refused before any call', async () => {
    const { ask, server } = await scene(() => sumReply('a * b'));
    const spent = await ask('run', ['--yes', '--json', '--designer', 'solo', '--budget', 'calls=1']).done;
    expect({ code: spent.code, ...JSON.parse(spent.stdout) }).toMatchObject({ code: 3, exit: 3, outcome: 'budget', spend: { calls: 1 } });
    expect(server.requests).toHaveLength(1);
    const refused = await ask('run', ['--yes', '--json', '--designer', 'solo', '--budget', 'tokens=50']).done;
    expect({ code: refused.code, ...JSON.parse(refused.stdout) }).toMatchObject({
      code: 3,
      outcome: 'budget',
      failure: { code: 'budget-exceeded' },
    });
    expect(server.requests).toHaveLength(1);
  });

  test('new remarks go on from what a finished run handed over', async () => {
    const { ask, cli, workspace, server } = await scene(({ messages }) =>
      sumReply(messages.at(-1)?.content.includes('# Earlier request') ? 'a + b /* the sum */' : 'a + b'),
    );
    const first = JSON.parse((await ask('run', ['--yes', '--json', '--designer', 'solo']).done).stdout);
    const args = ['run', 'Say in a comment what it gives.', '--workspace', workspace.root, '--model', `scripted@${server.url}`];
    const { code, stdout } = await cli.run([...args, '--after', 'last', '--yes', '--apply', '--json']);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, outcome: 'solved', before: { passed: 2 } });
    expect(workspace.read('sum.js')).toContain('a + b /* the sum */');
    expect((await cli.run(['runs', 'show', first.runId])).stdout).toContain('followed up by');
    const absent = await cli.run([...args, '--after', 'none', '--yes']);
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no run "none"') });
  });

  test('a server that is away ends with 5 and says which', async () => {
    const { server, ask } = await scene([]);
    await server.close();
    const { code, stdout, stderr } = await ask('run', ['--yes', '--json']).done;
    expect(code).toBe(5);
    expect(`${stdout}${stderr}`).toContain('model-unreachable');
  });

  test('a wrong key ends with 5, and no key reaches the trace or the screen', async () => {
    const { cli, server, ask } = await scene([], { apiKey: 'sk-right-0123456789' });
    cli.settings({ endpoints: { work: { baseUrl: server.url, keyVariable: 'WORK_KEY' } } });
    const { code, stdout, stderr } = await ask('run', ['--yes', '--json', '--model', 'work:scripted'], {
      env: { WORK_KEY: 'sk-wrong-9876543210' },
    }).done;
    expect(code).toBe(5);
    expect(stdout).toContain('model-unauthorized');
    const traces = readdirSync(join(cli.dataDir, 'runs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    for (const text of [...traces, stdout, stderr]) expect(text).not.toContain('sk-wrong-9876543210');
  });

  test('OPENAI_API_KEY goes where OPENAI_BASE_URL points, and the only model there needs no name', async () => {
    const { cli, workspace, server } = await scene([sumReply('a + b')], { apiKey: 'sk-0123456789' });
    const env = { OPENAI_BASE_URL: `${server.url}/`, OPENAI_API_KEY: 'sk-0123456789' };
    const { code } = await cli.run(['run', 'make the failing test pass', '--yes'], { cwd: workspace.root, env });
    expect(code).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  test('the request comes from standard input with -', async () => {
    const { cli, workspace, server } = await scene([sumReply('a + b')]);
    const { code, stdout } = await cli.run(
      ['run', '-', '--yes', '--json', '--workspace', workspace.root, '--model', `scripted@${server.url}`],
      {
        input: '\uFEFFmake the\r\nfailing test pass – bitte\n',
      },
    );
    expect({ code, outcome: JSON.parse(stdout).outcome }).toEqual({ code: 0, outcome: 'solved' });
    expect(JSON.stringify(server.requests[0]?.body.messages)).toContain('failing test pass – bitte');
  });

  test.each(['- make the failing test pass', '-- sum.js: make the failing test pass', '-\nmake the failing test pass'])(
    'a request may begin as a list does: %j is no option',
    async (text) => {
      const { cli, workspace, server } = await scene([sumReply('a + b')]);
      const { code, stderr } = await cli.run(['run', text, '--yes', '--workspace', workspace.root, '--model', `scripted@${server.url}`]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(server.requests[0]?.body.messages.map(({ content }) => content).join('\n')).toContain(text);
    },
  );

  test('what an option is given stays as it is, also with the dash of a list', async () => {
    const { workspace, ask, cli } = await scene([]);
    const { code } = await ask('plan', ['--designer', 'solo', '--out', '- one.team.yaml']).done;
    expect({ code, files: [...readdirSync(cli.home), ...readdirSync(workspace.root)] }).toMatchObject({
      code: 0,
      files: expect.arrayContaining(['- one.team.yaml']),
    });
  });
});

describe('plan', () => {
  test('a team that was saved with the workspace is taken by its name; other files and folders are none', async () => {
    const { workspace, ask } = await scene(['The sign is wrong.', sumReply('a + b')]);
    const folder = join(workspace.root, '.teamwright/teams');
    mkdirSync(join(folder, 'folder.team.yaml'), { recursive: true });
    writeFileSync(join(folder, 'notes.yaml'), 'no team');
    expect((await ask('plan', ['--designer', 'library', '--out', join(folder, 'ours.team.yaml')]).done).code).toBe(0);

    const none = await ask('plan', ['--team', 'folder']).done;
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('Choose one of ours, or name a plan') });
    const plan = JSON.parse((await ask('plan', ['--team', 'ours', '--json']).done).stdout);
    expect(plan.plan.agents).toHaveProperty('debugger');
    const { code, stdout } = await ask('run', ['--yes', '--json', '--team', 'ours']).done;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).origins).toEqual(['file']);
  });

  test('is written as YAML that checks, runs, and is never overwritten', async () => {
    const { cli, workspace, server, ask } = await scene([sumReply('a + b')]);
    const file = join(cli.home, 'a b.team.yaml');
    const first = await ask('plan', ['--designer', 'library', '--out', file]).done;
    expect(first.stderr).toContain('written to');
    expect(first.code).toBe(0);
    expect(server.requests).toHaveLength(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('teamwright: 1');

    const again = await ask('plan', ['--designer', 'solo', '--out', file]).done;
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
    expect(readFileSync(file, 'utf8')).toBe(text);

    const checked = await cli.run(['plan', 'check', file, '--json']);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      kind: 'plan-check',
      valid: true,
      estimate: { calls: { least: expect.any(Number) } },
    });
    expect(workspace.read('sum.js')).toContain('a - b');
  });

  test('check tells every problem with its line and ends with 2', async () => {
    const cli = fresh();
    const file = join(cli.home, 'broken.team.yaml');
    writeFileSync(file, 'teamwright: 1\nname: x\ndifficulty: easy\nagents: {}\nsteps:\n  - {id: make, do: generate, agent: codr}\n');
    const { code, stderr } = await cli.run(['plan', 'check', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.team\.yaml:6:\d+ error steps\[0\]\.agent: .*codr/);
  });
});

describe('model', () => {
  test('probe finds out what a server can do, and keeps it', async () => {
    const { cli, server } = await scene(() => ({ text: '{"answer": "ok"}' }));
    const { code, stdout } = await cli.run(['model', 'probe', `other@${server.url}`, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'model-probe', model: 'other', capabilities: { usage: true, strength: 'weak' } });
    expect(code).toBe(0);
    expect(server.requests.length).toBeGreaterThan(0);
    expect(readFileSync(join(cli.dataDir, 'models', 'capabilities.json'), 'utf8')).toContain('"other"');
  });

  test('list knows the embedded model and the endpoints of the settings, and shows no key', async () => {
    const cli = fresh();
    cli.settings({ endpoints: { work: { baseUrl: 'https://host.invalid/v1', keyVariable: 'WORK_KEY' } } });
    const { code, stdout } = await cli.run(['model', 'list'], { env: { WORK_KEY: 'sk-0123456789' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/embedded .*not set up/);
    expect(stdout).toContain('work:NAME');
    expect(stdout).not.toContain('sk-0123456789');
  });

  test('a missing embedded model is told before anything else happens', async () => {
    const { cli, workspace } = await scene([]);
    const { code, stdout } = await cli.run(['plan', 'x', '--workspace', workspace.root, '--model', 'embedded', '--json']);
    expect(code).toBe(5);
    expect(errorOf(stdout)).toMatchObject({ code: 'local-model-missing', next: expect.stringContaining('teamwright model setup') });
    expect(existsSync(join(cli.dataDir, 'runs'))).toBe(false);
  });
});

test('bench prints a table and goes on where it was', async () => {
  const { cli, server } = await scene(() => sumReply('a + b'));
  const file = join(cli.home, 'tasks.jsonl');
  writeFileSync(file, `${JSON.stringify(sumTask)}\n`);
  const args = ['bench', file, '--arms', 'one-shot', '--model', `scripted@${server.url}`, '--out', join(cli.home, 'r.jsonl')];
  const first = await cli.run(args);
  expect(first.stdout).toMatch(/own +one-shot +1\/1/);
  expect(first.code).toBe(0);
  const blocked = await cli.run(args);
  expect(blocked).toMatchObject({ code: 2, stderr: expect.stringContaining('--resume') });
  appendFileSync(join(cli.home, 'r.jsonl'), '{"v":1,"task":"own/1","su');
  const resumed = await cli.run([...args, '--resume', '--json']);
  expect(resumed.stderr).toContain('r.jsonl:2: the last line is incomplete');
  expect(JSON.parse(resumed.stdout)).toMatchObject({ kind: 'bench', arms: [{ arm: 'one-shot', solved: 1 }] });
  expect(server.requests).toHaveLength(1);
});

test('a failure inside is one sentence and a file with the details, never a bare stack', async () => {
  const cli = fresh();
  writeFileSync(join(cli.home, 'data'), 'a file where the folder should be');
  const { code, stderr } = await cli.run(['runs', 'list']);
  expect(code).toBe(5);
  expect(stderr).toContain('error: ');
  expect(stderr).not.toMatch(/\n {4}at /);
});
