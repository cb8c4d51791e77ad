/** The view of runs with every kind of row, in a real VS Code: each word stands beside its run, and the picture of the documentation is taken. */
import { expect, test } from 'vitest';
import { everyStanding, recordStandings } from '../support/every-standing.ts';
import { calculatorFiles, calculatorReply } from '../support/vscode-pages/calculator.ts';
import { picture } from '../support/vscode-pages/pictures.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { request, requestAndApprove } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const open = scenesOfFile();

/** One run for each word. */
const kinds = [...new Map(everyStanding.map((one) => [one.called.join(), one])).values()];
const requests = [
  'Fix the failing test of the parser.',
  'Round totals to cents.',
  'Take the discount off before the tax.',
  'Read dates without a year.',
  'Keep the order of equal entries.',
  'Where is the cache emptied?',
  'Write tests for the export.',
];

test('every kind of row', async () => {
  const workspace = temporaryWorkspace(calculatorFiles);
  await recordStandings(workspace.dataDir, workspace.root, kinds, (event, nth) =>
    event.type === 'run.started' ? { ...event, request: { text: requests[nth % requests.length] ?? '', files: [] } } : event,
  );
  const { workbench, window } = await open({ at: workspace, script: () => ({ text: calculatorReply, chunkMs: 5000 }) });
  const { page } = window;
  await page.setViewportSize({ width: 1280, height: 1150 });
  const paused = await requestAndApprove(workbench, 'Make the calculator divide.');
  await paused.button('Pause').click();
  await requestAndApprove(workbench, 'Make the calculator multiply.');
  await request(workbench, 'Make the calculator add.');

  await workbench.command('Teamwright: Focus on Runs View');
  const rows = page.locator('.sidebar .monaco-list-row');
  await rows.filter({ hasText: 'plan waits for your review' }).first().waitFor({ timeout: patience });
  // The view is made wide enough for whole rows.
  const edge = (await page.locator('.part.sidebar').boundingBox()) ?? { x: 0, y: 0, width: 300, height: 0 };
  await page.mouse.move(edge.x + edge.width, 500);
  await page.mouse.down();
  await page.mouse.move(edge.x + 680, 500, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(edge.x + 900, 900);
  for (const word of ['running', 'paused', ...kinds.map(({ called: [each] }) => each)])
    await rows
      .filter({ hasText: `${word} ` })
      .first()
      .waitFor({ timeout: patience });
  await workbench.clearNotifications();
  await picture(page, 'dark-tree');
  expect(window.ownErrors).toEqual([]);
});
