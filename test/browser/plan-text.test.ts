/** The plan as a text document beside its form, in a real VS Code: each follows the other, and the text has help. */
import { expect, test } from 'vitest';
import { planReview } from '../support/vscode-pages/plan-review.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { defaultRequest } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';
import { sumReply } from '../support/workspaces.ts';

const open = scenesOfFile();

test('an edit of the text changes form, price and hash; a broken text is said; the form writes the text', async () => {
  const { workbench, window } = await open({ script: [sumReply('a + b')], settings: { 'editor.minimap.enabled': false } });
  const { page } = window;
  await workbench.command('Teamwright: New Request…');
  await workbench.answer(defaultRequest);
  const review = await planReview(workbench);
  const proposed = await review.hash();
  await review.editAsYaml();
  const editor = page.locator('.editor-instance .monaco-editor').first();
  await editor.locator('.view-line').filter({ hasText: 'teamwright: 1' }).waitFor({ timeout: patience });

  const replace = async (part: string, by: string): Promise<void> => {
    await editor.locator('.view-line').filter({ hasText: part }).first().click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.insertText(by);
  };
  await replace('samples: 3', 'samples: 2');
  const typed = await review.otherHash(proposed);
  await review.unfold(/What changed/);
  await review.frame.getByText('Changed: step draft – Samples was 3, is 2').waitFor({ timeout: patience });

  await replace('do: generate', 'do: generat');
  await review.frame.getByText('cannot be read as a plan').waitFor({ timeout: patience });
  expect(await review.hash()).toBe(typed);
  expect(await review.approveButton.getAttribute('aria-disabled')).toBe('true');
  await editor.locator('.squiggly-error').first().waitFor({ timeout: patience });

  await replace('do: generat', 'do: ');
  await page.keyboard.press('ControlOrMeta+Space');
  const suggested = page.locator('.suggest-widget .monaco-list-row');
  await suggested.filter({ hasText: 'analyse' }).waitFor({ timeout: patience });
  // The last kind of step is below the twelve that are drawn: up from the first leads there.
  await page.keyboard.press('ArrowUp');
  await suggested.filter({ hasText: 'write-tests' }).waitFor({ timeout: patience });
  await page.keyboard.press('Escape');
  await page.keyboard.insertText('generate');
  await review.approveButton.and(review.frame.locator('[aria-disabled="false"]')).waitFor({ timeout: patience });

  await review.field('Samples').fill('4');
  await editor.locator('.view-line').filter({ hasText: 'samples: 4' }).waitFor({ timeout: patience });
  expect(window.ownErrors).toEqual([]);
});
