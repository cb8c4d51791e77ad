/** The page "Run" as a user meets it. */
import type { Frame, Locator } from 'playwright-core';
import type { RunModel } from '../../../src/webviews/run-types.ts';
import { patience, type Workbench } from './workbench.ts';

export interface RunView {
  readonly frame: Frame;
  button(name: string | RegExp): Locator;
  readonly nodes: Locator;
  /** Text that agents stream. */
  readonly speech: Locator;
  /** Waits until the run stands so. */
  stands(status: RunModel['status'], limitMs?: number): Promise<void>;
}

/** Of this run, when it is named. */
export async function runView(workbench: Workbench, runId?: string): Promise<RunView> {
  const frame = await workbench.webview('run', runId);
  return {
    frame,
    button: (name) => frame.getByRole('button', { name }),
    nodes: frame.locator('.graph [data-node]'),
    speech: frame.locator('.speech pre'),
    stands: (status, limitMs = patience) => frame.locator(`.heading .status.${status}`).waitFor({ timeout: limitMs }),
  };
}
