/** Whether a run's change stands in the workspace: the one answer, folded from what was applied and taken back. Pure. */
import * as z from 'zod';
import { eventBodies, type TraceEvent } from './events.ts';

const { undo, workspace, candidate, tree, hunks, part } = eventBodies['diff.applied'].shape;

const applySchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  files: z.array(z.string()),
  /** Those among them that hold both versions between conflict markers, for the user to merge. */
  conflicts: z.array(z.string()),
  /** What takes it back. */
  undo,
  workspace,
  candidate,
  tree,
  hunks,
  part,
  /** What stands again when this one is taken back. */
  get earlier() {
    return applySchema.optional();
  },
});

export const standingSchema = z.union([
  z.object({ kind: z.enum(['none', 'undone']), apply: z.undefined().optional() }),
  z.object({ kind: z.enum(['applied', 'partly-applied']), apply: applySchema }),
]);

/** One apply that wrote something. */
export type StandingApply = z.infer<typeof applySchema>;

/**
 * `none`: nothing of the run was ever written. `applied`: its change stands in the workspace, in the form of `apply`, the newest one that was
 * not taken back. `partly-applied`: hunks of it were left out. `undone`: all that was written was taken back.
 */
export type Standing = z.infer<typeof standingSchema>;

export const nothingStands: Standing = { kind: 'none' };

/** The standing after one more event. An apply that wrote nothing and an undo that was refused (all files or none) leave it as it was. */
export function standingAfter(standing: Standing, event: TraceEvent): Standing {
  if (event.type === 'diff.applied' && event.applied.length > 0) {
    const { at, applied: files, conflicts, undo, workspace, candidate, tree, hunks, part } = event;
    return standingBy({ at, files, conflicts, undo, workspace, candidate, tree, hunks, part, earlier: standing.apply });
  }
  if (event.type === 'diff.undone' && event.conflicts.length === 0 && standing.apply) return standingBy(standing.apply.earlier);
  return standing;
}

function standingBy(apply: StandingApply | undefined): Standing {
  if (apply === undefined) return { kind: 'undone' };
  return { kind: (apply.hunks?.rejected ?? 0) > 0 ? 'partly-applied' : 'applied', apply };
}
