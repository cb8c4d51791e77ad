/** The end of a run: what is handed over, what it was worth, and the last event. */
import { failureOf, type RecordedFailure } from '../errors.ts';
import { costTerms, type RewardTerms, rewardOf } from '../learning/index.ts';
import type { Plan } from '../plan/schema.ts';
import type { Outcome } from '../trace/events.ts';
import type { WorkspaceDiff } from '../workspace/types.ts';
import type { Session } from './context.ts';
import { countsOf } from './counts.ts';
import { inPlanOrder } from './plan-order.ts';
import { type Candidate, isSolved } from './pool.ts';
import type { RunResult } from './types.ts';

/** Ends the trace with `run.finished`, whatever came before. Rejects only when the trace itself cannot be written. */
export async function finish(session: Session, ended: Outcome, endedBy: RecordedFailure | undefined): Promise<RunResult> {
  const { ports, meter, pool, rounds, facts } = session;
  const { trace } = ports;
  const best = pool.choice();
  const last = rounds.at(-1);
  let failure = endedBy;
  // Out of budget with a candidate in hand that solves the request: it is solved all the same.
  let outcome: Outcome = ended === 'budget' && best && isSolved(best) ? 'solved' : ended;
  const chosen = best && handsOver(outcome, best, last?.plan) ? best : undefined;
  let diff: WorkspaceDiff | undefined;
  try {
    diff = chosen && facts && (await ports.copies.diff(facts.base, chosen.snapshot));
  } catch (error) {
    // The candidate stays named: its snapshot may be whole all the same.
    failure ??= failureOf(error);
    if (outcome !== 'stopped') outcome = 'failed';
  }
  const answer = outcome === 'answered' && last ? inPlanOrder(last.plan, last.notes.values()).at(-1)?.text : undefined;
  const spend = meter.spend();
  const before = facts?.baseline && countsOf(facts.baseline);
  const after = chosen?.verdict && countsOf(chosen.verdict.report);
  trace.emit({
    type: 'run.finished',
    outcome,
    candidate: chosen?.id,
    snapshot: chosen?.snapshot,
    patch: diff && trace.blob(diff.patch),
    answer: answer === undefined ? undefined : trace.blob(answer),
    before,
    after,
    tampering: [...(chosen?.verdict?.tampering ?? [])],
    judgement: chosen?.verdict?.judgement,
    failure,
    spend,
    reward:
      last && meter.limits
        ? withSum({
            performance: best?.verdict?.score ?? 0,
            ...costTerms(spend, { difficulty: last.plan.difficulty, budget: meter.limits }),
          })
        : {},
  });
  await trace.flush();
  return {
    runId: trace.runId,
    outcome,
    candidate: chosen?.id,
    base: facts?.base,
    chosen: chosen?.snapshot,
    diff,
    answer,
    before,
    after,
    tampering: chosen?.verdict?.tampering ?? [],
    unlikely: chosen?.unlikely,
    judgement: chosen?.verdict?.judgement,
    failure,
    spend,
    origins: rounds.map((round) => round.origin),
  };
}

/** The sum is there to be read: it is by the weights of that day. */
const withSum = (terms: RewardTerms): Record<string, number> => ({ ...terms, reward: rewardOf(terms) });

function handsOver(outcome: Outcome, best: Candidate, plan: Plan | undefined): boolean {
  return (
    outcome === 'solved' ||
    outcome === 'unproven' ||
    outcome === 'no-tests' ||
    (best.verdict !== undefined && plan?.finish.otherwise !== 'nothing')
  );
}
