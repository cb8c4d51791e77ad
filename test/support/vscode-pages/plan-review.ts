/** The page "Briefing and plan review" as a user meets it: what it says, and what can be done on it. */
import type { Frame, Locator } from 'playwright-core';
import { patience, type Workbench } from './workbench.ts';

export interface PlanReview {
  readonly frame: Frame;
  readonly approveButton: Locator;
  button(name: string | RegExp): Locator;
  /** Steps of the team, as a strip or a graph. */
  readonly nodes: Locator;
  /** Beginning of the hash of the plan on screen. */
  hash(): Promise<string>;
  /** Waits until the plan on screen has another hash; gives it. */
  otherHash(than: string): Promise<string>;
  /** The input of a field by its label, in the form that is open. */
  field(label: string | RegExp): Locator;
  /** Opens the plan as text, which is one of the things behind *More*. */
  editAsYaml(): Promise<void>;
  /** Unfolds a section of the team's form by its title. */
  unfold(title: string | RegExp): Promise<void>;
  approve(): Promise<void>;
}

/** Waits until a plan is on screen that can be answered. */
export async function planReview(workbench: Workbench): Promise<PlanReview> {
  const frame = await workbench.webview('plan');
  const approveButton = frame.getByRole('button', { name: /^Approve/ });
  await approveButton.waitFor({ timeout: patience });
  /** It stands in the tooltip of the button that approves. */
  const hash = async (): Promise<string> => /[0-9a-f]{8}/.exec((await approveButton.getAttribute('title')) ?? '')?.[0] ?? '';
  const unfold: PlanReview['unfold'] = async (title) => {
    const summary = frame.locator('details.section > summary').filter({ hasText: title });
    if ((await summary.locator('..').getAttribute('open')) === null) await summary.click();
  };
  return {
    frame,
    approveButton,
    button: (name) => frame.getByRole('button', { name }),
    nodes: frame.locator('.plan-page [data-node]'),
    hash,
    otherHash: async (than) => {
      await approveButton.and(frame.locator(`:not([title*="${than}"])`)).waitFor({ timeout: patience });
      return hash();
    },
    field: (label) => frame.getByLabel(label).first(),
    unfold: async (title) => {
      await unfold('Change the team');
      await unfold(title);
    },
    editAsYaml: async () => {
      await frame.getByRole('button', { name: 'More' }).click();
      await frame.getByRole('button', { name: 'Edit as YAML' }).click();
    },
    approve: () => approveButton.click(),
  };
}
