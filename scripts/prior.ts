/**
 * Teaches the beliefs that ship with the product: `node scripts/prior.ts docs/results/places-first/bank.jsonl …` writes src/learning/prior.json from outcome
 * banks. The same banks give the same file.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readBank } from '../src/bench/bank.ts';
import { drawnTasks } from '../src/bench/draws.ts';
import { learnedFrom } from '../src/bench/policies.ts';
import type { Prior } from '../src/learning/prior.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Name outcome banks: node scripts/prior.ts docs/results/places-first/bank.jsonl');
  process.exit(2);
}
const hash = createHash('sha256');
for (const file of files) hash.update(readFileSync(file));
const attempts = (await Promise.all(files.map((file) => readBank(file)))).flatMap((reading) => reading.attempts);
const tasks = drawnTasks(attempts);
const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort();
const prior: Prior = {
  card: {
    bank: hash.digest('hex'),
    models: sorted(attempts.map(({ worker }) => worker)),
    suites: sorted(tasks.map(({ suite }) => suite)),
    problems: new Set(tasks.map(({ problem }) => problem)).size,
    draws: tasks.reduce((sum, { draws }) => sum + draws.length, 0),
  },
  learned: learnedFrom(tasks),
};
/** More digits say nothing, and make the file longer. */
const digits = 6;
const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(digits)) : value);
writeFileSync(new URL('../src/learning/prior.json', import.meta.url), `${JSON.stringify(prior, rounded)}\n`);
console.log(`${prior.card.draws} draws of ${prior.card.problems} problems in src/learning/prior.json`);
