/** `teamwright run` is killed with -9 in the middle of its work and goes on with `teamwright runs resume`. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { listRuns } from '../../src/trace/index.ts';
import { type CommandLineScene, commandLineScene } from '../support/command-line-scene.ts';
import type { Script, ScriptedServer } from '../support/scripted-server.ts';
import { sumReply, type TemporaryWorkspace } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const scene = (script: Script): Promise<CommandLineScene> => commandLineScene(cleanUps, script);

const runArguments = ({ root }: TemporaryWorkspace, { url }: ScriptedServer): string[] => [
  ...['run', 'Fix the bug in sum.js', '--workspace', root, '--model', `scripted@${url}`, '--designer', 'solo'],
];

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
}

test('killed in the second of three calls: solved after the resume, and nothing is paid twice', async () => {
  let resumed = false;
  const { cli, workspace, server } = await scene(({ seed }) => {
    if (seed === 1000) return sumReply('a * b');
    if (seed === 1001) return resumed ? sumReply('b - a') : { text: 'Never sent.', stallMs: 60_000 };
    return sumReply('a + b');
  });
  const before = workspace.contents();
  const started = cli.start([...runArguments(workspace, server), '--yes']);
  await until(() => server.requests.length === 2);
  started.child.kill('SIGKILL');
  await once(started.child, 'exit');

  resumed = true;
  const [killed] = await listRuns(cli.dataDir);
  const { code, stdout, stderr } = await cli.run(['runs', 'resume', 'last', '--yes', '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ outcome: 'solved', spend: { calls: 3 } });
  const answered = server.requests.filter(({ ending }) => ending === 'answered').map(({ body }) => body.seed);
  expect(answered).toEqual([1000, 1001, 1002]);
  expect(workspace.contents()).toEqual(before);

  const shown = await cli.run(['runs', 'show', killed?.runId ?? '']);
  expect(shown.stdout).toContain(`resumed as ${result.runId}`);
  const again = await cli.run(['runs', 'resume', killed?.runId ?? '', '--yes']);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining(`it was resumed as ${result.runId}`) });
  const finished = await cli.run(['runs', 'resume', result.runId, '--yes']);
  expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('it has ended (solved)') });
  const show = await cli.run(['runs', 'show', result.runId]);
  expect(show.stdout).toContain(`resumes ${killed?.runId}`);
});

test.skipIf(process.platform !== 'linux')(
  'killed while it waited for its review: it waits again, and a living run is refused',
  async () => {
    const { cli, workspace, server } = await scene(() => sumReply('a + b'));
    const first = cli.start(runArguments(workspace, server), { terminal: true });
    await first.printed('Run this plan?');
    const living = await cli.run(['runs', 'resume', 'last', '--yes']);
    expect(living).toMatchObject({ code: 2, stderr: expect.stringContaining('is in use by process') });
    const [waiting] = await listRuns(cli.dataDir);
    expect(waiting?.status).toBe('waiting-for-review');
    const owner = Number(/in use by process (\d+)/.exec(living.stderr)?.[1]);
    process.kill(owner, 'SIGKILL');
    await first.done;

    const second = cli.start(['runs', 'resume', waiting?.runId ?? ''], { terminal: true });
    await second.printed('Run this plan?');
    expect(server.requests).toEqual([]);
    second.type('y\n');
    expect(await second.done).toMatchObject({ code: 0, stdout: expect.stringContaining('Solved') });
    expect(server.requests).toHaveLength(1);
  },
);
