/** A policy replayed over recorded draws: what it would have solved, for how many tokens. Pure; no model is asked. */

import { costTerms, type Lesson, type Operator, rewardOf, type Situation, situationFor } from '../learning/index.ts';
import { lessonOf } from '../lessons/index.ts';
import { nMax } from '../plan/index.ts';
import type { Draw, DrawnTask } from './draws.ts';

/** What a policy may know: nothing of the hidden tests, nothing of draws that were not made. */
export interface Seen {
  readonly start: Situation;
  readonly budget: number;
  readonly usualCalls: number;
  /** What can still be asked for. */
  readonly offered: readonly Operator[];
  readonly tries: ReadonlyMap<Operator, number>;
  readonly tokens: number;
  readonly calls: number;
  /** The situation in which the next try of an operator would begin. */
  at(operator: Operator): Situation;
}

/** The next operator; undefined: stop. */
export type Policy = (seen: Seen) => Operator | undefined;

export interface Replayed {
  readonly task: string;
  readonly suite: string;
  readonly problem: string;
  readonly visible: boolean;
  readonly solved: boolean;
  readonly tokens: number;
  readonly calls: number;
  readonly seconds: number;
  readonly reward: number;
  /** It asked for an operator of which no further draw is recorded. */
  readonly ranOut: boolean;
  /** What its tries would teach, had it been a run. */
  readonly lessons: readonly Lesson[];
}

/** Ends at the first draw that passes the visible tests, when the policy stops, or when the next draw would go over the budget. */
export function replay(task: DrawnTask, policy: Policy): Replayed {
  const tries = new Map<Operator, number>();
  const spent = { tokens: 0, calls: 0, seconds: 0 };
  let bestShare: number | undefined;
  let last: Draw | undefined;
  let ranOut = false;
  const lessons: Lesson[] = [];
  for (;;) {
    const offered = [...task.series].filter(([operator, own]) => own.length > (tries.get(operator) ?? 0)).map(([operator]) => operator);
    const chosen = policy({
      ...{ start: task.start, budget: task.budget, usualCalls: nMax[task.difficulty], offered, tries },
      ...{ tokens: spent.tokens, calls: spent.calls, at: (operator) => situationFor(task.start, operator, tries, bestShare) },
    });
    if (chosen === undefined) break;
    const draw = task.series.get(chosen)?.[tries.get(chosen) ?? 0];
    ranOut = draw === undefined;
    if (draw === undefined || spent.tokens + draw.tokens > task.budget) break;
    lessons.push({ ...lessonOf(draw), situation: situationFor(task.start, chosen, tries, bestShare) });
    tries.set(chosen, (tries.get(chosen) ?? 0) + 1);
    spent.tokens += draw.tokens;
    spent.calls += draw.calls;
    spent.seconds += draw.seconds;
    if (draw.share !== undefined) bestShare = Math.max(bestShare ?? 0, draw.share);
    last = draw;
    if (draw.visible) break;
  }
  const solved = last?.solved === true;
  const terms = costTerms(
    { calls: spent.calls, inputTokens: spent.tokens, outputTokens: 0 },
    { difficulty: task.difficulty, budget: { tokens: task.budget } },
  );
  return {
    ...{ task: task.task, suite: task.suite, problem: task.problem, visible: last?.visible === true, solved, ...spent, ranOut, lessons },
    reward: rewardOf({ performance: solved ? 1 : 0, ...terms }),
  };
}
