/**
 * Makes the tables of docs/results.md and docs/learning.md again from the results files beside it: `node scripts/results.ts`. What `teamwright bench` appended is
 * the only source; nothing in a table is typed by hand.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readBank } from '../src/bench/bank.ts';
import type { BankLine } from '../src/bench/bank-line.ts';
import { renderBank } from '../src/bench/bank-report.ts';
import { aggregate, computeCurve, curveLines, drawnTasks, evaluateBank, type Result } from '../src/bench/index.ts';
import { learnTables, moreRunsTables } from '../src/bench/learn-report.ts';
import { type BenchReport, renderMarkdown } from '../src/bench/report.ts';
import { isSolved, readResults } from '../src/bench/results.ts';
import { englishNumbers } from '../src/text/index.ts';

const folder = new URL('../docs/results/', import.meta.url);
const pageFile = new URL('../docs/results.md', import.meta.url);
const learningFile = new URL('../docs/learning.md', import.meta.url);
/** What `teamwright learn evaluate` is shown on, and its folds. */
const bankFiles = ['anew/bank.jsonl', 'anew/samples.bank.jsonl'];
/** The same tasks by a smaller model, for choices between two. */
const smallBankFile = 'small/bank.jsonl';
const folds = 10;
/** What is shown of further runs. */
const moreRuns = { runs: 100, seeds: 3 };
/** Seeds the bootstrap, so that the same results give the same table. */
const seed = 1;
/** Folders of results, each a place in the page. */
const parts = [
  '',
  'arms/',
  'go/',
  'small/',
  'functions/',
  'drafts/',
  'anew/',
  'weighed/',
  'mechanisms/',
  'untested/',
  'parts/',
  'places-first/',
  'one-place/',
  'seeds/',
  'lived/',
];
/** Of each suite the newest runs of both arms: what the headline is made of. */
const newest = [
  'anew/fix-js',
  'anew/fix-py',
  'anew/quixbugs',
  'functions/make-js',
  'functions/make-py',
  'functions/class-py',
  'functions/parts-js',
  'functions/parts-py',
];
const compared = ['samples', 'team'];
const end = '<!-- end of tables -->';

let page = readFileSync(pageFile, 'utf8');
for (const part of parts) {
  const results = await resultsIn(new URL(part, folder));
  const attempts = await attemptsIn(`${part}bank.jsonl`);
  const tables = [renderMarkdown(besideSampling(aggregate(results, seed))), ...(attempts.length > 0 ? [renderBank(attempts)] : [])];
  page = withTables(page, `<!-- tables of docs/results/${part} made by scripts/results.ts -->`, tables);
  process.stdout.write(`${results.length} results of docs/results/${part} in docs/results.md\n`);
}
const standing = (await Promise.all(newest.map((name) => resultsOf(new URL(`${name}.results.jsonl`, folder))))).flat();
const arms = standing.filter(({ arm }) => compared.includes(arm));
page = withTables(page, '<!-- what stands now, made by scripts/results.ts -->', [
  renderMarkdown(aggregate(arms, seed)),
  firstReplies(arms),
]);
const attempts = (await Promise.all(bankFiles.map(attemptsIn))).flat();
const small = await attemptsIn(smallBankFile);
const triedBySmall = new Set(small.map(({ task }) => task));
const byBoth = [...small, ...attempts.filter(({ task }) => triedBySmall.has(task))];
const learned = readFileSync(learningFile, 'utf8');
const learnBegin = '<!-- made of the outcome banks in docs/results by scripts/results.ts -->';
const reports = evaluateBank(attempts, folds, seed, { moreRuns });
const twoBegin = '<!-- with two models, made by scripts/results.ts -->';
const ofTwo = evaluateBank(byBoth, folds, seed).filter(({ models }) => models !== undefined);
const evaluated = withTables(withTables(learned, learnBegin, learnTables(reports)), twoBegin, learnTables(ofTwo));
const curveBegin = '<!-- what more searching gives, made by scripts/results.ts -->';
writeFileSync(learningFile, withTables(evaluated, curveBegin, [curveLines(computeCurve(drawnTasks(attempts))).join('\n')]));
writeFileSync(pageFile, withTables(page, '<!-- what further runs add, made by scripts/results.ts -->', moreRunsTables(reports)));
process.stdout.write(`${attempts.length} attempts of ${bankFiles.length} banks in docs/results in docs/learning.md\n`);

/** The text between the two marks replaced by the tables. */
function withTables(text: string, begin: string, tables: readonly string[]): string {
  const [before, rest] = text.split(begin);
  const at = rest?.indexOf(end) ?? -1;
  if (before === undefined || rest === undefined || at === -1) throw new Error(`A document lacks "${begin}" or, after it, "${end}".`);
  return `${before}${begin}\n\n${tables.map((table) => table.trimEnd()).join('\n\n')}\n\n${rest.slice(at)}`;
}

/** Of more than a handful of arms each is compared with sampling alone, over all suites: 36 pairs a suite tell nobody anything. */
function besideSampling(report: BenchReport): BenchReport {
  const arms = new Set(report.comparisons.flatMap(({ arm, against }) => [arm, against]));
  if (arms.size <= 5) return report;
  const tells = ({ suite, arm, against }: (typeof report.comparisons)[number]): boolean =>
    /^all/.test(suite) && (arm === 'samples' || against === 'samples');
  return { ...report, comparisons: report.comparisons.filter(tells) };
}

/** What the team costs where the first sample is right: there it can save nothing but tokens. */
function firstReplies(results: readonly Result[]): string {
  const tokens = ({ inputTokens, outputTokens }: Result): number => inputTokens + outputTokens;
  const pairs = results
    .filter((one) => one.arm === 'samples' && one.calls === 1 && isSolved(one))
    .flatMap((sampled) => {
      const team = results.find(({ arm, task, seed: own }) => arm === 'team' && task === sampled.task && own === sampled.seed);
      return team === undefined ? [] : [{ task: sampled.task, alone: tokens(sampled), team: tokens(team), solved: isSolved(team) }];
    });
  const { whole } = englishNumbers;
  const meanOf = (of: (pair: (typeof pairs)[number]) => number): string =>
    whole(pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length);
  const dearer = pairs
    .filter(({ alone, team }) => team > 1.05 * alone)
    .map(({ task, alone, team }) => `\`${task}\` ${whole(alone)} → ${whole(team)}`);
  return [
    `Where the first sample is right (${pairs.length} tasks) the team solves ${pairs.filter(({ solved }) => solved).length},`,
    `for ${meanOf(({ team }) => team)} tokens in the mean where that sample takes ${meanOf(({ alone }) => alone)}.`,
    `Dearer by more than 5 %: ${dearer.length === 0 ? 'none' : dearer.join(', ')}.`,
  ].join(' ');
}

async function attemptsIn(file: string): Promise<readonly BankLine[]> {
  return (await readBank(new URL(file, folder).pathname)).attempts;
}

async function resultsIn(place: URL): Promise<Result[]> {
  const results: Result[] = [];
  const names = readdirSync(place).filter((file) => file.endsWith('.results.jsonl'));
  for (const name of names.sort()) results.push(...(await resultsOf(new URL(name, place))));
  return results;
}

async function resultsOf(file: URL): Promise<readonly Result[]> {
  const { results, problems } = await readResults(file.pathname);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return results;
}
