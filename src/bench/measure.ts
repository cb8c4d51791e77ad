/** One run of a task: in a workspace of its own, scored by its hidden tests, and what each of its attempts says for an outcome bank. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasStrongModel } from '../design/index.ts';
import { errorText, isTeamwrightError, throwIfStopped } from '../errors.ts';
import type { ModelSet } from '../models/types.ts';
import type { Fence, NoFence } from '../process/index.ts';
import { parseRequest } from '../request/index.ts';
import { applyRun, defaultRunSettings, runOnWorkspace } from '../run/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import type { Arm } from './arms.ts';
import { cachedClient } from './cached-client.ts';
import type { Result } from './results.ts';
import { type BankedRun, bankLinesOf, type HiddenOf, passesHidden, testLimits } from './score.ts';
import { materialise, suiteOf, type Task } from './tasks.ts';

/** A run to be made. */
export interface Tuple {
  readonly task: Task;
  readonly arm: Arm;
  readonly seed: number;
}

/** A run that was made. */
export interface Measured extends BankedRun {
  readonly result: Result;
}

/** Keeps what was measured; resolves when it is durable. */
export type Keep = (measured: Measured) => Promise<void>;

/** What is to be done, and how much of it is there already. */
export interface Work {
  readonly tuples: readonly Tuple[];
  /** Runs that are done, and only to be put into the bank. */
  readonly unbanked: readonly { readonly task: Task; readonly result: Result }[];
  /** Attempts are wanted for a bank. */
  readonly banked: boolean;
  readonly hiddenOf: HiddenOf;
}

/** Does the work in some order, and hands over each run as soon as it is measured. Rejects when the signal fires. */
export type Measurer = (work: Work, keep: Keep, signal: AbortSignal) => Promise<void>;

/** How runs are made on this machine. */
export interface Conditions {
  readonly models: ModelSet;
  /** The runs' traces land here. */
  readonly dataDir: string;
  /** Tokens each arm may spend on a task, input and output. */
  readonly budgetTokens: number;
  readonly program: string;
  /** Exact values (API keys) that must never reach a trace. */
  readonly secrets: readonly string[];
  readonly fence: Fence | NoFence;
  /** Kept replies (JSONL), shared between arms. */
  readonly replies: string;
}

/** No limit but tokens is meant to bind. */
const otherBudget = { calls: 200, seconds: 3600, usd: 1000 };

export type MeasureRun = (tuple: Tuple, bank: { readonly hiddenOf: HiddenOf } | undefined, signal: AbortSignal) => Promise<Measured>;

/** Runs made one after another by the same models, with the same kept replies. */
export function measureRuns(conditions: Conditions): MeasureRun {
  const { worker, strong } = conditions.models;
  const client = cachedClient(worker.client, conditions.replies);
  const strongClient = strong.client === worker.client ? client : cachedClient(strong.client, conditions.replies);
  const models: ModelSet = { worker: { ...worker, client }, strong: { ...strong, client: strongClient } };
  const takeSavedMs = (): number => client.takeSavedMs() + (strongClient === client ? 0 : strongClient.takeSavedMs());
  return async (tuple, bank, signal) => {
    takeSavedMs();
    const result = await runTask(tuple, { ...conditions, models }, takeSavedMs, signal);
    throwIfStopped(signal);
    if (bank === undefined || result.error !== undefined) return { result };
    return { result, ...(await bankLinesOf(result, tuple.task, bank.hiddenOf, conditions, signal)) };
  };
}

/** Measures here, one run after another. */
export const measureHere =
  (conditions: Conditions): Measurer =>
  async ({ tuples, unbanked, banked, hiddenOf }, keep, signal) => {
    for (const { task, result } of unbanked) {
      throwIfStopped(signal);
      await keep({ result, ...(await bankLinesOf(result, task, hiddenOf, conditions, signal)) });
    }
    const measure = measureRuns(conditions);
    for (const tuple of tuples) {
      throwIfStopped(signal);
      await keep(await measure(tuple, banked ? { hiddenOf } : undefined, signal));
    }
  };

/** What is known of a run that never came to its end. */
export const failedResult = (
  { task, arm, seed }: { readonly task: string; readonly arm: string; readonly seed: number },
  error: string,
): Result => ({
  v: 1,
  ...{ task, suite: suiteOf(task), arm, seed, passHidden: false, passVisible: false },
  ...{ inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, estimated: false, calls: 0, seconds: 0, error },
});

async function runTask({ task, arm, seed }: Tuple, options: Conditions, takeSavedMs: () => number, signal: AbortSignal): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'teamwright-bench-'));
  const workspace = join(folder, 'workspace');
  const tally = { cached: 0, estimated: false, designs: 0, valid: 0, fellBack: false, modelMs: 0, testMs: 0 };
  const onEvent = (event: TraceEvent): void => {
    if (event.type === 'call.done') {
      tally.cached += event.usage.cachedInputTokens;
      tally.estimated ||= event.usage.estimated;
      tally.modelMs += event.ms;
    } else if (event.type === 'design.round') {
      tally.designs += 1;
      tally.valid += Number(event.valid);
    } else if (event.type === 'candidate.tested' || event.type === 'place.tried') tally.testMs += event.ms ?? 0;
    else if (event.type === 'plan.proposed') tally.fellBack ||= event.origin === 'fallback-library';
  };
  const { worker, strong } = options.models;
  const models = { model: worker.model, ...(hasStrongModel(options.models) ? { strong: strong.model } : {}) };
  const common = { v: 1 as const, task: task.id, suite: suiteOf(task.id), arm: arm.name, seed, ...models };
  try {
    await materialise(task, workspace);
    const run = await runOnWorkspace(
      {
        workspace,
        request: parseRequest(task.request),
        dataDir: options.dataDir,
        models: options.models,
        designer: arm.designer(),
        settings: {
          ...defaultRunSettings,
          seed,
          testLimits,
          parallel: 1,
          testCommand: task.test,
          fence: options.fence.by !== 'none',
          budget: { ...otherBudget, tokens: options.budgetTokens },
          replans: arm.replans === 'usual' ? defaultRunSettings.replans : (arm.replans ?? 0),
        },
        review: async ({ hash }) => ({ kind: 'approve', hash, by: 'bench' }),
        onEvent,
        program: options.program,
        secrets: options.secrets,
      },
      signal,
    );
    if (run.chosen) await applyRun({ dataDir: options.dataDir, runId: run.runId, by: 'program' }, signal);
    const failed = run.outcome === 'failed';
    return {
      ...common,
      passHidden: failed ? false : await passesHidden(task, workspace, options, signal),
      passVisible: run.outcome === 'solved',
      inputTokens: run.spend.inputTokens,
      outputTokens: run.spend.outputTokens,
      cachedInputTokens: tally.cached,
      estimated: tally.estimated,
      calls: run.spend.calls,
      seconds: run.spend.seconds + takeSavedMs() / 1000,
      modelSeconds: tally.modelMs / 1000,
      testSeconds: tally.testMs / 1000,
      ...(tally.designs > 0 ? { planValid: tally.valid > 0, fellBack: tally.fellBack } : {}),
      origin: run.origins.at(-1),
      outcome: run.outcome,
      runId: run.runId,
      ...(failed ? { error: run.failure?.message ?? 'failed' } : {}),
    };
  } catch (error) {
    if (isTeamwrightError(error, 'stopped')) throw error;
    return { ...failedResult({ task: task.id, arm: arm.name, seed }, errorText(error)), ...models };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
