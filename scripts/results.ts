/**
 * Makes the tables of docs/results.md again from the results files beside it: `node scripts/results.ts`. What `teamwright bench` appended is
 * the only source; nothing in a table is typed by hand.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { aggregate, type Result, readResults, renderMarkdown } from '../src/bench/index.ts';

const folder = new URL('../docs/results/', import.meta.url);
const page = new URL('../docs/results.md', import.meta.url);
/** Seeds the bootstrap, so that the same results give the same table. */
const seed = 1;
const begin = '<!-- tables: made by scripts/results.ts -->';
const end = '<!-- end of tables -->';

const results: Result[] = [];
for (const name of readdirSync(folder)
  .filter((file) => file.endsWith('.results.jsonl'))
  .sort()) {
  const reading = await readResults(new URL(name, folder).pathname);
  for (const problem of reading.problems) process.stderr.write(`${problem}\n`);
  results.push(...reading.results);
}

const text = readFileSync(page, 'utf8');
const [before, rest] = text.split(begin);
const after = rest?.split(end)[1];
if (before === undefined || after === undefined) throw new Error(`docs/results.md lacks "${begin}" or "${end}".`);
writeFileSync(page, `${before}${begin}\n\n${renderMarkdown(aggregate(results, seed))}\n${end}${after}`);
process.stdout.write(`${results.length} results in docs/results.md\n`);
