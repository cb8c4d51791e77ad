/** From an outcome bank to draws: what one more try of an operator came to, for each task, in the order in which it was tried. Pure. */
import { type ModelDescription, type Operator, type Situation, workOf } from '../learning/index.ts';
import { type Try, triesOf } from '../lessons/index.ts';
import type { BankLine } from './bank-line.ts';

export interface Draw extends Try<BankLine> {
  /** Visible and hidden tests pass. */
  readonly solved: boolean;
  /** Equal ones are the same reply to the same prompt, whichever arm asked. */
  readonly reply?: string;
}

export interface DrawnTask {
  readonly task: string;
  readonly suite: string;
  readonly problem: string;
  /** Tokens an arm might spend. */
  readonly budget: number;
  /** Before anything was tried. */
  readonly start: Situation;
  readonly difficulty: NonNullable<BankLine['before']['difficulty']>;
  /** Of each operator the longest series of one run. What comes after a success was never tried, and is never asked for. */
  readonly series: ReadonlyMap<Operator, readonly Draw[]>;
  /** Everything that can be learned from, each reply once. */
  readonly draws: readonly Draw[];
}

/** A model of a bank in which there are several, and what a token of it counts as, in tokens of the first one. */
export interface RatedModel extends ModelDescription {
  readonly rate: number;
}

/** Of one budget, and of one model or of those that are named, the first of which is the one that work without a name is by. */
export function drawnTasks(lines: readonly BankLine[], models: readonly RatedModel[] = []): DrawnTask[] {
  return [...Map.groupBy(lines, ({ task }) => task)].flatMap(([task, all]) => {
    const runs = [...Map.groupBy(all, ({ runId }) => runId).values()].map((run) => drawsOfRun(run, models));
    const [first] = all;
    const start = runs.flat().find(({ before }) => before.attempts === 0)?.before ?? first?.before;
    if (first === undefined || start === undefined) return [];
    const series = new Map<Operator, Draw[]>();
    for (const draws of runs)
      for (const [operator, own] of Map.groupBy(draws, (draw) => draw.operator))
        if (own.length > (series.get(operator)?.length ?? 0)) series.set(operator, own);
    return {
      ...{ task, suite: first.suite, problem: first.problem, difficulty: start.difficulty ?? 'medium', series },
      budget: start.budgetTokens ?? Number.POSITIVE_INFINITY,
      start: { ...start, attempts: 0, tries: 0, bestShare: undefined },
      draws: [...Map.groupBy(runs.flat(), (draw) => draw.reply ?? draw).values()].map(([draw]) => draw as Draw),
    };
  });
}

const drawsOfRun = (lines: readonly BankLine[], models: readonly RatedModel[]): Draw[] =>
  triesOf(lines).map((one) => {
    const [first] = one.attempts;
    const by = models.slice(1).find(({ name }) => one.calls > 0 && name === one.attempts.at(-1)?.model);
    const isOneReply = one.attempts.length === 1 && first?.prompt !== undefined;
    return {
      ...one,
      operator: workOf(one.operator, by?.name),
      tokens: one.tokens * (by?.rate ?? 1),
      solved: one.visible && one.attempts.at(-1)?.hidden === true,
      reply: isOneReply ? JSON.stringify([first.seed, first.prompt, first.draw, by?.name]) : undefined,
    };
  });
