/** The main job without a mouse, and nothing but keys: from the keybinding to the applied change. */
import type { Frame } from 'playwright-core';
import { expect, test } from 'vitest';
import { findCommand } from '../../scripts/vscode/palette.ts';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { runView } from '../support/vscode-pages/run-view.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

/** What has the focus in a page: its accessible name, near enough; empty when nothing in particular has it. */
const focused = async (frame: Frame): Promise<string> => {
  const name = `(() => {
    const at = document.activeElement;
    return at === null || at === document.body ? '' : (at.getAttribute('aria-label') ?? at.label ?? at.textContent ?? '').trim();
  })()`;
  return frame.evaluate<string>(name);
};

test('keybinding, request, plan, an edit, approval, diff, accept and apply: all by keys', async () => {
  const { workbench, workspace, eventsOf } = await open({ script: [sumReply('a + b')] });
  const { page } = workbench;
  const { keyboard } = page;

  /** Tab, or Shift+Tab, until the focus is on something of this name. */
  const tabTo = async (frame: Frame, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
    for (let presses = 0; presses < 80; presses++) {
      if (name.test(await focused(frame))) return;
      await keyboard.press(key);
    }
    throw new Error(`${key} never came to ${name}; it is at "${await focused(frame)}".`);
  };

  // Keys are bound once the extension is known to VS Code.
  await findCommand(page, 'Teamwright: New Request…');
  await keyboard.press('Escape');
  await keyboard.press('ControlOrMeta+k');
  await keyboard.press('t');
  await workbench.answer('make the failing test pass');

  const review = await planReview(workbench);
  const proposed = await review.hash();
  // The page has the focus once its tab is opened, and in it the button that approves; arrows walk the steps, Enter goes to the form of the step.
  await expect.poll(() => focused(review.frame), { timeout: patience }).toMatch(/^Approve/);
  await tabTo(review.frame, /^draft/, 'Shift+Tab');
  await keyboard.press('ArrowDown');
  expect(await focused(review.frame)).toMatch(/^test/);
  await keyboard.press('ArrowUp');
  await keyboard.press('Enter');
  await tabTo(review.frame, /^Samples/);
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('2');
  const edited = await review.otherHash(proposed);
  await tabTo(review.frame, /^Approve/);
  await keyboard.press('Enter');

  const run = await runView(workbench);
  await run.stands('done');
  expect(await eventsOf('plan.approved')).toMatchObject([{ hash: expect.stringMatching(new RegExp(`^${edited}`)) }]);
  await tabTo(run.frame, /^Review the changes/);
  await keyboard.press('Enter');

  await page.locator('.multiDiffEntry .codelens-decoration a').first().waitFor({ timeout: patience });
  await keyboard.press('Alt+j');
  await page.locator('.multiDiffEntry .monaco-editor.focused').waitFor({ timeout: patience });
  await keyboard.press('Alt+y');
  await expect.poll(() => eventsOf('hunk.decided'), { timeout: patience }).toMatchObject([{ decision: 'accepted' }]);
  await keyboard.press('Control+Alt+Enter');
  await expect.poll(() => workspace.read('sum.js'), { timeout: patience }).toContain('a + b');
  expect(await eventsOf('verdict.given')).toMatchObject([{ decision: 'accepted' }]);
});

test('a solo plan, from the request to the applied change, in at most 15 key presses besides the letters of the request', async () => {
  const { workbench, workspace, eventsOf } = await open({ script: [sumReply('a + b')] });
  const { page } = workbench;
  let presses = 0;
  /** A key with what is held down counts as one. */
  const press = async (key: string): Promise<void> => {
    presses += 1;
    await page.keyboard.press(key);
  };

  // Keys are bound once the extension is known to VS Code.
  await findCommand(page, 'Teamwright: New Request…');
  await page.keyboard.press('Escape');
  await press('ControlOrMeta+k');
  await press('t');
  await page.locator('.quick-input-widget:visible input[type="text"]').waitFor({ timeout: patience });
  await page.keyboard.type('make the failing test pass');
  await press('Enter');
  const review = await planReview(workbench);
  await expect.poll(() => focused(review.frame), { timeout: patience }).toMatch(/^Approve/);
  await press('ControlOrMeta+Enter');
  const run = await runView(workbench);
  await run.stands('done');
  await press('Alt+j');
  await page.locator('.multiDiffEntry .codelens-decoration a').first().waitFor({ timeout: patience });
  await press('Alt+j');
  await page.locator('.multiDiffEntry .monaco-editor.focused').waitFor({ timeout: patience });
  await press('Alt+y');
  await expect.poll(() => eventsOf('hunk.decided'), { timeout: patience }).toMatchObject([{ decision: 'accepted' }]);
  await press('Control+Alt+Enter');
  await expect.poll(() => workspace.read('sum.js'), { timeout: patience }).toContain('a + b');
  expect(presses).toBeLessThanOrEqual(15);
});
