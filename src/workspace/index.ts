/** The front door of the workspace room: copies, edits, file scope, apply, undo, clean-up. */
export { type AppliedFile, readApplied } from './applied-files.ts';
export { applyEdits } from './apply-edits.ts';
export { type OpenOptions, openWorkspaceCopies } from './copies.ts';
export { checkDataFolder } from './data-folder.ts';
export type { EditFormat, FileEdit } from './edit-types.ts';
export { editFormats } from './edit-types.ts';
export { type Head, headOf } from './head.ts';
export type * from './hunk-types.ts';
export { type FileNow, type Inside, readInside, resolveInside } from './inside.ts';
export { openDiff } from './open-diff.ts';
export { type ParsedEdits, parseEdits } from './parse-edits.ts';
export { normalPath } from './paths.ts';
export { type RestoreOptions, restoreSnapshot } from './restore.ts';
export { scopeTest } from './scope.ts';
export { isSecretName } from './secrets.ts';
export { forgetRun, type SweepReport, sweepCopies } from './sweep.ts';
export type * from './types.ts';
export { type UndoOptions, undoApply } from './undo-apply.ts';
