/** What an agent does with its tools, over the real protocol: a scripted model calls them, everything else is real. */
import { describe, expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { type Plan, planSchema } from '../../src/plan/index.ts';
import { applyRun, replayRun, undoRun } from '../../src/run/index.ts';
import { copiesLeft, type Setup, start } from '../support/run-scene.ts';
import type { Reply } from '../support/scripted-server.ts';
import { brokenSum } from '../support/workspaces.ts';

const signal = new AbortController().signal;

const planWith = (agent: object): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'tools',
    difficulty: 'easy',
    agents: {
      coder: {
        role: 'coder',
        instructions: 'Make the tests pass with your tools.',
        tools: ['edit'],
        write: ['**'],
        output: 'edits',
        ...agent,
      },
    },
    steps: [
      { id: 'draft', do: 'generate', agent: 'coder' },
      { id: 'judge', do: 'test' },
    ],
    budget: { calls: 30, tokens: 400_000 },
  });

const call = (name: string, input: object): Reply => ({ toolCalls: [{ name, arguments: input }] });
const mend = call('edit', { path: 'sum.js', search: 'a - b', replace: 'a + b' });

/** A run in which the agent makes these calls, one a turn. What each was told, in order. */
async function work(agent: object, calls: readonly Reply[], setup: Partial<Setup> = {}) {
  const scene = await start({
    capabilities: { strength: 'strong', tools: true },
    designer: fileDesigner(planWith(agent)),
    settings: { replans: 0, attempts: 1 },
    script: [...calls, 'Done.'],
    ...setup,
  });
  const result = await scene.run();
  expect(copiesLeft(scene.workspace)).toEqual([]);
  const told = scene.server.requests.slice(1).map(({ body }) => body.messages.at(-1)?.content ?? '');
  const where = { dataDir: scene.workspace.dataDir, runId: result.runId };
  return { ...scene, result, told, where };
}

describe('delete and rename', () => {
  const files = { ...brokenSum, 'old.js': 'exports.old = 1;\n', 'name.js': 'exports.name = 1;\n' };

  test('are in the diff, on record, applied with it and undone with it', async () => {
    const { result, told, log, workspace, before, where } = await work(
      {},
      [mend, call('delete', { path: 'old.js' }), call('rename', { path: 'name.js', to: 'lib/name.js' })],
      { files },
    );
    expect(result.outcome).toBe('solved');
    expect(told.slice(0, 3)).toEqual(['Changed sum.js.', 'Changed old.js.', expect.stringContaining('lib/name.js')]);
    expect(log.of('tool.used').map(({ tool, ok }) => [tool, ok])).toEqual([
      ['edit', true],
      ['delete', true],
      ['rename', true],
      ['test', true],
    ]);
    expect(result.diff?.files.map(({ path, oldPath, change }) => [change, oldPath, path])).toEqual([
      ['renamed', 'name.js', 'lib/name.js'],
      ['deleted', undefined, 'old.js'],
      ['modified', undefined, 'sum.js'],
    ]);
    expect(workspace.contents()).toEqual(before);
    await applyRun({ ...where, by: 'user' }, signal);
    expect(Object.keys(workspace.contents()).sort()).toEqual(['lib/name.js', 'package.json', 'sum.js', 'sum.test.js']);
    expect(workspace.contents()['lib/name.js']).toBe(files['name.js']);
    await undoRun(where, signal);
    expect(workspace.contents()).toEqual(before);
    expect(await replayRun(where, signal)).toMatchObject({ same: true });
  });

  test('are refused like an edit for tests, secrets, git and what lies outside; each is told and on record', async () => {
    const refused: readonly [string, object, string][] = [
      ['delete', { path: 'sum.test.js' }, 'sum.test.js'],
      ['delete', { path: '../outside.js' }, '../outside.js'],
      ['delete', { path: '.git' }, '.git'],
      ['delete', { path: '.env' }, '.env'],
      ['rename', { path: 'old.js', to: 'sum.test.js' }, 'sum.test.js'],
      ['rename', { path: 'sum.test.js', to: 'src/spare.js' }, 'sum.test.js'],
      ['rename', { path: 'old.js', to: '../outside.js' }, '../outside.js'],
      ['rename', { path: 'old.js', to: '.env' }, '.env'],
    ];
    const { result, log } = await work({ write: ['*.js', 'src/**'] }, [mend, ...refused.map(([tool, input]) => call(tool, input))], {
      files: { ...files, '.env': 'A=1\n' },
    });
    expect(
      log
        .of('tool.used')
        .slice(1, -1)
        .map(({ tool, ok }) => [tool, ok]),
    ).toEqual(refused.map(([tool]) => [tool, false]));
    expect(log.of('write.blocked').map(({ path }) => path)).toEqual(refused.map(([, , path]) => path));
    expect(result.diff?.files.map((file) => file.path)).toEqual(['sum.js']);
  });
});
