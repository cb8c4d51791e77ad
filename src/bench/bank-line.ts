/** A line of the outcome bank: one attempt, the task it was made for, and what the hidden tests say of it. */
import * as z from 'zod';
import type { Briefing } from '../briefing/types.ts';
import { attemptSchema, attemptsOf } from '../lessons/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import { problemOf, suiteOf, type Task } from './tasks.ts';

export const bankLineSchema = z.object({
  v: z.literal(1),
  task: z.string().min(1),
  suite: z.string().min(1),
  problem: z.string().min(1),
  arm: z.string().min(1),
  seed: z.number().int(),
  ...attemptSchema.shape,
  /** The hidden tests pass; absent: not scored. */
  hidden: z.boolean().optional(),
});
export type BankLine = z.infer<typeof bankLineSchema>;

export interface RunOfTask {
  readonly task: Task;
  readonly arm: string;
  readonly seed: number;
  readonly events: readonly TraceEvent[];
  /** Absent: it could not be read. */
  readonly briefing?: Briefing;
}

/** Without the hidden results. The language is the task's: a workspace of one file may be taken for another. */
export const linesOf = ({ task, arm, seed, events, briefing }: RunOfTask): readonly BankLine[] =>
  attemptsOf(events, briefing).map((attempt) => ({
    v: 1,
    ...{ task: task.id, suite: suiteOf(task.id), problem: problemOf(task.id), arm, seed },
    ...attempt,
    before: { ...attempt.before, language: task.language },
  }));
