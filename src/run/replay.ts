/**
 * Runs a recorded run again, offline: plans and replies come from the trace, everything else (copies, edits, tests, selection) happens
 * anew from the same snapshot. The same result shows that the trace tells the whole story.
 */
import { rm } from 'node:fs/promises';
import { notReplayable, TeamwrightError } from '../errors.ts';
import { recordedClient } from '../models/index.ts';
import type { Capabilities, ModelChoice, ModelSet, Price } from '../models/types.ts';
import { takeScratch } from '../process/index.ts';
import type { EventOf, EventType, TraceEvent } from '../trace/events.ts';
import { openRun } from '../trace/index.ts';
import type { Past } from './past.ts';
import { beganAs, clientOf, pastOf, type RecordedRun, readRecorded, recordedDesigner } from './recorded.ts';
import type { RunResult, WorkspaceRun } from './types.ts';
import { runWithPast } from './workspace-run.ts';

export interface ReplayOptions extends Pick<WorkspaceRun, 'mayRunUnfenced'> {
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

/** Rejects with `run-unknown`, or `not-replayable` when the trace was changed after it was written or does not hold what a replay needs. The user's runs stay as they are. */
export async function replayRun(options: ReplayOptions, signal: AbortSignal): Promise<Replay> {
  const recorded = await readRecorded(await openRun(options.dataDir, options.runId));
  const { runId, changedBefore: line } = recorded;
  if (line !== undefined) throw new TeamwrightError('not-replayable', { why: 'record-changed', runId, line });
  const started = required(recorded, 'run.started');
  const finished = required(recorded, 'run.finished');
  required(recorded, 'snapshot.taken');
  required(recorded, 'briefing.done');
  const differences: string[] = [];
  const past: Past = {
    ...pastOf(recorded),
    dataDir: options.dataDir,
    continues: started.continues,
    clientFor: (place, attempt, promptHash) => {
      const attempted = recorded.replies.get(place)?.[attempt - 1];
      if (attempted && attempted.promptHash !== promptHash) differences.push(`The prompt of ${place} is not the recorded one.`);
      return clientOf(attempted);
    },
  };
  const dataDir = takeScratch('disk');
  try {
    const result = await runWithPast(
      {
        ...beganAs(started),
        models: recordedModels(started),
        designer: recordedDesigner(recorded),
        review: async () => ({ kind: 'decline', comment: 'not decided in the recorded run' }),
        dataDir,
        program: `${started.program} replay`,
        secrets: [],
        onEvent: options.onEvent,
        mayRunUnfenced: options.mayRunUnfenced,
        past,
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
