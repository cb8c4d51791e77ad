/** Files and pictures that are dragged and pasted in a real VS Code: what VS Code itself hands over reaches the request. */
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { request } from '../support/vscode-pages/steps.ts';
import { patience, type Workbench } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();

const along = (page: Page, text: string): Locator => page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();

async function drag(from: Locator, to: Locator, key?: string): Promise<void> {
  const page = from.page();
  const [start, end] = await Promise.all([from.boundingBox(), to.boundingBox()]);
  if (start === null || end === null) throw new Error('What is dragged, or where to, is not on screen.');
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  if (key !== undefined) await page.keyboard.down(key);
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 12 });
  await page.mouse.move(end.x + end.width / 2 + 2, end.y + end.height / 2 + 2, { steps: 3 });
  await page.mouse.up();
  if (key !== undefined) await page.keyboard.up(key);
}

/** A picture as a browser holds it, in the clipboard. */
async function copyPicture(page: Page): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(64, 48);
    canvas.getContext('2d').fillRect(0, 0, 10, 10);
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob({ type: 'image/png' }) })]);
  })()`);
}

/** Drops a file of the desktop, which only a person's hand can bring into a browser: the event is made, what VS Code does with it is its own. */
async function dropFromDesktop(at: Locator, name: string, text: string): Promise<void> {
  const transfer = await at.page().evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}, { type: 'text/plain' }));
    return data;
  })()`);
  for (const type of ['dragenter', 'dragover', 'drop']) await at.dispatchEvent(type, { dataTransfer: transfer });
}

async function sendBox(workbench: Workbench, text: string): Promise<void> {
  await workbench.answer(text);
  await planReview(workbench);
}

test('a tab dropped on the view of runs begins a request on its file; a file of another place is refused', async () => {
  const { workbench, window, eventsOf } = await open();
  const { page } = window;
  const review = await request(workbench);
  await review.button('Decline').click();
  await workbench.openFile('sum.js');
  await workbench.command('Teamwright: Focus on Runs View');
  const row = page.locator('.sidebar .monaco-list-row').filter({ hasText: 'make the failing test pass' }).first();
  await row.waitFor({ timeout: patience });

  await dropFromDesktop(row, 'notes.txt', 'of the desktop');
  await workbench.notification('Not taken along: notes.txt.').waitFor({ timeout: patience });
  await workbench.clearNotifications();

  await drag(workbench.tab('sum.js'), row);
  await along(page, 'With sum.js').waitFor({ timeout: patience });
  await sendBox(workbench, 'mend this');
  expect((await eventsOf('run.started'))[0]?.request).toEqual({ text: 'mend this', files: ['sum.js'] });
  expect(window.ownErrors).toEqual([]);
});

test('a picture pasted, and a file dropped, into a longer request go along with it', async () => {
  const { workbench, window, eventsOf } = await open();
  const { page } = window;
  const row = page.locator('.explorer-viewlet .monaco-list-row').filter({ hasText: 'sum.js' }).first();
  await row.waitFor({ timeout: patience });
  await workbench.command('Teamwright: Write a Longer Request');
  const lines = page.locator('.editor-instance .view-line');
  await page.getByText('Design a team for this request').waitFor({ timeout: patience });
  await copyPicture(page);
  await page.keyboard.type('As on ');
  await page.keyboard.press('ControlOrMeta+v');
  await lines.filter({ hasText: '#picture:image.png' }).waitFor({ timeout: patience });
  await drag(row, lines.first(), 'Shift');
  await lines.filter({ hasText: '#file:sum.js' }).waitFor({ timeout: patience });
  await page.getByText('Design a team for this request').click();
  await planReview(workbench);
  expect((await eventsOf('run.started'))[0]?.request).toMatchObject({
    files: ['sum.js'],
    images: [{ name: 'image.png', width: 64, height: 48 }],
  });
  expect(window.ownErrors).toEqual([]);
});
