/** The outcome bank: every attempt of every operator, one record a line, appended run by run once the run has ended. */
import { openAppendLog } from '../trace/index.ts';
import { type BankLine, bankLineSchema } from './bank-line.ts';
import { readRecords } from './record-lines.ts';

export interface BankReading {
  /** Of each (task, arm, seed, models, budget) the last run that is whole. */
  readonly attempts: readonly BankLine[];
  /** Lines that are no record and runs that lack some, one sentence each. */
  readonly problems: readonly string[];
}

/** Reads a bank; an absent one is empty. Rejects with `bench-unusable` when it cannot be read. */
export async function readBank(file: string): Promise<BankReading> {
  const { records, problems } = await readRecords(file, bankLineSchema, 'bank-unreadable');
  const runs = new Map<string, Map<number, BankLine>>();
  for (const attempt of records) {
    const own = runs.get(attempt.runId) ?? new Map<number, BankLine>();
    runs.set(attempt.runId, own.set(attempt.order, attempt));
  }
  const last = new Map<string, readonly BankLine[]>();
  for (const [runId, own] of runs) {
    const attempts = [...own.values()].sort((a, b) => a.order - b.order);
    const [first] = attempts;
    if (first === undefined) continue;
    if (attempts.length === first.of) last.set(tupleOf(first), attempts);
    else problems.push(`${file}: of the ${first.of} attempts of run ${runId} only ${attempts.length} are there, so it counts for nothing`);
  }
  return { attempts: [...last.values()].flat(), problems };
}

const tupleOf = ({ task, arm, seed, worker, strong, before }: BankLine): string =>
  JSON.stringify([task, arm, seed, worker, strong, before.budgetTokens]);

export interface Bank {
  readonly problems: readonly string[];
  /** All of its attempts are there. */
  has(runId: string): boolean;
  /** What the hidden tests said of these files; undefined: they were not run on them. */
  hiddenOf(task: string, tree: string): boolean | undefined;
  /** Durable when this resolves. */
  append(attempts: readonly BankLine[]): Promise<void>;
  close(): void;
}

export async function openBank(file: string): Promise<Bank> {
  const { attempts, problems } = await readBank(file);
  const runs = new Set<string>();
  const hidden = new Map<string, boolean>();
  const keep = (some: readonly BankLine[]): void => {
    for (const attempt of some) {
      runs.add(attempt.runId);
      if (attempt.tree !== undefined && attempt.hidden !== undefined)
        hidden.set(JSON.stringify([attempt.task, attempt.tree]), attempt.hidden);
    }
  };
  keep(attempts);
  const log = openAppendLog(file);
  return {
    problems,
    has: (runId) => runs.has(runId),
    hiddenOf: (task, tree) => hidden.get(JSON.stringify([task, tree])),
    async append(some) {
      const checked = some.map((attempt) => bankLineSchema.parse(attempt));
      log.append(checked.map((attempt) => `${JSON.stringify(attempt)}\n`).join(''));
      log.write();
      await log.sync();
      keep(checked);
    },
    close: () => log.close(),
  };
}
