/** What is asked of the index, as SQL. Every query takes the same filter. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type RewardTerms, type RewardWeights, rewardOf, rewardWeights } from '../run/index.ts';
import type {
  FilterChoices,
  IndexedRun,
  IndexQueries,
  PageOptions,
  ProblemRuns,
  RunFilter,
  RunPage,
  SpendLine,
  TeamLine,
  TimeBucket,
  Totals,
} from './index-types.ts';

type Row = Readonly<Record<string, unknown>>;

/** `database` is asked for each time: a damaged one is replaced. */
export function queriesOf(database: () => DatabaseSync): IndexQueries {
  const all = (sql: string, values: Values = {}): readonly Row[] => database().prepare(sql).all(values);
  return {
    list: (filter = {}, page = {}) => list(all, filter, page),
    totals: (filter = {}, weights = rewardWeights) => {
      const { where, values } = conditions(filter);
      return totalsOf(all(`SELECT ${sums} FROM runs ${where}`, { ...values, ...weightValues(weights) })[0] ?? {});
    },
    overTime: (by, filter = {}, weights = rewardWeights) => overTime(all, by, filter, weights),
    spendByModel: (filter = {}) => spendBy(all, 'model', filter),
    spendByRole: (filter = {}) => spendBy(all, 'role', filter),
    teams: (filter = {}, weights = rewardWeights) => teams(all, filter, weights),
    choices: () => choices(all),
    problems: (filter = {}) => problems(all, filter),
  };
}

type Values = Record<string, SQLInputValue>;
type All = (sql: string, values?: Values) => readonly Row[];

function conditions(filter: RunFilter): { where: string; values: Values } {
  const terms: string[] = [];
  const values: Values = {};
  const oneOf = (column: string, name: string, wanted: readonly string[] | undefined): void => {
    if (wanted === undefined) return;
    const places = wanted.map((value, index) => {
      values[`${name}${index}`] = value;
      return `:${name}${index}`;
    });
    terms.push(`${column} IN (${places.join(', ')})`);
  };
  const words = (filter.text ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 20);
  for (const [index, word] of words.entries()) {
    values[`word${index}`] = word;
    terms.push(`instr(search, :word${index}) > 0`);
  }
  oneOf('status', 'status', filter.status);
  oneOf('outcome', 'outcome', filter.outcome);
  oneOf('workspace', 'workspace', filter.workspace);
  oneOf('team', 'team', filter.team);
  oneOf('generation', 'generation', filter.generation);
  if (filter.model !== undefined) {
    const before = terms.length;
    oneOf('model', 'model', filter.model);
    terms[before] = `run_id IN (SELECT run_id FROM spend WHERE ${terms[before]})`;
  }
  if (filter.since !== undefined) {
    values.since = filter.since;
    terms.push('started_at >= :since');
  }
  if (filter.until !== undefined) {
    values.until = filter.until;
    terms.push('started_at < :until');
  }
  if (filter.acceptedOnly) terms.push('accepted > 0');
  return { where: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`, values };
}

const reward =
  '(coalesce(performance, 0) - :w_complexity * coalesce(complexity, 0) - :w_efficiency * coalesce(efficiency, 0) + :w_accepted * coalesce(accepted, 0))';
const anyTerm = 'coalesce(performance, complexity, efficiency, accepted) IS NOT NULL';

const weightValues = (weights: RewardWeights): Values => ({
  w_complexity: weights.complexity,
  w_efficiency: weights.efficiency,
  w_accepted: weights.accepted,
});

const orders: Readonly<Record<NonNullable<PageOptions['order']>, string>> = {
  newest: 'started_at DESC, run_id DESC',
  oldest: 'started_at, run_id',
  cost: 'usd DESC, started_at DESC',
  tokens: 'input_tokens + output_tokens DESC, started_at DESC',
  reward: `${reward} DESC, started_at DESC`,
};

function list(all: All, filter: RunFilter, page: PageOptions): RunPage {
  const { where, values } = conditions(filter);
  const order = page.order ?? 'newest';
  const weights = order === 'reward' ? weightValues(rewardWeights) : {};
  const rows = all(`SELECT * FROM runs ${where} ORDER BY ${orders[order]} LIMIT :limit OFFSET :offset`, {
    ...values,
    ...weights,
    limit: page.limit ?? 100,
    offset: page.offset ?? 0,
  });
  const [count] = all(`SELECT count(*) AS total FROM runs ${where}`, values);
  return { runs: rows.map(runOf), total: Number(count?.total ?? 0) };
}

function runOf(row: Row): IndexedRun {
  const terms = termsIn(row);
  return {
    runId: text(row.run_id),
    status: text(row.status) as IndexedRun['status'],
    startedAt: Number(row.started_at),
    finishedAt: maybe(row.finished_at),
    workspace: text(row.workspace),
    title: text(row.title),
    outcome: (row.outcome ?? undefined) as IndexedRun['outcome'],
    solved: row.solved === 1,
    designer: text(row.designer),
    generation: text(row.generation),
    models: JSON.parse(text(row.models)) as string[],
    team: row.team === '' ? undefined : text(row.team),
    origin: (row.origin ?? undefined) as IndexedRun['origin'],
    difficulty: (row.difficulty ?? undefined) as IndexedRun['difficulty'],
    plans: Number(row.plans),
    candidates: Number(row.candidates),
    calls: Number(row.calls),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    usd: Number(row.usd),
    seconds: Number(row.seconds),
    testsFixed: Number(row.tests_fixed),
    testsBroken: Number(row.tests_broken),
    failedBefore: maybe(row.failed_before),
    failedAfter: maybe(row.failed_after),
    standing: text(row.standing) as IndexedRun['standing'],
    verdict: (row.verdict ?? undefined) as IndexedRun['verdict'],
    hunksAccepted: Number(row.hunks_accepted),
    hunksRejected: Number(row.hunks_rejected),
    fourGram: maybe(row.four_gram),
    noRevert: maybe(row.no_revert),
    terms,
    reward: rewardOf(terms),
  };
}

const sums = `
  count(*) AS runs, sum(judged) AS judged, sum(solved) AS solved, sum(tests_fixed) AS tests_fixed, sum(tests_broken) AS tests_broken,
  sum(calls) AS calls, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(usd) AS usd, sum(seconds) AS seconds,
  sum(standing IN ('applied', 'partly-applied')) AS applied, sum(hunks_accepted) AS hunks_accepted, sum(hunks_rejected) AS hunks_rejected,
  avg(performance) AS performance, avg(complexity) AS complexity, avg(efficiency) AS efficiency, avg(accepted) AS accepted,
  avg(CASE WHEN ${anyTerm} THEN ${reward} END) AS reward, avg(four_gram) AS four_gram, avg(no_revert) AS no_revert`;

function totalsOf(row: Row): Totals {
  const judged = Number(row.judged ?? 0);
  const solved = Number(row.solved ?? 0);
  return {
    runs: Number(row.runs ?? 0),
    judged,
    solved,
    solveRate: judged === 0 ? undefined : solved / judged,
    testsFixed: Number(row.tests_fixed ?? 0),
    testsBroken: Number(row.tests_broken ?? 0),
    calls: Number(row.calls ?? 0),
    inputTokens: Number(row.input_tokens ?? 0),
    outputTokens: Number(row.output_tokens ?? 0),
    usd: Number(row.usd ?? 0),
    seconds: Number(row.seconds ?? 0),
    applied: Number(row.applied ?? 0),
    hunksAccepted: Number(row.hunks_accepted ?? 0),
    hunksRejected: Number(row.hunks_rejected ?? 0),
    terms: termsIn(row),
    reward: maybe(row.reward),
    fourGram: maybe(row.four_gram),
    noRevert: maybe(row.no_revert),
  };
}

/** Start of the stretch that a run's beginning lies in, UTC. A week begins on Monday. */
const stretches = {
  day: "date(started_at / 1000, 'unixepoch')",
  week: "date(started_at / 1000, 'unixepoch', 'weekday 0', '-6 days')",
  month: "strftime('%Y-%m', started_at / 1000, 'unixepoch')",
} as const;

function overTime(all: All, by: keyof typeof stretches, filter: RunFilter, weights: RewardWeights): TimeBucket[] {
  const { where, values } = conditions(filter);
  const rows = all(`SELECT ${stretches[by]} AS stretch, ${sums} FROM runs ${where} GROUP BY stretch ORDER BY stretch`, {
    ...values,
    ...weightValues(weights),
  });
  return rows.map((row) => ({ from: text(row.stretch), ...totalsOf(row) }));
}

function spendBy(all: All, column: 'model' | 'role', filter: RunFilter): SpendLine[] {
  const { where, values } = conditions(filter);
  const rows = all(
    `SELECT ${column} AS name, count(DISTINCT run_id) AS runs, sum(calls) AS calls, sum(failed) AS failed, sum(input) AS input,
      sum(output) AS output, sum(cached) AS cached, sum(usd) AS usd, sum(ms) AS ms
    FROM spend WHERE run_id IN (SELECT run_id FROM runs ${where}) GROUP BY ${column} ORDER BY sum(usd) DESC, sum(input) + sum(output) DESC, name`,
    values,
  );
  return rows.map((row) => ({
    name: text(row.name),
    runs: Number(row.runs),
    calls: Number(row.calls),
    failedCalls: Number(row.failed),
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
    cachedInputTokens: Number(row.cached),
    usd: Number(row.usd),
    ms: Number(row.ms),
  }));
}

function teams(all: All, filter: RunFilter, weights: RewardWeights): TeamLine[] {
  const { where, values } = conditions(filter);
  const proposals = all(
    `SELECT team, count(*) AS proposed, sum(approval = 'approved') AS approved, sum(approval = 'declined') AS declined, sum(edited) AS edited
    FROM plans WHERE run_id IN (SELECT run_id FROM runs ${where}) GROUP BY team`,
    values,
  );
  const ended = all(`SELECT team AS name, ${sums} FROM runs ${where} GROUP BY team`, { ...values, ...weightValues(weights) });
  const byTeam = new Map(ended.map((row) => [text(row.name), totalsOf(row)]));
  return proposals
    .map((row) => {
      const team = text(row.team);
      const totals = byTeam.get(team) ?? totalsOf({});
      return {
        team,
        proposed: Number(row.proposed),
        approved: Number(row.approved),
        declined: Number(row.declined),
        edited: Number(row.edited),
        runs: totals.runs,
        solved: totals.solved,
        judged: totals.judged,
        hunksAccepted: totals.hunksAccepted,
        hunksRejected: totals.hunksRejected,
        accepted: totals.terms.accepted,
        reward: totals.reward,
        usd: totals.usd,
        tokens: totals.inputTokens + totals.outputTokens,
      };
    })
    .sort((a, b) => b.runs - a.runs || b.proposed - a.proposed || (a.team < b.team ? -1 : 1));
}

function choices(all: All): FilterChoices {
  const used = (table: string, column: string): string[] =>
    all(`SELECT ${column} AS name FROM ${table} WHERE ${column} <> '' GROUP BY ${column} ORDER BY count(*) DESC, ${column}`).map((row) =>
      text(row.name),
    );
  return {
    workspaces: used('runs', 'workspace'),
    models: used('spend', 'model'),
    teams: used('runs', 'team'),
    outcomes: used('runs', 'outcome') as FilterChoices['outcomes'][number][],
    generations: used('runs', 'generation'),
  };
}

function problems(all: All, filter: RunFilter): ProblemRuns[] {
  const { where, values } = conditions(filter);
  const groups = new Map<string, { problem: string; requestHash: string; runIds: string[] }>();
  for (const row of all(`SELECT run_id, problem, request_hash FROM runs ${where} ORDER BY started_at, run_id`, values)) {
    const problem = text(row.problem);
    const group = groups.get(problem) ?? { problem, requestHash: text(row.request_hash), runIds: [] };
    groups.set(problem, group);
    group.runIds.push(text(row.run_id));
  }
  return [...groups.values()];
}

const text = (value: unknown): string => String(value);
const maybe = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value));

const termsIn = (row: Row): RewardTerms => ({
  performance: maybe(row.performance),
  complexity: maybe(row.complexity),
  efficiency: maybe(row.efficiency),
  accepted: maybe(row.accepted),
});
