/**
 * What is believed of operators by one that knows none of the problems to be judged: `node scripts/lived.ts FOLDER --runs 100 --judged TASKS.jsonl:10 … BANK …`
 * writes `all-learned.beliefs.json`, taught by half of the other problems of the outcome banks, and `after-100-runs.beliefs.json`, the same after so many runs
 * of one workspace about the other half. Both are arms of `bench`. `TASKS.jsonl:10`: the first ten. The same banks, tasks and seed give the same files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { believedWithout } from '../src/bench/more-runs.ts';
import { problemOf, readTasks } from '../src/bench/tasks.ts';
import { taughtBy, withDigits } from './taught-by.ts';

const options = {
  runs: { type: 'string', default: '100' },
  seed: { type: 'string', default: '1' },
  judged: { type: 'string', multiple: true },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const [folder, ...banks] = positionals;
const { judged: suites = [] } = values;
const [runs, seed] = [Number(values.runs), Number(values.seed)];
if (folder === undefined || banks.length === 0 || suites.length === 0 || !Number.isInteger(runs) || !Number.isInteger(seed)) {
  console.error(
    'Name a folder, tasks and outcome banks, and whole numbers for --runs and --seed: node scripts/lived.ts out --judged fix-py.jsonl:10 docs/results/anew/bank.jsonl',
  );
  process.exit(2);
}
const { tasks } = await taughtBy(banks);
// By problem and not by task: a bank may hold the same problem in another language or form.
const judged = new Set<string>();
for (const suite of suites) {
  const [, file = suite, first = ''] = /^(.*?)(?::(\d+))?$/.exec(suite) ?? [];
  const problems: string[] = [];
  for await (const { id } of readTasks(file)) problems.push(problemOf(id));
  for (const problem of problems.slice(0, first === '' ? problems.length : Number(first))) judged.add(problem);
}
const { prior, later, problems } = believedWithout(tasks, judged, { runs, seed });
mkdirSync(folder, { recursive: true });
const write = (name: string, beliefs: object): void => writeFileSync(path.join(folder, `${name}.beliefs.json`), withDigits(beliefs, 6));
write('all-learned', { learned: prior });
write(`after-${runs}-runs`, { runs, learned: later });
console.log(
  `${judged.size} problems are judged; of ${problems} others one half taught, and ${runs} runs are about the other half: ${folder}`,
);
