/** More than one candidate, more than one round: another candidate, remarks and what becomes of them, a reload in between. */
import { expect, test } from 'vitest';
import { workbenchStands } from '../../scripts/vscode/browser.ts';
import { calculator, calculatorFiles, calculatorReply, right, wrong } from '../support/vscode-pages/calculator.ts';
import { rowsOfPick } from '../support/vscode-pages/dialogs.ts';
import { diffReview } from '../support/vscode-pages/diff-review.ts';
import { remembers } from '../support/vscode-pages/memory.ts';
import { picture } from '../support/vscode-pages/pictures.ts';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { requestAndReview } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { brokenSum, sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();
const sumOf = (expression: string): string => brokenSum['sum.js'].replace('a - b', expression);

test('another candidate is chosen by its test results, reviewed and applied', async () => {
  const scene = await open({ script: [sumReply('a'), sumReply('a + b')] });
  const { workbench, workspace, window, eventsOf } = scene;
  await requestAndReview(workbench);
  await workbench.tab('Review c2: make the failing test pass').waitFor({ timeout: patience });

  await workbench.command('Teamwright: Review Another Candidate…');
  await expect
    .poll(() => rowsOfPick(workbench), { timeout: patience })
    .toEqual([
      expect.stringMatching(/^c2.*2 of 2 tests pass · 1 fixed \(chosen, shown now\)/s),
      expect.stringMatching(/^c1.*1 of 2 tests pass.*1 file/s),
    ]);
  await picture(window.page, 'diff-candidates');
  await workbench.pick('c1');
  await workbench.tab('Review c1, tests still fail: make the failing test pass').waitFor({ timeout: patience });
  const diff = await diffReview(workbench);
  await window.page.locator('.multiDiffEntry').getByText('return a;').waitFor({ timeout: patience });
  await picture(window.page, 'diff-other-candidate');

  await diff.acceptAndApplyAll();
  // Opened once more, it takes the place of its own tab; the other candidate keeps its tab.
  await workbench.command('Teamwright: Review Another Candidate…');
  await workbench.pick('c1');
  await window.page.locator('.multiDiffEntry').getByText('return a - b;').waitFor({ timeout: patience });
  await expect.poll(() => workbench.tab('Review c1').count(), { timeout: patience }).toBe(1);
  expect(await workbench.tab('Review c2').count()).toBe(1);
  expect(workspace.read('sum.js')).toBe(sumOf('a'));
  expect(await eventsOf('diff.applied')).toMatchObject([{ candidate: 'c1', applied: ['sum.js'], conflicts: [] }]);
  expect(await eventsOf('hunk.decided')).toMatchObject([{ candidate: 'c1', decision: 'accepted' }]);
  expect(await eventsOf('verdict.given')).toMatchObject([{ candidate: 'c1', decision: 'accepted' }]);
  expect(window.ownErrors).toEqual([]);
});

test('sent back with remarks: the next run is told them and what was rejected, and its change is reviewed and applied', async () => {
  const scene = await open({ script: [sumReply('b + a'), sumReply('a + b')] });
  const { workbench, workspace, model, window, eventsOf, runIds } = scene;
  const before = workspace.contents();
  await requestAndReview(workbench);
  await workbench.command('Teamwright: Reject Change with Reason…');
  await workbench.answer('the order is turned round');
  await expect.poll(() => eventsOf('hunk.decided'), { timeout: patience }).toHaveLength(1);
  await picture(window.page, 'diff-rejected');

  await workbench.command('Teamwright: Send Back with Remarks…');
  await workbench.box.waitFor({ timeout: patience });
  await picture(window.page, 'diff-remarks');
  await workbench.answer('keep a before b');
  const review = await planReview(workbench);
  await picture(window.page, 'diff-next-plan');
  const [second, first, ...others] = await runIds();
  expect(others).toEqual([]);
  expect(model.requests).toHaveLength(1);
  await review.approve();
  const run = await runView(workbench, second);
  await run.stands('done');
  expect(workspace.contents()).toEqual(before);

  const prompt = model.requests
    .at(-1)
    ?.body.messages.map(({ content }) => content)
    .join('\n');
  expect(model.requests).toHaveLength(2);
  expect(prompt).toContain('keep a before b');
  expect(prompt).toContain('- sum.js, line 2: the order is turned round\n      return b + a;');
  expect(prompt).toContain('make the failing test pass');
  // It starts from what was on screen.
  expect(prompt).toContain(sumOf('b + a'));
  expect(await eventsOf('run.started')).toMatchObject([{ continues: { runId: first, how: 'follow-up', candidate: 'c1' } }]);

  await run.button('Review the changes').click();
  await workbench.tab('Review c1: keep a before b').waitFor({ timeout: patience });
  const diff = await diffReview(workbench);
  await picture(window.page, 'diff-next-review');
  await diff.acceptAndApplyAll();
  await picture(window.page, 'diff-next-applied');
  expect(workspace.contents()).toEqual({ ...before, 'sum.js': sumOf('a + b') });
  expect(await eventsOf('verdict.given')).toMatchObject([{ decision: 'accepted' }]);
  expect(await scene.eventsOf('verdict.given', first)).toMatchObject([{ decision: 'sent-back', reason: 'keep a before b' }]);
  expect(window.ownErrors).toEqual([]);
});

test('a reload with an open review: it comes back with what was decided, and is gone on with', async () => {
  const scene = await open({ files: calculatorFiles, script: [calculatorReply] });
  const { workbench, workspace, window, eventsOf } = scene;
  const diff = await requestAndReview(workbench, 'make the failing tests pass');
  await diff.decide(0, 'Accept');
  await diff.decide(1, 'Reject');
  await expect.poll(() => eventsOf('hunk.decided'), { timeout: patience }).toHaveLength(2);
  await remembers(workbench, 'Review c1: make the failing tests pass');

  await window.page.reload();
  await workbenchStands(window.page);
  await workbench.tab('Review c1: make the failing tests pass').waitFor({ timeout: patience });
  const again = await diffReview(workbench);
  await picture(window.page, 'diff-reloaded');
  expect(await again.standing(4)).toEqual(['Accepted', 'Rejected', 'Accept', 'Accept']);
  await again.decide(2, 'Accept');
  await again.decide(3, 'Reject');
  await workbench.command('Teamwright: Apply Accepted Changes');
  await workbench.notification('Applied 2 of 4 hunks to calculator.js.').waitFor({ timeout: patience });
  expect(workspace.read('calculator.js')).toBe(calculator({ ...wrong, add: right.add, multiply: right.multiply }));
  expect(await eventsOf('hunk.decided')).toHaveLength(4);
  await picture(window.page, 'diff-reloaded-applied');

  await workbench.command('Teamwright: Undo Applied Run');
  await expect.poll(() => workspace.read('calculator.js'), { timeout: patience }).toBe(calculator(wrong));
  expect(window.ownErrors).toEqual([]);
});
