/** What the hidden tests say, of a finished workspace and of the candidates of a run that has ended. No agent has seen them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { briefingSchema } from '../briefing/types.ts';
import { isTeamwrightError, throwIfStopped } from '../errors.ts';
import { runTests, testCommandFromText } from '../feedback/index.ts';
import type { Fence, NoFence } from '../process/index.ts';
import { fencedFor } from '../run/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import { openKnownRun } from '../trace/index.ts';
import { restoreSnapshot } from '../workspace/index.ts';
import type { Snapshot } from '../workspace/types.ts';
import { type BankLine, linesOf } from './bank-line.ts';
import type { Result } from './results.ts';
import { layHidden, type Task } from './tasks.ts';

/** Limits of one test run of a task: they take well under a second when they end at all. */
export const testLimits = { wallMs: 10_000, idleMs: 10_000, outputBytes: 64_000 };

/** Different candidates of one run that the hidden tests are run on, those first that pass the visible ones. */
const mostScored = 40;

export interface Scorer {
  readonly fence: Fence | NoFence;
  readonly dataDir: string;
}

/** The score: the hidden tests on the finished workspace. */
export async function passesHidden(task: Task, workspace: string, { fence, dataDir }: Scorer, signal: AbortSignal): Promise<boolean> {
  await layHidden(task, workspace);
  const fenced = fence.by === 'none' ? {} : { fence: fencedFor(fence, { hidden: [dataDir] }) };
  const report = await runTests(testCommandFromText(task.hiddenTest), workspace, testLimits, fenced, signal);
  return report.green;
}

/** What the hidden tests said of these files earlier; undefined: they were not run on them. */
export type HiddenOf = (task: string, tree: string) => boolean | undefined;

/** What an outcome bank gets of a run: its attempts, or a sentence that says why there are none. */
export interface BankedRun {
  readonly attempts?: readonly BankLine[];
  readonly problem?: string;
}

/** The attempts of a run, from its trace. There are none when its trace is gone, or the run ended before anything was tried. */
export async function bankLinesOf(result: Result, task: Task, hiddenOf: HiddenOf, scorer: Scorer, signal: AbortSignal): Promise<BankedRun> {
  const { runId, arm, seed } = result;
  const name = `${result.task} ${arm} seed ${seed}`;
  if (runId === undefined) return { problem: `${name}: the result names no run, so none of its attempts are in the bank.` };
  const run = openKnownRun(scorer.dataDir, runId);
  let events: readonly TraceEvent[];
  try {
    ({ events } = await run.read());
  } catch (error) {
    if (!isTeamwrightError(error, 'trace-unreadable')) throw error;
    return { problem: `${name}: the record of its run ${runId} is gone, so none of its attempts are in the bank.` };
  }
  const blob = events.find((event) => event.type === 'briefing.done')?.briefing;
  const text = blob === undefined ? undefined : await run.readBlob(blob).catch(() => undefined);
  const briefing = text === undefined ? undefined : briefingSchema.safeParse(JSON.parse(text)).data;
  const attempts = linesOf({ task, arm, seed, events, briefing });
  if (attempts.length === 0) return { problem: `${name}: nothing was tried in it, so nothing of it is in the bank.` };
  return { attempts: await withHidden(attempts, events, result, task, hiddenOf, scorer, signal) };
}

async function withHidden(
  attempts: readonly BankLine[],
  events: readonly TraceEvent[],
  result: Result,
  task: Task,
  hiddenOf: HiddenOf,
  scorer: Scorer,
  signal: AbortSignal,
): Promise<readonly BankLine[]> {
  const workspace = events.find((event) => event.type === 'run.started')?.workspace ?? '';
  const snapshots = new Map(events.flatMap((event) => (event.type === 'candidate.made' ? [[event.snapshot.tree, event.snapshot]] : [])));
  const handedOver = events.find((event) => event.type === 'run.finished')?.snapshot?.tree;
  const known = new Map<string, boolean | undefined>();
  if (handedOver !== undefined && result.error === undefined) known.set(handedOver, result.passHidden);
  let scored = 0;
  for (const { tree } of attempts.toSorted((a, b) => Number(b.visible ?? false) - Number(a.visible ?? false))) {
    const snapshot = snapshots.get(tree ?? '');
    if (snapshot === undefined || known.has(snapshot.tree)) continue;
    const earlier = hiddenOf(task.id, snapshot.tree);
    if (earlier === undefined && scored >= mostScored) continue;
    scored += Number(earlier === undefined);
    known.set(snapshot.tree, earlier ?? (await scoreOf(snapshot, workspace, task, scorer, signal)));
  }
  return attempts.map((attempt) => ({ ...attempt, hidden: known.get(attempt.tree ?? '') }));
}

/** Undefined: its files are no longer kept. */
async function scoreOf(
  snapshot: Snapshot,
  workspace: string,
  task: Task,
  scorer: Scorer,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'teamwright-bench-'));
  const into = join(folder, 'workspace');
  try {
    await mkdir(into);
    await restoreSnapshot({ dataDir: scorer.dataDir, workspace, snapshot, into }, signal);
    const passes = await passesHidden(task, into, scorer, signal);
    // Tests that were cut short by a stop say nothing.
    throwIfStopped(signal);
    return passes;
  } catch (error) {
    if (isTeamwrightError(error, 'workspace-unusable')) return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
