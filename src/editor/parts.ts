/** The parts of the editor, each loaded and made at its first use. */
import type { DiffReview, EditorHost, EditorPart, EditorPorts, Models, Panels, RunBook } from './flow-types.ts';
import { type Lazy, lazy } from './lazy.ts';

export interface Parts {
  readonly models: Lazy<Models>;
  readonly panels: Lazy<Panels>;
  readonly diffReview: Lazy<DiffReview>;
  /** Sharing, never recording, deleting everything. */
  readonly sharing: Lazy<EditorPart>;
}

export function createParts(host: EditorHost, ports: EditorPorts, runs: () => Promise<RunBook>): Parts {
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
    sharing: lazy(async () => {
      const book = await runs();
      return (await import('./sharing/index.ts')).createSharing(host, { ...ports, dataDir: book.dataDir, runs: book });
    }),
  };
  return parts;
}
