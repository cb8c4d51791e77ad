/**
 * Runs a recorded run again, offline: plans and replies come from the trace, everything else (worktrees, edits, tests, selection) happens
 * anew from the same snapshot. The same result shows that the trace tells the whole story.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { briefingSchema } from '../briefing/types.ts';
import type { Designer } from '../design/types.ts';
import { type ErrorCode, exitCodes, notReplayable, TeamwrightError } from '../errors.ts';
import { recordedClient } from '../models/index.ts';
import type { Capabilities, ModelChoice, ModelSet, Price } from '../models/types.ts';
import { parsePlan } from '../plan/index.ts';
import type { Plan } from '../plan/schema.ts';
import type { EventOf, EventType, PlanOrigin, TraceEvent } from '../trace/events.ts';
import { type OpenRun, openRun, type RecordedAttempt, recordedReplies } from '../trace/index.ts';
import { defaultRunSettings, type RunResult, type RunSettings } from './types.ts';
import { runOnWorkspace } from './workspace-run.ts';

export interface ReplayOptions {
  readonly dataDir: string;
  readonly runId: string;
  readonly onEvent?: (event: TraceEvent) => void;
}

export interface Replay {
  readonly result: RunResult;
  /** The same outcome, the same change, the same tests. */
  readonly same: boolean;
  /** In sentences. */
  readonly differences: readonly string[];
}

/** Rejects with `run-unknown`, or `replay-diverged` when the trace does not hold what a replay needs. The user's runs stay as they are. */
export async function replayRun(options: ReplayOptions, signal: AbortSignal): Promise<Replay> {
  const run = await openRun(options.dataDir, options.runId);
  const { events } = await run.read();
  const started = required(events, 'run.started', options.runId);
  const taken = required(events, 'snapshot.taken', options.runId);
  const briefed = required(events, 'briefing.done', options.runId);
  const finished = required(events, 'run.finished', options.runId);
  const replies = await recordedReplies(events, (hash) => run.readBlob(hash));
  const decided = await decidedPlans(events, run);
  const briefing = briefingSchema.parse(JSON.parse(await run.readBlob(briefed.briefing)));
  const differences: string[] = [];
  const dataDir = await mkdtemp(join(tmpdir(), 'teamwright-replay-'));
  try {
    let round = 0;
    const result = await runOnWorkspace(
      {
        workspace: started.workspace,
        request: started.request,
        dataDir,
        settings: { ...defaultRunSettings, ...(started.settings as Partial<RunSettings> | undefined) },
        program: `${started.program} replay`,
        secrets: [],
        models: recordedModels(started),
        designer: recordedDesigner(decided),
        review: async (proposal) => {
          const plan = decided[round];
          round += 1;
          return plan?.approved
            ? { kind: 'approve', hash: proposal.hash, by: 'replay' }
            : { kind: 'decline', comment: 'declined in the recorded run' };
        },
        clientFor: (place, attempt, promptHash) => {
          const recorded = replies.get(place)?.[attempt - 1];
          if (recorded && recorded.promptHash !== promptHash) differences.push(`The prompt of ${place} is not the recorded one.`);
          return clientOf(recorded);
        },
        recorded: {
          dataDir: options.dataDir,
          snapshot: async () => ({ snapshot: taken.snapshot, leftOut: [] }),
          detectTests: async () => briefed.test,
          brief: async () => briefing,
        },
        onEvent: options.onEvent,
      },
      signal,
    );
    compare('outcome', finished.outcome, result.outcome, differences);
    compare('change', finished.snapshot?.tree, result.chosen?.tree, differences);
    compare('passing tests', finished.after?.passed, result.after?.passed, differences);
    return { result, same: differences.length === 0, differences };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function compare(what: string, recorded: unknown, replayed: unknown, differences: string[]): void {
  if (recorded !== replayed) differences.push(`The ${what} was ${recorded ?? 'none'} and is ${replayed ?? 'none'} now.`);
}

function required<T extends EventType>(events: readonly TraceEvent[], type: T, runId: string): EventOf<T> {
  const event = events.find((candidate): candidate is TraceEvent & EventOf<T> => candidate.type === type);
  if (!event) throw notReplayable(runId, `its trace has no ${type}`);
  return event;
}

interface DecidedPlan {
  readonly approved: boolean;
  readonly plan: Plan;
  readonly origin: PlanOrigin;
}

/** The plans that were approved or declined, in order; user edits included. */
async function decidedPlans(events: readonly TraceEvent[], run: OpenRun): Promise<readonly DecidedPlan[]> {
  const plans: DecidedPlan[] = [];
  for (const event of events) {
    if (event.type !== 'plan.approved' && event.type !== 'plan.declined') continue;
    const proposed = events.findLast(
      (candidate) => candidate.type === 'plan.proposed' && candidate.hash === event.hash && candidate.seq < event.seq,
    );
    if (proposed?.type !== 'plan.proposed') throw notReplayable(run.runId, 'a plan is missing');
    const parsed = parsePlan(await run.readBlob(proposed.plan));
    if (!parsed.plan) throw notReplayable(run.runId, 'a plan cannot be read');
    plans.push({ plan: parsed.plan, origin: proposed.origin, approved: event.type === 'plan.approved' });
  }
  return plans;
}

/** Proposes what was decided on; after the last one the same again, which ends the run. */
function recordedDesigner(decided: readonly DecidedPlan[]): Designer {
  let round = 0;
  return {
    name: 'library',
    design: async () => {
      const found = decided[Math.min(round, decided.length - 1)];
      round += 1;
      if (!found) throw notReplayable('', 'no plan was decided on in it');
      return { plan: found.plan, origin: found.origin, reason: found.plan.reason, difficulty: found.plan.difficulty, rounds: [] };
    },
  };
}

function recordedModels(started: EventOf<'run.started'>): ModelSet {
  const choice = (tier: string): ModelChoice => {
    const model = started.models[tier];
    if (!model?.capabilities || !model.price) throw notReplayable(started.runId, 'it does not say what its models can do');
    return {
      client: recordedClient(() => undefined, model.endpoint),
      model: model.model,
      capabilities: model.capabilities as unknown as Capabilities,
      price: model.price as unknown as Price,
    };
  };
  return { worker: choice('worker'), strong: choice('strong') };
}

/** Answers, or fails, as the attempt did. */
function clientOf(recorded: RecordedAttempt | undefined) {
  if (!recorded || 'reply' in recorded) return recordedClient(() => recorded?.reply);
  const { failure, usage } = recorded;
  return recordedClient(() => {
    throw new TeamwrightError({
      code: failure.code as ErrorCode,
      message: failure.message,
      next: failure.next,
      exit: exitCodes.environment,
      facts: { usage },
    });
  });
}
