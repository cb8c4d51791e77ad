/** The raw terms of a run's reward, so that weights can change later (`systems.md` 12; the formula is ours, FlowReasoner published none). */
import { type Budget, type Difficulty, nMax } from '../plan/index.ts';
import type { Spend } from '../trace/events.ts';

export const rewardWeights = { complexity: 0.05, efficiency: 0.1, accepted: 0.2 } as const;

export interface RewardInput {
  /** Share of the target tests that pass, regressions counted against it; undefined when nothing could judge. */
  readonly score: number | undefined;
  readonly difficulty: Difficulty;
  readonly spend: Spend;
  readonly budget: Budget;
  /** Share of the hunks the user kept, once it is known. */
  readonly accepted?: number;
}

/** performance, complexity, efficiency (and accepted), and their weighted sum as `reward`. */
export function rewardTerms({ score, difficulty, spend, budget, accepted }: RewardInput): Record<string, number> {
  const most = nMax[difficulty];
  const performance = score ?? 0;
  const complexity = Math.max(0, spend.calls - most) / most;
  const efficiency = (spend.inputTokens + spend.outputTokens) / budget.tokens;
  const reward =
    performance - rewardWeights.complexity * complexity - rewardWeights.efficiency * efficiency + rewardWeights.accepted * (accepted ?? 0);
  return { performance, complexity, efficiency, ...(accepted === undefined ? {} : { accepted }), reward };
}
