/** VS Code's own modal questions and pick lists, as a user answers them. */
import type { Locator } from 'playwright-core';
import { patience, type Workbench } from './workbench.ts';

/** The open question with this text. */
export function dialog({ page }: Workbench, text: string | RegExp): Locator {
  return page.locator('.monaco-dialog-box').filter({ hasText: text });
}

/** Presses a button of the open question. */
export async function pressInDialog({ page }: Workbench, button: string): Promise<void> {
  const box = page.locator('.monaco-dialog-box');
  await box.locator('.monaco-button').filter({ hasText: button }).click({ timeout: patience });
  await box.waitFor({ state: 'hidden', timeout: patience });
}

/** What the rows of the open pick say, from the top. */
export async function rowsOfPick({ page }: Workbench): Promise<string[]> {
  const rows = await page.locator('.quick-input-list .monaco-list-row').allInnerTexts();
  return rows.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}
