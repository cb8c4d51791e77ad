/** What outcome banks teach, read for the scripts that teach by them, with the card that says what it was. The same banks give the same card. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readBank } from '../src/bench/bank.ts';
import { type DrawnTask, drawnTasks } from '../src/bench/draws.ts';
import type { TeachingCard } from '../src/learning/prior.ts';

export async function taughtBy(banks: readonly string[]): Promise<{ readonly tasks: readonly DrawnTask[]; readonly card: TeachingCard }> {
  const hash = createHash('sha256');
  for (const bank of banks) hash.update(readFileSync(bank));
  const attempts = (await Promise.all(banks.map((bank) => readBank(bank)))).flatMap((reading) => reading.attempts);
  const tasks = drawnTasks(attempts);
  const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort();
  return {
    tasks,
    card: {
      bank: hash.digest('hex'),
      models: sorted(attempts.map(({ worker }) => worker)),
      suites: sorted(tasks.map(({ suite }) => suite)),
      problems: new Set(tasks.map(({ problem }) => problem)).size,
      draws: tasks.reduce((sum, { draws }) => sum + draws.length, 0),
    },
  };
}

/** More digits than that say nothing, and make the file longer. */
export const withDigits = (value: unknown, digits: number): string =>
  `${JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' ? Number(one.toPrecision(digits)) : one))}\n`;
