/**
 * Makes the tables of docs/results.md again from the results files beside it: `node scripts/results.ts`. What `teamwright bench` appended is
 * the only source; nothing in a table is typed by hand.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readBank } from '../src/bench/bank.ts';
import { renderBank } from '../src/bench/bank-report.ts';
import { aggregate, type Result } from '../src/bench/index.ts';
import { renderMarkdown } from '../src/bench/report.ts';
import { readResults } from '../src/bench/results.ts';

const folder = new URL('../docs/results/', import.meta.url);
const pageFile = new URL('../docs/results.md', import.meta.url);
/** Seeds the bootstrap, so that the same results give the same table. */
const seed = 1;
/** Folders of results, each a place in the page. */
const parts = ['', 'places-first/', 'one-place/', 'seeds/'];
const end = '<!-- end of tables -->';

let page = readFileSync(pageFile, 'utf8');
for (const part of parts) {
  const results = await resultsIn(new URL(part, folder));
  const begin = `<!-- tables of docs/results/${part} made by scripts/results.ts -->`;
  const [before, rest] = page.split(begin);
  const at = rest?.indexOf(end) ?? -1;
  if (before === undefined || rest === undefined || at === -1) throw new Error(`docs/results.md lacks "${begin}" or, after it, "${end}".`);
  const { attempts } = await readBank(new URL(`${part}bank.jsonl`, folder).pathname);
  const tables = [renderMarkdown(aggregate(results, seed)), ...(attempts.length > 0 ? [renderBank(attempts)] : [])];
  page = `${before}${begin}\n\n${tables.map((table) => table.trimEnd()).join('\n\n')}\n\n${rest.slice(at)}`;
  process.stdout.write(`${results.length} results of docs/results/${part} in docs/results.md\n`);
}
writeFileSync(pageFile, page);

async function resultsIn(place: URL): Promise<Result[]> {
  const results: Result[] = [];
  for (const name of readdirSync(place)
    .filter((file) => file.endsWith('.results.jsonl'))
    .sort()) {
    const reading = await readResults(new URL(name, place).pathname);
    for (const problem of reading.problems) process.stderr.write(`${problem}\n`);
    results.push(...reading.results);
  }
  return results;
}
