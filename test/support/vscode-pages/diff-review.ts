/** The review of a change in VS Code's own multi-file diff, as a user meets it. */
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { patience, type Workbench } from './workbench.ts';

export interface DiffReview {
  /** Files of the change, one part of the editor each. */
  readonly files: Locator;
  /** The links above hunks, in the order of the screen. */
  lens(title: string): Locator;
  /** Presses the link above this hunk, counted from the top of the screen, and waits until the hunk says so. */
  decide(hunk: number, word: 'Accept' | 'Reject'): Promise<void>;
  /** How the hunks stand, from the top of the screen: the first word above each. Waits until there are as many. */
  standing(count: number): Promise<string[]>;
  /** Accepts everything and writes it into the workspace. */
  acceptAndApplyAll(): Promise<void>;
}

/** Waits until the diff shows a file with its links. */
export async function diffReview(workbench: Workbench): Promise<DiffReview> {
  const { page } = workbench;
  const editor = page.locator('.multiDiffEntry');
  const links = page.locator('.multiDiffEntry .codelens-decoration a');
  const lens = (title: string): Locator => links.filter({ hasText: title });
  /** The links above hunks, from the top of the screen: their order in the document is another one. */
  const groups = async (): Promise<Locator[]> => {
    const found = await page.locator('.multiDiffEntry .codelens-decoration').filter({ hasText: 'Reject with Reason' }).all();
    const placed = await Promise.all(found.map(async (group) => ({ group, top: (await group.boundingBox())?.y ?? 0 })));
    return placed.sort((one, other) => one.top - other.top).map(({ group }) => group);
  };
  const groupOf = async (hunk: number): Promise<Locator> => {
    const found = await groups();
    const group = found[hunk];
    if (group === undefined) throw new Error(`There is no hunk ${hunk} on the screen, only ${found.length}.`);
    return group;
  };
  await editor.first().waitFor({ timeout: patience });
  await lens('Accept').first().waitFor({ timeout: patience });
  return {
    files: editor,
    lens,
    decide: async (hunk, word) => {
      const above = await groupOf(hunk);
      await above
        .locator('a')
        .filter({ hasText: new RegExp(`^\\s*${word}\\s*$`) })
        .click();
      // The links are made anew after a decision.
      const until = Date.now() + patience;
      while (!(await (await groupOf(hunk)).textContent())?.includes(`${word}ed`)) {
        if (Date.now() > until) throw new Error(`Hunk ${hunk} was not ${word}ed.`);
        await page.waitForTimeout(100);
      }
    },
    standing: async (count) => {
      await expect.poll(async () => (await groups()).length, { timeout: patience }).toBe(count);
      const first = (await groups()).map((group) => group.locator('a').first().textContent());
      return (await Promise.all(first)).map((text) => text?.trim() ?? '');
    },
    acceptAndApplyAll: async () => {
      await workbench.command('Teamwright: Accept All Changes');
      await workbench.command('Teamwright: Apply Accepted Changes');
      await workbench.notification(/Applied \d/).waitFor({ timeout: patience });
    },
  };
}
