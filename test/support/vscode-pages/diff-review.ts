/** The review of a change in VS Code's own multi-file diff, as a user meets it. */
import type { Locator } from 'playwright-core';
import { patience, type Workbench } from './workbench.ts';

export interface DiffReview {
  /** Files of the change, one part of the editor each. */
  readonly files: Locator;
  /** The links above hunks, in the order of the screen. */
  lens(title: string): Locator;
  /** Accepts everything and writes it into the workspace. */
  acceptAndApplyAll(): Promise<void>;
}

/** Waits until the diff shows a file with its links. */
export async function diffReview(workbench: Workbench): Promise<DiffReview> {
  const { page } = workbench;
  const editor = page.locator('.multiDiffEntry');
  const lens = (title: string): Locator => page.locator('.multiDiffEntry .codelens-decoration a').filter({ hasText: title });
  await editor.first().waitFor({ timeout: patience });
  await lens('Accept').first().waitFor({ timeout: patience });
  return {
    files: editor,
    lens,
    acceptAndApplyAll: async () => {
      await workbench.command('Teamwright: Accept All Changes');
      await workbench.command('Teamwright: Apply Accepted Changes');
      await workbench.notification(/Applied \d/).waitFor({ timeout: patience });
    },
  };
}
