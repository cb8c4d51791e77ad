/**
 * The worker's side of a queue: takes tasks of the files it has, makes their runs here, and hands back what was measured. A task is locked while a
 * worker is at it; when the worker dies the lock ends, another one takes the task, and what was measured of it so far stays. A worker that was
 * only slow finds its lock gone and hands over nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Job as QueuedJob } from 'bullmq';
import { throwIfStopped } from '../../errors.ts';
import type { ModelSet } from '../../models/types.ts';
import { type Arm, armNamed } from '../arms.ts';
import { type Conditions, type Measured, measureRuns } from '../measure.ts';
import type { Result } from '../results.ts';
import type { HiddenOf } from '../score.ts';
import type { QueueAddress } from './address.ts';
import { type Job, jobSchema, queueName, type Suite } from './job.ts';
import { openLink, prefix } from './link.ts';
import { attend, type Card, mismatch } from './presence.ts';

export interface TakeOptions extends Omit<Conditions, 'models' | 'replies' | 'budgetTokens'> {
  readonly address: QueueAddress;
  readonly suites: readonly Suite[];
  /** Tasks that all workers with this limit together begin in a minute. Absent: no limit. */
  readonly perMinute?: number;
  /** The models that a bench names, as this machine knows them. */
  readonly modelsOf: (
    model: string,
    strong: string | undefined,
  ) => Promise<{ readonly set: ModelSet; readonly secrets: readonly string[] }>;
  readonly onTask?: (task: string, runs: number) => void;
  readonly onResult?: (result: Result) => void;
  /** Hears who takes part, and what is wrong with the queue, in sentences. */
  readonly tell: (text: string) => void;
}

/** Ms without a sign of life after which a worker counts as dead, and how often that is looked for. */
const lockMs = 20_000;
const lookMs = 10_000;
/** Times a task may be left by workers that die: with the next it is the task that kills them. */
const mostDeaths = 2;

/** Ms that giving a task back may take; when nothing answers, its lock ends by itself. */
const giveBackMs = 500;

/** Works until the signal fires. Rejects with `queue-unusable`. What was begun then is given back. */
export async function workForQueue(options: TakeOptions, signal: AbortSignal): Promise<void> {
  const { address, suites, tell, perMinute, program } = options;
  const link = await openLink(address, tell, signal);
  const who = `${hostname()}:${process.pid}`;
  const here: Card = { v: 1, who, program, suites: suites.map(({ name, hash }) => ({ name, hash })) };
  const underWay = new Set<Promise<void>>();
  const workers = suites.map((suite) => {
    const take = (queued: QueuedJob<Job>, token?: string): Promise<void> => {
      const taken = takeTask(queued, suite, who, options, signal).catch(async (error: unknown) => {
        if (!signal.aborted) throw error;
        await Promise.race([queued.moveToWait(token), wait(giveBackMs, undefined, { ref: false })]);
        throw new link.bullmq.WaitingError();
      });
      underWay.add(taken);
      return taken.finally(() => underWay.delete(taken));
    };
    const worker = new link.bullmq.Worker<Job, void>(queueName(program, suite), take, {
      ...{ connection: link.connection, prefix, lockDuration: lockMs, stalledInterval: lookMs, maxStalledCount: mostDeaths },
      ...(perMinute === undefined ? {} : { limiter: { max: perMinute, duration: 60_000 } }),
    });
    worker.on('error', link.trouble);
    worker.on('failed', (job, { message }) => tell(`${job?.data.task ?? suite.name}: ${message}`));
    return worker;
  });
  const attending = attend(link, 'worker', here, benchesTold(here, tell), signal);
  await fired(signal);
  // First it takes nothing new, then what is under way ends.
  const closing = Promise.allSettled(workers.map((worker) => worker.close()));
  await Promise.allSettled(underWay);
  await link.part(
    () => closing,
    () => attending,
  );
}

const fired = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });

/** Makes the runs of a task that are not made yet. Rejects where one failed by its environment and the task has tries left. */
async function takeTask(queued: QueuedJob<Job>, suite: Suite, who: string, options: TakeOptions, signal: AbortSignal): Promise<void> {
  throwIfStopped(signal);
  const job = jobSchema.parse(queued.data);
  const task = suite.tasks.get(job.task);
  if (task === undefined) throw new Error(`there is no task ${job.task} in ${suite.name}`);
  const done: Measured[] = [...job.done];
  const runs = await Promise.all(job.runs.map(async ({ arm, seed }) => ({ arm: await armOf(arm, job), seed })));
  const left = runs.filter(({ arm, seed }) => !done.some(({ result }) => result.arm === arm.name && result.seed === seed));
  options.onTask?.(task.id, left.length);
  const models = await options.modelsOf(job.model, job.strong);
  const folder = await mkdtemp(path.join(tmpdir(), 'teamwright-queue-'));
  try {
    const measure = measureRuns({
      ...options,
      models: models.set,
      secrets: [...options.secrets, ...models.secrets],
      budgetTokens: job.budgetTokens,
      // Shared by the arms and seeds of this task alone: another bench is another measurement.
      replies: path.join(folder, 'replies.jsonl'),
    });
    const isLast = queued.attemptsMade + 1 >= (queued.opts.attempts ?? 1);
    let failure: string | undefined;
    for (const { arm, seed } of left) {
      const measured = await measure({ task, arm, seed }, job.banked ? { hiddenOf: hiddenIn(done) } : undefined, signal);
      const { result } = measured;
      options.onResult?.(result);
      failure ??= result.error;
      // A run that its environment broke is made again, with a new try of the task.
      if (result.error !== undefined && !isLast) continue;
      done.push({ ...measured, result: { ...result, machine: who } });
      await queued.updateData(jobSchema.parse({ ...job, done }));
      await queued.updateProgress(done.length);
    }
    if (failure !== undefined && !isLast) throw new Error(failure);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const armOf = (name: string, { armFiles }: Job): Promise<Arm> => armNamed(name, async (file) => armFiles[file] ?? '');

/** What the hidden tests said in earlier runs of the task. */
const hiddenIn =
  (done: readonly Measured[]): HiddenOf =>
  (_, tree) =>
    done.flatMap(({ attempts = [] }) => attempts).find((attempt) => attempt.tree === tree && attempt.hidden !== undefined)?.hidden;

/** Says, each once, which benches wait for another worker. */
function benchesTold(worker: Card, tell: (text: string) => void): (benches: readonly Card[]) => void {
  const told = new Set<string>();
  return (benches) => {
    for (const bench of benches) {
      const why = mismatch(bench, worker);
      if (why === undefined || told.has(bench.who)) continue;
      told.add(bench.who);
      const tasks = bench.suites.map(({ name }) => name).join(', ');
      tell(
        why === 'version'
          ? `The bench ${bench.who} (${tasks}) gets nothing from here: it is ${bench.program}, and this is ${worker.program}.`
          : `The bench ${bench.who} gets nothing from here: its ${tasks} holds other tasks than the files of this worker.`,
      );
    }
  };
}
