/** Policies compared on an outcome bank, ten-fold by problem: what learns is taught by tasks of other problems only. Pure. */
import { type Operator, partsOf, ratesOf, workOf } from '../learning/index.ts';
import { englishNumbers } from '../text/index.ts';
import { table } from '../trace/index.ts';
import type { BankLine } from './bank-line.ts';
import { type DrawnTask, drawnTasks, type RatedModel } from './draws.ts';
import { afterMoreRuns, type MoreRuns } from './more-runs.ts';
import { bestFixed, inOrder, learnedFrom, learnedPlan, learnedStepwise, oracleFor, rules, samples } from './policies.ts';
import { type Policy, type Replayed, replay } from './replay.ts';
import { everySuite, markdownTable } from './report.ts';
import { examplesOf, routed, routerFrom } from './routing.ts';
import { describe, type PairedComparison, pairedBootstrap } from './statistics.ts';

export interface PolicyReport {
  readonly suite: string;
  readonly policy: string;
  readonly tasks: number;
  readonly problems: number;
  readonly solved: number;
  readonly tokens: number;
  readonly reward: number;
  /** Tasks in which it asked for more than was recorded. */
  readonly ranOut: number;
  /** Its reward minus that of the best fixed schedule. */
  readonly against?: PairedComparison;
}

export interface LearnReport {
  readonly model: string;
  /** Where there are several, from cheap to dear, and what a token of each counts as in tokens of the first one. */
  readonly models?: readonly RatedModel[];
  readonly budgetTokens?: number;
  /** Recorded draws, each reply once. */
  readonly draws: number;
  readonly policies: readonly PolicyReport[];
  readonly moreRuns?: MoreRuns;
}

const against = 'best fixed schedule';

type Ways = Readonly<Record<string, (others: readonly DrawnTask[]) => (task: DrawnTask) => Policy>>;

/** A policy for each task, made from the tasks of other folds. Work without a model's name is by the first one. */
const waysFor = (models: readonly RatedModel[]): Ways => ({
  samples: () => () => samples,
  'hand-written rules': () => () => rules,
  [against]: (others) => {
    const list = inOrder(bestFixed(others));
    return () => list;
  },
  learned: (others) => {
    const known = learnedFrom(others);
    return () => learnedPlan(known);
  },
  'learned, and a last draft': (others) => {
    const known = learnedFrom(others);
    return () => learnedPlan(known, { lastDraft: true });
  },
  'learned, after each try': (others) => {
    const policy = learnedStepwise(learnedFrom(others));
    return () => policy;
  },
  router: (others) => {
    const weights = routerFrom(examplesOf(others));
    return (task) => routed(weights, task, models);
  },
  ...(models.length > 1 && Object.fromEntries(models.flatMap((model, at) => waysOf(model.name, at === 0)))),
  oracle: () => oracleFor,
});

/** What one of several models does alone, to compare. */
function waysOf(model: string, isFirst: boolean): [string, Ways[string]][] {
  const own = isFirst ? undefined : model;
  const isOwn = (work: Operator): boolean => work === 'changes' || partsOf(work).model === own;
  return [
    ...(isFirst ? [] : ([[`samples by ${model}`, () => () => inOrder([], workOf('draft', own))]] satisfies [string, Ways[string]][])),
    [
      `learned, only ${model}`,
      (others) => {
        const known = learnedFrom(others);
        return () => {
          const plan = learnedPlan(known);
          return (seen) => plan({ ...seen, offered: seen.offered.filter(isOwn) });
        };
      },
    ],
  ];
}

/** USD for a million tokens, in and out together, by the names of models. */
export type BankPrices = Readonly<Record<string, number>>;

export interface EvaluateOptions {
  readonly prices?: BankPrices;
  /** What further runs add, where one model is asked: so many, over so many seeds. */
  readonly moreRuns?: { readonly runs: number; readonly seeds: number };
}

/**
 * One report for each model (or pair of models) and budget in the bank, and one for all models together on the tasks that were tried with each of
 * them. `seed` is the bootstrap's.
 */
export function evaluateBank(
  attempts: readonly BankLine[],
  folds: number,
  seed: number,
  { prices = {}, moreRuns }: EvaluateOptions = {},
): readonly LearnReport[] {
  const groups = [...Map.groupBy(attempts, ({ worker, strong, before }) => JSON.stringify([worker, strong, before.budgetTokens])).values()];
  const budgets = [...Map.groupBy(groups, ([first]) => first?.before.budgetTokens).values()];
  const together = budgets.filter((own) => own.length > 1).map((own) => triedByAll(own.flat()));
  return [...groups, ...together.filter((own) => askedIn(own).length > 1)].map((own) => {
    const models = ratedModels(modelsOf(own), prices);
    const tasks = drawnTasks(own, models);
    return {
      model: models.map(({ name }) => name).join(' and '),
      ...(models.length > 1 && { models }),
      budgetTokens: own[0]?.before.budgetTokens,
      draws: tasks.reduce((sum, { draws }) => sum + draws.length, 0),
      policies: compare(tasks, waysFor(models), folds, seed),
      ...(moreRuns && models.length === 1 && { moreRuns: afterMoreRuns(tasks, { ...moreRuns, folds, bootstrapSeed: seed }) }),
    };
  });
}

const askedIn = (lines: readonly BankLine[]): string[] => [...new Set(lines.flatMap(({ model }) => model ?? []))];

/** Older lines do not say who was asked: the worker. */
function modelsOf(lines: readonly BankLine[]): string[] {
  const asked = askedIn(lines);
  return asked.length === 0 ? [lines[0]?.worker ?? ''] : asked;
}

function triedByAll(lines: readonly BankLine[]): readonly BankLine[] {
  const models = askedIn(lines).length;
  return [...Map.groupBy(lines, ({ task }) => task).values()].filter((own) => askedIn(own).length === models).flat();
}

/** From cheap to dear. */
function ratedModels(names: readonly string[], prices: BankPrices): readonly RatedModel[] {
  const rates = ratesOf(names.map((name) => ({ name, text: '', price: prices[name] })));
  return names.map((name, at) => ({ name, text: '', price: prices[name], rate: rates[at] as number })).toSorted((a, b) => a.rate - b.rate);
}

/** Problems are dealt to the folds in the order of their names. */
function compare(tasks: readonly DrawnTask[], ways: Ways, folds: number, seed: number): readonly PolicyReport[] {
  const problems = [...new Set(tasks.map(({ problem }) => problem))].sort();
  const foldOf = new Map(problems.map((problem, index) => [problem, index % folds]));
  const results = Object.entries(ways).map(([policy, make]) => {
    const replayed = Array.from({ length: folds }, (_, fold) => {
      const [own, others] = [
        tasks.filter((task) => foldOf.get(task.problem) === fold),
        tasks.filter((task) => foldOf.get(task.problem) !== fold),
      ];
      const policyFor = make(others);
      return own.map((task) => replay(task, policyFor(task)));
    }).flat();
    return { policy, replayed };
  });
  const base = results.find(({ policy }) => policy === against)?.replayed ?? [];
  const suites = [...new Set(tasks.map(({ suite }) => suite))].sort();
  return [...suites, ...(suites.length > 1 ? [everySuite] : [])].flatMap((suite) =>
    results.map(({ policy, replayed }) => {
      const of = (all: readonly Replayed[]): Replayed[] => all.filter((result) => suite === everySuite || result.suite === suite);
      const own = of(replayed);
      const rewardBy = new Map(of(base).map(({ task, reward }) => [task, reward]));
      return {
        ...{ suite, policy, tasks: own.length, problems: new Set(own.map(({ problem }) => problem)).size },
        solved: own.filter(({ solved }) => solved).length,
        tokens: describe(own.map(({ tokens }) => tokens)).mean,
        reward: describe(own.map(({ reward }) => reward)).mean,
        ranOut: own.filter(({ ranOut }) => ranOut).length,
        ...(policy !== against && {
          against: pairedBootstrap(
            own.map(({ task, reward, problem }) => [reward, rewardBy.get(task) ?? 0, problem]),
            seed,
          ),
        }),
      };
    }),
  );
}

const columns = ['suite', 'policy', 'solved', 'tokens mean', 'reward', 'against the best fixed schedule, 95 %', 'ran out'];
const digits = 3;
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
const pairText = (pair: PairedComparison | undefined): string =>
  pair ? `${signed(pair.difference)} (${signed(pair.interval.low)} to ${signed(pair.interval.high)})` : '–';

function cells({ suite, policy, solved, tasks, tokens, reward, against: pair, ranOut }: PolicyReport): string[] {
  return [suite, policy, `${solved}/${tasks}`, englishNumbers.whole(tokens), reward.toFixed(digits), pairText(pair), String(ranOut)];
}

const moreRunsColumns = ['arm', 'solved', 'sd', 'tokens mean', 'sd', 'reward', 'sd', 'against all learned, 95 %'];

const moreRunsRows = ({ arms }: MoreRuns): string[][] =>
  arms.map(({ arm, tasks, solved, tokens, reward, against: pair }) => [
    arm,
    `${solved.mean.toFixed(1)}/${tasks}`,
    solved.sd.toFixed(1),
    englishNumbers.whole(tokens.mean),
    englishNumbers.whole(tokens.sd),
    reward.mean.toFixed(digits),
    reward.sd.toFixed(digits),
    pairText(pair),
  ]);

const moreRunsNote = ({ runs, seeds }: MoreRuns): string =>
  `Replayed from the bank over ${englishNumbers.count(seeds)} seeds, not run: a seed deals the problems anew, half of those that are not judged teach what is learned and the other half is what the ${englishNumbers.count(runs)} further runs are about. sd: over seeds.`;

/** A difference in reward below this leaves nothing to win for who looks at the request. */
const worthLooking = 0.03;

/** What the figures say of learning at all. */
function conclusion(policies: readonly PolicyReport[]): string[] {
  const last = policies.at(-1)?.suite;
  const rewardOf = (name: string): number | undefined => policies.find(({ suite, policy }) => suite === last && policy === name)?.reward;
  const [fixed, best] = [rewardOf(against), rewardOf('oracle')];
  if (fixed === undefined || best === undefined) return [];
  const left = best - fixed;
  const reads = `What an oracle earns beyond the best fixed schedule: ${signed(left)}.`;
  return [left < worthLooking ? `${reads} So one schedule for all is right here, and looking at the request has nothing to win.` : reads];
}

const heading = ({ model, models = [], budgetTokens, draws }: LearnReport): string => {
  const budget = budgetTokens === undefined ? '' : `, ${englishNumbers.count(budgetTokens)} tokens a task`;
  const [first, ...dearer] = models;
  const rates = dearer.map(({ name, rate }) => `; a token of ${name} counts as ${rate.toFixed(1)} of ${first?.name}`).join('');
  return `${model}${budget}, ${englishNumbers.count(draws)} recorded draws${rates}`;
};

const note =
  'Replayed from the bank, without a model. Solved: visible and hidden tests pass. Reward: solved − complexity − efficiency (docs/lessons.md). Intervals: paired bootstrap over problems. Ran out: it asked for a further draw, and none was recorded; it ends there.';

/** For a terminal; ends with a line break. */
export function renderLearnReports(reports: readonly LearnReport[]): string {
  const parts = reports.map((report) => [
    heading(report),
    ...table([columns, ...report.policies.map(cells)], [2, 3, 4, 6]),
    ...conclusion(report.policies),
    ...(report.moreRuns
      ? ['', ...table([moreRunsColumns, ...moreRunsRows(report.moreRuns)], [1, 2, 3, 4, 5, 6]), moreRunsNote(report.moreRuns)]
      : []),
    '',
  ]);
  return `${[...parts.flat(), note].join('\n')}\n`;
}

/** For a document: each a piece of Markdown. */
export const learnTables = (reports: readonly LearnReport[]): string[] => [
  ...reports.flatMap((report) => [
    `${heading(report)}:`,
    markdownTable(columns, report.policies.map(cells), 2).join('\n'),
    ...conclusion(report.policies),
  ]),
  note,
];

/** What further runs add, for a document. */
export const moreRunsTables = (reports: readonly LearnReport[]): string[] =>
  reports.flatMap(({ moreRuns }) =>
    moreRuns === undefined ? [] : [markdownTable(moreRunsColumns, moreRunsRows(moreRuns), 1).join('\n'), moreRunsNote(moreRuns)],
  );
