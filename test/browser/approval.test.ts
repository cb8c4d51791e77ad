/** Approval is for exactly the plan that was on screen. */
import { expect, test } from 'vitest';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { request } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

test('a plan that is edited while its approval is on the way is not approved; the edited one is, by its own hash, and runs', async () => {
  const { workbench, model, eventsOf, window } = await open({ script: [sumReply('a + b')] });
  const review = await request(workbench);
  const proposed = await review.hash();

  // The value is typed and the button pressed before the host has answered the edit: the hash on the button is still that of the old plan.
  await review.frame.locator('[data-node]').first().click();
  await review.field('Samples').fill('2');
  await review.approve();
  await review.frame.getByText(/Not approved: the plan has changed since it was shown/).waitFor({ timeout: patience });
  expect(await eventsOf('plan.approved')).toEqual([]);
  expect(model.requests).toHaveLength(0);

  const edited = await review.otherHash(proposed);
  await review.approve();
  const run = await runView(workbench);
  await run.stands('done');
  const approved = await eventsOf('plan.approved');
  expect(approved).toMatchObject([{ hash: expect.stringMatching(new RegExp(`^${edited}`)), by: 'user' }]);
  const started = (await eventsOf('plan.proposed')).at(-1);
  expect(started).toMatchObject({ hash: approved[0]?.hash, origin: 'user-edit' });
  expect(window.ownErrors).toEqual([]);
});

test('the plan as text and as a form are the same plan: an edit of the text shows in the form, and voids the hash on screen', async () => {
  const { workbench, eventsOf } = await open({ script: [sumReply('a + b')] });
  const review = await request(workbench);
  const proposed = await review.hash();
  await review.editAsYaml();
  await workbench.tab('.team.yaml').first().waitFor({ timeout: patience });
  await workbench.replaceText('samples: 3', 'samples: 2');
  await expect.poll(() => review.hash(), { timeout: patience }).not.toBe(proposed);
  expect(await eventsOf('plan.approved')).toEqual([]);
});
