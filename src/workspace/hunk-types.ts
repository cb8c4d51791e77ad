/** A candidate's diff cut into the pieces a user accepts or rejects one by one. */
import type { ApplyReport, DiffFile, Snapshot } from './types.ts';

/** `lines` is a stretch of lines; everything else is one piece a file: it is taken as a whole or not at all. */
export const hunkKinds = ['lines', 'added', 'deleted', 'renamed', 'binary', 'mode', 'replaced'] as const;
export type HunkKind = (typeof hunkKinds)[number];

/** Lines of a file, counted from 0, `end` not included. Empty: the place before the line `start`. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

export interface Hunk {
  /** Of path, kind and content: the same whenever the same two snapshots are compared, and unique among the hunks of a diff. */
  readonly id: string;
  readonly path: string;
  readonly oldPath?: string;
  readonly kind: HunkKind;
  /** Of a piece that is a file as a whole: whether it may be executed afterwards, where that is new. */
  readonly executable?: boolean;
  readonly base: LineRange;
  readonly candidate: LineRange;
  /** Lines without their ends, as text; empty for files that are no text. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface FileHunks {
  readonly path: string;
  readonly oldPath?: string;
  readonly change: DiffFile['change'];
  /** Content as git stores it, as text; undefined when the file is absent on that side or no text. */
  readonly before?: string;
  readonly after?: string;
  readonly hunks: readonly Hunk[];
}

export interface PartialApply {
  /** Ids of the hunks to write; all when absent. */
  readonly accepted?: readonly string[];
  /**
   * What happens to a text file where the workspace moved on in the same lines. `refuse` (the default): nothing at all is written. `markers`:
   * everything is written, and such a file gets both versions between conflict markers; files that are no text are left as they are.
   */
  readonly onConflict?: 'refuse' | 'markers';
  /**
   * Puts on record what was done, when all of it is written and before that is final. When it rejects, or the process ends in it, the files
   * are as they were (after a crash: once the workspace is opened again).
   */
  readonly record?: (report: ApplyReport) => Promise<void>;
}

/** The diff between two snapshots of a run, open for a review. */
export interface OpenDiff {
  readonly files: readonly FileHunks[];
  /** All of it as a unified diff, git style. */
  patch(signal: AbortSignal): Promise<string>;
  /** The base with only these hunks: a frozen state like any other. Throws `hunk-unknown` for an id that is not of this diff. */
  partial(accepted: readonly string[], signal: AbortSignal): Promise<Snapshot>;
  /** Lays the accepted hunks three-way onto the workspace as it is now. */
  apply(how: PartialApply, signal: AbortSignal): Promise<ApplyReport>;
}
