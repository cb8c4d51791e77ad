/** Places of VS Code where a request begins: its own menus, and what other extensions show (a test explorer, a problem). */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import type { Workbench } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();
const neighbour = join(import.meta.dirname, '../fixtures/neighbour');

const menuEntry = (page: Page, title: string) => page.locator('.monaco-menu .action-label').filter({ hasText: title }).last();
const askTeam = 'Ask a Team About This';

const comes = (place: Locator): Promise<boolean> =>
  place.waitFor({ timeout: 3000 }).then(
    () => true,
    () => false,
  );

/**
 * Takes an entry of a place's menu. Tried until `taken`: the menu is complete only once the extension is known. By Enter, because VS Code takes
 * a click within a tenth of a second for the end of the one that opened the menu.
 */
async function takeFromMenu(
  place: Locator,
  title: string,
  taken: () => Promise<boolean>,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  const page = place.page();
  await expect
    .poll(
      async () => {
        if (await taken()) return true;
        await page.keyboard.press('Escape');
        await before();
        await place.click({ button: 'right' });
        if (await comes(menuEntry(page, title))) {
          await menuEntry(page, title).hover({ timeout: 5000 });
          await page.keyboard.press('Enter');
        }
        return taken();
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
}

async function openFile(page: Page, name: string): Promise<void> {
  await page.locator('.explorer-viewlet .monaco-list-row').filter({ hasText: name }).first().dblclick();
  await page.locator('.editor-instance .view-line').first().waitFor();
}

/** Answers the input that a menu opened, and waits for the plan. */
async function ask(workbench: Workbench, title: string): Promise<void> {
  await workbench.page.locator('.quick-input-title').filter({ hasText: title }).waitFor();
  await workbench.answer('mend this');
  await planReview(workbench);
}

test('explorer and editor: the file and the selection go along with the request', async () => {
  const { workbench, eventsOf } = await open();
  const { page } = workbench;
  const row = page.locator('.explorer-viewlet .monaco-list-row').filter({ hasText: 'sum.js' }).first();
  const asked = (title: string) => () => comes(page.locator('.quick-input-title').filter({ hasText: title }));
  await takeFromMenu(row, askTeam, asked('sum.js'));
  await ask(workbench, 'sum.js');
  expect((await eventsOf('run.started'))[0]?.request).toEqual({ text: 'mend this', files: ['sum.js'] });

  await openFile(page, 'sum.js');
  const line = page.locator('.editor-instance .view-line').nth(1);
  await takeFromMenu(line, askTeam, asked('sum.js:2-2'), () => line.click({ clickCount: 3 }));
  await ask(workbench, 'sum.js:2-2');
  expect((await eventsOf('run.started'))[0]?.request.selection).toMatchObject({ path: 'sum.js', startLine: 2, endLine: 2 });
});

test("a problem's light bulb, and a failing test of another extension's test explorer", async () => {
  const scene = await open();
  cpSync(neighbour, join(scene.server.extensionsDir, 'test.neighbour-0.0.1'), { recursive: true });
  // Only a window that opens later knows of the neighbour.
  await scene.window.page.goto('about:blank');
  const { workbench } = await scene.another();
  const { page } = workbench;
  await page.locator('.activitybar .action-label[aria-label*="Testing"]').first().waitFor({ timeout: 60_000 });

  await openFile(page, 'sum.js');
  await page.locator('.editor-instance .squiggly-error').first().waitFor({ timeout: 60_000 });
  const fix = page.locator('.action-widget').getByText('Fix with a Teamwright team');
  // Pressed too early, before the extension is active, the light bulb knows nothing of it.
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Escape');
        await page.locator('.editor-instance .view-line').nth(1).click();
        await page.keyboard.press('Control+.');
        return fix.waitFor({ timeout: 3000 }).then(
          () => true,
          () => false,
        );
      },
      { timeout: 60_000, interval: 1000 },
    )
    .toBe(true);
  await fix.click();
  await planReview(workbench);
  expect((await scene.eventsOf('run.started'))[0]?.request).toMatchObject({
    text: 'Fix this problem: b is never added',
    diagnostic: { path: 'sum.js', startLine: 2, endLine: 2, message: 'b is never added' },
  });

  await page.locator('.activitybar .action-label[aria-label*="Testing"]').first().click();
  const rows = page.locator('.test-explorer .monaco-list-row');
  const leaf = rows.filter({ hasText: 'adds two numbers' }).first();
  // The list of tests may be made anew while it is unfolded.
  await expect
    .poll(
      async () => {
        if (await leaf.isVisible()) return true;
        await rows.filter({ hasText: 'sum.test.js' }).first().click();
        await page.keyboard.press('ArrowRight');
        return comes(leaf);
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
  const failing = async () => (await scene.eventsOf('run.started'))[0]?.request.failingTest;
  await takeFromMenu(leaf, 'Make This Test Pass with a Team', async () => {
    const until = Date.now() + 5000;
    while ((await failing()) === undefined && Date.now() < until) await page.waitForTimeout(100);
    return (await failing()) !== undefined;
  });
  expect(await failing()).toEqual({ name: 'adds two numbers', path: 'sum.test.js' });
});
