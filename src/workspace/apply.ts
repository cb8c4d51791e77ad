import { posix } from 'node:path';
import { applyFailed, isTeamwrightError, throwIfStopped } from '../errors.ts';
import { isFile, sameEntry, type TreeChange, type TreeEntry, treeChanges } from './diff.ts';
import { git } from './git.ts';
import { readInside } from './inside.ts';
import { mergeText } from './merge.ts';
import { normalPath } from './paths.ts';
import { isSecretName } from './secrets.ts';
import { captureWorkspace } from './snapshot.ts';
import { anchor, runReferences, type Store } from './store.ts';
import { type Target, treeWith } from './tree-with.ts';
import type { ApplyReport, Snapshot, UndoReport } from './types.ts';
import { type Change, marksOf, recoverWrites, writeChanges } from './write-changes.ts';

export interface ApplyContext {
  readonly store: Store;
  readonly runId: string;
  readonly largestFileBytes: number;
}

interface Conflict {
  readonly path: string;
  readonly detail: string;
}

export interface ApplyOptions {
  /** Write text files that conflict with both versions between conflict markers, and everything else as well. */
  readonly markers?: boolean;
  /** Knows better than a merge line by line what a file shall hold: takes the blob that is there now, gives the wanted one. */
  readonly merge?: (path: string, now: string) => Promise<string | undefined>;
  /** See `PartialApply.record`. */
  readonly record?: (report: ApplyReport) => Promise<void>;
}

/**
 * Lays the change base → candidate onto the workspace as it is now. Files the user has changed meanwhile are merged line by line. With a
 * conflict anywhere nothing is written, unless markers were asked for. The state before is anchored first, so `undo` works whatever
 * happens next.
 */
export async function applyCandidate(
  context: ApplyContext,
  base: Snapshot,
  candidate: Snapshot,
  signal: AbortSignal,
  options: ApplyOptions = {},
): Promise<ApplyReport> {
  throwIfStopped(signal);
  const { store } = context;
  await recoverApply(context, signal);
  const { prefix } = store.source;
  const changes = await treeChanges(store.place, prefix, base.tree, candidate.tree, signal);
  const marks = await marksOf(
    store,
    changes.map((change) => change.path),
  );
  const now = await captureWorkspace(store, context.largestFileBytes, signal);
  const moved = new Map((await treeChanges(store.place, prefix, base.tree, now.tree, signal)).map((change) => [change.path, change.after]));
  const targets: Target[] = [];
  const conflicts: Conflict[] = [];
  for (const change of changes) {
    const current = moved.has(change.path) ? moved.get(change.path) : change.before;
    const decided = await decide(store, change, current, options, signal);
    if ('detail' in decided) conflicts.push({ path: change.path, detail: decided.detail });
    if ('wanted' in decided && !sameEntry(current, decided.wanted)) targets.push({ path: change.path, wanted: decided.wanted });
  }
  const before = async (after: string) => {
    const applied = await anchor(store, context.runId, after, [], 'The workspace with the change');
    return anchor(store, context.runId, now.tree, [applied.commit], stateBefore);
  };
  const refused = conflicts.length > 0 && options.markers !== true;
  if (refused || targets.length === 0) {
    const nothing = { applied: [], conflicts, undo: await before(now.tree) };
    await options.record?.(nothing);
    return nothing;
  }
  const after = await treeWith(store, now.tree, targets, signal);
  const undo = await before(after);
  throwIfStopped(signal);
  const report = { applied: targets.map((target) => target.path), conflicts, undo };
  await writeChanges(store, { targets, marks, tree: after }, undo, async () => options.record?.(report));
  return report;
}

/** Takes back an apply that a crash cut in two. Nothing happens when there was none. */
export function recoverApply(context: ApplyContext, signal: AbortSignal | undefined): Promise<void> {
  return recoverWrites(context.store, (undo, write) => takeBack(context, undo, signal, 'partly', write));
}

async function decide(
  store: Store,
  change: TreeChange,
  now: TreeEntry | undefined,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<{ wanted: TreeEntry | undefined } | { detail: string } | { detail: string; wanted: TreeEntry }> {
  const { path, before, after } = change;
  const refused = await refusal(store, path, after, now, signal);
  if (refused !== undefined) return { detail: refused };
  if (sameEntry(now, before)) return { wanted: after };
  if (sameEntry(now, after)) return { wanted: after };
  if (after === undefined)
    return now === undefined
      ? { wanted: undefined }
      : { detail: 'The change deletes this file, which has been edited in the workspace since.' };
  if (now === undefined) return { detail: 'The change edits this file, which has been deleted in the workspace since.' };
  if (before === undefined) {
    const detail = 'The change adds this file, and the workspace has another one of this name by now.';
    if (options.markers !== true || !isFile(now) || !isFile(after)) return { detail };
    const both = await mergeText(store, { before: undefined, now: now.blob, after: after.blob }, 'markers', signal);
    return both.blob === undefined ? { detail } : { detail, wanted: { mode: now.mode, blob: both.blob } };
  }
  if (!isFile(before) || !isFile(now) || !isFile(after)) return { detail: 'Both sides changed what kind of file this is.' };
  const mode = now.mode === before.mode ? after.mode : now.mode;
  if (now.blob === before.blob || now.blob === after.blob) return { wanted: { mode, blob: after.blob } };
  if (after.blob === before.blob) return { wanted: { mode, blob: now.blob } };
  const known = await options.merge?.(path, now.blob);
  if (known !== undefined) return { wanted: { mode, blob: known } };
  const blobs = { before: before.blob, now: now.blob, after: after.blob };
  const merged = await mergeText(store, blobs, options.markers === true ? 'markers' : 'refuse', signal);
  if (merged.detail === undefined) return { wanted: { mode, blob: merged.blob } };
  const { detail, blob } = merged;
  return blob === undefined ? { detail } : { detail, wanted: { mode, blob } };
}

/** Things that are never written into a workspace, whatever a candidate holds. */
async function refusal(
  store: Store,
  path: string,
  after: TreeEntry | undefined,
  now: TreeEntry | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    normalPath(path);
  } catch (error) {
    if (isTeamwrightError(error, 'path-escapes')) return error.message;
    throw error;
  }
  if (after?.mode === '160000') return 'A repository inside the workspace cannot be applied.';
  if (after?.mode === '120000') {
    const target = await git(store.place, ['cat-file', 'blob', after.blob], { signal });
    const place = posix.normalize(posix.join(posix.dirname(path), target.replaceAll('\\', '/')));
    if (target.startsWith('/') || /^[A-Za-z]:/.test(target) || place.startsWith('..'))
      return 'This symbolic link leads out of the workspace.';
  }
  if (now === undefined && after !== undefined) {
    if (isSecretName(path, false)) return 'This looks like a secret; such files are not written.';
    return occupied(store, path);
  }
  return undefined;
}

/** A file that snapshots do not carry (ignored, secret, too large) may stand where the change adds one. */
async function occupied(store: Store, path: string): Promise<string | undefined> {
  try {
    return (await readInside(store.source.workspace, path)) === undefined
      ? undefined
      : 'A file that is not part of the snapshot (ignored by git) already stands there.';
  } catch (error) {
    if (isTeamwrightError(error, 'path-escapes')) return error.message;
    throw error;
  }
}

/** Whether git looks at the modes of the workspace's files; on Windows it does not. */
const seesModes = ({ source }: Store): boolean =>
  !(source.repository?.config ?? []).some(([name, value]) => name === 'core.filemode' && /^(?:false|no|off|0)$/i.test(value));

/** The same but for the mode. */
const sameBut = (a: TreeEntry | undefined, b: TreeEntry | undefined): boolean =>
  sameEntry(a, b) || (isFile(a) && isFile(b) && a.blob === b.blob);

/** Says in the store what a commit is. */
const stateBefore = 'The workspace before the change';

/**
 * Takes an applied change back: every file it touched gets its old content, provided that all still are as the change left them. All or none. Throws
 * `apply-conflict` when the store does not know `undo` as what an apply of this run kept: whoever names it was told something else than that.
 */
export async function undoApplied(context: ApplyContext, undo: Snapshot, signal: AbortSignal): Promise<UndoReport> {
  await recoverApply(context, signal);
  const reference = `${runReferences(context.runId)}/${undo.commit}`;
  const kept = await git(context.store.place, ['for-each-ref', '--format=%(objectname) %(tree) %(contents:subject)', reference], {
    signal,
  });
  if (kept.trim() !== `${undo.commit} ${undo.tree} ${stateBefore}`)
    throw applyFailed('the state that the record of this run names is not the one that was kept when its change was applied');
  return takeBack(context, undo, signal, 'whole', (change) => writeChanges(context.store, change, undo));
}

/** `partly`: after a crash in the middle of an apply, where files in another state are left alone. */
async function takeBack(
  { store, largestFileBytes }: ApplyContext,
  undo: Snapshot,
  signal: AbortSignal | undefined,
  how: 'whole' | 'partly',
  write: (change: Change) => Promise<void>,
): Promise<UndoReport> {
  const { prefix } = store.source;
  const applied = (await git(store.place, ['rev-parse', '--verify', '--quiet', `${undo.commit}^1^{tree}`], { signal })).trim();
  const touched = await treeChanges(store.place, prefix, undo.tree, applied, signal);
  const marks = await marksOf(
    store,
    touched.map((change) => change.path),
  );
  // An apply may have added files that git ignores.
  const always = touched.flatMap(({ path, after }) => (after !== undefined && marks.get(path) !== undefined ? [prefix + path] : []));
  const now = await captureWorkspace(store, largestFileBytes, signal, always);
  const moved = new Map((await treeChanges(store.place, prefix, applied, now.tree, signal)).map((change) => [change.path, change.after]));
  const targets: Target[] = [];
  const conflicts: Conflict[] = [];
  const same = seesModes(store) ? sameEntry : sameBut;
  for (const { path, before, after } of touched) {
    const current = moved.has(path) ? moved.get(path) : after;
    if (same(current, after)) targets.push({ path, wanted: before });
    else if (!same(current, before)) conflicts.push({ path, detail: 'This file has been changed since the change was applied.' });
  }
  if (targets.length === 0 || (conflicts.length > 0 && how === 'whole')) return { restored: [], conflicts };
  await write({ targets, marks, tree: undo.tree });
  return { restored: targets.map((target) => target.path), conflicts };
}
