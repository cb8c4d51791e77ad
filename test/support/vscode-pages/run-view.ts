/** The page "Run" as a user meets it. */
import type { Frame, Locator } from 'playwright-core';
import { patience, type Workbench } from './workbench.ts';

export interface RunView {
  readonly frame: Frame;
  button(name: string | RegExp): Locator;
  readonly nodes: Locator;
  /** Text that agents stream. */
  readonly speech: Locator;
  /** Their tabs, in their order. */
  readonly tries: Locator;
  /** Waits until the run stands so. */
  stands(stand: keyof typeof signs, limitMs?: number): Promise<void>;
}

/** What tells how it stands; `done`: over, whatever came of it; `interrupted`: cut off, or stopped together with its window. */
const signs = {
  running: '.heading .icon-sync',
  done: '.outcome',
  interrupted: ':is(.heading .icon-debug-disconnect, .heading .icon-debug-stop)',
} as const;

/** Of this run, when it is named. */
export async function runView(workbench: Workbench, runId?: string): Promise<RunView> {
  const frame = await workbench.webview('run', runId);
  return {
    frame,
    button: (name) => frame.getByRole('button', { name }),
    nodes: frame.locator('.graph [data-node]'),
    tries: frame.getByRole('tablist').getByRole('tab'),
    speech: frame.locator('.speech pre'),
    stands: (stand, limitMs = patience) => frame.locator(signs[stand]).waitFor({ timeout: limitMs }),
  };
}
