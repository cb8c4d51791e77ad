/**
 * The candidates of a run and the order among them. Tools judge: visible tests first, then checks, then how many samples agree, then
 * votes. A model's opinion never lifts a candidate over one that passes more tests.
 */
import type { LimitFunction } from 'p-limit';
import {
  type Breach,
  type CheckReport,
  type Judgement,
  type JudgementReason,
  looksMadeForTests,
  type Tampering,
  type TestDelta,
  type TestReport,
} from '../feedback/types.ts';
import type { ChatMessage } from '../models/types.ts';
import type { Snapshot, WorkspaceCopy } from '../workspace/types.ts';
import { comparePlaces, type PlanPlace } from './plan-order.ts';

export interface Verdict {
  readonly report: TestReport;
  readonly delta: TestDelta;
  readonly tampering: readonly Tampering[];
  /** Signs that the candidate took a hand in its own judging. */
  readonly breaches: readonly Breach[];
  /** Share of the target tests that pass, regressions counted against it: 0 to 1 (`systems.md` 12). */
  readonly score: number;
  /** Same key, same behaviour on the tests. */
  readonly behaviour: string;
  /** Whether the candidate does what was asked, and why not. */
  readonly judgement: Judgement;
  /** Only the failing tests of a long suite were run, and these pass: the whole is to be run before it counts. */
  readonly passesPart?: boolean;
}

/** Every test that the request is about was seen to pass, and nothing speaks against it. */
export const isSolved = ({ verdict }: Candidate): boolean => verdict?.judgement.state === 'solved';

/** What no further try could change. */
const final: readonly JudgementReason['kind'][] = ['nothing-was-red', 'only-flaky', 'not-seen'];

/** Whether it is only not known if what stays red was meant. */
export function isInDoubt({ verdict }: Candidate): boolean {
  const kinds = (verdict?.judgement.reasons ?? []).map(({ kind }) => kind);
  return (
    kinds.includes('perhaps-meant') && kinds.every((kind) => kind === 'perhaps-meant' || kind === 'not-all-run' || final.includes(kind))
  );
}

/** Tested, no test by itself, and without a hand on its own exam: others may be built on it. */
export const isSound = ({ verdict, foundation }: Candidate): boolean =>
  verdict !== undefined && foundation !== true && verdict.tampering.length === 0 && verdict.breaches.length === 0;

export interface Candidate {
  readonly id: string;
  /** `start`, or the candidate it was made from. */
  readonly from: string;
  readonly step: string;
  readonly agent: string;
  /** Where its reply stands in the plan. Ids follow the clock; the order among equals follows this, so that a replay chooses the same. */
  order: PlanPlace;
  /** The tests that the plan's other candidates are built on: no answer to the request by itself. */
  readonly foundation?: boolean;
  /** A small change that the model finds less likely than what stood there: where few tests look, one that passes them may well be none that was meant. */
  unlikely?: boolean;
  /** Of a chain: how many of its pieces it holds. */
  pieces?: number;
  readonly snapshot: Snapshot;
  /** Files that differ from the workspace at the start of the run. */
  readonly changed: readonly string[];
  /** The exchange that made it, for a revision that goes on from there; absent after a tool loop. */
  conversation?: readonly ChatMessage[];
  /** How many replies gave exactly this change. */
  votes: number;
  verdict?: Verdict;
  checks: CheckReport[];
  /** What came of each time it was improved; undefined: nothing. */
  readonly improvements: (Candidate | undefined)[];
  /** Same key: the same answers to inputs that an agent thought of, where it was run on some. */
  answers?: string;
  /** What the last review said. */
  review?: 'approve' | 'reject';
  /** Its copy, until it is judged. */
  copy?: WorkspaceCopy;
  /** Lets one judge after the other into its copy. */
  oneAtATime?: LimitFunction;
}

export class Pool {
  readonly #candidates: Candidate[] = [];
  /** Candidates still in play; `select` narrows this. */
  #live = new Set<Candidate>();
  #made = 0;
  readonly #afterDoubt = new Set<Candidate>();
  #doubtStays = false;

  nextId(): string {
    this.#made += 1;
    return `c${this.#made}`;
  }

  add(candidate: Candidate): void {
    if (this.#followsDoubt(candidate)) this.#afterDoubt.add(candidate);
    this.#candidates.push(candidate);
    this.#live.add(candidate);
  }

  /** An earlier candidate with the same content. */
  sameAs(tree: string): Candidate | undefined {
    return this.#candidates.find((candidate) => candidate.snapshot.tree === tree);
  }

  /**
   * Whether further tries could not show more by these tests: it is solved (by a change that is likely to be what was meant), or no test was red before that says anything. Red tests that may be
   * what was meant are worth one more attempt: where that left them so, too, they are somebody else's.
   */
  isDone(candidate: Candidate): boolean {
    const { judgement } = candidate.verdict ?? {};
    if (judgement === undefined || candidate.unlikely) return false;
    return (
      judgement.state === 'solved' ||
      judgement.reasons.every(({ kind }) => final.includes(kind)) ||
      (this.#doubtStays && isInDoubt(candidate))
    );
  }

  /** Whether the whole of a long suite is to be run on it, of which it was judged by a part: nothing in that part speaks for another try. */
  wantsWhole(candidate: Candidate): boolean {
    const { passesPart, judgement } = candidate.verdict ?? {};
    const isPart = judgement?.reasons.some(({ kind }) => kind === 'not-all-run') ?? false;
    return passesPart === true || (isPart && this.isDone(candidate));
  }

  /** Whether an earlier candidate was known to be in doubt when it was made: one of its step, the one it was made from, or one of an earlier round. */
  isAfterDoubt(candidate: Candidate): boolean {
    return this.#afterDoubt.has(candidate);
  }

  #followsDoubt({ from, step, order }: Candidate): boolean {
    return this.#candidates.some(
      (other) =>
        isInDoubt(other) &&
        comparePlaces(other.order, order) < 0 &&
        (other.id === from || other.step === step || other.order[0] !== order[0]),
    );
  }

  /** A further attempt left red what may be meant. */
  noteDoubtStays(): void {
    this.#doubtStays = true;
  }

  all(): readonly Candidate[] {
    return this.#candidates;
  }

  live(): readonly Candidate[] {
    return this.#candidates.filter((candidate) => this.#live.has(candidate));
  }

  keep(kept: readonly Candidate[]): void {
    this.#live = new Set(kept);
  }

  /** The best of all candidates in play, or undefined when there is none. */
  best(): Candidate | undefined {
    return this.ranked()[0];
  }

  /** What a run hands over: the best of those in play, unless one that was put aside passes more tests. */
  choice(): Candidate | undefined {
    const inPlay = (candidate: Candidate): number => Number(this.#live.has(candidate));
    const ranked = this.ranked(this.#candidates);
    return ranked.toSorted((a, b) => compareByTests(a, b) || inPlay(b) - inPlay(a))[0];
  }

  /** Those in play that the tests hold for as good as the best, or that no test has judged; best first. */
  survivors(): readonly Candidate[] {
    const [best, ...others] = this.ranked();
    return best === undefined ? [] : [best, ...others.filter((candidate) => compareByTests(best, candidate) === 0)];
  }

  /** Best first; equal ones in the order of the plan. */
  ranked(candidates = this.live()): readonly Candidate[] {
    const support = supportOf(candidates);
    return candidates.toSorted((a, b) => compare(a, b, support));
  }
}

/** Share of behaviour: how many candidates (and repeated replies) act the same on the tests, and on other inputs as far as they were run on some. */
function supportOf(candidates: readonly Candidate[]): (candidate: Candidate) => number {
  const support = new Map<string, number>();
  for (const candidate of candidates) {
    const key = behaviourOf(candidate);
    support.set(key, (support.get(key) ?? 0) + candidate.votes);
  }
  return (candidate) => support.get(behaviourOf(candidate)) ?? 0;
}

export function behaviourOf(candidate: Candidate): string {
  const { verdict, answers, snapshot } = candidate;
  if (answers === undefined) return verdict?.behaviour ?? `tree ${snapshot.tree}`;
  return `${verdict?.behaviour ?? ''} ${answers}`;
}

function compare(a: Candidate, b: Candidate, support: (candidate: Candidate) => number): number {
  return (
    compareByTests(a, b) ||
    failedChecks(a) - failedChecks(b) ||
    Number(a.review === 'reject') - Number(b.review === 'reject') ||
    // Each piece was built on the one before: the votes of one are no votes against the next.
    (b.pieces ?? 0) - (a.pieces ?? 0) ||
    support(b) - support(a) ||
    b.votes - a.votes ||
    comparePlaces(a.order, b.order)
  );
}

function compareByTests(a: Candidate, b: Candidate): number {
  return (
    Number(isHonest(b)) - Number(isHonest(a)) ||
    Number(isSolved(b)) - Number(isSolved(a)) ||
    (isSolved(a) ? Number(a.unlikely ?? false) - Number(b.unlikely ?? false) : 0) ||
    Number(isGamed(a)) - Number(isGamed(b)) ||
    Number(a.foundation ?? false) - Number(b.foundation ?? false) ||
    (b.verdict?.score ?? -1) - (a.verdict?.score ?? -1)
  );
}

function isHonest(candidate: Candidate): boolean {
  const { tampering = [], breaches = [] } = candidate.verdict ?? {};
  return tampering.every(looksMadeForTests) && breaches.length === 0;
}

const isGamed = ({ verdict }: Candidate): boolean => verdict?.tampering.some(looksMadeForTests) ?? false;

function failedChecks(candidate: Candidate): number {
  return candidate.checks.filter((check) => check.available && !check.ok).length;
}
