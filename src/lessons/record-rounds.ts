/** Which executed plan an event belongs to, and what kind of step it comes from. */
import type { TraceEvent } from '../trace/events.ts';

export interface RoundOf {
  /** Index of the plan among all proposals; undefined before the first approval. */
  readonly plan?: number;
  /** Kind of the step with this name as the plan runs it; the name itself when it was never begun. */
  readonly kindOf: (step: string) => string;
}

export interface Rounds {
  /** Indexes of plans that were approved. */
  readonly executed: ReadonlySet<number>;
  at(seq: number): RoundOf;
  ofCandidate(id: string): RoundOf;
}

export function roundsOf(events: readonly TraceEvent[]): Rounds {
  const executed = new Set<number>();
  const starts: { seq: number; round: RoundOf }[] = [{ seq: -1, round: { kindOf: (step) => step } }];
  const candidates = new Map<string, number>();
  const hashes: string[] = [];
  let kinds = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'plan.proposed') hashes.push(event.hash);
    if (event.type === 'plan.approved') {
      const plan = hashes.lastIndexOf(event.hash);
      if (plan === -1) continue;
      executed.add(plan);
      const own = new Map<string, string>();
      kinds = own;
      starts.push({ seq: event.seq, round: { plan, kindOf: (step) => own.get(step) ?? step } });
    }
    if (event.type === 'step.started') kinds.set(event.step, event.kind);
    if (event.type === 'candidate.made') candidates.set(event.candidate, event.seq);
  }
  const at = (seq: number): RoundOf => (starts.findLast((start) => start.seq < seq) ?? starts[0])?.round ?? { kindOf: (step) => step };
  return { executed, at, ofCandidate: (id) => at(candidates.get(id) ?? -1) };
}
