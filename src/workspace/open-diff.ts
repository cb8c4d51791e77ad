import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { TeamwrightError } from '../errors.ts';
import { type ApplyContext, applyCandidate } from './apply.ts';
import { defaults } from './copies.ts';
import { changedLines, diffTrees, type FoundChange, kindOfChange, type TreeEntry } from './diff.ts';
import { charsetOf, recognise } from './encodings.ts';
import { gitCatFile, readBlobs, writeBlob } from './git.ts';
import type { FileHunks, Hunk, HunkKind, OpenDiff, PartialApply } from './hunk-types.ts';
import {
  assemble,
  byteLines,
  bytesOf,
  hunkIds,
  joinNeighbours,
  readable,
  readStretches,
  type Stretch,
  stretchesBetween,
  stretchesIn,
} from './hunks.ts';
import { findSource } from './source.ts';
import { anchor, borrow, checkedId, openStore, type Store, storePath } from './store.ts';
import { type Target, treeWith } from './tree-with.ts';
import type { ApplyReport, Snapshot } from './types.ts';
import type { UndoOptions } from './undo-apply.ts';

/** One file of the diff, with what is needed to put a part of it together. */
interface Piece {
  readonly file: FileHunks;
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
  /** Only for files that are decided line by line. */
  readonly text?: { readonly base: readonly string[]; readonly candidate: readonly string[]; readonly stretches: readonly Stretch[] };
}

/**
 * Opens the diff between two snapshots of a run, also of one that ended long ago. Needs the workspace's folder (its store belongs to it).
 * Throws `workspace-unusable`, `git-missing`, or `git-failed` when the snapshots are gone.
 */
export async function openDiff(
  options: UndoOptions & { readonly from?: string },
  base: Snapshot,
  candidate: Snapshot,
  signal: AbortSignal,
): Promise<OpenDiff> {
  const source = await findSource(options.workspace, signal);
  await mkdir(options.dataDir, { recursive: true });
  const store = await openStore(source, await realpath(options.dataDir), signal);
  // Snapshots lie in the store of the workspace the run was on.
  if (options.from !== undefined && options.from !== source.workspace)
    await borrow(store.gitDir, join(storePath(await realpath(options.dataDir), options.from), 'objects'));
  const context: ApplyContext = { store, runId: checkedId(options.runId, 'run'), largestFileBytes: defaults.largestFileBytes };
  const pieces = await readPieces(store, base.tree, candidate.tree, signal);

  const partial = async (accepted: readonly string[], stop: AbortSignal): Promise<Snapshot> => {
    const chosen = checked(pieces, accepted);
    const limit = pLimit(4);
    const entries = await Promise.all(pieces.map((piece) => limit(() => wantedEntries(store, piece, chosen, stop))));
    const tree = await treeWith(store, base.tree, entries.flat(), stop);
    return anchor(store, context.runId, tree, [base.commit], 'The accepted part of a candidate', stop);
  };

  const apply = async (how: PartialApply, stop: AbortSignal): Promise<ApplyReport> => {
    const accepted = how.accepted ?? pieces.flatMap((piece) => piece.file.hunks.map((hunk) => hunk.id));
    const chosen = checked(pieces, accepted);
    const wanted = how.accepted === undefined ? candidate : await partial(accepted, stop);
    return applyCandidate(context, base, wanted, stop, {
      markers: how.onConflict === 'markers',
      record: how.record,
      // A file that holds other hunks of this very diff already gets the accepted ones beside them, without a merge.
      merge: async (path, now) => {
        const piece = pieces.find((one) => one.file.path === path && one.text !== undefined);
        if (piece?.text === undefined) return undefined;
        const { base: from, candidate: to, stretches } = piece.text;
        const held = stretchesIn(byteLines(await gitCatFile(store.place, ['blob', now], { signal: stop })), from, to, stretches);
        if (held === undefined) return undefined;
        return writeBlob(store.place, bytesOf(assemble(from, to, stretches, new Set([...held, ...acceptedPlaces(piece, chosen)]))), stop);
      },
    });
  };

  const patch = async (stop: AbortSignal): Promise<string> =>
    (await diffTrees(store.place, source.prefix, base.tree, candidate.tree, stop)).patch;
  return { files: pieces.map((piece) => piece.file), patch, partial, apply };
}

function checked(pieces: readonly Piece[], accepted: readonly string[]): ReadonlySet<string> {
  const known = new Set(pieces.flatMap((piece) => piece.file.hunks.map((hunk) => hunk.id)));
  const stranger = accepted.find((id) => !known.has(id));
  if (stranger !== undefined) throw new TeamwrightError('hunk-unknown', { hunk: stranger });
  return new Set(accepted);
}

/** Every path that differs, with the hunks of each. Renamed files stand together; a copy is an added file. */
async function readPieces(store: Store, from: string, to: string, signal: AbortSignal): Promise<Piece[]> {
  const { changes, patch } = await changedLines(store.place, store.source.prefix, from, to, signal);
  const stretches = readStretches(patch);
  const nextId = hunkIds();
  // A repository inside the workspace has no content of its own.
  const named = changes
    .flatMap(({ before, after }) => [before, after])
    .flatMap((side) => (side && side.mode !== '160000' ? [side.blob] : []));
  const contents = await readBlobs(store.place, named, signal);
  return changes.map((change) => makePiece(change, contents, stretches, nextId));
}

function makePiece(
  changed: FoundChange,
  contents: ReadonlyMap<string, Buffer>,
  known: ReadonlyMap<string, readonly Stretch[]>,
  nextId: ReturnType<typeof hunkIds>,
): Piece {
  const { path, oldPath, before, after } = changed;
  const [bytesBefore, bytesAfter] = [before, after].map((side) => contents.get(side?.blob ?? ''));
  const base = byteLines(bytesBefore ?? Buffer.alloc(0));
  const candidate = byteLines(bytesAfter ?? Buffer.alloc(0));
  const [readBefore, readAfter] = [recognise(bytesBefore ?? Buffer.alloc(0)), recognise(bytesAfter ?? Buffer.alloc(0))];
  const isText = typeof readBefore === 'object' && typeof readAfter === 'object';
  const [charsetBefore, charsetAfter] = [charsetOf(readBefore), charsetOf(readAfter)];
  const told = known.get(`${before?.blob}..${after?.blob}`) ?? [];
  const stretches = joinNeighbours(told.length === 0 && isText ? stretchesBetween(base, candidate) : told, base, charsetBefore);
  const change = kindOfChange(changed);
  const inLines = change === 'modified' && isRegular(before) && isRegular(after);
  const names = oldPath === undefined ? { path } : { path, oldPath };

  const whole = (kind: HunkKind): Hunk => {
    const shown = isText && kind !== 'mode';
    const executable = after?.mode === '100755';
    const isNew = isRegular(after) && executable !== (before?.mode === '100755');
    return {
      id: nextId(path, kind, oldPath ?? '', described(before), described(after)),
      ...names,
      kind,
      ...(isNew ? { executable } : {}),
      base: { start: 0, end: shown ? base.length : 0 },
      candidate: { start: 0, end: shown ? candidate.length : 0 },
      removed: shown ? readable(base, charsetBefore) : [],
      added: shown ? readable(candidate, charsetAfter) : [],
    };
  };
  const part = (stretch: Stretch): Hunk => {
    const removed = base.slice(stretch.base.start, stretch.base.end);
    const added = candidate.slice(stretch.candidate.start, stretch.candidate.end);
    const id = nextId(path, 'lines', removed.join(''), added.join(''));
    return { id, path, kind: 'lines', ...stretch, removed: readable(removed, charsetBefore), added: readable(added, charsetAfter) };
  };

  const hunks: Hunk[] = [];
  if (!inLines) hunks.push(whole(change === 'modified' ? 'replaced' : change));
  else {
    if (before?.mode !== after?.mode) hunks.push(whole('mode'));
    if (before?.blob !== after?.blob) hunks.push(...(stretches.length > 0 ? stretches.map(part) : [whole('binary')]));
  }
  const texts = isText ? { before: bytesBefore && readBefore.text, after: bytesAfter && readAfter.text } : {};
  const file: FileHunks = { ...names, change, ...texts, hunks };
  return { file, before, after, ...(inLines && stretches.length > 0 ? { text: { base, candidate, stretches } } : {}) };
}

const isRegular = (entry: TreeEntry | undefined): entry is TreeEntry => entry?.mode === '100644' || entry?.mode === '100755';

const described = (entry: TreeEntry | undefined): string => (entry === undefined ? '' : `${entry.mode} ${entry.blob}`);

function acceptedPlaces(piece: Piece, accepted: ReadonlySet<string>): number[] {
  return piece.file.hunks.filter((hunk) => hunk.kind === 'lines').flatMap((hunk, n) => (accepted.has(hunk.id) ? [n] : []));
}

/** What the partial tree has at the paths of one file; nothing where it stays as in the base. */
async function wantedEntries(store: Store, piece: Piece, accepted: ReadonlySet<string>, signal: AbortSignal): Promise<Target[]> {
  const { file, before, after, text } = piece;
  const taken = file.hunks.filter((hunk) => accepted.has(hunk.id));
  if (taken.length === 0) return [];
  if (taken.length === file.hunks.length || before === undefined || after === undefined) {
    const moved = file.oldPath === undefined ? [] : [{ path: file.oldPath, wanted: undefined }];
    return [...moved, { path: file.path, wanted: after }];
  }
  const mode = taken.some((hunk) => hunk.kind === 'mode') ? after.mode : before.mode;
  const places = acceptedPlaces(piece, accepted);
  if (text === undefined) {
    const binary = taken.some((hunk) => hunk.kind === 'binary');
    return [{ path: file.path, wanted: { mode, blob: binary ? after.blob : before.blob } }];
  }
  const bytes = bytesOf(assemble(text.base, text.candidate, text.stretches, new Set(places)));
  return [{ path: file.path, wanted: { mode, blob: await writeBlob(store.place, bytes, signal) } }];
}
