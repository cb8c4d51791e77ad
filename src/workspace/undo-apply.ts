import { mkdir, realpath } from 'node:fs/promises';
import { undoApplied } from './apply.ts';
import { defaults } from './copies.ts';
import { findSource } from './source.ts';
import { checkedId, openStore } from './store.ts';
import type { Snapshot, UndoReport } from './types.ts';

export interface UndoOptions {
  readonly workspace: string;
  readonly runId: string;
  readonly dataDir: string;
}

/** Takes back what `apply` wrote (`ApplyReport.undo`), in this process or a later one. All files or none. */
export async function undoApply(options: UndoOptions, snapshot: Snapshot, signal: AbortSignal): Promise<UndoReport> {
  const source = await findSource(options.workspace, signal);
  await mkdir(options.dataDir, { recursive: true });
  const store = await openStore(source, await realpath(options.dataDir), signal);
  return undoApplied({ store, runId: checkedId(options.runId, 'run'), largestFileBytes: defaults.largestFileBytes }, snapshot, signal);
}
