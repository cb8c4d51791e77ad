/** The box for a request in a real VS Code: what Enter sends, however fast it is pressed, and where the cursor stands in a longer request. */
import { expect, test } from 'vitest';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

test('Enter sends what is typed and not an old request that holds it; nothing typed sends nothing; the pencil goes on at the end', async () => {
  const { workbench, eventsOf } = await open({ script: [sumReply('a + b')] });
  const { page } = workbench;
  const box = page.locator('.quick-input-widget:visible input[type="text"]');
  /** Of the newest run. */
  const asked = async () => (await eventsOf('run.started')).map(({ request }) => request.text);
  const rows = page.locator('.quick-input-list .monaco-list-row');

  await workbench.command('Teamwright: New Request…');
  await box.fill('mend the sum of two numbers');
  await page.keyboard.press('Enter');
  await planReview(workbench);
  await expect.poll(asked, { timeout: patience }).toEqual(['mend the sum of two numbers']);

  await workbench.command('Teamwright: New Request…');
  await rows.filter({ hasText: 'mend the sum of two numbers' }).waitFor({ timeout: patience });
  await page.keyboard.press('Enter');
  await box.waitFor({ timeout: patience });
  const old = rows.filter({ hasText: 'mend the sum of two numbers' });
  await old.hover();
  await old.locator('.action-label[aria-label="Change this request in an editor"]').click();
  await page
    .locator('.editor-instance .view-line')
    .filter({ hasText: 'mend the sum of two numbers' })
    .first()
    .waitFor({ timeout: patience });
  await page.keyboard.type(' at once');
  await page
    .locator('.editor-instance .view-line')
    .filter({ hasText: /mend.the.sum.of.two.numbers.at.once/ })
    .first()
    .waitFor({ timeout: patience });

  await workbench.command('Teamwright: New Request…');
  await box.waitFor({ timeout: patience });
  // As fast as can be: the rows of what is typed come later than Enter.
  await page.keyboard.type('mend the sum');
  await page.keyboard.press('Enter');
  await expect.poll(asked, { timeout: patience }).toEqual(['mend the sum']);
});
