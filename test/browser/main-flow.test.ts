/** The main job, as a person does it: from the palette to an accepted change, in a real VS Code with the packed extension. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { request } from '../support/vscode-pages/steps.ts';
import { sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

/** Whether the tests of the workspace pass, as its owner would find out. */
const testsPass = (root: string): boolean =>
  spawnSync(process.execPath, ['--test'], { cwd: root, env: { PATH: process.env.PATH } }).status === 0;

test('palette, plan, approval, run, diff, accept: then the tests of the workspace pass', async () => {
  const { workbench, workspace, model, window, eventsOf } = await open({ script: [sumReply('a + b')] });
  expect(testsPass(workspace.root)).toBe(false);
  const before = workspace.contents();

  const review = await request(workbench);
  expect(await review.nodes.count()).toBeGreaterThan(0);
  expect(model.requests).toHaveLength(0);
  expect(await eventsOf('plan.approved')).toEqual([]);

  await review.approve();
  const run = await runView(workbench);
  await run.stands('done');
  expect(model.requests).toHaveLength(1);
  expect(workspace.contents()).toEqual(before);

  await run.button('Review the changes').click();
  const diff = await diffReview(workbench);
  expect(await diff.files.count()).toBe(1);
  await diff.acceptAndApplyAll();
  expect(testsPass(workspace.root)).toBe(true);
  expect(await eventsOf('diff.applied')).toMatchObject([{ applied: ['sum.js'], conflicts: [] }]);
  expect(await eventsOf('verdict.given')).toMatchObject([{ decision: 'accepted' }]);
  expect(window.ownErrors).toEqual([]);
});
