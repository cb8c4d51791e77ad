/** The page "Briefing and plan review" as a user meets it: what it says, and what can be done on it. */
import type { Frame, Locator } from 'playwright-core';
import { patience, type Workbench } from './workbench.ts';

export interface PlanReview {
  readonly frame: Frame;
  readonly approveButton: Locator;
  button(name: string | RegExp): Locator;
  /** Nodes of the team's graph. */
  readonly nodes: Locator;
  /** Beginning of the hash of the plan on screen. */
  hash(): Promise<string>;
  /** Waits until the plan on screen has another hash; gives it. */
  otherHash(than: string): Promise<string>;
  /** The input of a field by its label, in the form that is open. */
  field(label: string | RegExp): Locator;
  /** Unfolds a section by its title. */
  unfold(title: string | RegExp): Promise<void>;
  approve(): Promise<void>;
}

/** Waits until a plan is on screen that can be answered. */
export async function planReview(workbench: Workbench): Promise<PlanReview> {
  const frame = await workbench.webview('plan');
  const approveButton = frame.getByRole('button', { name: /^Approve/ });
  await approveButton.waitFor({ timeout: patience });
  const hash = async (): Promise<string> => (await frame.locator('.answer code.hash').textContent()) ?? '';
  return {
    frame,
    approveButton,
    button: (name) => frame.getByRole('button', { name }),
    nodes: frame.locator('.graph [data-node]'),
    hash,
    otherHash: async (than) => {
      await frame.locator('.answer code.hash').filter({ hasNotText: than }).waitFor({ timeout: patience });
      return hash();
    },
    field: (label) => frame.getByLabel(label).first(),
    unfold: async (title) => {
      const section = frame.locator('details.section').filter({ has: frame.locator('h2').filter({ hasText: title }) });
      if ((await section.getAttribute('open')) === null) await section.locator('summary').click();
    },
    approve: () => approveButton.click(),
  };
}
