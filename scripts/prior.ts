/**
 * Teaches the beliefs that ship with the product: `node scripts/prior.ts docs/results/places-first/bank.jsonl …` writes src/learning/prior.json from outcome
 * banks. The same banks give the same file.
 */
import { writeFileSync } from 'node:fs';
import { learnedFrom } from '../src/bench/policies.ts';
import type { Prior } from '../src/learning/prior.ts';
import { taughtBy, withDigits } from './taught-by.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Name outcome banks: node scripts/prior.ts docs/results/places-first/bank.jsonl');
  process.exit(2);
}
const { tasks, card } = await taughtBy(files);
const prior: Prior = { card, learned: learnedFrom(tasks) };
writeFileSync(new URL('../src/learning/prior.json', import.meta.url), withDigits(prior, 6));
console.log(`${prior.card.draws} draws of ${prior.card.problems} problems in src/learning/prior.json`);
