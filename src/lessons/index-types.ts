/** What the index of runs answers: the shapes the dashboard and exports read. */
import type { RewardTerms } from '../learning/index.ts';
import type { Outcome } from '../trace/events.ts';
import type { CallTotals } from '../trace/index.ts';

/** Every field that is given must hold. */
export interface RunFilter {
  readonly outcome?: readonly Outcome[];
  /** Absolute paths. */
  readonly workspace?: readonly string[];
  /** A model that answered at least one call. */
  readonly model?: readonly string[];
  readonly generation?: readonly string[];
  /** Start of the run, milliseconds since the epoch; `since` included, `until` not. */
  readonly since?: number;
  readonly until?: number;
  /** Only runs whose change the user kept, at least in part. */
  readonly acceptedOnly?: boolean;
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

/** Totals of the runs that began on one day. */
export interface DayTotals extends Totals {
  /** As the clock of this machine shows it: `2026-11-25`. */
  readonly day: string;
}

/** What some runs cost. */
export interface Spend {
  readonly runs: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
}

/** What the runs that began in one month cost in one folder. */
export interface MonthSpend extends Spend {
  /** As the clock of this machine shows it: `2026-11`. */
  readonly month: string;
  /** Absolute path. */
  readonly workspace: string;
}

export interface SpendLine extends Omit<CallTotals, 'estimated'> {
  /** The model, or the role. */
  readonly name: string;
  readonly runs: number;
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

/** What can be asked. Runs whose record was changed after it was written are left out of all figures. */
export interface IndexQueries {
  totals(filter?: RunFilter): Totals;
  /** Oldest first; days without a run are left out. */
  days(filter?: RunFilter): readonly DayTotals[];
  /** Newest month first, in it the most expensive folder, then most tokens. */
  spendByMonth(filter?: RunFilter): readonly MonthSpend[];
  /** Most expensive first, then most tokens. */
  spendByModel(filter?: RunFilter): readonly SpendLine[];
  spendByRole(filter?: RunFilter): readonly SpendLine[];
  teams(filter?: RunFilter): readonly TeamLine[];
  /** Of all runs, most used first. */
  workspaces(): readonly string[];
  /** Runs that are left out, because their record was changed after it was written. */
  changed(filter?: RunFilter): number;
  /** Grouped by problem, in the order of each group's first run; with those whose record was changed, which whoever reads them then sees. */
  problems(filter?: RunFilter): readonly ProblemRuns[];
}

/** The index's file, used by one thread: each query holds it up for milliseconds. */
export interface IndexFile extends IndexQueries {
  /** Brings the index up to the traces. */
  update(signal?: AbortSignal): Promise<UpdateReport>;
  close(): void;
}

/** The same, asked from another thread. */
export type RunIndex = Pick<IndexFile, 'update'> & {
  readonly [Q in keyof IndexQueries]: (...asked: Parameters<IndexQueries[Q]>) => Promise<ReturnType<IndexQueries[Q]>>;
} & {
  /** Ends the thread. What was still asked rejects with `stopped`. */
  close(): Promise<void>;
};
