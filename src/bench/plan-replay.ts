/**
 * A plan replayed over the draws of a recorded task: what it would have solved, for how many tokens, and its reward. It is paid for all it asks. What the bank does
 * not know (a further try of what is recorded, work that no run did) fails at the mean price of what it knows of the task, so that nothing is earned by asking
 * for it. Pure; no model is asked.
 */
import { changesInRound, costTerms, type Operator, rewardOf } from '../learning/index.ts';
import { type Plan, type Step, stepKindOf } from '../plan/index.ts';
import type { Draw, DrawnTask } from './draws.ts';
import { mean } from './statistics.ts';

export interface ReplayedPlan {
  readonly solved: boolean;
  readonly tokens: number;
  readonly calls: number;
  readonly reward: number;
  /** Tries that the bank knows nothing of. */
  readonly unknown: number;
}

class PlanReplay {
  private readonly task: DrawnTask;
  private readonly taken = new Map<Operator, number>();
  /** The first that passes the visible tests: the run hands it over. */
  private passing: Draw | undefined;
  private isOver = false;
  tokens = 0;
  calls = 0;
  unknown = 0;

  constructor(task: DrawnTask) {
    this.task = task;
  }

  get solved(): boolean {
    return this.passing?.solved === true;
  }

  walk(steps: readonly Step[]): void {
    for (const step of steps) {
      if (this.isOver) return;
      this.take(step);
    }
  }

  private take(step: Step): void {
    if (step.do === 'repeat') {
      for (let round = 0; round < step.max && this.passing === undefined && !this.isOver; round += 1) this.walk(step.steps);
      return;
    }
    if (step.do === 'when' || step.do === 'group') {
      this.walk(step.do === 'group' || this.holds(step.if) ? step.steps : step.else);
      return;
    }
    const kind = stepKindOf(step);
    if (this.passing !== undefined && kind.idleWhenGreen) return;
    if (step.do === 'generate') this.times(step.samples, 'draft', step.stop === 'first-pass');
    else if (step.do === 'repair') {
      this.times(step.samples, 'place', true);
      if (this.passing === undefined) this.times(Math.ceil(step.mutations / changesInRound), 'changes', true);
    } else if (kind.outputs.length > 0) this.times('samples' in step ? step.samples : 1, step.do, false);
  }

  /** Of conditions the bank knows what tests say, no more. */
  private holds(condition: Extract<Step, { do: 'when' }>['if']): boolean {
    return condition === 'tests-fail' ? this.passing === undefined : condition === 'tests-pass' && this.passing !== undefined;
  }

  private times(count: number, operator: Operator, stopsAtPass: boolean): void {
    for (let made = 0; made < count && !this.isOver; made += 1) {
      const draw = this.next(operator);
      if (stopsAtPass && draw?.visible) return;
    }
  }

  private next(operator: Operator): Draw | undefined {
    const own = this.task.series.get(operator) ?? [];
    const before = this.taken.get(operator) ?? 0;
    const draw = own[before];
    // Small changes ask no model, recorded or not; other work that was never tried costs what a try of this task costs.
    const known = own.length > 0 || operator === 'changes' ? own : [...this.task.series.values()].flat().filter(({ calls }) => calls > 0);
    const cost = draw ?? { tokens: mean(known.map(({ tokens }) => tokens)), calls: mean(known.map(({ calls }) => calls)) };
    if (this.tokens + cost.tokens > this.task.budget) {
      this.isOver = true;
      return undefined;
    }
    this.taken.set(operator, before + 1);
    this.tokens += cost.tokens;
    this.calls += cost.calls;
    if (draw === undefined) this.unknown += 1;
    if (draw?.visible) this.passing ??= draw;
    return draw;
  }
}

export function replayPlan(task: DrawnTask, plan: Plan): ReplayedPlan {
  const replay = new PlanReplay(task);
  replay.walk(plan.steps);
  const { solved, tokens, calls, unknown } = replay;
  const { difficulty, budget } = task;
  const terms = costTerms({ calls, inputTokens: tokens, outputTokens: 0 }, { difficulty, budget: { tokens: budget } });
  return { solved, tokens, calls, unknown, reward: rewardOf({ performance: solved ? 1 : 0, ...terms }) };
}
