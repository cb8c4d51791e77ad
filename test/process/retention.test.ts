/** How long runs stay, what is never recorded, and one command that deletes everything and shows that it is gone. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { sweepByWorkspace, writeRetention } from '../../src/lessons/index.ts';
import { localModels } from '../../src/local-model/index.ts';
import { candidateDiff } from '../../src/run/index.ts';
import type { CommandLine } from '../support/command-line.ts';
import { type CommandLineScene, commandLineScene } from '../support/command-line-scene.ts';
import { finishedRun } from '../support/finished-run.ts';
import type { Script } from '../support/scripted-server.ts';
import { startEndpoint } from '../support/sharing-servers.ts';
import { quickSum, sumReply, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Scene extends CommandLineScene {
  run(workspace?: TemporaryWorkspace, ...args: string[]): ReturnType<CommandLine['run']>;
  privacy(...args: string[]): ReturnType<CommandLine['run']>;
  /** Every file below the data folder. */
  files(): string[];
  /** The same, with what is in them. */
  texts(): string;
}

async function scene(script: Script = () => sumReply('a + b')): Promise<Scene> {
  const { cli, workspace, server } = await commandLineScene(cleanUps, script);
  const files = (): string[] =>
    existsSync(cli.dataDir)
      ? readdirSync(cli.dataDir, { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => join(entry.parentPath, entry.name))
      : [];
  return {
    cli,
    server,
    workspace,
    run: (where = workspace, ...args) =>
      cli.run(['run', 'make the failing test pass', '--yes', '--workspace', where.root, '--model', `scripted@${server.url}`, ...args]),
    privacy: (...args) => cli.run(['privacy', ...args], { cwd: workspace.root }),
    files,
    texts: () =>
      files()
        .map((file) => readFileSync(file, 'latin1'))
        .join('\n'),
  };
}

const runIds = (cli: CommandLine): string[] => (existsSync(join(cli.dataDir, 'runs')) ? readdirSync(join(cli.dataDir, 'runs')) : []);

describe('a workspace that is never recorded', () => {
  test('has no record, no copy and no snapshot after its run; others keep theirs; the change is still shown and applied', async () => {
    const { cli, run, privacy, workspace, files, texts } = await scene();
    const other = temporaryWorkspace({ ...quickSum, 'other.txt': 'recorded' });
    cleanUps.push(other.dispose);
    expect(await privacy('exclude')).toMatchObject({ code: 0, stderr: expect.stringContaining('never recorded') });
    const excluded = await run(workspace, '--apply');
    expect(excluded).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('+  return a + b;'),
      stderr: expect.stringContaining('never recorded'),
    });
    expect(workspace.read('sum.js')).toContain('a + b');
    expect(runIds(cli)).toEqual([]);
    expect(files().filter((file) => /stores|copies/.test(file))).toEqual([]);
    expect(texts()).not.toContain('function sum');
    await run(other);
    expect(runIds(cli)).toHaveLength(1);
  });

  test('keeps the snapshots of a run that is still looked at, and lets go of them with it', async () => {
    const { workspace, runId } = await finishedRun({ 'a.txt': 'one\n' }, { c1: { 'a.txt': 'two\n' } });
    cleanUps.push(workspace.dispose);
    const { dataDir, root } = workspace;
    const stores = (): string[] => readdirSync(join(dataDir, 'stores'));
    await writeRetention(dataDir, root, { never: true });
    expect(await sweepByWorkspace(dataDir, Date.now, [runId])).toEqual({ deleted: [] });
    const diff = await candidateDiff({ dataDir, runId }, new AbortController().signal);
    expect(diff.files.map(({ path }) => path)).toEqual(['a.txt']);
    expect((await sweepByWorkspace(dataDir, Date.now)).deleted).toMatchObject([{ runId, reason: 'never' }]);
    expect(stores()).toEqual([]);
  });

  test('keeps the snapshots of a run that waits for its plan: no copy stands then, and it goes on from them', async () => {
    const { cli, workspace, server, privacy } = await scene();
    const args = ['run', 'make the failing test pass', '--workspace', workspace.root, '--model', `scripted@${server.url}`];
    const waiting = cli.start(args, { terminal: true });
    await waiting.printed('Run this plan?');
    expect(await privacy('exclude')).toMatchObject({ code: 0, stderr: expect.stringContaining('never recorded') });
    waiting.type('y\n');
    expect((await waiting.done).code).toBe(0);
    expect(runIds(cli)).toEqual([]);
  });

  test('loses what was recorded before, and is recorded again when included', async () => {
    const { cli, run, privacy } = await scene();
    await run();
    expect(runIds(cli)).toHaveLength(1);
    expect((await privacy('exclude')).stderr).toContain('Deleted 1 run.');
    expect(runIds(cli)).toEqual([]);
    expect((await privacy('include')).code).toBe(0);
    await run();
    expect(runIds(cli)).toHaveLength(1);
  });

  test('a damaged rule is not taken for none', async () => {
    const { cli, privacy, run } = await scene();
    await privacy('exclude');
    writeFileSync(join(cli.dataDir, 'retention.json'), '{"version": 1, "works');
    // The run itself needs no rules: it teaches nothing, and what is kept is told at its end.
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('retention.json') });
    expect(await privacy('show')).toMatchObject({ code: 2, stderr: expect.stringContaining('retention.json') });
  });
});

test('a workspace can keep its runs for a shorter time than the others', async () => {
  const { cli, run, privacy } = await scene();
  const other = temporaryWorkspace(quickSum);
  cleanUps.push(other.dispose);
  await run();
  await run(other);
  const tenDaysAgo = Date.now() / 1000 - 10 * 24 * 3600;
  for (const id of runIds(cli)) utimesSync(join(cli.dataDir, 'runs', id, 'events.jsonl'), tenDaysAgo, tenDaysAgo);
  expect((await privacy('keep', '--days', '7')).stderr).toContain('Deleted 1 run.');
  expect(runIds(cli)).toHaveLength(1);
  expect((await privacy('show')).stdout).toContain('kept for 7 days');
  expect((await privacy('keep')).code).toBe(0);
  expect((await privacy('show')).stdout).not.toContain('kept for 7 days');
  expect(await privacy('keep', '--days', 'many')).toMatchObject({ code: 2 });
});

describe('deleting everything', () => {
  test('leaves not one file of ours, says what was there, and leaves what is not ours', async () => {
    const { cli, run, privacy, workspace, files, server } = await scene();
    const endpoint = await startEndpoint();
    cleanUps.push(endpoint.close);
    await run(workspace, '--apply');
    await cli.run(['share', 'on', '--yes', '--to', endpoint.url], { cwd: workspace.root });
    await cli.run([
      'plan',
      'make the failing test pass',
      '--designer',
      'library',
      '--workspace',
      workspace.root,
      '--model',
      `scripted@${server.url}`,
    ]);
    await cli.run(['export', '--format', 'atif', '--out', join(cli.home, 'export')]);
    mkdirSync(join(cli.dataDir, 'crashes'), { recursive: true });
    writeFileSync(join(cli.dataDir, 'crashes', '2026-11-25T01-02-03.000Z.txt'), 'details');
    writeFileSync(join(cli.dataDir, 'mine.txt'), 'of somebody else');
    mkdirSync(join(cli.dataDir, 'runs', 'holiday-pictures'), { recursive: true });
    writeFileSync(join(cli.dataDir, 'runs', 'holiday-pictures', 'beach.txt'), 'not a run');

    const shown = JSON.parse((await privacy('show', '--json')).stdout);
    const names = shown.places.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['runs', 'stores', 'index', 'sharing', 'models', 'crashes']));
    for (const place of shown.places)
      expect(place).toMatchObject({ items: expect.any(Number), bytes: expect.any(Number), path: expect.any(String) });

    const done = await privacy('delete-everything', '--yes', '--json');
    expect(done.code).toBe(0);
    const report = JSON.parse(done.stdout);
    expect(report).toMatchObject({ kind: 'everything-deleted', after: [], remains: [], weights: [] });
    expect(report.before.map(({ name }: { name: string }) => name).sort()).toEqual([...names].sort());
    expect(report.applied).toMatchObject([{ workspace: workspace.root }]);
    expect(report.foreign.map((file: string) => file.slice(cli.dataDir.length + 1)).sort()).toEqual(['mine.txt', 'runs']);
    expect(
      files()
        .map((file) => file.slice(cli.dataDir.length + 1))
        .sort(),
    ).toEqual(['mine.txt', 'runs/holiday-pictures/beach.txt']);
    expect(workspace.read('sum.js')).toContain('a + b');
    expect(existsSync(join(cli.home, 'export'))).toBe(true);
  });

  test('takes the data folder with it when nothing else is in there', async () => {
    const { cli, run, privacy } = await scene();
    await run();
    const done = await privacy('delete-everything', '--yes');
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing of ours is left') });
    expect(existsSync(cli.dataDir)).toBe(false);
    expect((await cli.run(['runs', 'list'])).code).toBe(0);
  });

  test('leaves a run that is going on, says so, and finishes when it is over', async () => {
    const { cli, run, privacy, server, workspace, files } = await scene([sumReply('a + b'), { text: sumReply('a + b'), stallMs: 60_000 }]);
    await run();
    const going = cli.start(['run', 'again', '--yes', '--workspace', workspace.root, '--model', `scripted@${server.url}`]);
    await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBeGreaterThan(0);
    workspace.write('sum.js', quickSum['sum.js']);
    await expect.poll(() => runIds(cli).length, { timeout: 60_000 }).toBe(2);
    await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBe(2);
    // The folder of what is on its way out, and the copies of the run that is going on.
    expect(JSON.parse((await privacy('show', '--json')).stdout).places).toContainEqual(
      expect.objectContaining({ name: 'copies', items: 2 }),
    );
    const first = await privacy('delete-everything', '--yes', '--json');
    expect(first.code).toBe(5);
    expect(JSON.parse(first.stdout).remains).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: expect.stringContaining('runs'), why: expect.stringContaining('going on') }),
      ]),
    );
    expect(runIds(cli)).toHaveLength(1);
    going.child.kill('SIGINT');
    await going.done;
    expect((await privacy('delete-everything', '--yes')).code).toBe(0);
    expect(files()).toEqual([]);
  });

  test('asks for the deletion of what was shared first', async () => {
    const { cli, run, privacy, workspace } = await scene();
    const endpoint = await startEndpoint();
    cleanUps.push(endpoint.close);
    await run();
    await cli.run(['share', 'on', '--yes', '--to', endpoint.url], { cwd: workspace.root });
    const { hash } = JSON.parse((await cli.run(['share', 'preview', 'last', '--json'])).stdout);
    await cli.run(['share', 'send', 'last', '--approve', hash]);
    expect(await privacy('delete-everything', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('share withdraw --delete'),
    });
    expect(runIds(cli)).toHaveLength(1);
    expect((await privacy('delete-everything', '--yes', '--leave-shared')).code).toBe(0);
    expect(existsSync(cli.dataDir)).toBe(false);
  });

  test('takes the weights only when told to', async () => {
    const { cli, run, privacy } = await scene();
    await run();
    const cache = join(cli.home, 'cache', 'models');
    mkdirSync(cache, { recursive: true });
    const weights = join(cache, localModels[0]?.fileName ?? '');
    writeFileSync(weights, 'not whole');
    await privacy('delete-everything', '--yes');
    expect(existsSync(weights)).toBe(true);
    const done = await privacy('delete-everything', '--yes', '--weights', '--json');
    expect(JSON.parse(done.stdout).weights).toHaveLength(1);
    expect(existsSync(weights)).toBe(false);
  });

  test('needs a word where nobody can be asked', async () => {
    const { run, privacy, cli } = await scene();
    await run();
    expect(await privacy('delete-everything')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(runIds(cli)).toHaveLength(1);
  });
});
