/** A change taken in part: exactly the accepted hunks are in the workspace, and the trace says which. */
import { expect, test } from 'vitest';
import { calculator, calculatorFiles, calculatorReply, right, wrong } from '../support/vscode-pages/calculator.ts';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { requestAndApprove } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();

test('half of the hunks rejected, the rest applied: the workspace holds exactly the rest, and the trace every decision', async () => {
  const { workbench, workspace, eventsOf, window } = await open({
    files: calculatorFiles,
    script: [calculatorReply],
  });
  const run = await requestAndApprove(workbench, 'make the failing tests pass');
  await run.stands('done');
  await run.button('Review the changes').click();
  const diff = await diffReview(workbench);

  await diff.decide(0, 'Accept');
  await diff.decide(1, 'Reject');
  await diff.decide(2, 'Accept');
  await diff.decide(3, 'Reject');
  await workbench.command('Teamwright: Apply Accepted Changes');
  await workbench.notification(/Applied 2 of 4/).waitFor({ timeout: patience });

  expect(workspace.read('calculator.js')).toBe(calculator({ ...wrong, add: right.add, multiply: right.multiply }));
  const decided = await eventsOf('hunk.decided');
  const last = new Map(decided.map(({ hunk, decision }) => [hunk, decision]));
  expect([...last.values()].sort()).toEqual(['accepted', 'accepted', 'rejected', 'rejected']);
  expect(await eventsOf('diff.applied')).toMatchObject([
    { applied: ['calculator.js'], conflicts: [], hunks: { accepted: 2, rejected: 2 } },
  ]);
  expect((await eventsOf('verdict.given')).at(-1)).toMatchObject({ decision: 'partly-accepted' });
  expect(window.ownErrors).toEqual([]);

  await workbench.command('Teamwright: Undo Applied Run');
  await expect.poll(() => workspace.read('calculator.js'), { timeout: patience }).toBe(calculator(wrong));
});
