/**
 * Tasks with arms and seeds: what is to be done, who does it, and what is kept of it. A result is appended as soon as it is known; a resumed
 * bench skips what is done.
 */
import { throwIfStopped } from '../errors.ts';
import type { Arm } from './arms.ts';
import { openBank } from './bank.ts';
import type { Measurer, Tuple } from './measure.ts';
import { openResults, type Result } from './results.ts';
import { type Shard, takeShard } from './shard.ts';
import { readTasks, type Task } from './tasks.ts';

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
  /** Outcome bank (JSONL): every attempt of these runs, also of those that are done already. Absent: none. */
  readonly bank?: string;
  /** Who makes the runs. */
  readonly measurer: Measurer;
  readonly onResult?: (result: Result, done: number, all: number) => void;
  /** Told of each line of the results and the bank that is no record and counts for nothing, and of runs that cannot be banked, in a sentence. */
  readonly onProblem?: (problem: string) => void;
}

/** The results in the order of tasks, seeds and arms, whoever was ready first. */
export async function runBench(options: BenchOptions, signal: AbortSignal): Promise<readonly Result[]> {
  const tasks = await chooseTasks(options);
  const results = await openResults(options.out, options.resume);
  try {
    const bank = options.bank === undefined ? undefined : await openBank(options.bank);
    for (const problem of [...results.problems, ...(bank?.problems ?? [])]) options.onProblem?.(problem);
    const tuples = tuplesOf(tasks, options);
    const known = tuples.map(({ task, arm, seed }) => results.doneAs({ task: task.id, arm: arm.name, seed }));
    const unbanked = tuples.flatMap(({ task }, at) => {
      const result = known[at];
      return result !== undefined && bank !== undefined && !bank.has(result.runId ?? '') ? [{ task, result }] : [];
    });
    const left = tuples.filter((_, at) => known[at] === undefined);
    let done = tuples.length - left.length - unbanked.length;
    try {
      await options.measurer(
        {
          tuples: left,
          unbanked,
          banked: bank !== undefined,
          hiddenOf: (task, tree) => bank?.hiddenOf(task, tree),
        },
        async ({ result, attempts, problem }) => {
          throwIfStopped(signal);
          // First the bank: a run that is done is not looked at again.
          if (attempts !== undefined) await bank?.append(attempts);
          if (problem !== undefined) options.onProblem?.(problem);
          if (results.doneAs(result) === undefined) await results.append(result);
          done += 1;
          options.onResult?.(result, done, tuples.length);
        },
        signal,
      );
    } finally {
      bank?.close();
    }
    return inOrder(results.results, tuples);
  } finally {
    results.close();
  }
}

const tuplesOf = (tasks: readonly Task[], { arms, seeds }: BenchOptions): Tuple[] =>
  tasks.flatMap((task) => Array.from({ length: seeds }, (_, at) => arms.map((arm) => ({ task, arm, seed: at + 1 }))).flat());

/** What else the file holds stands before them. */
function inOrder(results: readonly Result[], tuples: readonly Tuple[]): readonly Result[] {
  const place = new Map(tuples.map(({ task, arm, seed }, at) => [JSON.stringify([task.id, arm.name, seed]), at]));
  const placeOf = ({ task, arm, seed }: Result): number => place.get(JSON.stringify([task, arm, seed])) ?? -1;
  return results.toSorted((a, b) => placeOf(a) - placeOf(b));
}

async function chooseTasks({ file, shard, offset = 0, limit = Number.POSITIVE_INFINITY }: BenchOptions): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for await (const task of readTasks(file)) tasks.push(task);
  const some = tasks.slice(offset, offset + limit);
  return shard ? takeShard(some, shard) : some;
}
