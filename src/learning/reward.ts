/**
 * The reward of a run: raw terms, which are kept, and their weighted sum, which is worked out by whoever asks, so that weights can change later
 * (`systems.md` 12; the formula is ours, FlowReasoner published none).
 */
import { type Budget, type Difficulty, nMax } from '../plan/index.ts';

/** A term that nothing could measure is absent and counts as zero. */
export interface RewardTerms {
  /** −1 for an invalid plan; otherwise the share of the target tests that pass, regressions counted against it. */
  readonly performance?: number;
  /** Calls above what the difficulty allows, as a share of that. */
  readonly complexity?: number;
  /** Tokens used, as a share of the budget. */
  readonly efficiency?: number;
  /** Share of the change's hunks the user kept. */
  readonly accepted?: number;
}

export const rewardWeights = { complexity: 0.05, efficiency: 0.1, accepted: 0.2 } as const;

/** performance − w_c·complexity − w_e·efficiency + w_a·accepted. */
export function rewardOf(terms: RewardTerms): number {
  const { performance = 0, complexity = 0, efficiency = 0, accepted = 0 } = terms;
  return performance - rewardWeights.complexity * complexity - rewardWeights.efficiency * efficiency + rewardWeights.accepted * accepted;
}

/** The terms that say what a run, or one plan of it, cost. */
export function costTerms(
  spend: { readonly calls: number; readonly inputTokens: number; readonly outputTokens: number },
  limits: { readonly difficulty: Difficulty; readonly budget: Pick<Budget, 'tokens'> },
): Pick<RewardTerms, 'complexity' | 'efficiency'> {
  const most = nMax[limits.difficulty];
  const { tokens } = limits.budget;
  return {
    complexity: Math.max(0, spend.calls - most) / most,
    ...(tokens > 0 && { efficiency: (spend.inputTokens + spend.outputTokens) / tokens }),
  };
}
