/** The results file: one record a line, appended as tasks finish, so that a bench that was cut off goes on where it was. */
import * as z from 'zod';
import { benchUnusable } from '../errors.ts';
import { openAppendLog } from '../trace/index.ts';
import { readRecords } from './record-lines.ts';

export const resultSchema = z.object({
  v: z.literal(1),
  task: z.string().min(1),
  suite: z.string().min(1),
  arm: z.string().min(1),
  seed: z.number().int(),
  /** The hidden tests pass. Whether that is a solution: `isSolved`. */
  passHidden: z.boolean(),
  passVisible: z.boolean(),
  inputTokens: z.number().nonnegative(),
  outputTokens: z.number().nonnegative(),
  /** Part of `inputTokens`. */
  cachedInputTokens: z.number().nonnegative().default(0),
  /** Some tokens are our estimate. */
  estimated: z.boolean().default(false),
  calls: z.number().int().nonnegative(),
  seconds: z.number().nonnegative(),
  /** Of them in calls of the model, as long as they took when they were made, and in tests of candidates. Absent in older records. */
  modelSeconds: z.number().nonnegative().optional(),
  testSeconds: z.number().nonnegative().optional(),
  /** Whether the design a model made was valid; absent when no model designed. */
  planValid: z.boolean().optional(),
  /** Whether a library team stood in for an invalid design; absent when no model designed. */
  fellBack: z.boolean().optional(),
  /** Where the executed plan came from. */
  origin: z.string().optional(),
  outcome: z.string().optional(),
  model: z.string().optional(),
  /** The strong model, where it is another one. */
  strong: z.string().optional(),
  runId: z.string().optional(),
  /** Who made the run (machine and process), where a queue handed it out: the record of the run is there. */
  machine: z.string().optional(),
  /** The environment failed (server down, disk full). Counts as not solved; a resumed bench tries the task again. */
  error: z.string().optional(),
});
export type Result = z.infer<typeof resultSchema>;

/** Ends of a run in which no visible test could show anything. */
const nothingShown: readonly string[] = ['no-tests', 'unproven'];

/** The score: the hidden tests pass, and the run left no visible one red. A line from before outcomes were kept counts by its hidden tests. */
export const isSolved = ({ passHidden, passVisible, outcome }: Result): boolean =>
  passHidden && (passVisible || outcome === undefined || nothingShown.includes(outcome));

export interface ResultsReading {
  /** One per (task, arm, seed): the last one in the file. */
  readonly results: readonly Result[];
  /** Lines that are no record, one sentence each. A torn last line is one of them. */
  readonly problems: readonly string[];
}

type Tuple = Pick<Result, 'task' | 'arm' | 'seed'>;
const keyOf = ({ task, arm, seed }: Tuple): string => JSON.stringify([task, arm, seed]);

/** Reads a results file; an absent one is empty. Rejects with `bench-unusable` when it cannot be read. */
export async function readResults(file: string): Promise<ResultsReading> {
  const { records, problems } = await readRecords(file, resultSchema, 'results-unreadable');
  return { results: [...new Map(records.map((result) => [keyOf(result), result])).values()], problems };
}

export interface ResultsFile {
  readonly results: readonly Result[];
  readonly problems: readonly string[];
  /** What is done and not to be run again; a record with an `error` is not. */
  doneAs(tuple: Tuple): Result | undefined;
  /** Durable when this resolves. */
  append(result: Result): Promise<void>;
  close(): void;
}

/** Opens a results file to add to. Rejects with `bench-unusable` when it holds results and `resume` was not asked for. */
export async function openResults(file: string, resume: boolean): Promise<ResultsFile> {
  const { results, problems } = await readResults(file);
  if (!resume && results.length > 0) {
    throw benchUnusable({ why: 'results-there', file, results: results.length });
  }
  const all = [...results];
  const done = new Map(results.flatMap((result) => (result.error === undefined ? [[keyOf(result), result]] : [])));
  const log = openAppendLog(file);
  return {
    results: all,
    problems,
    doneAs: (tuple) => done.get(keyOf(tuple)),
    async append(result) {
      const checked = resultSchema.parse(result);
      log.append(`${JSON.stringify(checked)}\n`);
      log.write();
      await log.sync();
      const earlier = all.findIndex((other) => keyOf(other) === keyOf(checked));
      if (earlier === -1) all.push(checked);
      else all[earlier] = checked;
      if (checked.error === undefined) done.set(keyOf(checked), checked);
    },
    close: () => log.close(),
  };
}
