import type { HiddenSecrets } from '../redaction/index.ts';
import type { FileEdit } from './edit-types.ts';

/** A frozen state of a workspace: a git tree in the run's object store. */
export interface Snapshot {
  /** Commit that anchors the tree against garbage collection. */
  readonly commit: string;
  readonly tree: string;
}

/** What a workspace room needs to know that is not in its arguments. */
export interface WorkspaceSettings {
  /** Untracked files above this are left out of snapshots. Default 50 MB. */
  readonly largestFileBytes?: number;
  /** Package and build folders are copied up to these limits (when the disk cannot clone), per folder. Default 4,000 files, 100 MB. */
  readonly copyFiles?: number;
  readonly copyBytes?: number;
  /** Patterns of gitignore, from the user's own settings: secrets in the workspace that copies get all the same. Default none. */
  readonly secrets?: readonly string[];
  /** Absolute paths, from the user's own settings: those beside the workspace lie in the same place beside copies. Default none. */
  readonly beside?: readonly string[];
}

/** What a snapshot did not carry, and why (secrets, nested repositories, files over the size limit). */
export interface LeftOut {
  readonly path: string;
  readonly reason: 'secret' | 'nested-repository' | 'too-large' | 'unreadable' | 'special-file';
}

/**
 * A folder of installed packages or build results that a copy was given. `cloned` and `copied` are the copy's own; `linked` is a folder
 * of links into the user's packages: adding and removing one stays in the copy, writing into one's files reaches the user's folder. Where that
 * is a link itself, so is the copy's, and all of it is the user's. `omitted` was too large to copy and unsafe to link.
 */
export interface ProvidedFolder {
  readonly path: string;
  /** The user's folder; absolute. */
  readonly from: string;
  readonly how: 'cloned' | 'copied' | 'linked' | 'omitted';
  readonly files: number;
  readonly bytes: number;
}

/**
 * A file whose content in git, and so in copies, is not what a checkout by the user's git puts on the disk. `lfs`: a pointer. `filter`: the output of a
 * filter of the user's settings (`by`). `encoding`: git keeps it in UTF-8, and on the disk it has another encoding (`by`).
 */
export interface StoredOtherwise {
  readonly path: string;
  readonly how: 'lfs' | 'filter' | 'encoding';
  readonly by: string;
}

export interface WorkspaceCopy {
  /** Absolute real path of the copy's top. Verified: outside the workspace, its own git top level. */
  readonly root: string;
  readonly id: string;
  readonly base: Snapshot;
  readonly provided: readonly ProvidedFolder[];
  /** Applies edits inside the file scope; atomic per file. `hidden`: what a model that wrote them did not see of the files. */
  edit(edits: readonly FileEdit[], scope: FileScope, hidden?: HiddenSecrets): Promise<EditReport>;
  /** Freezes the base with the edits made so far. What else came into the copy (from tests, from tools) is no part of it. */
  freeze(message: string): Promise<Snapshot>;
  /** Removes the copy and everything below it. */
  remove(): Promise<void>;
}

/** Which paths may be written: globs relative to the workspace. Checked on real paths. */
export interface FileScope {
  readonly allow: readonly string[];
  /** Why a path (relative to the workspace, in its normal form) must not be written all the same; undefined when it may. */
  readonly refuse?: (path: string) => string | undefined;
}

export interface EditProblem {
  readonly path: string;
  readonly kind: 'not-found' | 'ambiguous' | 'outside-scope' | 'escapes' | 'unparseable' | 'write-failed' | 'binary';
  /** For the model and the user: what did not match, with the nearest region of the file. */
  readonly message: string;
}

export interface EditReport {
  readonly changed: readonly string[];
  /** How each block matched: exact, trailing-space, punctuation, indent; for reports. */
  readonly levels: Readonly<Record<string, number>>;
  readonly problems: readonly EditProblem[];
}

export interface DiffFile {
  readonly path: string;
  readonly oldPath?: string;
  readonly change: 'added' | 'modified' | 'deleted' | 'renamed';
  readonly added: number;
  readonly removed: number;
  readonly binary: boolean;
}

export interface WorkspaceDiff {
  /** Unified diff, git style, forward slashes. */
  readonly patch: string;
  readonly files: readonly DiffFile[];
}

/** What `undo` did. All files or none: with conflicts nothing is written. */
export interface UndoReport {
  readonly restored: readonly string[];
  readonly conflicts: readonly { readonly path: string; readonly detail: string }[];
}

export interface ApplyReport {
  readonly applied: readonly string[];
  /** Files where the workspace moved on in the same lines; nothing is written for them unless markers were asked for. */
  readonly conflicts: readonly { readonly path: string; readonly detail: string }[];
  /** Names the state before, for undo. */
  readonly undo: Snapshot;
}

export interface MergeConflict {
  readonly path: string;
  /** For the user: a sentence. */
  readonly detail: string;
}

/** The copies of one run. Created by `openWorkspaceCopies`; `dispose` removes all copies within a second. */
export interface WorkspaceCopies {
  readonly workspace: string;
  /** Links beside the copies, to what lies beside the workspace and was named. */
  readonly beside: readonly string[];
  /** Takes the workspace as it is now (dirty and untracked files included), leaving the user's index alone. */
  snapshot(signal: AbortSignal): Promise<{ snapshot: Snapshot; leftOut: readonly LeftOut[]; storedOtherwise: readonly StoredOtherwise[] }>;
  /** A new folder with the snapshot's files and a repository of its own, and dependency folders made available. */
  create(id: string, from: Snapshot, signal: AbortSignal): Promise<WorkspaceCopy>;
  /** The top of the copy that has this root: another folder where the workspace is one of a repository's. */
  topOf(root: string): string;
  diff(from: Snapshot, to: Snapshot): Promise<WorkspaceDiff>;
  /** What two snapshots change of one that both come from, line by line in one; or why that cannot be. */
  merge(
    trees: { readonly base: Snapshot; readonly first: Snapshot; readonly second: Snapshot },
    message: string,
    signal: AbortSignal,
  ): Promise<{ readonly snapshot: Snapshot } | { readonly conflicts: readonly MergeConflict[] }>;
  /** The files of a snapshot; relative to the workspace. */
  files(of: Snapshot, signal: AbortSignal): Promise<readonly string[]>;
  /** Reads one file of a snapshot; undefined when absent. */
  read(from: Snapshot, path: string): Promise<string | undefined>;
  dispose(): Promise<void>;
}
