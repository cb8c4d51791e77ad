/** What the index of runs answers: the shapes the dashboard, lists and exports read. */
import type { Difficulty } from '../plan/schema.ts';
import type { RewardTerms, RewardWeights } from '../run/index.ts';
import type { Outcome, PlanOrigin } from '../trace/events.ts';
import type { Standing } from '../trace/index.ts';

/** `done`, `failed`, … as in the trace room; a run in progress is as old as the last `update`. */
export type IndexedStatus = 'running' | 'waiting-for-review' | 'done' | 'failed' | 'interrupted';

export type VerdictWord = 'accepted' | 'partly-accepted' | 'rejected' | 'sent-back';

/** One run, as lists show it. Times are milliseconds since the epoch. */
export interface IndexedRun {
  readonly runId: string;
  readonly status: IndexedStatus;
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly workspace: string;
  /** First line of the request, shortened. */
  readonly title: string;
  readonly outcome?: Outcome;
  readonly solved: boolean;
  readonly designer: string;
  readonly generation: string;
  /** Models that answered, by the name their servers gave. */
  readonly models: readonly string[];
  /** The last approved plan. */
  readonly team?: string;
  readonly origin?: PlanOrigin;
  readonly difficulty?: Difficulty;
  readonly plans: number;
  readonly candidates: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  readonly seconds: number;
  /** Tests of the final candidate against the baseline. */
  readonly testsFixed: number;
  readonly testsBroken: number;
  readonly failedBefore?: number;
  readonly failedAfter?: number;
  /** Whether its change stands in the workspace. */
  readonly standing: Standing['kind'];
  readonly verdict?: VerdictWord;
  readonly hunksAccepted: number;
  readonly hunksRejected: number;
  /** The latest measure of survival. */
  readonly fourGram?: number;
  readonly noRevert?: number;
  readonly terms: RewardTerms;
  /** Weighted sum of the terms, by today's weights. */
  readonly reward: number;
}

/** Every field that is given must hold. */
export interface RunFilter {
  /** Words that all stand in the request, the workspace, the team or the run id; upper and lower case are the same. */
  readonly text?: string;
  readonly status?: readonly IndexedStatus[];
  readonly outcome?: readonly Outcome[];
  /** Absolute paths. */
  readonly workspace?: readonly string[];
  /** A model that answered at least one call. */
  readonly model?: readonly string[];
  readonly team?: readonly string[];
  readonly generation?: readonly string[];
  /** Start of the run, milliseconds since the epoch; `since` included, `until` not. */
  readonly since?: number;
  readonly until?: number;
  /** Only runs whose change the user kept, at least in part. */
  readonly acceptedOnly?: boolean;
}

export interface RunPage {
  readonly runs: readonly IndexedRun[];
  /** All that the filter lets through. */
  readonly total: number;
}

export interface PageOptions {
  /** Default `newest`. */
  readonly order?: 'newest' | 'oldest' | 'cost' | 'tokens' | 'reward';
  /** Default 100. */
  readonly limit?: number;
  readonly offset?: number;
}

export interface Totals {
  readonly runs: number;
  /** Runs that came to an end and were to change something. */
  readonly judged: number;
  readonly solved: number;
  /** solved / judged; absent without a judged run. */
  readonly solveRate?: number;
  readonly testsFixed: number;
  readonly testsBroken: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  readonly seconds: number;
  /** Runs whose change stands in the workspace, at least in part. */
  readonly applied: number;
  readonly hunksAccepted: number;
  readonly hunksRejected: number;
  /** Means over the runs where the term was measured, and of the reward over all that have any. */
  readonly terms: RewardTerms;
  readonly reward?: number;
  /** Means over the runs where survival was measured. */
  readonly fourGram?: number;
  readonly noRevert?: number;
}

/** Totals of one stretch of time. */
export interface TimeBucket extends Totals {
  /** Start of the stretch, UTC: `2026-11-25` (a week begins on Monday), `2026-11`. */
  readonly from: string;
}

export interface SpendLine {
  /** The model, or the role. */
  readonly name: string;
  readonly runs: number;
  readonly calls: number;
  readonly failedCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly usd: number;
  /** Milliseconds, summed over calls. */
  readonly ms: number;
}

/** How plans of one team fared: proposals, approvals, and what became of the runs that ended with it. */
export interface TeamLine {
  readonly team: string;
  readonly proposed: number;
  readonly approved: number;
  readonly declined: number;
  /** Proposals the user changed before approving. */
  readonly edited: number;
  /** Runs that ended with this team. */
  readonly runs: number;
  readonly solved: number;
  readonly judged: number;
  readonly hunksAccepted: number;
  readonly hunksRejected: number;
  /** Share of hunks kept, mean over the runs where the user said something. */
  readonly accepted?: number;
  readonly reward?: number;
  readonly usd: number;
  readonly tokens: number;
}

/** What there is to choose from in filters, most used first. */
export interface FilterChoices {
  readonly workspaces: readonly string[];
  readonly models: readonly string[];
  readonly teams: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly generations: readonly string[];
}

/** Runs about the same thing, oldest first. */
export interface ProblemRuns {
  readonly problem: string;
  readonly requestHash: string;
  readonly runIds: readonly string[];
}

export interface UpdateReport {
  /** Runs read anew, runs that are gone, and runs in the index now. */
  readonly read: number;
  readonly removed: number;
  readonly runs: number;
  /** Runs whose trace could not be read, with the reason. They are tried again at the next update. */
  readonly unreadable: readonly { readonly runId: string; readonly why: string }[];
}

/** What can be asked. */
export interface IndexQueries {
  list(filter?: RunFilter, page?: PageOptions): RunPage;
  totals(filter?: RunFilter, weights?: RewardWeights): Totals;
  /** Oldest first; stretches without a run are left out. */
  overTime(by: 'day' | 'week' | 'month', filter?: RunFilter, weights?: RewardWeights): readonly TimeBucket[];
  /** Most expensive first, then most tokens. */
  spendByModel(filter?: RunFilter): readonly SpendLine[];
  spendByRole(filter?: RunFilter): readonly SpendLine[];
  teams(filter?: RunFilter, weights?: RewardWeights): readonly TeamLine[];
  choices(): FilterChoices;
  /** Grouped by problem, in the order of each group's first run. */
  problems(filter?: RunFilter): readonly ProblemRuns[];
}

interface IndexUpdates {
  /** Brings the index up to the traces. */
  update(signal?: AbortSignal): Promise<UpdateReport>;
  /** Forgets everything and reads all traces again. */
  rebuild(signal?: AbortSignal): Promise<UpdateReport>;
}

/** The index's file, used by one thread: each query holds it up for milliseconds. */
export interface IndexFile extends IndexQueries, IndexUpdates {
  close(): void;
}

/** The same, asked from another thread. */
export type RunIndex = IndexUpdates & {
  readonly [Q in keyof IndexQueries]: (...asked: Parameters<IndexQueries[Q]>) => Promise<ReturnType<IndexQueries[Q]>>;
} & {
  /** Ends the thread. What was still asked rejects with `stopped`. */
  close(): Promise<void>;
};
