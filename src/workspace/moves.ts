/** Renames and copies among the edits of a reply. */
import { errorText, isTeamwrightError } from '../errors.ts';
import type { FileEdit } from './edit-types.ts';
import { type Content, deleteInside, type FileNow, readInside, replaceInside, resolveInside } from './inside.ts';
import { isSecretName } from './secrets.ts';
import type { EditProblem } from './types.ts';

export interface Move extends FileNow {
  readonly from: string;
  readonly to: string;
  /** Whether the file is renamed, not copied. */
  readonly leaves: boolean;
}

/** What renames and copies are to write, with content and mode. Nothing is written over but what leaves its place by these edits. */
export async function readMoves(
  root: string,
  edits: readonly FileEdit[],
  refuse: (path: string) => EditProblem | undefined,
  problems: EditProblem[],
): Promise<readonly Move[]> {
  const found: Move[] = [];
  for (const edit of edits) {
    if (edit.kind !== 'rename' && edit.kind !== 'copy') continue;
    const leaves = edit.kind === 'rename';
    let at = edit.path;
    try {
      const from = (await resolveInside(root, at)).relative;
      at = edit.to;
      const to = (await resolveInside(root, at)).relative;
      const now = await readInside(root, from);
      const refused = (leaves ? refuse(from) : secretRefused(from)) ?? refuse(to);
      if (refused !== undefined) problems.push(refused);
      else if (now === undefined)
        problems.push({
          path: from,
          kind: 'not-found',
          message: `${from} cannot be ${leaves ? 'renamed' : 'copied'}: there is no such file.`,
        });
      else found.push({ ...now, from, to, leaves });
    } catch (error) {
      problems.push(failure(at, error));
    }
  }
  const deleted = edits.filter(({ kind }) => kind === 'delete').map(({ path }) => path);
  for (let moves = found; ; ) {
    const free = new Set([...deleted, ...moves.filter(({ leaves }) => leaves).map(({ from }) => from)]);
    const possible: Move[] = [];
    for (const move of moves) {
      const isTwice = possible.some(({ to }) => to === move.to);
      if (!isTwice && (free.has(move.to) || (await readInside(root, move.to)) === undefined)) possible.push(move);
      else problems.push(isTaken(move));
    }
    if (possible.length === moves.length) return moves;
    moves = possible;
  }
}

const isTaken = ({ from, to, leaves }: Move): EditProblem => ({
  path: to,
  kind: 'ambiguous',
  message: `${from} cannot be ${leaves ? 'renamed' : 'copied'} to ${to}: there is a file of that name.`,
});

/** Writes them, tells each content that was written, and takes away what was renamed. */
export async function makeMoves(
  root: string,
  moves: readonly Move[],
  write: (path: string, content: Content) => void,
  problems: EditProblem[],
): Promise<void> {
  for (const { from, to, bytes, mode, leaves } of moves) {
    try {
      await replaceInside(root, to, bytes, mode);
      write(to, { kind: 'file', bytes, mode, executable: isExecutable(mode) });
      if (!leaves || moves.some((other) => other.to === from)) continue;
      await deleteInside(root, from);
      write(from, { kind: 'absent' });
    } catch (error) {
      problems.push(failure(to, error));
    }
  }
}

/** The disks of Windows do not say it. */
export const isExecutable = (mode: number): boolean | undefined => (process.platform === 'win32' ? undefined : (mode & 0o100) !== 0);

export const failure = (path: string, error: unknown): EditProblem => ({
  path,
  kind: isTeamwrightError(error, 'path-escapes') ? 'escapes' : 'write-failed',
  message: errorText(error),
});

export const secretRefused = (path: string): EditProblem | undefined =>
  isSecretName(path, false)
    ? { path, kind: 'outside-scope', message: `${path} looks like a secret; such files are never written.` }
    : undefined;
