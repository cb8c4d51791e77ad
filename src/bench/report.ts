/** Results in, table out. Every reported number is made here, from the results file alone. Pure. */
import { type Interval, wilson } from '../learning/index.ts';
import { englishNumbers } from '../text/index.ts';
import { table } from '../trace/index.ts';
import { isSolved, type Result } from './results.ts';
import { type Description, describe, type Pair, type PairedComparison, pairedBootstrap } from './statistics.ts';
import { problemOf } from './tasks.ts';

/** One suite and arm. Rates are from 0 to 1. */
export interface ArmReport {
  readonly suite: string;
  readonly arm: string;
  readonly tasks: number;
  readonly seeds: number;
  readonly runs: number;
  /** Runs whose hidden tests pass, and that left no visible one red. */
  readonly solved: number;
  readonly rate: number;
  /** Wilson, over problems: neither seeds of one task nor forms of one problem are independent, so they do not narrow it. */
  readonly interval: Interval;
  /** The rate of each seed. */
  readonly overSeeds: Description;
  readonly visible: number;
  /** Visible tests pass, hidden ones do not. */
  readonly visibleOnly: number;
  readonly tokens: Description;
  readonly freshTokens: Description;
  readonly calls: Description;
  readonly seconds: Description;
  /** Of them in calls of the model and in runs of the tests; absent in older results. */
  readonly modelSeconds?: Description;
  readonly testSeconds?: Description;
  /** Among the runs where a model designed; absent when there is none. */
  readonly validPlans?: { readonly count: number; readonly of: number };
  readonly fellBack?: { readonly count: number; readonly of: number };
  readonly errors: number;
  readonly estimated: boolean;
}

export interface ArmComparison extends PairedComparison {
  readonly suite: string;
  /** `difference` is the pass rate of `arm` minus that of `against`. */
  readonly arm: string;
  readonly against: string;
}

export interface BenchReport {
  readonly arms: readonly ArmReport[];
  readonly comparisons: readonly ArmComparison[];
}

export const everySuite = 'all';

/** Suites that stand together, in the order of the table: what a model has read much of, and what it has hardly read, is told apart. */
const sets: readonly { readonly name: string; readonly suites: RegExp }[] = [
  { name: 'small', suites: /^(fix|make)-|^quixbugs$/ },
  { name: 'class', suites: /^class-/ },
  { name: 'parts', suites: /^parts-/ },
];
const setOf = (suite: string): number => {
  const found = sets.findIndex(({ suites }) => suites.test(suite));
  return found === -1 ? sets.length : found;
};

/**
 * `seed` is the bootstrap's. Suites and arms keep the order of their first result, suites of a set together; a set of several suites has a line of its
 * own where there are other ones too, and with several suites `all` is added.
 */
export function aggregate(results: readonly Result[], seed: number, resamples = 10_000): BenchReport {
  const suites = unique(results.map((result) => result.suite)).toSorted((a, b) => setOf(a) - setOf(b));
  const of = (some: readonly string[]): Result[] => results.filter((result) => some.includes(result.suite));
  const groups = [...Map.groupBy(suites, setOf)].flatMap(([set, own]) => [
    ...own.map((suite) => ({ suite, own: of([suite]) })),
    ...(own.length > 1 && own.length < suites.length && sets[set] ? [{ suite: `all ${sets[set].name}`, own: of(own) }] : []),
  ]);
  if (suites.length > 1) groups.push({ suite: everySuite, own: [...results] });
  const arms = unique(results.map((result) => result.arm));
  return {
    arms: groups.flatMap(({ suite, own }) =>
      arms
        .map((arm) => own.filter((result) => result.arm === arm))
        .filter((some) => some.length > 0)
        .map((some) => armReport(suite, some)),
    ),
    comparisons: groups.flatMap(({ suite, own }) => compareArms(suite, own, arms, seed, resamples)),
  };
}

function armReport(suite: string, results: readonly Result[]): ArmReport {
  const tasks = unique(results.map((result) => result.task));
  const seeds = unique(results.map((result) => result.seed));
  const solved = count(results, isSolved);
  const perTask = tasks.map((task) => rate(results.filter((result) => result.task === task)));
  const problems = unique(tasks.map(problemOf)).length;
  const mean = describe(perTask).mean;
  const designed = results.filter((result) => result.planValid !== undefined);
  const mayFall = results.filter((result) => result.fellBack !== undefined);
  return {
    suite,
    arm: results[0]?.arm as string,
    tasks: tasks.length,
    seeds: seeds.length,
    runs: results.length,
    solved,
    rate: mean,
    interval: wilson(mean * problems, problems),
    overSeeds: describe(seeds.map((seed) => rate(results.filter((result) => result.seed === seed)))),
    visible: count(results, (result) => result.passVisible),
    visibleOnly: count(results, (result) => result.passVisible && !result.passHidden),
    tokens: describe(results.map((result) => result.inputTokens + result.outputTokens)),
    freshTokens: describe(results.map((result) => result.inputTokens - result.cachedInputTokens + result.outputTokens)),
    calls: describe(results.map((result) => result.calls)),
    seconds: describe(results.map((result) => result.seconds)),
    ...told('modelSeconds', results),
    ...told('testSeconds', results),
    validPlans: designed.length === 0 ? undefined : { count: count(designed, (result) => result.planValid === true), of: designed.length },
    fellBack: mayFall.length === 0 ? undefined : { count: count(mayFall, (result) => result.fellBack === true), of: mayFall.length },
    errors: count(results, (result) => result.error !== undefined),
    estimated: results.some((result) => result.estimated),
  };
}

/** Only where every result tells it. */
function told<Name extends 'modelSeconds' | 'testSeconds'>(name: Name, results: readonly Result[]): { readonly [N in Name]?: Description } {
  const values = results.flatMap((result) => result[name] ?? []);
  return values.length === results.length ? ({ [name]: describe(values) } as { [N in Name]: Description }) : {};
}

/** Every pair of arms, later against earlier, on the (task, seed) tuples that both have. */
function compareArms(suite: string, results: readonly Result[], arms: readonly string[], seed: number, resamples: number): ArmComparison[] {
  return arms.flatMap((against, index) =>
    arms.slice(index + 1).flatMap((arm) => {
      const pairs = pairTasks(results, arm, against);
      return pairs.length === 0 ? [] : [{ suite, arm, against, ...pairedBootstrap(pairs, seed, resamples) }];
    }),
  );
}

function pairTasks(results: readonly Result[], arm: string, against: string): Pair[] {
  const other = new Map(results.filter((result) => result.arm === against).map((result) => [tupleOf(result), result]));
  const byTask = new Map<string, [Result[], Result[]]>();
  for (const result of results) {
    const partner = result.arm === arm ? other.get(tupleOf(result)) : undefined;
    if (partner === undefined) continue;
    const [mine, theirs] = byTask.get(result.task) ?? [[], []];
    byTask.set(result.task, [
      [...mine, result],
      [...theirs, partner],
    ]);
  }
  return [...byTask].map(([task, [mine, theirs]]) => [rate(mine), rate(theirs), problemOf(task)] as const);
}

const tupleOf = (result: Result): string => JSON.stringify([result.task, result.seed]);
const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
const count = (results: readonly Result[], holds: (result: Result) => boolean): number => results.filter(holds).length;
const rate = (results: readonly Result[]): number => (results.length === 0 ? 0 : count(results, isSolved) / results.length);

// ---- tables ---------------------------------------------------------------------------------------------------------------------

const columns = [
  'suite',
  'arm',
  'solved',
  'rate',
  '95 %',
  'sd over seeds',
  'visible',
  'tokens mean',
  'tokens max',
  'fresh',
  'calls',
  'seconds',
  'in calls',
  'in tests',
  'valid plans',
  'fell back',
  'errors',
];

const percent = (share: number): string => (share * 100).toFixed(1);
const share = (part: { readonly count: number; readonly of: number } | undefined): string => (part ? `${part.count}/${part.of}` : '–');
const whole = (value: number): string => (Number.isNaN(value) ? '–' : englishNumbers.whole(value));

function cells(arm: ArmReport): string[] {
  const about = arm.estimated ? '~' : '';
  return [
    arm.suite,
    arm.arm,
    `${arm.solved}/${arm.runs}`,
    `${percent(arm.rate)} %`,
    `${percent(arm.interval.low)}–${percent(arm.interval.high)}`,
    arm.seeds > 1 ? percent(arm.overSeeds.sd) : '–',
    `${arm.visible}/${arm.runs}`,
    about + whole(arm.tokens.mean),
    about + whole(arm.tokens.max),
    about + whole(arm.freshTokens.mean),
    arm.calls.mean.toFixed(1),
    arm.seconds.mean.toFixed(1),
    arm.modelSeconds?.mean.toFixed(1) ?? '–',
    arm.testSeconds?.mean.toFixed(1) ?? '–',
    share(arm.validPlans),
    share(arm.fellBack),
    String(arm.errors),
  ];
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(1)}`;

/** One sentence a pair of arms. */
export function comparisonLine(pair: ArmComparison): string {
  const p = pair.p < 0.001 ? 'p < 0.001' : `p = ${pair.p.toFixed(3)}`;
  return `${pair.suite}: ${pair.arm} − ${pair.against} = ${signed(pair.difference)} points, 95 % ${signed(pair.interval.low)} to ${signed(pair.interval.high)}, ${p}, ${pair.tasks} tasks${pair.problems < pair.tasks ? ` of ${pair.problems} problems` : ''}`;
}

function notes(report: BenchReport): string[] {
  const lines = [
    'Solved: the hidden tests pass, and no visible one was left red. Intervals: Wilson over problems. Pairs: paired bootstrap over problems, two-sided. Fresh tokens: those that no cache held, and what was written. Seconds: the whole, of them in calls, of them in tests.',
  ];
  if (report.arms.some(({ suite }) => setOf(suite) < 2))
    lines.push(
      'Models have probably read the problems of quixbugs, fix-*, make-* (HumanEval) and class-* (Exercism), with solutions; those of parts-* are put together of them and stand nowhere.',
    );
  if (report.arms.some((arm) => arm.errors > 0))
    lines.push('Errors are failures of the environment; they count as not solved, and are tried again when the benchmark goes on.');
  if (report.arms.some((arm) => arm.estimated)) lines.push('~ our estimate: the server reported no tokens for some calls.');
  return lines;
}

/** For a terminal; ends with a line break. */
export function renderText(report: BenchReport): string {
  if (report.arms.length === 0) return 'No results.\n';
  const rows = table([columns, ...report.arms.map(cells)], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  const pairs = report.comparisons.map(comparisonLine);
  return `${[...rows, '', ...(pairs.length > 0 ? [...pairs, ''] : []), ...notes(report)].join('\n')}\n`;
}

/** For a document; ends with a line break. */
export function renderMarkdown(report: BenchReport): string {
  if (report.arms.length === 0) return 'No results.\n';
  const rows = markdownTable(columns, report.arms.map(cells), 2);
  const pairs = report.comparisons.map((pair) => `- ${comparisonLine(pair)}`);
  return `${[...rows, '', ...(pairs.length > 0 ? [...pairs, ''] : []), notes(report).join(' ')].join('\n')}\n`;
}

/** Lines of a table in a document; the first `words` columns are no numbers. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[], words: number): string[] {
  const row = (values: readonly string[]): string => `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map((_, column) => (column < words ? '---' : '---:'))), ...rows.map(row)];
}
