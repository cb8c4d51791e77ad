/**
 * Runs a recorded run again, offline: plans and replies come from the trace, everything else (worktrees, edits, tests, selection) happens
 * anew from the same snapshot. The same result shows that the trace tells the whole story.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notReplayable } from '../errors.ts';
import { recordedClient } from '../models/index.ts';
import type { Capabilities, ModelChoice, ModelSet, Price } from '../models/types.ts';
import type { EventOf, EventType, TraceEvent } from '../trace/events.ts';
import { openRun } from '../trace/index.ts';
import { clientOf, type RecordedRun, readRecorded, recordedAnswers, recordedDesigner } from './recorded.ts';
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
  const recorded = await readRecorded(await openRun(options.dataDir, options.runId));
  const started = required(recorded, 'run.started');
  const taken = required(recorded, 'snapshot.taken');
  const briefed = required(recorded, 'briefing.done');
  const finished = required(recorded, 'run.finished');
  const { briefing } = recorded;
  if (!briefing) throw notReplayable(recorded.runId, 'its trace has no briefing');
  const answers = recordedAnswers(recorded);
  const differences: string[] = [];
  const dataDir = await mkdtemp(join(tmpdir(), 'teamwright-replay-'));
  try {
    const result = await runOnWorkspace(
      {
        workspace: started.workspace,
        request: started.request,
        dataDir,
        settings: { ...defaultRunSettings, ...(started.settings as Partial<RunSettings> | undefined) },
        program: `${started.program} replay`,
        secrets: [],
        models: recordedModels(started),
        designer: recordedDesigner(recorded),
        review: async (proposal) => answers(proposal) ?? { kind: 'decline', comment: 'not decided in the recorded run' },
        clientFor: (place, attempt, promptHash) => {
          const attempted = recorded.replies.get(place)?.[attempt - 1];
          if (attempted && attempted.promptHash !== promptHash) differences.push(`The prompt of ${place} is not the recorded one.`);
          return clientOf(attempted);
        },
        recorded: {
          dataDir: options.dataDir,
          continues: started.continues,
          steering: recorded.steering,
          begin: async () => ({ snapshot: taken.snapshot, start: taken.start, leftOut: [] }),
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

function required<T extends EventType>(recorded: RecordedRun, type: T): EventOf<T> {
  const event = recorded.event(type);
  if (!event) throw notReplayable(recorded.runId, `its trace has no ${type}`);
  return event;
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
