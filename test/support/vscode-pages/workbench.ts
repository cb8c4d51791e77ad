/** VS Code's own parts as tests use them: palette, boxes, tabs, notifications, and the frames of our pages. Waits are for states. */
import type { Frame, Locator, Page } from 'playwright-core';
import { runCommand } from '../../../scripts/vscode/palette.ts';
import { type PageName, type PageSetup, pageSetupSchema } from '../../../src/webviews/messages-types.ts';

/** How long a state may take to come on a busy machine, ms. */
export const patience = 60_000;

export interface OpenPage {
  readonly page: PageName;
  readonly runId?: string;
  readonly frame: Frame;
}

export interface Workbench {
  readonly page: Page;
  /** Runs a command by its title in the palette. */
  command(title: string): Promise<void>;
  /** The open box of the palette, a pick or an input. */
  readonly box: Locator;
  /** Writes into the open box and takes it with Enter. */
  answer(text: string): Promise<void>;
  /** Takes the entry of an open pick that holds this text. */
  pick(text: string): Promise<void>;
  /** An open notification with this text. */
  notification(text: string | RegExp): Locator;
  /** Presses a button of a notification. */
  press(text: string | RegExp, button: string): Promise<void>;
  tab(name: string | RegExp): Locator;
  /** The frame of one of our pages (of this run, when it is named), once it shows something. */
  webview(name: PageName, runId?: string): Promise<Frame>;
  /** The frames of our pages that stand now. */
  webviews(): Promise<readonly OpenPage[]>;
  openFile(path: string): Promise<void>;
  /** In the text editor that has the focus: finds a text and types another one in its place. */
  replaceText(found: string, text: string): Promise<void>;
  /** Puts all notifications away. */
  clearNotifications(): Promise<void>;
}

export function workbenchOf(page: Page): Workbench {
  const box = page.locator('.quick-input-widget:visible input[type="text"]');
  const notification = (text: string | RegExp): Locator => page.locator('.notification-list-item').filter({ hasText: text }).first();
  const webviews: Workbench['webviews'] = async () => {
    const found: OpenPage[] = [];
    for (const frame of page.frames()) {
      if (!frame.url().includes('/fake.html')) continue;
      const setup = await setupOf(frame);
      if (setup !== undefined) found.push({ ...setup, frame });
    }
    return found;
  };
  return {
    page,
    box,
    command: (title) => runCommand(page, title),
    answer: async (text) => {
      await box.waitFor({ timeout: patience });
      await box.fill(text);
      await page.keyboard.press('Enter');
    },
    pick: async (text) => {
      const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
      await row.click({ timeout: patience });
    },
    notification,
    press: async (text, button) => {
      const item = notification(text);
      await item.waitFor({ timeout: patience });
      await item.hover();
      await item.locator('.monaco-button').filter({ hasText: button }).click();
    },
    tab: (name) => page.locator('.tabs-container .tab').filter({ hasText: name }),
    webview: async (name, runId) => {
      const until = Date.now() + patience;
      for (;;) {
        const last = (await webviews()).findLast((each) => each.page === name && (runId === undefined || each.runId === runId));
        if (last !== undefined) return last.frame;
        if (Date.now() > until)
          throw new Error(`No page "${name}" opened. There are: ${(await webviews()).map((each) => each.page).join(', ')}`);
        await page.waitForTimeout(100);
      }
    },
    webviews,
    replaceText: async (found, text) => {
      await page.keyboard.press('ControlOrMeta+f');
      const find = page.locator('.find-widget.visible .find-part textarea').first();
      await find.waitFor({ timeout: patience });
      await find.fill(found);
      await page
        .locator('.find-widget.visible .matchesCount')
        .filter({ hasText: /of [1-9]/ })
        .waitFor({ state: 'attached', timeout: patience });
      await page.keyboard.press('Enter');
      // What was found stays selected.
      await page.keyboard.press('Escape');
      await page.keyboard.insertText(text);
    },
    clearNotifications: async () => {
      await runCommand(page, 'Notifications: Clear All Notifications');
      await page.locator('.notification-list-item').first().waitFor({ state: 'hidden', timeout: patience });
    },
    openFile: async (path) => {
      await page.keyboard.press('ControlOrMeta+p');
      await box.waitFor({ timeout: patience });
      await box.fill(path);
      await page
        .locator('.quick-input-list .monaco-list-row.focused')
        .filter({ hasText: path.split('/').at(-1) ?? path })
        .waitFor({ timeout: patience });
      await page.keyboard.press('Enter');
      await page
        .locator('.tabs-container .tab.active')
        .filter({ hasText: path.split('/').at(-1) ?? path })
        .waitFor({ timeout: patience });
    },
  };
}

/** What a frame's page is, by its own word; undefined while it is being made, thrown away, or not ours. */
async function setupOf(frame: Frame): Promise<PageSetup | undefined> {
  try {
    if ((await frame.locator('#page > *').count()) === 0) return undefined;
    const setup = await frame.locator('#page').getAttribute('data-setup', { timeout: 1000 });
    return pageSetupSchema.parse(JSON.parse(setup ?? ''));
  } catch (error) {
    if (/detached|destroyed|navigat|closed|timeout/i.test(String(error))) return undefined;
    throw error;
  }
}
