/** What a run came to, as far as that teaches anything. Pure. */
import type { TraceEvent } from '../trace/events.ts';
import type { RunState } from '../trace/index.ts';
import { acceptedShare } from './terms.ts';

/** `refused`: its tests passed, and the user refused the change or took it back. `in-doubt`: there are signs of a hand on its tests. */
export type CameTo = 'solved' | 'red' | 'refused' | 'in-doubt';

/** Undefined: it has not ended, or its end says nothing of what was tried. */
export function cameTo(run: RunState, events: readonly TraceEvent[]): CameTo | undefined {
  const { result, candidates } = run;
  if (result === undefined || !['solved', 'tests-fail', 'budget'].includes(result.outcome)) return undefined;
  const id = result.candidate;
  const tested = events.findLast((event) => event.type === 'candidate.tested' && event.candidate === id);
  const breaches = tested?.type === 'candidate.tested' ? tested.breaches : [];
  // A small change that is unlikely to be what was meant passes tests, and nobody knows whether it mends.
  const isUnlikely = candidates.find((one) => one.id === id)?.unlikely === true;
  if (result.tampering.length + breaches.length > 0 || isUnlikely) return 'in-doubt';
  if (result.outcome !== 'solved') return 'red';
  return acceptedShare(run) === 0 ? 'refused' : 'solved';
}
