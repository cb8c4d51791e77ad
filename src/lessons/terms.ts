/** The raw terms of a run's reward, as far as they are known by now, and their weighted sum. Weights come late: only terms are stored. */
import { nMax } from '../plan/index.ts';
import { rewardWeights } from '../run/index.ts';
import type { RunState } from '../trace/index.ts';

/** `systems.md` 12. A term that nothing could measure is absent and counts as zero. */
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

export type RewardWeights = Readonly<Record<keyof typeof rewardWeights, number>>;

/** performance − w_c·complexity − w_e·efficiency + w_a·accepted. */
export function rewardOf(terms: RewardTerms, weights: RewardWeights = rewardWeights): number {
  const { performance = 0, complexity = 0, efficiency = 0, accepted = 0 } = terms;
  return performance - weights.complexity * complexity - weights.efficiency * efficiency + weights.accepted * accepted;
}

/**
 * The terms of a run now: what was measured when it ended, and what the user said since. An invalid plan scores −1. `performance` is absent
 * when no test could judge the run.
 */
export function termsOf(state: RunState): RewardTerms {
  const recorded = state.result?.reward ?? {};
  const accepted = acceptedShare(state);
  const invalid = state.result?.failure?.code === 'plan-invalid';
  const judged = state.candidates.some((candidate) => candidate.test !== undefined);
  const plan = state.plans.findLast(({ approval }) => approval === 'approved');
  const { calls, inputTokens, outputTokens } = state.spend;
  const most = plan ? nMax[plan.difficulty] : undefined;
  return {
    performance: invalid ? -1 : judged ? recorded.performance : undefined,
    complexity: recorded.complexity ?? (most === undefined ? undefined : Math.max(0, calls - most) / most),
    efficiency: recorded.efficiency ?? (plan?.budget.tokens ? (inputTokens + outputTokens) / plan.budget.tokens : undefined),
    accepted,
  };
}

/**
 * Share of the hunks the user kept: by their word on each hunk of the final candidate, else by what was applied, else by the word on the whole.
 * A change that was taken back was not kept. Undefined while the user said nothing.
 */
export function acceptedShare(state: RunState): number | undefined {
  const { kind, apply } = state.standing;
  if (kind === 'undone') return 0;
  const candidate = state.verdict?.candidate ?? state.result?.candidate;
  const decided = state.hunks.filter((hunk) => hunk.decision !== 'open' && (candidate === undefined || hunk.candidate === candidate));
  const kept = decided.filter((hunk) => hunk.decision === 'accepted').length;
  if (decided.length > 0) return kept / decided.length;
  const written = apply?.hunks;
  if (written !== undefined && written.accepted + written.rejected > 0) return written.accepted / (written.accepted + written.rejected);
  if (state.verdict !== undefined) return { accepted: 1, 'partly-accepted': 0.5, rejected: 0, 'sent-back': 0 }[state.verdict.decision];
  // A benchmark lays every change onto its task; that is nobody's word.
  return apply === undefined || state.plans.some(({ approvedBy }) => approvedBy === 'bench') ? undefined : 1;
}
