/** Models by keyboard alone, in a real VS Code: an endpoint with a key, its models, one tried and chosen. The key goes to its server only. */
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { patience, type Workbench } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();
let work: ScriptedServer | undefined;
afterEach(() => work?.close());

/** Waits for the box of this title, so that nothing is written into the one before it. */
async function answer({ page }: Workbench, title: string, text: string): Promise<void> {
  await page.locator('.quick-input-widget:visible .quick-input-title').filter({ hasText: title }).waitFor({ timeout: patience });
  // A key's box is one of type password.
  await page.locator('.quick-input-widget:visible .quick-input-box input').fill(text);
  await page.keyboard.press('Enter');
}

/** Narrows the list down by typing, and takes the entry that has the focus. A list that was filled after the typing is typed into again. */
async function choose({ page, box }: Workbench, title: string, text: string): Promise<void> {
  await page.locator('.quick-input-widget:visible .quick-input-title').filter({ hasText: title }).waitFor({ timeout: patience });
  const focused = page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: text });
  await expect
    .poll(
      async () => {
        if (await focused.isVisible()) return true;
        await box.fill('');
        await box.fill(text);
        return false;
      },
      { timeout: patience, interval: 1000 },
    )
    .toBe(true);
  await page.keyboard.press('Enter');
}

/** Every file below the folders that holds the text. */
function filesWith(text: string, folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => globSync('**/*', { cwd: folder }).map((name) => path.join(folder, name)));
  return files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() && readFileSync(file).includes(text));
}

const listIsClosed = (page: Page): Promise<void> =>
  page.locator('.quick-input-widget:visible').waitFor({ state: 'hidden', timeout: patience });

test('an endpoint is added with its key, one of its models tried and chosen, without a mouse', async () => {
  const key = 'sk-key-of-the-browser-test';
  work = await startScriptedServer(() => '{"lantern": 3}', { apiKey: key, models: ['m-1', 'm-2'] });
  const { workbench, server, window, dataDir, workspace } = await open({
    settings: { 'teamwright.models.worker': '', 'teamwright.models.strong': '', 'teamwright.discover': false },
  });
  const { page } = workbench;
  const folders = [path.dirname(server.userDataDir), dataDir, workspace.root];

  await workbench.command('Teamwright: Add Endpoint');
  await choose(workbench, 'Add Endpoint', 'Another server…');
  await answer(workbench, '(1 of 3)', work.url);
  await answer(workbench, '(2 of 3)', 'work');
  await answer(workbench, '(3 of 3)', key);

  // The list opens with the models of the new endpoint.
  await choose(workbench, 'Teamwright: Models', 'work:m-2');
  await choose(workbench, 'work:m-2', 'Find out what it can do');
  await workbench.notification('work:m-2 answers: weak, JSON by schema').waitFor({ timeout: patience });
  await choose(workbench, 'Teamwright: Models', 'work:m-2');
  await choose(workbench, 'work:m-2', 'Use as worker');
  await listIsClosed(page);

  expect(new Set(work.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${key}`]));
  await expect
    .poll(() => filesWith('work:m-2', folders).filter((file) => file.endsWith('settings.json')), { timeout: patience })
    .toHaveLength(1);
  expect(filesWith(key, folders)).toEqual([]);

  await workbench.command('Teamwright: Choose Models');
  await page
    .locator('.quick-input-list .monaco-list-row')
    .filter({ hasText: 'Worker' })
    .filter({ hasText: 'work:m-2' })
    .waitFor({ timeout: patience });
  await page.keyboard.press('Escape');
  await listIsClosed(page);
  expect(window.ownErrors).toEqual([]);
});
