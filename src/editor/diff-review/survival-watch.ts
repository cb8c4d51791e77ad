/**
 * Looks again at applied changes: some minutes after the apply, and at the next commit. What is still to be looked at is remembered with the
 * workspace, so that a reload loses nothing; with nothing to look at there is no timer, no watcher and no process.
 */
import * as z from 'zod';
import { errorText, isTeamwrightError } from '../../errors.ts';
import { headOf } from '../../workspace/index.ts';
import { type EditorHost, pendingSurvivalKey, type RunBook } from '../flow-types.ts';
import { watchCommits } from './commits.ts';
import type { InTurn } from './review.ts';

const pendingSchema = z.object({
  runId: z.string(),
  workspace: z.string(),
  /** Milliseconds since the epoch. */
  appliedAt: z.number(),
  /** The commit the workspace stood on; absent without one. */
  head: z.string().optional(),
  minutesDone: z.boolean(),
  commitDone: z.boolean(),
});
type Pending = z.infer<typeof pendingSchema>;

/** A change that no commit took in after this time is not waited for any longer, ms. */
const longestWaitMs = 14 * 24 * 3600 * 1000;

/** Git writes several files for one commit, and a trace may be in use just now: so long is waited before a look, ms. */
const settleMs = 2000;

export interface SurvivalWatchPorts {
  readonly host: Pick<EditorHost, 'vscode' | 'context' | 'log'>;
  readonly runs: Pick<RunBook, 'dataDir' | 'touched'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly inTurn: InTurn;
  readonly signal: AbortSignal;
}

export interface SurvivalWatch {
  /** Something of the run was written just now. */
  applied(runId: string, workspace: string): Promise<void>;
  undone(runId: string): Promise<void>;
  /** Takes the looks that are due. */
  look(): Promise<void>;
  dispose(): void;
}

export function createSurvivalWatch({ host, runs, clock, inTurn, signal }: SurvivalWatchPorts): SurvivalWatch {
  const { vscode: api, context } = host;
  const watchers = new Map<string, { dispose(): void }>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  /** One after the other: what is remembered is read and written in one go. What fails is logged; nothing of the user's hangs on it. */
  const oneByOne = (work: (entries: readonly Pending[]) => Promise<readonly Pending[]>): Promise<void> => {
    working = working.then(async () => {
      try {
        const left = await work(pending());
        if (!signal.aborted) await context.workspaceState.update(pendingSurvivalKey, left.length === 0 ? undefined : left);
      } catch (error) {
        if (!signal.aborted) host.log.warn(errorText(error));
      }
      arrange();
    });
    return working;
  };
  const pending = (): Pending[] => {
    const kept = z.array(pendingSchema).safeParse(context.workspaceState.get(pendingSurvivalKey, []));
    return kept.success ? kept.data : [];
  };
  const dueAt = ({ appliedAt }: Pending): number =>
    appliedAt + api.workspace.getConfiguration('teamwright').get('survival.minutes', 5) * 60_000;

  /** One timer for the next look, one watcher for each workspace: exactly while they are needed. */
  const arrange = (): void => {
    clearTimeout(timer);
    const entries = signal.aborted ? [] : pending();
    const due = entries.filter((entry) => !entry.minutesDone).map(dueAt);
    if (due.length > 0) later(Math.min(...due) - clock());
    const awaited = new Set(entries.filter((entry) => !entry.commitDone).map((entry) => entry.workspace));
    for (const workspace of awaited)
      if (!watchers.has(workspace))
        watchers.set(
          workspace,
          watchCommits(api, workspace, () => later(0)),
        );
    for (const [workspace, watcher] of watchers) {
      if (awaited.has(workspace)) continue;
      watcher.dispose();
      watchers.delete(workspace);
    }
  };
  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), Math.min(Math.max(ms, settleMs), 2 ** 31 - 1));
    timer.unref();
  };

  /** `later`: another program writes this trace now. `never`: nothing of the run stands any more, or its snapshots are gone. */
  const measure = async ({ runId }: Pending, when: 'minutes' | 'commit', commit?: string): Promise<'done' | 'later' | 'never'> => {
    try {
      // Loaded when there is something to measure: the room behind it is large.
      const { measureSurvival } = await import('../../lessons/index.ts');
      const measured = await inTurn(runId, () => measureSurvival({ dataDir: runs.dataDir, runId }, { when, commit, clock }, signal));
      if (measured !== undefined) runs.touched(runId);
      return measured === undefined ? 'never' : 'done';
    } catch (error) {
      if (isTeamwrightError(error, 'run-busy')) return 'later';
      if (signal.aborted) throw error;
      host.log.warn(errorText(error));
      return 'never';
    }
  };

  /** What is left to wait for after this look; nothing when all was seen. */
  const lookAt = async (entry: Pending): Promise<Pending[]> => {
    let left = entry;
    if (!entry.minutesDone && clock() >= dueAt(entry)) {
      const ended = await measure(entry, 'minutes');
      if (ended === 'never') return [];
      left = { ...left, minutesDone: ended === 'done' };
    }
    const head = entry.commitDone ? undefined : await headOf(entry.workspace, entry.head, signal);
    if (head?.isLater) {
      const ended = await measure(entry, 'commit', head.commit);
      if (ended === 'never') return [];
      left = { ...left, commitDone: ended === 'done' };
    }
    if (left.minutesDone && (left.commitDone || clock() - entry.appliedAt > longestWaitMs)) return [];
    return [left];
  };

  const look = (): Promise<void> =>
    oneByOne(async (entries) => {
      // A look starts git; in Restricted Mode nothing is started.
      if (!api.workspace.isTrusted || signal.aborted) return entries;
      const left: Pending[] = [];
      for (const entry of entries) left.push(...(await lookAt(entry)));
      return left;
    });

  const trust = api.workspace.onDidGrantWorkspaceTrust(() => void look());
  arrange();
  if (pending().length > 0) later(0);
  return {
    applied: (runId, workspace) =>
      oneByOne(async (entries) => {
        const head = await headOf(workspace, undefined, signal);
        const entry = { runId, workspace, appliedAt: clock(), ...(head && { head: head.commit }), minutesDone: false, commitDone: false };
        return [...entries.filter((other) => other.runId !== runId), entry];
      }),
    undone: (runId) => oneByOne(async (entries) => entries.filter((entry) => entry.runId !== runId)),
    look,
    dispose: () => {
      clearTimeout(timer);
      trust.dispose();
      for (const watcher of watchers.values()) watcher.dispose();
      watchers.clear();
    },
  };
}
