/**
 * Bad input at the level of a whole run: what the user sees, and that nothing is lost or left behind. docs/bad-input.md is the list, with the
 * tests elsewhere that show the rest. Slow cases run with TEAMWRIGHT_SLOW_TESTS=1.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { soloDesigner } from '../../src/design/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import { applyRun, defaultRunSettings, type RunSettings, runOnWorkspace, undoRun } from '../../src/run/index.ts';
import { createTrace, runDir } from '../../src/trace/index.ts';
import { sweepCopies } from '../../src/workspace/index.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type ChatBody, type Reply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { eventLog, git, modelsAt, quickSum, sumReply, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const slow = process.env.TEAMWRIGHT_SLOW_TESTS === '1';
const fix = sumReply('a + b');
const never = new AbortController().signal;

let server: ScriptedServer;
let answer: (body: ChatBody, index: number) => Reply;
beforeAll(async () => {
  server = await startScriptedServer((body, index) => answer(body, index));
});
afterAll(() => server.close());

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  answer = () => fix;
});
answer = () => fix;

function workspaceOf(files: Readonly<Record<string, string>>, options?: Parameters<typeof temporaryWorkspace>[1]): TemporaryWorkspace {
  const workspace = temporaryWorkspace(files, options);
  cleanUps.push(workspace.dispose);
  return workspace;
}

/** A solo run on the workspace as it is; afterwards everything but the trace must be as before. */
async function runOn(workspace: TemporaryWorkspace, settings: Partial<RunSettings> = {}, dataDir = workspace.dataDir) {
  const log = eventLog();
  const result = await runOnWorkspace(
    {
      workspace: workspace.root,
      dataDir,
      request: parseRequest('The tests fail. Fix the bug in sum.js.'),
      models: modelsAt(server.url),
      designer: soloDesigner(2),
      settings: { ...defaultRunSettings, testLimits: { wallMs: 60_000, idleMs: 60_000, outputBytes: 64_000 }, replans: 0, ...settings },
      mayRunUnfenced: async () => true,
      review: async ({ hash }) => ({ kind: 'approve', hash, by: 'flag' }),
      onEvent: log.onEvent,
      program: 'test',
      secrets: [],
    },
    never,
  );
  return { result, log };
}

const copiesLeft = (dataDir: string): string[] => {
  const folder = join(dataDir, 'copies');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== '.trash') : [];
};

const statusOf = (workspace: TemporaryWorkspace): string =>
  existsSync(join(workspace.root, '.git')) ? git(workspace.root, 'status', '--porcelain=v2', '--branch') : '';

/** Runs, and shows that the workspace, git's view of it and the copies folder are as they were. */
async function untouchedRun(workspace: TemporaryWorkspace, settings?: Partial<RunSettings>) {
  const before = { contents: workspace.contents(), status: statusOf(workspace) };
  const ran = await runOn(workspace, settings);
  expect({ contents: workspace.contents(), status: statusOf(workspace) }).toEqual(before);
  expect(copiesLeft(workspace.dataDir)).toEqual([]);
  return ran;
}

describe('workspaces: solved, untouched until applied, then changed in that one place', () => {
  const kinds: Record<string, () => TemporaryWorkspace> = {
    'no git': () => workspaceOf(quickSum, { git: false }),
    'a dirty tree: staged, changed and untracked files': () => {
      const workspace = workspaceOf({ ...quickSum, 'staged.txt': 'old\n', 'changed.txt': 'old\n' });
      workspace.write('staged.txt', 'new\n');
      git(workspace.root, 'add', 'staged.txt');
      workspace.write('changed.txt', 'new\n');
      workspace.write('untracked.txt', 'new\n');
      return workspace;
    },
    'a detached head': () => {
      const workspace = workspaceOf(quickSum);
      git(workspace.root, 'checkout', '-q', '--detach');
      return workspace;
    },
    'a repository before its first commit': () => {
      const workspace = workspaceOf(quickSum, { git: false });
      git(workspace.root, 'init', '-q');
      return workspace;
    },
    'a submodule': () => {
      const workspace = workspaceOf(quickSum);
      const library = workspaceOf({ 'lib.js': 'module.exports = 1;\n' });
      git(workspace.root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'ext/lib');
      git(workspace.root, 'commit', '-q', '-m', 'submodule');
      return workspace;
    },
    'unicode, quotes and spaces in paths': () =>
      workspaceOf({ ...quickSum, 'ключ "q"/日本 語.txt': 'x\n', '-dash $x.txt': 'x\n' }, { name: "mein 'Projekt' – ünï" }),
    'files with Windows line ends and a byte order mark': () =>
      workspaceOf({ ...quickSum, 'sum.js': `\ufeff${quickSum['sum.js'].replaceAll('\n', '\r\n')}` }),
  };
  test.each(Object.keys(kinds))('%s', async (kind) => {
    const workspace = (kinds[kind] as () => TemporaryWorkspace)();
    const before = workspace.contents();
    const { result } = await untouchedRun(workspace);
    expect(result).toMatchObject({ outcome: 'solved', before: { passed: 1, failed: 1 }, after: { passed: 2, failed: 0 } });
    const report = await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, never);
    expect(report).toMatchObject({ applied: ['sum.js'], conflicts: [] });
    expect(workspace.contents()).toEqual({ ...before, 'sum.js': before['sum.js']?.replace('a - b', 'a + b') });
    await undoRun({ dataDir: workspace.dataDir, runId: result.runId }, never);
    expect(workspace.contents()).toEqual(before);
  });

  test('an empty repository: the change is a new file, and nothing judges it', async () => {
    const workspace = workspaceOf({}, { git: false });
    git(workspace.root, 'init', '-q');
    const { result } = await untouchedRun(workspace);
    expect(result).toMatchObject({ outcome: 'no-tests', diff: { files: [{ path: 'sum.js', change: 'added' }] } });
  });

  test('no tests: there is a change, and the outcome says that nothing judged it', async () => {
    const { result } = await untouchedRun(workspaceOf({ 'sum.js': quickSum['sum.js'] }));
    expect(result).toMatchObject({ outcome: 'no-tests', diff: { files: [{ path: 'sum.js' }] } });
    expect(result.before).toBeUndefined();
  });
});

describe('tests that misbehave', () => {
  test('whose command is not there: said before a model is asked', async () => {
    const asked = server.requests.length;
    const { result } = await untouchedRun(workspaceOf(quickSum), { testCommand: 'no-such-runner --all' });
    expect(result.outcome).toBe('failed');
    expect(result.failure && tell(result.failure)).toMatchObject({
      code: 'command-not-found',
      message: 'The tests (no-such-runner --all) could not be started: No such program: no-such-runner.',
      next: 'Install what they need, or name another command with --test "…". Without tests nothing can judge a change.',
    });
    expect(server.requests).toHaveLength(asked);
  });

  test('whose packages are not installed: said before anything is paid for', async () => {
    const workspace = workspaceOf({
      ...quickSum,
      'package.json': '{"scripts":{"test":"node --test"},"dependencies":{"left-pad-of-nobody":"1"}}',
      'sum.test.js': "require('left-pad-of-nobody');\n",
    });
    const asked = server.requests.length;
    const { result } = await untouchedRun(workspace);
    expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'command-not-found' } });
    expect(result.failure?.message).toContain('The project says that it needs "left-pad-of-nobody", which is not installed.');
    expect(server.requests).toHaveLength(asked);
  });

  test('that hang are ended at their limit, and a change that ends the loop solves it', async () => {
    const workspace = workspaceOf({ ...quickSum, 'sum.js': 'function sum() {\n  for (;;);\n}\n\nmodule.exports = { sum };\n' });
    const { result, log } = await untouchedRun(workspace, { testLimits: { wallMs: 6_000, idleMs: 6_000, outputBytes: 64_000 } });
    expect(result).toMatchObject({ outcome: 'solved', before: { passed: 0, green: false }, after: { passed: 2, green: true } });
    expect(log.of('briefing.done')[0]?.baseline?.green).toBe(false);
  });

  const printing = (megabytes: number): string =>
    [
      "const block = 'x'.repeat(1023) + '\\n';",
      `for (let n = 0; n < ${megabytes}; n++) process.stdout.write(block.repeat(1024));`,
      "require('node:test').test('prints', () => {});",
      '',
    ].join('\n');
  const printsMuch = async (megabytes: number): Promise<void> => {
    const workspace = workspaceOf({ ...quickSum, 'print.test.js': printing(megabytes) });
    const { result } = await untouchedRun(workspace);
    expect(result).toMatchObject({ outcome: 'solved', after: { passed: 3 } });
    expect(statSync(join(runDir(workspace.dataDir, result.runId), 'events.jsonl')).size).toBeLessThan(200_000);
  };
  test('that print 10 MB are judged all the same, and the trace stays small', () => printsMuch(10));
  test.skipIf(!slow)('that print 1 GB, likewise', () => printsMuch(1024), 600_000);
});

describe('servers that misbehave in every call end the run with what they did, not with another plan', () => {
  test.each<[string, Reply, string]>([
    ['half a stream', { text: fix, cutAfterBytes: 300 }, 'model-half-stream'],
    ['garbage JSON', { raw: '{"choices": [{{{{' }, 'model-bad-reply'],
    ['a web page', { raw: '<!doctype html><title>Welcome</title>' }, 'model-bad-reply'],
    ['status 500', { status: 500, body: 'oops' }, 'model-server-error'],
    ['a full context', { status: 400, body: { error: { code: 'context_length_exceeded', message: 'too long' } } }, 'model-context-full'],
  ])('%s', async (_name, reply, code) => {
    answer = () => reply;
    const asked = server.requests.length;
    const { result, log } = await untouchedRun(workspaceOf(quickSum), { attempts: 1, replans: 2 });
    expect(result).toMatchObject({ outcome: 'failed', failure: { code } });
    expect(result.failure?.message).toMatch(/^The (model server|request) /);
    expect(result.failure && tell(result.failure).next).toMatch(/\.$/);
    expect(server.requests.length - asked).toBeLessThanOrEqual(2);
    expect(log.of('run.replanned')).toEqual([]);
  });

  test('a model that never answers in the right form is no failure of the server: other plans are tried, and no change is claimed', async () => {
    answer = () => 'I am sorry, I cannot do that.';
    const { result } = await untouchedRun(workspaceOf(quickSum));
    expect(result).toMatchObject({ outcome: 'tests-fail' });
    expect(result.candidate).toBeUndefined();
    expect(result.diff).toBeUndefined();
  });
});

describe('a data folder that will not do is refused before anything is written', () => {
  const refused = async (
    workspace: TemporaryWorkspace,
    dataDir: string,
    message: RegExp,
    code = 'data-folder-not-apart',
  ): Promise<void> => {
    const before = readdirSync(dirname(workspace.root), { recursive: true });
    await expect(runOn(workspace, {}, dataDir)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(readdirSync(dirname(workspace.root), { recursive: true })).toEqual(before);
  };

  test('inside the workspace, openly or through a link', async () => {
    const workspace = workspaceOf(quickSum);
    await refused(workspace, join(workspace.root, 'data'), /is not apart from .*: the data folder lies inside the workspace\.$/);
    symlinkSync(workspace.root, workspace.dataDir);
    await refused(workspace, join(workspace.dataDir, 'deeper/data'), /the data folder lies inside the workspace\.$/);
  });

  test('around the workspace', async () => {
    const workspace = workspaceOf(quickSum);
    await refused(workspace, dirname(workspace.root), /the workspace lies inside the data folder\.$/);
  });

  test('a file in its place, or on the way', async () => {
    const workspace = workspaceOf(quickSum);
    writeFileSync(workspace.dataDir, 'mine');
    await refused(workspace, workspace.dataDir, /cannot be used: a file stands in its way\.$/, 'data-folder-unusable');
    await refused(workspace, join(workspace.dataDir, 'deeper'), /cannot be used: a file stands in its way\.$/, 'data-folder-unusable');
  });

  test.skipIf(!existsSync('/proc/self'))('where no folder can be made', async () => {
    await refused(workspaceOf(quickSum), '/proc/teamwright/data', /cannot be used: no folder can be made there\.$/, 'data-folder-unusable');
  });
});

test('a data folder that had a folder `copies` of the user‘s keeps it through every sweep', async () => {
  const workspace = workspaceOf(quickSum);
  const mine = join(workspace.dataDir, 'copies', 'of my files');
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, 'a.txt'), 'mine');
  writeFileSync(join(workspace.dataDir, 'copies', 'b.txt'), 'mine');
  await runOn(workspace);
  const { removedRuns } = await sweepCopies(workspace.dataDir, Date.now() + 24 * 3_600_000);
  expect(removedRuns).toEqual([]);
  expect(existsSync(join(mine, 'a.txt')) && existsSync(join(workspace.dataDir, 'copies', 'b.txt'))).toBe(true);
});

describe('several things at once', () => {
  test('two runs on one workspace do not meet; the second apply finds the change there', async () => {
    const workspace = workspaceOf(quickSum);
    const before = workspace.contents();
    const runs = await Promise.all([runOn(workspace), runOn(workspace)]);
    expect(runs.map(({ result }) => result.outcome)).toEqual(['solved', 'solved']);
    expect(workspace.contents()).toEqual(before);
    expect(copiesLeft(workspace.dataDir)).toEqual([]);
    const [first, second] = runs.map(({ result }) => ({ dataDir: workspace.dataDir, runId: result.runId }));
    expect(await applyRun(first as { dataDir: string; runId: string }, never)).toMatchObject({ applied: ['sum.js'] });
    expect(await applyRun(second as { dataDir: string; runId: string }, never)).toMatchObject({ applied: [], conflicts: [] });
  });

  test('the user edits while the run goes on: apart from the change it is merged, in the same lines nothing is lost', async () => {
    const workspace = workspaceOf(quickSum);
    answer = () => {
      workspace.write('sum.js', `// mine\n${quickSum['sum.js']}`);
      return fix;
    };
    const { result } = await runOn(workspace);
    const reference = { dataDir: workspace.dataDir, runId: result.runId };
    expect(result.outcome).toBe('solved');
    workspace.write('sum.js', quickSum['sum.js'].replace('a - b', 'a / b'));
    expect(await applyRun(reference, never)).toMatchObject({ applied: [], conflicts: [{ path: 'sum.js' }] });
    expect(workspace.read('sum.js')).toContain('a / b');
    workspace.write('sum.js', `// mine\n${quickSum['sum.js']}`);
    expect(await applyRun(reference, never)).toMatchObject({ applied: ['sum.js'], conflicts: [] });
    expect(workspace.read('sum.js')).toBe(`// mine\n${quickSum['sum.js'].replace('a - b', 'a + b')}`);
    rmSync(join(workspace.root, 'sum.js'));
    expect(await applyRun(reference, never)).toMatchObject({ applied: [], conflicts: [{ path: 'sum.js' }] });
    expect(existsSync(join(workspace.root, 'sum.js'))).toBe(false);
  });
});

describe('the command line', () => {
  const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
  let cli: CommandLine;
  beforeAll(async () => {
    cli = commandLine();
    await cli.knows(server.url);
  });
  afterAll(() => cli.dispose());

  const asks = (workspace: TemporaryWorkspace): string[] => [
    'run',
    'Fix the bug in sum.js.',
    '--yes',
    '--designer',
    'solo',
    '--workspace',
    workspace.root,
    '--model',
    `scripted@${server.url}`,
  ];

  test('requests: empty, too long', async () => {
    const [empty, long] = await Promise.all([
      cli.run(['run', ' \n', '--yes']),
      cli.run(['run', '-', '--yes'], { input: 'x'.repeat(30_000) }),
    ]);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: The request is empty\.\nSay in one sentence/) });
    expect(long).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: The request has 30000 characters; at most 20000 are taken\.\nShorten it/),
    });
  });

  test('a file where a folder is wanted; ids that are unknown or meant several', async () => {
    const workspace = workspaceOf(quickSum, { git: false });
    for (const runId of ['twin-1', 'twin-2']) await (await createTrace({ dataDir: cli.dataDir, runId, clock: Date.now })).close();
    const [file, unknown, twins] = await Promise.all([
      cli.run(['run', 'x', '--yes', '--workspace', join(workspace.root, 'sum.js')]),
      cli.run(['runs', 'show', 'zzz']),
      cli.run(['runs', 'apply', 'twin']),
    ]);
    expect(file).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sum.js is not a folder.\nName an existing folder with --workspace.'),
    });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('error: There is no run "zzz".\n`teamwright runs list`') });
    expect(twins).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/"twin" is the beginning of 2 run ids\.\nGive more of it: twin-\d, twin-\d/),
    });
  });

  test('a plan whose steps wait for each other; a bench file with a broken line', async () => {
    const plan = join(cli.home, 'cycle.team.yaml');
    writeFileSync(
      plan,
      [
        'teamwright: 1',
        'name: cycle',
        'difficulty: easy',
        'agents:',
        '  thinker: {role: planner, instructions: Find the line that is wrong., output: note, tools: [], write: []}',
        '  coder: {role: coder, instructions: Mend the line that is wrong., output: edits, tools: [], write: ["**"]}',
        'steps:',
        '  - {id: one, do: analyse, agent: thinker, uses: [two]}',
        '  - {id: two, do: analyse, agent: thinker, uses: [one]}',
        '  - {id: make, do: generate, agent: coder, uses: [two]}',
        '  - {id: try, do: test}',
        '',
      ].join('\n'),
    );
    const tasks = join(cli.home, 'tasks.jsonl');
    writeFileSync(tasks, '{"id": "a/1", "requ\n');
    const [checked, benched] = await Promise.all([
      cli.run(['plan', 'check', plan]),
      cli.run(['bench', tasks, '--arms', 'one-shot', '--model', `scripted@${server.url}`]),
    ]);
    expect(checked.code).toBe(2);
    expect(checked.stderr).toMatch(/cycle\.team\.yaml:8:\d+ error steps\[0\]\.uses\[0\]: "two" comes later; a step reads only notes/);
    expect(benched).toMatchObject({ code: 2, stderr: expect.stringContaining('tasks.jsonl:1: ') });
  });

  test('a data folder in the workspace, or a file in its place: nothing is written, not even what was found out about a model', async () => {
    const workspace = workspaceOf(quickSum);
    const before = workspace.contents();
    writeFileSync(join(workspace.root, '../occupied'), 'mine');
    const [inside, occupied, listed] = await Promise.all([
      cli.run(asks(workspace), { env: { TEAMWRIGHT_DATA: join(workspace.root, 'data') } }),
      cli.run(asks(workspace), { env: { TEAMWRIGHT_DATA: join(workspace.root, '../occupied') } }),
      cli.run(['runs', 'list'], { env: { TEAMWRIGHT_DATA: join(workspace.root, '../occupied') } }),
    ]);
    expect(inside).toMatchObject({ code: 2, stderr: expect.stringContaining('Set TEAMWRIGHT_DATA to a folder outside the project.') });
    expect(occupied).toMatchObject({ code: 5, stderr: expect.stringMatching(/^error: The data folder .*occupied cannot be used: /) });
    expect(listed).toMatchObject({ code: 5, stderr: expect.stringMatching(/^error: The trace .*occupied.* could not be read: /) });
    expect(workspace.contents()).toEqual(before);
  });

  /** The command, with a small disk of its own mounted at the data folder. */
  const onDisk = async (workspace: TemporaryWorkspace, mountOptions: string) => {
    mkdirSync(workspace.dataDir);
    const mounted = `mount -t tmpfs -o mode=700,${mountOptions} none "$TEAMWRIGHT_DATA" && exec "$0" "$@"`;
    const before = workspace.contents();
    const ended = await cli.run(asks(workspace), {
      env: { TEAMWRIGHT_DATA: workspace.dataDir },
      within: ['unshare', '-rm', 'sh', '-c', mounted],
    });
    expect(workspace.contents()).toEqual(before);
    expect(git(workspace.root, 'status', '--porcelain')).toBe('');
    return ended;
  };

  test.skipIf(!canMount)('a read-only data folder', async () => {
    const { code, stderr } = await onDisk(workspaceOf(quickSum), 'ro');
    expect(stderr).toMatch(/^error: The data folder .* cannot be used: its disk is read-only\.\nCheck the folder/);
    expect(code).toBe(5);
  });

  test.skipIf(!canMount).each(['size=16k', 'size=100k', 'size=200k'])('a full disk (%s)', async (size) => {
    const { code, stderr } = await onDisk(workspaceOf({ ...quickSum, 'large.txt': `${'0123456789'.repeat(10)}\n`.repeat(1500) }), size);
    expect(stderr).toMatch(/The disk that holds \S+ is full\.\nWhat was written before is kept\./);
    expect(code).toBe(5);
  });
});

describe('a large workspace', () => {
  test.skipIf(!slow)(
    '100,000 files: the run solves',
    async () => {
      const files: Record<string, string> = { ...quickSum };
      for (let n = 0; n < 100_000; n++) files[`src/part${n % 500}/module${n}.js`] = `exports.value${n} = ${n};\n`;
      const workspace = workspaceOf(files);
      const startedAt = Date.now();
      const { result, log } = await runOn(workspace);
      expect(result.outcome).toBe('solved');
      expect(git(workspace.root, 'status', '--porcelain')).toBe('');
      expect(copiesLeft(workspace.dataDir)).toEqual([]);
      const [snapshot, briefing] = [log.of('snapshot.taken')[0], log.of('briefing.done')[0]];
      console.log(`100,000 files: ${Date.now() - startedAt} ms; snapshot ${snapshot?.ms} ms, until the briefing ${briefing?.ms} ms`);
    },
    900_000,
  );
});
