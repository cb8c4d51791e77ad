/**
 * The grader of reinforcement learning: executes the team in an answer on the request of a past run, from the files as that run found them, and
 * gives the reward (`systems.md` 12). An answer that is no valid plan gets −1. Everything it needs is thrown away afterwards.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { compile, fileDesigner, sketchSchema } from '../design/index.ts';
import { isTeamwrightError, notGradable, recordChanged } from '../errors.ts';
import { type RewardTerms, rewardOf } from '../learning/index.ts';
import { parseLenient } from '../models/index.ts';
import type { ModelSet } from '../models/types.ts';
import { checkPlan, isError, type Plan, parsePlan, problemText } from '../plan/index.ts';
import { takeScratch } from '../process/index.ts';
import type { Request } from '../request/types.ts';
import { defaultRunSettings, type RunSettings, runOnWorkspace, type WorkspaceRun } from '../run/index.ts';
import type { EventOf, TraceEvent } from '../trace/events.ts';
import { changedBefore, newRunId, openRun } from '../trace/index.ts';
import { openWorkspaceCopies, restoreSnapshot } from '../workspace/index.ts';

export interface GradeOptions {
  readonly dataDir: string;
  /** The run whose request and files are used. */
  readonly runId: string;
  /** What a designer answered: JSON of a team, with or without thoughts before it; or a plan as YAML or JSON. */
  readonly answer: string;
  readonly models: ModelSet;
  /** Over the settings of the recorded run. */
  readonly settings: Partial<RunSettings>;
  readonly program: string;
  /** Exact values that must not reach the (temporary) trace. */
  readonly secrets: readonly string[];
  readonly onEvent?: (event: TraceEvent) => void;
  readonly mayRunUnfenced?: WorkspaceRun['mayRunUnfenced'];
}

export interface Grade {
  readonly reward: number;
  readonly terms: RewardTerms;
  readonly valid: boolean;
  /** Why the answer was no plan. */
  readonly problems: readonly string[];
  readonly outcome?: string;
  readonly calls: number;
  readonly tokens: number;
}

/**
 * Rejects with `run-unknown`; with `not-gradable` when the recorded run cannot be set up again as it was, or when the model or the machine failed:
 * a reward that says nothing of the plan would teach something false.
 */
export async function gradeAnswer(options: GradeOptions, signal: AbortSignal): Promise<Grade> {
  const run = await openRun(options.dataDir, options.runId);
  const { events, damage } = await run.read();
  const line = changedBefore(damage);
  if (line !== undefined) throw notGradable(run.runId, recordChanged(line));
  const started = events.find((event) => event.type === 'run.started');
  const taken = events.find((event) => event.type === 'snapshot.taken');
  const briefed = events.find((event) => event.type === 'briefing.done');
  if (started === undefined || taken === undefined || briefed === undefined) throw notGradable(run.runId, 'it never got as far as a plan');
  if (started.continues?.how === 'follow-up') throw notGradable(run.runId, 'it went on from what another run had done');
  const read = planIn(options.answer, started.request);
  if (read.plan === undefined) {
    const terms = { performance: -1 };
    return { reward: rewardOf(terms), terms, valid: false, problems: read.problems, calls: 0, tokens: 0 };
  }
  const folder = takeScratch('disk');
  try {
    const workspace = await setUp(options.dataDir, started, taken, folder, signal);
    return await execute(options, read.plan, started, briefed, workspace, path.join(folder, 'data'), signal);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The plan of an answer, valid for this request; or what is wrong with it. */
export function planIn(answer: string, request: Request): { readonly plan?: Plan; readonly problems: readonly string[] } {
  const written = parsePlan(answer);
  let plan = written.plan;
  if (plan === undefined) {
    const sketch = parseLenient(answer, sketchSchema);
    if (!sketch.ok) return { problems: sketch.problems };
    plan = compile(sketch.value, 'graded').plan;
  }
  const errors = checkPlan(plan, { request: request.text }).filter(isError).map(problemText);
  return errors.length > 0 ? { problems: errors } : { plan, problems: [] };
}

/**
 * Where the request is carried out: the workspace itself while its files are as they were (a run never writes there), with what is installed in
 * it; otherwise a copy of the recorded files.
 */
async function setUp(
  dataDir: string,
  { workspace }: EventOf<'run.started'>,
  { snapshot }: EventOf<'snapshot.taken'>,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  if (await isUnchanged(workspace, snapshot.tree, path.join(folder, 'look'), signal)) return workspace;
  const into = await mkdtemp(path.join(folder, 'workspace-'));
  await restoreSnapshot({ dataDir, workspace, snapshot, into }, signal);
  return into;
}

async function isUnchanged(workspace: string, tree: string, dataDir: string, signal: AbortSignal): Promise<boolean> {
  try {
    const copies = await openWorkspaceCopies({ workspace, runId: 'look', dataDir }, signal);
    try {
      return (await copies.snapshot(signal)).snapshot.tree === tree;
    } finally {
      await copies.dispose();
    }
  } catch (error) {
    if (isTeamwrightError(error, 'workspace-unusable')) return false;
    throw error;
  }
}

async function execute(
  options: GradeOptions,
  plan: Plan,
  started: EventOf<'run.started'>,
  briefed: EventOf<'briefing.done'>,
  workspace: string,
  dataDir: string,
  signal: AbortSignal,
): Promise<Grade> {
  let finished: EventOf<'run.finished'> | undefined;
  const recorded = started.settings as Partial<RunSettings> | undefined;
  const result = await runOnWorkspace(
    {
      runId: newRunId(Date.now, Math.random),
      workspace,
      request: started.request,
      dataDir,
      models: options.models,
      designer: fileDesigner(plan),
      settings: { ...defaultRunSettings, ...recorded, ...options.settings, replans: 0 },
      review: async ({ hash }) => ({ kind: 'approve', hash, by: 'bench' }),
      onEvent: (event) => {
        if (event.type === 'run.finished') finished = event;
        options.onEvent?.(event);
      },
      program: `${options.program} grade`,
      secrets: options.secrets,
      mayRunUnfenced: async (reason) => options.mayRunUnfenced?.(reason, started.workspace) ?? false,
    },
    signal,
  );
  if (result.outcome === 'failed' || result.outcome === 'stopped' || finished === undefined) {
    throw notGradable(started.runId, result.failure?.message ?? `the team ended as ${result.outcome}`);
  }
  const before = briefed.baseline;
  if (before !== undefined && (result.before?.passed !== before.passed || result.before.failed !== before.failed)) {
    const now = result.before ? `${result.before.passed} passed, ${result.before.failed} failed` : 'none ran';
    throw notGradable(
      started.runId,
      `its tests do not give what they gave then (${before.passed} passed, ${before.failed} failed; now ${now})`,
    );
  }
  const { performance, complexity, efficiency } = finished.reward;
  const terms: RewardTerms = { performance, complexity, efficiency };
  const { calls, inputTokens, outputTokens } = result.spend;
  return { reward: rewardOf(terms), terms, valid: true, problems: [], outcome: result.outcome, calls, tokens: inputTokens + outputTokens };
}
