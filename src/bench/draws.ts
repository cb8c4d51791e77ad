/** From the attempts of an outcome bank to draws: what one more try of an operator came to, for each task, in the order in which it was tried. Pure. */
import { changesInRound, type Lesson, type Operator, type Situation } from '../learning/index.ts';
import { waysOfModels } from '../trace/events.ts';
import type { Attempt, Known } from './attempt.ts';

export interface Draw {
  readonly operator: Operator;
  /** Of the run, before it. */
  readonly before: Known;
  readonly visible: boolean;
  /** Visible and hidden tests pass. */
  readonly solved: boolean;
  /** Share of the visible tests that it passes; undefined: nothing was tested. */
  readonly share?: number;
  readonly tokens: number;
  readonly calls: number;
  readonly seconds: number;
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
  readonly difficulty: NonNullable<Known['difficulty']>;
  /** Of each operator the longest series of one run. What comes after a success was never tried, and is never asked for. */
  readonly series: ReadonlyMap<Operator, readonly Draw[]>;
  /** Everything that can be learned from, each reply once. */
  readonly draws: readonly Draw[];
}

const places = new Set(waysOfModels);
const nameOf = (operator: string): Operator =>
  places.has(operator) ? 'place' : operator === 'mutate' ? 'changes' : operator === 'sample' ? 'draft' : operator;
/** Work that makes no candidate: its cost belongs to the attempt that it prepares. */
const preparing = (attempt: Attempt): boolean =>
  attempt.operator === 'localise' || attempt.ended === 'note' || attempt.operator === 'design';

/** Of one model and budget; other lines of the bank are left out. */
export function drawnTasks(attempts: readonly Attempt[]): DrawnTask[] {
  return [...Map.groupBy(attempts, ({ task }) => task)].flatMap(([task, all]) => {
    const runs = [...Map.groupBy(all, ({ runId }) => runId).values()].map(drawsOfRun);
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

function drawsOfRun(attempts: readonly Attempt[]): Draw[] {
  const draws: Draw[] = [];
  let preparation: Attempt[] = [];
  let round: Attempt[] = [];
  const add = (operator: Operator, some: readonly Attempt[]): void => {
    const [first] = some;
    const last = some.at(-1);
    if (first === undefined || last === undefined) return;
    const sum = (of: (attempt: Attempt) => number): number => [...preparation, ...some].reduce((all, attempt) => all + of(attempt), 0);
    const shares = some.flatMap(({ passed, failed }) => (passed === undefined || failed === undefined ? [] : [passed / (passed + failed)]));
    const tries = draws.filter((draw) => draw.operator === operator).length;
    draws.push({
      operator,
      before: { ...(preparation[0] ?? first).before, attempts: draws.length, tries },
      visible: last.visible === true,
      solved: last.visible === true && last.hidden === true,
      share: shares.length === 0 ? undefined : Math.max(...shares),
      tokens: sum(({ inputTokens, outputTokens }) => inputTokens + outputTokens),
      calls: sum(({ calls }) => calls),
      seconds: sum(({ modelSeconds, testSeconds }) => modelSeconds + testSeconds),
      reply: some.length === 1 && first.prompt !== undefined ? JSON.stringify([first.seed, first.prompt, first.draw]) : undefined,
    });
    preparation = [];
  };
  const endRound = (): void => {
    add('changes', round);
    round = [];
  };
  for (const attempt of attempts.toSorted((a, b) => a.order - b.order)) {
    if (preparing(attempt)) {
      preparation.push(attempt);
      continue;
    }
    const operator = nameOf(attempt.operator);
    if (operator !== 'changes') {
      endRound();
      add(operator, [attempt]);
      continue;
    }
    round.push(attempt);
    if (attempt.visible === true || round.length === changesInRound) endRound();
  }
  endRound();
  return draws;
}

/** What an attempt costs where only what it takes can be compared: tokens, and for work without any a token for each second. */
const costOf = ({ tokens, seconds }: Draw): number => (tokens > 0 ? tokens : seconds);

export const lessonOf = (draw: Draw): Lesson => ({
  operator: draw.operator,
  situation: draw.before,
  succeeded: draw.visible,
  cost: costOf(draw),
  calls: draw.calls,
});
