import { mostMerges } from '../../plan/index.ts';
import { noTests } from '../../trace/events.ts';
import { candidateFromCopy } from '../candidates.ts';
import type { StepContext, StepRunner } from '../context.ts';
import { testCandidate, testCandidates } from '../judge.ts';
import { type Candidate, isSound } from '../pool.ts';

/**
 * Keeps what passes: the best candidate, and one after the other those that make a test pass that it leaves red, put together line by line and tested.
 * What is better than the best takes its place; where two change the same lines, the better one stays as it is. Those that an earlier selection put
 * aside take part.
 */
export const merge: StepRunner<'merge'> = async (step, place, context, signal) => {
  const { pool, facts } = context;
  if (!facts.test) return noTests;
  const untested = pool.live().filter((candidate) => !candidate.verdict);
  await testCandidates(untested, () => pool.best(), context, signal);
  const best = pool.best();
  if (best && pool.isDone(best)) return 'nothing speaks against the best candidate';
  const [first, ...others] = pool.ranked(pool.all().filter(isSound));
  if (!first) return 'there is no candidate to merge';
  let whole = first;
  let merges = 0;
  for (const part of others) {
    const red = reached(whole, context);
    if ([...reached(part, context)].every((test) => red.has(test))) continue;
    merges += 1;
    const merged = await together(whole, part, { step: step.id, call: `${place}/${merges}` }, context, signal);
    if (merged && pool.ranked([whole, merged])[0] === merged) whole = merged;
    if (pool.isDone(whole) || merges === mostMerges) break;
  }
  return merges === 0 ? 'no two candidates make different tests pass' : undefined;
};

/** The tests that pass with it and did not before. */
function reached({ verdict }: Candidate, { facts }: StepContext): ReadonlySet<string> {
  const passing = (cases: readonly { id: string; outcome: string }[] = []): readonly string[] =>
    cases.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
  return new Set(passing(verdict?.report.cases)).difference(new Set(passing(facts.baseline?.cases)));
}

/** Both in one, tested; undefined where that is no candidate of its own. The trace says why. */
async function together(
  first: Candidate,
  second: Candidate,
  { step, call }: { readonly step: string; readonly call: string },
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { pool, ports } = context;
  const of = [first.id, second.id];
  const message = `teamwright ${of.join(' and ')} together`;
  const snapshots = { base: commonOrigin(first, second, context), first: first.snapshot, second: second.snapshot };
  const merged = await ports.copies.merge(snapshots, message, signal);
  if ('conflicts' in merged) {
    ports.trace.emit({ type: 'candidates.merged', step, of, conflicts: [...merged.conflicts] });
    return undefined;
  }
  const same = pool.sameAs(merged.snapshot.tree);
  if (same) {
    ports.trace.emit({ type: 'candidates.merged', step, of, sameAs: same.id, conflicts: [] });
    return undefined;
  }
  const candidate = pool.nextId();
  ports.trace.emit({ type: 'candidates.merged', step, of, candidate, conflicts: [] });
  const copy = await ports.copies.create(candidate, merged.snapshot, signal);
  const source = { step, agentName: step, call, from: { name: first.id, snapshot: first.snapshot } };
  const made = await candidateFromCopy(copy, { changed: [], levels: {}, problems: [] }, undefined, source, context);
  if (made) await testCandidate(made, context, signal);
  return made;
}

/** What both were made from: the nearest candidate, or what all begin with. */
function commonOrigin(first: Candidate, second: Candidate, { pool, facts }: StepContext): Candidate['snapshot'] {
  const byId = new Map(pool.all().map((candidate) => [candidate.id, candidate]));
  const ancestors = function* (of: Candidate): Generator<Candidate> {
    for (let at: Candidate | undefined = of; at; at = byId.get(at.from)) yield at;
  };
  const above = new Set(ancestors(first));
  return ancestors(second).find((candidate) => above.has(candidate))?.snapshot ?? facts.start;
}
