/** What axe-core finds in one of our pages, inside the real VS Code with its real colours. */
import axe from 'axe-core';
import type { Frame } from 'playwright-core';

interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** One text for each finding; empty when there is none. The content policy of the page does not reach what the debugger evaluates. */
export async function findingsOf(frame: Frame): Promise<string[]> {
  await frame.evaluate(axe.source);
  const { violations } = await frame.evaluate<{ violations: readonly Finding[] }>('axe.run(document, { iframes: false })');
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${String(node.target)}\n  ${node.failureSummary ?? ''}`),
  );
}
