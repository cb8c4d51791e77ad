/**
 * The bench's side of a queue: puts tasks in, takes results out. A job is named by what it is for, so that handing out the same work again (after a
 * crash, with `--resume`) meets what is there; what was kept of a run is never kept twice, whoever else hands over a result of it.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { JobsOptions, Queue, QueueEvents } from 'bullmq';
import { stopOf, throwIfStopped } from '../../errors.ts';
import { failedResult, type Keep, type Measurer, type Tuple, type Work } from '../measure.ts';
import type { QueueAddress } from './address.ts';
import { type Job, jobSchema, queueName, readSuite } from './job.ts';
import { openLink, prefix } from './link.ts';
import { attend, type Card, mismatch } from './presence.ts';

export interface HandOut {
  readonly address: QueueAddress;
  /** Tasks. */
  readonly file: string;
  /** Of that file, for people. */
  readonly fileName: string;
  /** The results file: two benches with the same tasks are two. */
  readonly out: string;
  /** Takes over what workers have finished of an earlier call. */
  readonly resume: boolean;
  readonly model: string;
  readonly strong?: string;
  readonly budgetTokens: number;
  readonly program: string;
  /** What starts a worker for these tasks, as a user types it. */
  readonly startWorker: string;
  /** Hears who takes part, and what is wrong with the queue, in sentences. */
  readonly tell: (text: string) => void;
}

/** Times a task is begun whose runs failed by their environment; a worker that dies is not one of them. */
const attempts = 3;
/** Before the second; twice as long before the third. */
const backoffMs = 3000;
/** Seconds that a finished job waits for its bench. */
const keptSeconds = 7 * 24 * 3600;
/** Ms after which every job is looked at, whether or not one was heard of. */
const sweepMs = 10_000;
/** Times a job is put in anew that was lost or lacks runs. */
const mostRenewals = 3;

const jobOptions: JobsOptions = {
  attempts,
  backoff: { type: 'exponential', delay: backoffMs },
  removeOnComplete: { age: keptSeconds },
  removeOnFail: { age: keptSeconds },
};

interface Handed {
  readonly job: Job;
  readonly open: Map<string, Tuple>;
  renewals: number;
}

const runOf = ({ arm, seed }: Tuple): Job['runs'][number] => ({ arm: arm.given?.file ?? arm.name, seed });
const keyOf = (arm: string, seed: number): string => JSON.stringify([arm, seed]);

export const measureByWorkers =
  (options: HandOut): Measurer =>
  async (work, keep, signal) => {
    const name = ({ result: { task, arm, seed } }: Work['unbanked'][number]): string => `${task} ${arm} seed ${seed}`;
    for (const done of work.unbanked)
      await keep({
        result: done.result,
        problem: `${name(done)}: it was done without an outcome bank, and the record of its run is where it was made.`,
      });
    if (work.tuples.length === 0) return;
    const suite = await readSuite(options.file, options.fileName);
    const link = await openLink(options.address, options.tell, signal);
    const at = { connection: link.connection, prefix };
    const queue = new link.bullmq.Queue<Job>(queueName(options.program, suite), { ...at, defaultJobOptions: jobOptions });
    const events = new link.bullmq.QueueEvents(queue.name, at);
    queue.on('error', link.trouble);
    events.on('error', link.trouble);
    const over = new AbortController();
    const here: Card = {
      v: 1,
      who: `${hostname()}:${process.pid}`,
      program: options.program,
      suites: [{ name: suite.name, hash: suite.hash }],
    };
    const attending = attend(link, 'bench', here, workersTold(here, options), over.signal);
    const handed = handOut(work, options);
    try {
      await unlessStopped(put(queue, handed, options.resume), signal);
      await collectAll(queue, events, handed, keep, signal);
    } finally {
      over.abort();
      // Whoever has begun a task ends it, and `--resume` finds the result. The others must not begin it for nobody.
      await link.part(
        () => Promise.allSettled([...handed.keys()].map((id) => queue.remove(id))).then(() => queue.close()),
        () => events.close(),
        () => attending,
      );
    }
  };

function handOut(work: Work, options: HandOut): Map<string, Handed> {
  const handed = new Map<string, Handed>();
  const armFiles = Object.fromEntries(work.tuples.flatMap(({ arm: { given } }) => (given === undefined ? [] : [[given.file, given.text]])));
  for (const tuple of work.tuples) {
    const { task, arm, seed } = tuple;
    const { out, model, strong, budgetTokens } = options;
    const purpose = [hostname(), out, task.id, model, strong, budgetTokens, work.banked, armFiles];
    const id = createHash('sha256').update(JSON.stringify(purpose)).digest('hex');
    const common = { v: 1 as const, task: task.id, model, strong, budgetTokens, banked: work.banked };
    const own: Handed = handed.get(id) ?? { job: { ...common, armFiles, runs: [], done: [] }, open: new Map(), renewals: 0 };
    own.job.runs.push(runOf(tuple));
    own.open.set(keyOf(arm.name, seed), tuple);
    handed.set(id, own);
  }
  return handed;
}

async function put(queue: Queue<Job>, handed: ReadonlyMap<string, Handed>, resume: boolean): Promise<void> {
  // What an earlier bench left: its results were never counted, and this one is to measure anew. One that a worker is at stays.
  if (!resume) await Promise.allSettled([...handed.keys()].map((id) => queue.remove(id)));
  await queue.addBulk([...handed].map(([jobId, { job }]) => ({ name: job.task, data: job, opts: { jobId } })));
}

/** Until every run has its result. */
async function collectAll(
  queue: Queue<Job>,
  events: QueueEvents,
  handed: Map<string, Handed>,
  keep: Keep,
  signal: AbortSignal,
): Promise<void> {
  let changed = new Set(handed.keys());
  let wake = (): void => undefined;
  const heard = ({ jobId }: { jobId: string }): void => {
    if (!handed.has(jobId)) return;
    changed.add(jobId);
    wake();
  };
  events.on('progress', heard);
  events.on('completed', heard);
  events.on('failed', heard);
  while (handed.size > 0) {
    throwIfStopped(signal);
    const some = changed;
    changed = new Set();
    for (const id of some) {
      const own = handed.get(id);
      if (own !== undefined && (await unlessStopped(collect(queue, id, own, keep), signal))) handed.delete(id);
    }
    if (changed.size > 0 || handed.size === 0) continue;
    const sweep = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), sweepMs);
      wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
      signal.addEventListener('abort', wake, { once: true });
    });
    if (sweep) changed = new Set(handed.keys());
  }
}

/** Takes what is new of a job; true when nothing more is to come of it. */
async function collect(queue: Queue<Job>, id: string, own: Handed, keep: Keep): Promise<boolean> {
  // The state first: what is read after it is at least as new.
  const state = await queue.getJobState(id);
  const job = await queue.getJob(id);
  const read = jobSchema.safeParse(job?.data);
  for (const measured of read.data?.done ?? []) {
    const { task, arm, seed } = measured.result;
    // A run that is not asked for, or was handed over before, counts for nothing.
    if (task !== own.job.task || !own.open.delete(keyOf(arm, seed))) continue;
    await keep(measured);
  }
  const ended = job === undefined || !read.success || state === 'completed' || state === 'failed';
  if (!ended) return false;
  if (own.open.size > 0 && state !== 'failed' && own.renewals < mostRenewals) {
    own.renewals += 1;
    await job?.remove().catch(() => undefined);
    await queue.add(own.job.task, { ...own.job, runs: [...own.open.values()].map(runOf) }, { ...jobOptions, jobId: id });
    return false;
  }
  for (const { task, arm, seed } of own.open.values())
    await keep({ result: failedResult({ task: task.id, arm: arm.name, seed }, whyFailed(job?.failedReason)) });
  await job?.remove();
  return true;
}

const whyFailed = (reason = 'no worker handed over a result of it'): string =>
  /stalled more than/.test(reason) ? 'every worker that took it ended before it was done' : reason;

/** Says, each once, who does not suit and when nobody does. */
function workersTold(bench: Card, { tell, fileName, startWorker }: HandOut): (workers: readonly Card[]) => void {
  const told = new Set<string>();
  const once = (text: string): void => {
    if (!told.has(text)) tell(text);
    told.add(text);
  };
  let before = -1;
  return (workers) => {
    const suited = workers.filter((worker) => mismatch(bench, worker) === undefined);
    if (suited.length !== before) {
      tell(
        suited.length === 0
          ? `No worker takes these tasks. Start one, here or elsewhere: ${startWorker}`
          : `At work: ${suited.map(({ who }) => who).join(', ')}.`,
      );
      before = suited.length;
    }
    for (const worker of workers) {
      const why = mismatch(bench, worker);
      if (why === 'version')
        once(`The worker ${worker.who} takes none of these tasks: it is ${worker.program}, and this is ${bench.program}.`);
      else if (why === 'tasks')
        once(
          `The worker ${worker.who} takes none of these tasks: it has ${worker.suites.map(({ name }) => name).join(', ')}, and not this ${fileName}.`,
        );
    }
  };
}

/** A Redis that fell silent answers when it is back; who wants to leave must not wait for it. */
function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(stopOf(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
