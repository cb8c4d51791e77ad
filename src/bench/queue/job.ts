/** What goes through the queue. No code of a task does: bench and worker hold the same task file, and meet at a queue that is named by it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { bankLineSchema } from '../bank-line.ts';
import { resultSchema } from '../results.ts';
import { readTasks, type Task } from '../tasks.ts';

const measuredSchema = z.object({
  result: resultSchema,
  attempts: z.array(bankLineSchema).optional(),
  problem: z.string().optional(),
});

/** All runs of a task that are still to be made: one machine makes them, so that its arms share replies. */
export const jobSchema = z.object({
  v: z.literal(1),
  task: z.string().min(1),
  /** As on the command line: where the model is, and its key, the worker's own settings say. */
  model: z.string().min(1),
  strong: z.string().min(1).optional(),
  budgetTokens: z.number().int().positive(),
  banked: z.boolean(),
  /** Arms that are in files: name of the file → its text. */
  armFiles: z.record(z.string(), z.string()),
  runs: z.array(z.object({ arm: z.string().min(1), seed: z.number().int() })),
  /** What was measured so far: a worker that takes it after another goes on from there. */
  done: z.array(measuredSchema),
});
export type Job = z.infer<typeof jobSchema>;

export interface Suite {
  /** Of the file, for people. */
  readonly name: string;
  readonly hash: string;
  readonly tasks: ReadonlyMap<string, Task>;
}

/** Rejects as `readTasks`. The hash is of the tasks, however the file is written. */
export async function readSuite(file: string, name: string): Promise<Suite> {
  const tasks = new Map<string, Task>();
  const hash = createHash('sha256');
  for await (const task of readTasks(file)) {
    tasks.set(task.id, task);
    hash.update(`${JSON.stringify(task)}\n`);
  }
  return { name, hash: hash.digest('hex').slice(0, 16), tasks };
}

/** Only who has the same program and the same tasks meets there. */
export const queueName = (program: string, suite: Pick<Suite, 'hash'>): string =>
  `bench-${program.replace(/[^\w.-]+/g, '-')}-${suite.hash}`;
