/**
 * How far a model can be relied on in a role: what of its work came to nothing by itself, whatever the tests said of the rest (the tally per delegate of
 * Intelligent AI Delegation, arXiv 2602.11865). Pure.
 */
import type { troubles } from '../plan/schema.ts';
import { wilson } from './wilson.ts';

/** How an agent comes to grief. */
type Trouble = (typeof troubles)[number];

export interface Reliability {
  readonly role: string;
  readonly model: string;
  /** Runs it worked in whose tests say something, and those of them that were solved and kept. */
  readonly runs: number;
  readonly solved: number;
  readonly calls: number;
  readonly failures: Readonly<Record<Trouble, number>>;
  /** How often it reached for what it may not use or write. */
  readonly breaches: number;
}

export const noFailures: Readonly<Record<Trouble, number>> = { fails: 0, loops: 0, silent: 0, format: 0 };

/** One line for each role and model, those with the most calls first. */
export function summedUp(rows: readonly Reliability[]): readonly Reliability[] {
  const sums = new Map<string, Reliability>();
  for (const row of rows) {
    const key = `${row.role}\n${row.model}`;
    const before = sums.get(key) ?? { ...row, runs: 0, solved: 0, calls: 0, failures: noFailures, breaches: 0 };
    sums.set(key, {
      ...before,
      runs: before.runs + row.runs,
      solved: before.solved + row.solved,
      calls: before.calls + row.calls,
      failures: {
        fails: before.failures.fails + row.failures.fails,
        loops: before.failures.loops + row.failures.loops,
        silent: before.failures.silent + row.failures.silent,
        format: before.failures.format + row.failures.format,
      },
      breaches: before.breaches + row.breaches,
    });
  }
  return [...sums.values()].sort((a, b) => b.calls - a.calls || (a.role + a.model < b.role + b.model ? -1 : 1));
}

/** What came to nothing or was not allowed, of its calls. */
export const failuresOf = ({ failures, breaches, calls }: Reliability): number =>
  Math.min(calls, breaches + failures.fails + failures.loops + failures.silent + failures.format);

/** Fewer calls say nothing. */
const leastCalls = 6;
/** More than this share of its calls comes to nothing, for sure: then another model is worth its price. */
const tooMany = 1 / 3;
const oneSided95 = 1.645;

/** Whether it fails too often beyond doubt: the lower end of its interval is above a third. */
export const isUnreliable = (row: Reliability): boolean =>
  row.calls >= leastCalls && wilson(failuresOf(row), row.calls, oneSided95).low > tooMany;
