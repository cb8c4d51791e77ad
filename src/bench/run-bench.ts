/**
 * Runs tasks with arms and seeds, one after another, and scores each finished workspace by its hidden tests. A result is appended as soon as
 * it is known; a resumed bench skips what is done.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasStrongModel } from '../design/index.ts';
import { errorText, isTeamwrightError, throwIfStopped } from '../errors.ts';
import type { ModelSet } from '../models/types.ts';
import type { Fence, NoFence } from '../process/index.ts';
import { parseRequest } from '../request/index.ts';
import { applyRun, chooseFence, defaultRunSettings, runOnWorkspace } from '../run/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import type { Arm } from './arms.ts';
import { openBank } from './bank.ts';
import { cachedClient } from './cached-client.ts';
import { openResults, type Result } from './results.ts';
import { bankRun, passesHidden, testLimits } from './score.ts';
import { type Shard, takeShard } from './shard.ts';
import { materialise, readTasks, suiteOf, type Task } from './tasks.ts';

export interface BenchOptions {
  readonly file: string;
  readonly arms: readonly Arm[];
  readonly limit?: number;
  readonly offset?: number;
  /** Seeds 1 to this. */
  readonly seeds: number;
  readonly shard?: Shard;
  readonly resume: boolean;
  /** Results file (JSONL). */
  readonly out: string;
  /** Kept replies (JSONL), shared between arms. */
  readonly replies: string;
  /** Outcome bank (JSONL): every attempt of these runs, also of those that are done already. Absent: none. */
  readonly bank?: string;
  readonly models: ModelSet;
  /** The runs' traces land here. */
  readonly dataDir: string;
  /** Tokens each arm may spend on a task, input and output. */
  readonly budgetTokens: number;
  readonly program: string;
  /** Exact values (API keys) that must never reach a trace. */
  readonly secrets: readonly string[];
  /** Where no fence works: may models' code run as the user? Asked at the start; absent: no. */
  readonly mayRunUnfenced?: (reason: string) => Promise<boolean>;
  readonly onResult?: (result: Result, done: number, all: number) => void;
  /** Told of each line of the results and the bank that is no record and counts for nothing, and of runs that cannot be banked, in a sentence. */
  readonly onProblem?: (problem: string) => void;
}

/** No limit but tokens is meant to bind. */
const otherBudget = { calls: 200, seconds: 3600, usd: 1000 };

export async function runBench(options: BenchOptions, signal: AbortSignal): Promise<readonly Result[]> {
  const fence = await chooseFence({ settings: defaultRunSettings, mayRunUnfenced: options.mayRunUnfenced }, options.file);
  const tasks = await chooseTasks(options);
  const results = await openResults(options.out, options.resume);
  const bank = options.bank === undefined ? undefined : await openBank(options.bank);
  for (const problem of [...results.problems, ...(bank?.problems ?? [])]) options.onProblem?.(problem);
  const { worker, strong } = options.models;
  const client = cachedClient(worker.client, options.replies);
  const strongClient = strong.client === worker.client ? client : cachedClient(strong.client, options.replies);
  const models: ModelSet = { worker: { ...worker, client }, strong: { ...strong, client: strongClient } };
  const takeSavedMs = (): number => client.takeSavedMs() + (strongClient === client ? 0 : strongClient.takeSavedMs());
  const scorer = { fence, dataDir: options.dataDir };
  const all = tasks.length * options.arms.length * options.seeds;
  let done = 0;
  try {
    for (const task of tasks) {
      for (let seed = 1; seed <= options.seeds; seed += 1) {
        for (const arm of options.arms) {
          throwIfStopped(signal);
          done += 1;
          const earlier = results.doneAs({ task: task.id, arm: arm.name, seed });
          if (earlier !== undefined && (bank === undefined || bank.has(earlier.runId ?? ''))) continue;
          takeSavedMs();
          const result = earlier ?? (await runTask(task, arm, seed, { ...options, models, fence }, takeSavedMs, signal));
          throwIfStopped(signal);
          // First the bank: a run that is done is not looked at again.
          const problem = bank && result.error === undefined ? await bankRun(result, task, bank, scorer, signal) : undefined;
          if (problem !== undefined) options.onProblem?.(problem);
          if (earlier === undefined) await results.append(result);
          options.onResult?.(result, done, all);
        }
      }
    }
    return results.results;
  } finally {
    results.close();
    bank?.close();
  }
}

async function runTask(
  task: Task,
  arm: Arm,
  seed: number,
  options: BenchOptions & { readonly fence: Fence | NoFence },
  takeSavedMs: () => number,
  signal: AbortSignal,
): Promise<Result> {
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
    const nothing = {
      passHidden: false,
      passVisible: false,
      inputTokens: 0,
      outputTokens: 0,
      cachedInputTokens: 0,
      estimated: false,
      calls: 0,
      seconds: 0,
    };
    return { ...common, ...nothing, error: errorText(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function chooseTasks({ file, shard, offset = 0, limit = Number.POSITIVE_INFINITY }: BenchOptions): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for await (const task of readTasks(file)) tasks.push(task);
  const some = tasks.slice(offset, offset + limit);
  return shard ? takeShard(some, shard) : some;
}
