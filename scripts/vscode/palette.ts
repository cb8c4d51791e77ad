/** The command palette, by keyboard, as people use it. */
import type { Page } from 'playwright-core';

/** Opens the palette with this text and gives the first entry, once it is the one of that title. Leaves the palette open. */
export async function findCommand(page: Page, title: string): Promise<void> {
  const input = page.locator('.quick-input-widget:visible input[type="text"]');
  const first = page.locator('.quick-input-widget .quick-input-list .monaco-list-row.focused').filter({ hasText: title });
  const until = Date.now() + 60_000;
  for (;;) {
    await page.keyboard.press('F1');
    try {
      // A page that comes to the front only now takes the focus, and the palette closes, or does not open.
      await input.waitFor({ timeout: 5000 });
      await input.fill(`>${title}`, { timeout: 5000 });
      // The list is made when the palette opens: a command that an extension registers later is seen only by a palette opened later.
      return await first.waitFor({ timeout: 2000 });
    } catch (error) {
      if (Date.now() > until) throw new Error(`The palette has no command "${title}".`, { cause: error });
    }
    await page.keyboard.press('Escape');
    await input.waitFor({ state: 'hidden' });
  }
}

/** Runs a command by its whole title. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await findCommand(page, title);
  await page.keyboard.press('Enter');
}
