/** What a run looks like at one moment: the type every screen draws. `reduce.ts` makes it from events, and nothing else does. */
import type { RecordedFailure } from '../errors.ts';
import type { CheckReport, Judgement, Tampering, TestDelta } from '../feedback/types.ts';
import type { EventOf, EventType, Outcome, Spend, TestCounts } from './events.ts';
import type { Standing } from './standing.ts';

/** An event without its envelope. */
export type BodyOf<T extends EventType> = Omit<EventOf<T>, 'v' | 'seq' | 'at' | 'type'>;

/** What calls cost. Tokens; USD; ms summed over calls, so calls side by side count twice. */
export interface CallTotals {
  readonly calls: number;
  readonly failedCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly usd: number;
  readonly ms: number;
  /** At least one call's tokens are our estimate, because the server reported none. */
  readonly estimated: boolean;
}

export interface AgentState extends CallTotals {
  readonly name: string;
  /** Calls under way now. */
  readonly active: number;
  /** Model names the servers say have answered. */
  readonly servedModels: readonly string[];
  /** How often each tool was used. */
  readonly tools: Readonly<Record<string, number>>;
}

export interface PlanState extends BodyOf<'plan.proposed'> {
  readonly approval: 'open' | 'approved' | 'declined';
  readonly approvedBy?: EventOf<'plan.approved'>['by'];
  /** Nobody was asked: the run costs at most this, USD, until somebody is. */
  readonly approvedBelow?: number;
  readonly comment?: string;
  /** Declined with the wish for another one. */
  readonly redesign?: boolean;
}

export interface StepState {
  readonly planHash?: string;
  readonly step: string;
  readonly path: string;
  readonly kind: string;
  readonly agent?: string;
  /** `no-tests`: it was there to test, and there is nothing to test with. */
  readonly state: 'pending' | 'running' | 'done' | 'skipped' | 'no-tests' | 'failed';
  /** Of a step that tested: whether the tests vouch for any candidate. */
  readonly vouched?: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly ms?: number;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly failure?: RecordedFailure;
}

export interface CandidateTest {
  readonly counts: TestCounts;
  readonly ending: string;
  readonly delta: TestDelta;
  readonly tampering: readonly Tampering[];
  /** Absent in older traces. */
  readonly judgement?: Judgement;
  readonly report: string;
  readonly tree: string;
  readonly ms: number;
  /** The candidate has changed since: the result is not about what it is now. */
  readonly stale: boolean;
}

export interface CandidateState {
  readonly id: string;
  /** The candidate it was made from, or whatever the runtime calls the start. */
  readonly from: string;
  readonly step: string;
  readonly agent: string;
  /** Place of the call that gave it. */
  readonly call?: string;
  readonly snapshot: { readonly commit: string; readonly tree: string };
  /** A small change that the model finds less likely than what stood there. */
  readonly unlikely?: boolean;
  readonly changed: readonly string[];
  readonly levels: Readonly<Record<string, number>>;
  readonly problems: EventOf<'candidate.made'>['problems'];
  readonly test?: CandidateTest;
  readonly checks: readonly CheckReport[];
  /** In the pool: kept by the last selection that knew it. */
  readonly kept: boolean;
}

/** Things that tend to happen again and again are kept once, with a count. */
export type Repeated<T> = T & { readonly times: number };

export interface ResultState {
  readonly outcome: Outcome;
  readonly candidate?: string;
  readonly snapshot?: { readonly commit: string; readonly tree: string };
  readonly patch?: string;
  readonly answer?: string;
  readonly before?: TestCounts;
  readonly after?: TestCounts;
  readonly tampering: readonly Tampering[];
  readonly judgement?: Judgement;
  readonly failure?: RecordedFailure;
  readonly reward: Readonly<Record<string, number>>;
}

/** A repair under way or done; one that built on a text that helped is told anew, with the places of that text. */
export interface RepairState extends BodyOf<'places.ranked'> {
  /** Lines of which texts were tried, in the order of their first one. */
  readonly tried: readonly TriedPlace[];
}

export interface TriedPlace {
  readonly file: string;
  readonly line: number;
  /** Texts that were tried there; those that gave nothing new left out. */
  readonly tries: number;
  /** Tests that failed with the best of them; absent where none came to an end. */
  readonly failed?: number;
  /** The user pointed at it. */
  readonly pointed: boolean;
}

export interface RunState {
  /** Number of events folded. */
  readonly events: number;
  readonly updatedAt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly start?: BodyOf<'run.started'>;
  readonly snapshot?: BodyOf<'snapshot.taken'>;
  readonly briefing?: BodyOf<'briefing.done'>;
  readonly recalled: BodyOf<'memory.recalled'>['lessons'];
  readonly rounds: readonly BodyOf<'design.round'>[];
  readonly plans: readonly PlanState[];
  readonly steps: readonly StepState[];
  readonly agents: Readonly<Record<string, AgentState>>;
  /** By round and step name: `r0/fix`. */
  readonly stepTotals: Readonly<Record<string, CallTotals>>;
  /** Calls under way, in the order they began. A list: copying an object of a thousand keys for each event takes longer than the calls. */
  readonly callsInFlight: readonly {
    readonly call: string;
    readonly agent: string;
    readonly step: string;
    readonly model: string;
    readonly at: number;
  }[];
  readonly candidates: readonly CandidateState[];
  readonly refused: readonly Repeated<{ step: string; agent: string; reason: string; sameAs?: string }>[];
  readonly notes: readonly BodyOf<'note.written'>[];
  readonly selections: readonly BodyOf<'candidates.selected'>[];
  readonly toldApart: readonly BodyOf<'candidates.told-apart'>[];
  readonly merges: readonly BodyOf<'candidates.merged'>[];
  readonly partsAsked: readonly BodyOf<'part.asked'>[];
  readonly draws: readonly BodyOf<'candidate.drawn'>[];
  readonly votes: readonly BodyOf<'vote.held'>[];
  readonly debates: readonly BodyOf<'debate.held'>[];
  readonly replacements: readonly BodyOf<'agent.replaced'>[];
  readonly replans: readonly BodyOf<'run.replanned'>[];
  readonly loops: readonly Repeated<BodyOf<'loop.found'>>[];
  readonly repairs: readonly RepairState[];
  readonly blockedWrites: readonly Repeated<BodyOf<'write.blocked'>>[];
  readonly looseRights: readonly BodyOf<'right.loose'>[];
  readonly refusedRights: readonly Repeated<Omit<BodyOf<'right.refused'>, 'call'>>[];
  readonly failedServers: readonly BodyOf<'server.failed'>[];
  /** `open`: the run waits for the user's answer. */
  readonly questions: readonly (BodyOf<'question.asked'> & Partial<BodyOf<'question.answered'>> & { readonly open: boolean })[];
  readonly spend: Spend;
  readonly result?: ResultState;
  /** The user holds the run: no new call or test begins. */
  readonly paused: boolean;
  readonly controls: readonly BodyOf<'control.used'>[];
  readonly continuedAs: readonly BodyOf<'run.continued'>[];
  /** The last word on each hunk. */
  readonly hunks: readonly BodyOf<'hunk.decided'>[];
  /** Whether the change stands in the workspace: nothing else answers that. */
  readonly standing: Standing;
  /** Each attempt to apply and to take back, also those that wrote nothing. */
  readonly applied: readonly BodyOf<'diff.applied'>[];
  readonly undone: readonly BodyOf<'diff.undone'>[];
  /** What the tests said of accepted hunks alone. */
  readonly partTests: readonly BodyOf<'part.tested'>[];
  readonly verdict?: BodyOf<'verdict.given'>;
  readonly survival: readonly BodyOf<'survival.measured'>[];
}
