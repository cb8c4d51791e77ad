/** The front door of the workspace room: copies, edits, file scope, apply, undo, clean-up. */
export { readApplied } from './applied-files.ts';
export { openWorkspaceCopies } from './copies.ts';
export { checkDataFolder } from './data-folder.ts';
export { encodingName, recognise } from './encodings.ts';
export { forgetStore } from './forget-store.ts';
export { askGit, type BoundedAnswer, notAsked } from './git.ts';
export { headOf } from './head.ts';
export { readInside, resolveInside } from './inside.ts';
export { openDiff } from './open-diff.ts';
export { type ParsedEdits, parseEdits } from './parse-edits.ts';
export { blockMarks, type KnownFile, type ReplyForm, replyForm } from './reply-form.ts';
export { restoreSnapshot } from './restore.ts';
export { globTest } from './scope.ts';
export { isNeverShown } from './secrets.ts';
export { workspaceFolder } from './source.ts';
export { forgetRun, sweepCopies } from './sweep.ts';
export { readText } from './text.ts';
export { undoApply } from './undo-apply.ts';
