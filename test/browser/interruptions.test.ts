/** What may happen to a window in the middle of a run: nothing is lost, and the run goes on. */
import { expect, test } from 'vitest';
import { workbenchStands } from '../../scripts/vscode/browser.ts';
import { panelTypes } from '../../src/editor/flow-types.ts';
import { describeDamage, openRun } from '../../src/trace/index.ts';
import { remembersTab } from '../support/vscode-pages/memory.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import type { Scene } from '../support/vscode-pages/scene.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { requestAndApprove } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

/** The first answer begins and never ends; every other one is whole. */
const interrupted = (_: unknown, index: number) => ({ text: sumReply('a + b'), ...(index === 0 && { stallAfterChunks: 3 }) });

/** In the middle of the first call of a run. */
async function midRun(): Promise<{ scene: Scene; runId: string }> {
  const scene = await open({ script: interrupted });
  const run = await requestAndApprove(scene.workbench);
  await run.speech.first().waitFor({ timeout: patience });
  const [runId] = await scene.runIds();
  if (runId === undefined) throw new Error('The run has no trace.');
  return { scene, runId };
}

/** The user is told, resumes, and the new run ends well; the interrupted one is still there, whole up to where it broke off. */
async function resumes({ workbench, dataDir, runIds, workspace }: Scene, first: string): Promise<void> {
  const before = workspace.contents();
  await workbench.press('A run was interrupted', 'Resume');
  await expect.poll(runIds, { timeout: patience }).toHaveLength(2);
  const [second, ...others] = await runIds();
  expect(others).toEqual([first]);
  const run = await runView(workbench, second);
  await run.stands('done');
  expect(workspace.contents()).toEqual(before);

  const { events, damage } = await (await openRun(dataDir, second ?? '')).read();
  expect(describeDamage(damage)).toEqual([]);
  expect(events.find((event) => event.type === 'run.started')).toMatchObject({ continues: { runId: first, how: 'resume' } });
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'solved' });
  const earlier = await (await openRun(dataDir, first)).read();
  expect(describeDamage(earlier.damage)).toEqual([]);
  expect(earlier.events.map((event) => event.type)).toEqual(expect.arrayContaining(['plan.approved', 'call.started']));
}

test('reload of the window in the middle of a run: the tab comes back and the run is resumed', async () => {
  const { scene, runId } = await midRun();
  await remembersTab(scene.workbench, panelTypes.run, runId);
  await scene.window.page.reload();
  await workbenchStands(scene.window.page);
  const restored = await runView(scene.workbench, runId);
  await restored.stands('interrupted');
  await resumes(scene, runId);
});

test('kill of the extension host in the middle of a run: the run is resumed', async () => {
  const { scene, runId } = await midRun();
  const [host] = scene.server.extensionHosts();
  process.kill(host ?? 0, 'SIGKILL');
  await expect.poll(() => scene.server.extensionHosts().filter((pid) => pid !== host), { timeout: patience }).toHaveLength(1);
  await resumes(scene, runId);
});

test('a second window on the same folder sees the run of the first, and starts one of its own', async () => {
  let answer: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const scene = await open({
    script: async (_, index) => {
      if (index === 0) await asked;
      return sumReply('a + b');
    },
  });
  const first = await requestAndApprove(scene.workbench);
  await expect.poll(() => scene.model.requests.length, { timeout: patience }).toBe(1);

  const { workbench: other, window } = await scene.another();
  await other.command('Teamwright: Open Run');
  await other.pick('make the failing test pass');
  const seen = await runView(other);
  await seen.stands('running');

  const own = await requestAndApprove(other, 'make the test of sum pass');
  await own.stands('done');
  expect(await scene.runIds()).toHaveLength(2);

  answer();
  await first.stands('done');
  for (const runId of await scene.runIds()) {
    const { events, damage } = await (await openRun(scene.dataDir, runId)).read();
    expect(describeDamage(damage)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'solved' });
  }
  expect([...scene.window.ownErrors, ...window.ownErrors]).toEqual([]);
});
