/** What an export counts for its report and its data card; goes on from a checkpoint. */
import { generationName } from '../identity.ts';
import type { Checkpoint } from './progress.ts';
import type { Side } from './split.ts';
import type { Sample } from './types.ts';

export interface Tally {
  row(side: Side, sample: Sample): void;
  duplicate(): void;
  run(how: 'taken' | 'changed'): void;
  rows(side?: Side): number;
  now(): Pick<Checkpoint, 'rows' | 'duplicates' | 'runs' | 'changed' | 'counts'>;
  /** Rows by generation, and by the words among their facts (`role coder`). */
  generations(): Record<string, number>;
  kinds(): Record<string, number>;
}

/** Facts that sort rows into kinds: words and yes-or-no, not numbers. Ids of single runs are none. */
const isKind = (name: string, value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'boolean') && !['session_id', 'schema_version', 'agent'].includes(name);

export function tallyFrom(last: Checkpoint | undefined): Tally {
  const rows: Record<string, number> = { ...last?.rows };
  const counts: Record<string, number> = { ...last?.counts };
  let duplicates = last?.duplicates ?? 0;
  const runs = { taken: last?.runs ?? 0, changed: last?.changed ?? 0 };
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const named = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, times]) => [name.slice(prefix.length), times]),
    );
  return {
    row: (side, sample) => {
      rows[side] = (rows[side] ?? 0) + 1;
      count(`generation ${generationName(sample.from.generations)}`);
      for (const [name, value] of Object.entries(sample.facts)) if (isKind(name, value)) count(`kind ${name} ${value}`);
    },
    duplicate: () => {
      duplicates += 1;
    },
    run: (how) => {
      runs[how] += 1;
    },
    rows: (side) => (side === undefined ? (rows.train ?? 0) + (rows.validation ?? 0) : (rows[side] ?? 0)),
    now: () => ({ rows: { ...rows }, duplicates, runs: runs.taken, changed: runs.changed, counts: { ...counts } }),
    generations: () => named('generation '),
    kinds: () => named('kind '),
  };
}
