/** The parts of the editor, each loaded and made at its first use. */
import type { DiffReview, EditorHost, Models, Panels, RunBook } from './flow-types.ts';
import { type Lazy, lazy } from './lazy.ts';

export interface Parts {
  readonly models: Lazy<Models>;
  readonly panels: Lazy<Panels>;
  readonly diffReview: Lazy<DiffReview>;
}

export function createParts(host: EditorHost, runs: () => Promise<RunBook>): Parts {
  const parts: Parts = {
    models: lazy(async () => (await import('./models/index.ts')).createModels(host)),
    panels: lazy(async () =>
      (await import('./panels/index.ts')).createPanels(host, {
        runs: await runs(),
        reviewDiff: async (handle) => (await parts.diffReview()).open(handle),
      }),
    ),
    diffReview: lazy(async () =>
      (await import('./diff-review/index.ts')).createDiffReview(host, {
        runs: await runs(),
        show: async (handle) => (await parts.panels()).open(handle),
      }),
    ),
  };
  return parts;
}
