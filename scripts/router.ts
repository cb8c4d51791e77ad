/**
 * Teaches the router that ships with the product: `node scripts/router.ts docs/results/places-first/bank.jsonl … [tasks.jsonl …]` writes src/learning/router/router.json
 * from outcome banks. Files of tasks tell the words of their requests, which no bank holds. The same files give the same weights.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { examplesOf, routerFrom } from '../src/bench/routing.ts';
import { noGradient, size, untrained } from '../src/learning/router/policy.ts';
import type { ShippedRouter } from '../src/learning/router/shipped.ts';
import { addGradient } from '../src/learning/router/train.ts';
import { taughtBy, withDigits } from './taught-by.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Name outcome banks: node scripts/router.ts docs/results/places-first/bank.jsonl');
  process.exit(2);
}
const requests = new Map<string, string>();
const banks: string[] = [];
for (const file of files) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const tasks = lines.map((line) => JSON.parse(line) as { id?: unknown; request?: unknown });
  if (tasks.every(({ id, request }) => typeof id === 'string' && typeof request === 'string'))
    for (const { id, request } of tasks) requests.set(id as string, request as string);
  else banks.push(file);
}
const { tasks, card } = await taughtBy(banks);
const examples = examplesOf(tasks, (task) => requests.get(task) ?? '');
const none = Array.from({ length: size }, () => 0);
const recorded = examples.map((example) => addGradient(untrained(1), example, none, noGradient()).known);
const shipped: ShippedRouter = {
  card: {
    ...card,
    recorded: recorded.reduce((sum, share) => sum + share, 0) / recorded.length,
    requests: tasks.filter(({ task }) => requests.has(task)).length,
  },
  weights: routerFrom(examples),
};
writeFileSync(new URL('../src/learning/router/router.json', import.meta.url), withDigits(shipped, 5));
console.log(`${shipped.card.draws} draws of ${shipped.card.problems} problems in src/learning/router/router.json`);
