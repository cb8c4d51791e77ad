/** The raw terms of a run's reward, as far as they are known by now. */
import { costTerms, type RewardTerms } from '../learning/index.ts';
import type { RunState } from '../trace/index.ts';

/**
 * The terms of a run now: what was measured when it ended, and what the user said since. An invalid plan scores −1. `performance` is absent
 * when no test could judge the run.
 */
export function termsOf(state: RunState): RewardTerms {
  const recorded = state.result?.reward ?? {};
  const invalid = state.result?.failure?.code === 'plan-invalid';
  const judged = state.candidates.some((candidate) => candidate.test !== undefined);
  const plan = state.plans.findLast(({ approval }) => approval === 'approved');
  const cost = plan && costTerms(state.spend, plan);
  return {
    performance: invalid ? -1 : judged ? recorded.performance : undefined,
    complexity: recorded.complexity ?? cost?.complexity,
    efficiency: recorded.efficiency ?? cost?.efficiency,
    accepted: acceptedShare(state),
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
