/** What the tests said of each tree that a run knows: of candidates, and of accepted parts of them. What stands is looked up here. Pure. */
import type { EventOf, TestCounts } from './events.ts';
import type { StandingApply } from './standing.ts';
import type { RunState } from './state.ts';

export interface TestedTree {
  readonly candidate: string;
  readonly tree: string;
  /** Only some of its hunks. */
  readonly part: boolean;
  readonly state: 'solved' | 'unproven' | 'red';
  readonly counts: TestCounts;
}

/** From the judgement; older traces have none. */
export const judged = ({ judgement, counts }: Pick<EventOf<'candidate.tested'>, 'judgement' | 'counts'>): TestedTree['state'] =>
  judgement?.state ?? (counts.green ? 'solved' : 'red');

/** The list with one more result; the newest of a tree counts. */
export function withTested(tested: readonly TestedTree[], event: EventOf<'candidate.tested'> | EventOf<'part.tested'>): TestedTree[] {
  const { candidate, tree, counts } = event;
  const part = event.type === 'part.tested';
  return [...tested.filter((other) => other.tree !== tree || other.part !== part), { candidate, tree, part, state: judged(event), counts }];
}

/** The same, from the fold. */
export const testedIn = ({ candidates, partTests }: Pick<RunState, 'candidates' | 'partTests'>): TestedTree[] => [
  ...candidates.flatMap(({ id, test }) =>
    test === undefined ? [] : [{ candidate: id, tree: test.tree, part: false, state: judged(test), counts: test.counts }],
  ),
  ...partTests.map((test) => ({ candidate: test.candidate, tree: test.tree, part: true, state: judged(test), counts: test.counts })),
];

/** What the tests said of exactly what an apply wrote; undefined where they did not run on it, or an old trace does not tell what that was. */
export function seenOf({ hunks, part, tree }: StandingApply, tested: readonly TestedTree[]): TestedTree | undefined {
  const isPart = (hunks?.rejected ?? 0) > 0;
  const stands = isPart ? part : tree;
  return stands === undefined ? undefined : tested.findLast((one) => one.tree === stands && (isPart || !one.part));
}
