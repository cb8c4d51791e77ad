/** A chain under way: what the agents inside are told, what the next piece builds on, and whether it ended early. */
import type { Step } from '../plan/schema.ts';
import type { StepContext } from './context.ts';
import { releaseCopy } from './judge.ts';
import type { Candidate } from './pool.ts';

/** Without its answer nothing that builds on it makes sense: a vote, or a chain of them. */
const decides = (step: Step): boolean => 'chain' in step || 'pieces' in step;

/** To be told of every step that came to nothing. */
export function endChain(step: Step, why: string, { chain }: StepContext): void {
  if (chain !== undefined && decides(step)) chain.ended ??= `"${step.id}": ${why}`;
}

/** The next piece builds on it; what it was built on itself needs no test any more, and is handed over only where tests say so. */
export async function acceptInChain(candidate: Candidate, context: StepContext): Promise<void> {
  const { chain, pool, ports } = context;
  if (chain === undefined) return;
  const before = chain.accepted;
  candidate.pieces = (before?.pieces ?? 0) + 1;
  chain.accepted = candidate;
  if (before === undefined || before.verdict !== undefined) return;
  await releaseCopy(before);
  pool.keep([...pool.live().filter((other) => other !== before), candidate]);
  const kept = pool.live();
  const ids = kept.map(({ id }) => id);
  ports.trace.emit({ type: 'candidates.selected', step: chain.step, kept: ids, classes: ids.map((id) => [id]), by: 'chain' });
}
