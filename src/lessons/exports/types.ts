/** What an export format is, and what it gives. Adding one is a file beside this one and a line in `formats.ts`. */
import type { Say } from '../../text/index.ts';
import type { VerdictRecord } from '../record-schema.ts';

/** A message as trainers load it: role and text, nothing else. */
export interface TrainingMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly content: string;
}

/** One line of an export. */
export interface Sample {
  /** The run it comes from; of a pair, the better one. */
  readonly from: Pick<VerdictRecord, 'runId' | 'workspace' | 'problem' | 'generations'>;
  /** Workspaces whose texts are in it besides that one's. */
  readonly alsoFrom?: readonly string[];
  /** Columns with text. Every string in them is redacted before it is written. */
  readonly texts: Readonly<Record<string, unknown>>;
  /** Numbers, labels and ids: words of ours, written as they are. Every number is written with a decimal point, so that a column has one type. */
  readonly facts: Readonly<Record<string, string | number | boolean | readonly number[]>>;
  /** Whole numbers. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** Runs about the same thing, oldest first, each read when it is asked for. */
export type ProblemRecords = AsyncIterable<VerdictRecord>;

export interface ExportFormat {
  readonly name: string;
  /** For lists and quick picks: what it is for, in one line. */
  title(t: Say): string;
  /** What a run must have for a row to come of it; said when an export is empty. */
  readonly needs: string;
  /** How a trainer loads it, as Markdown for the data card. */
  readonly loading: string;
  samples(records: ProblemRecords): AsyncIterable<Sample>;
  /** Whether rows carry ids and generation as columns of their own. `atif` has places for them. */
  readonly bare?: boolean;
  /** More files beside the rows, by name. */
  readonly files?: Readonly<Record<string, string>>;
}
