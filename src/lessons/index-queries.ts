/** What is asked of the index, as SQL. Every query takes the same filter. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type RewardTerms, rewardWeights } from '../learning/index.ts';
import type { DayTotals, IndexQueries, MonthSpend, ProblemRuns, RunFilter, SpendLine, TeamLine, Totals } from './index-types.ts';

type Row = Readonly<Record<string, unknown>>;

/** `database` is asked for each time: a damaged one is replaced. */
export function queriesOf(database: () => DatabaseSync): IndexQueries {
  const all = (sql: string, values: Values = {}): readonly Row[] => database().prepare(sql).all(values);
  return {
    totals: (filter = {}) => {
      const { where, values } = conditions(filter);
      return totalsOf(all(`SELECT ${sums} FROM runs ${where}`, values)[0] ?? {});
    },
    days: (filter = {}) => days(all, filter),
    spendByMonth: (filter = {}) => spendByMonth(all, filter),
    spendByModel: (filter = {}) => spendBy(all, 'model', filter),
    spendByRole: (filter = {}) => spendBy(all, 'role', filter),
    teams: (filter = {}) => teams(all, filter),
    workspaces: () =>
      all('SELECT workspace FROM runs GROUP BY workspace ORDER BY count(*) DESC, workspace').map(({ workspace }) => text(workspace)),
    problems: (filter = {}) => problems(all, filter),
    changed: (filter = {}) => {
      const { where, values } = conditions(filter, 'record_changed = 1');
      return Number(all(`SELECT count(*) AS runs FROM runs ${where}`, values)[0]?.runs ?? 0);
    },
  };
}

type Values = Record<string, SQLInputValue>;
type All = (sql: string, values?: Values) => readonly Row[];

/** What a record says that was changed after it was written counts nowhere, unless `records` says otherwise. */
function conditions(filter: RunFilter, records = 'record_changed = 0'): { where: string; values: Values } {
  const terms: string[] = records === '' ? [] : [records];
  const values: Values = {};
  const oneOf = (column: string, name: string, wanted: readonly string[] | undefined): void => {
    if (wanted === undefined) return;
    const places = wanted.map((value, index) => {
      values[`${name}${index}`] = value;
      return `:${name}${index}`;
    });
    terms.push(`${column} IN (${places.join(', ')})`);
  };
  oneOf('outcome', 'outcome', filter.outcome);
  oneOf('workspace', 'workspace', filter.workspace);
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

/** `rewardOf` in SQL. */
const reward = `(coalesce(performance, 0) - ${rewardWeights.complexity} * coalesce(complexity, 0)
  - ${rewardWeights.efficiency} * coalesce(efficiency, 0) + ${rewardWeights.accepted} * coalesce(accepted, 0))`;
const anyTerm = 'coalesce(performance, complexity, efficiency, accepted) IS NOT NULL';

const sums = `
  count(*) AS runs, sum(judged) AS judged, sum(solved) AS solved, sum(tests_fixed) AS tests_fixed, sum(tests_broken) AS tests_broken,
  sum(calls) AS calls, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(usd) AS usd, sum(seconds) AS seconds,
  sum(applied) AS applied, sum(hunks_accepted) AS hunks_accepted, sum(hunks_rejected) AS hunks_rejected,
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

function days(all: All, filter: RunFilter): DayTotals[] {
  const { where, values } = conditions(filter);
  const rows = all(
    `SELECT date(started_at / 1000, 'unixepoch', 'localtime') AS day, ${sums} FROM runs ${where} GROUP BY day ORDER BY day`,
    values,
  );
  return rows.map((row) => ({ day: text(row.day), ...totalsOf(row) }));
}

function spendByMonth(all: All, filter: RunFilter): MonthSpend[] {
  const { where, values } = conditions(filter);
  const rows = all(
    `SELECT strftime('%Y-%m', started_at / 1000, 'unixepoch', 'localtime') AS month, workspace, count(*) AS runs, sum(calls) AS calls,
      sum(input_tokens) AS input, sum(output_tokens) AS output, sum(usd) AS usd
    FROM runs ${where} GROUP BY month, workspace ORDER BY month DESC, sum(usd) DESC, sum(input_tokens) + sum(output_tokens) DESC, workspace`,
    values,
  );
  return rows.map((row) => ({
    month: text(row.month),
    workspace: text(row.workspace),
    runs: Number(row.runs),
    calls: Number(row.calls),
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
    usd: Number(row.usd),
  }));
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

function teams(all: All, filter: RunFilter): TeamLine[] {
  const { where, values } = conditions(filter);
  const proposals = all(
    `SELECT team, count(*) AS proposed, sum(approval = 'approved') AS approved, sum(approval = 'declined') AS declined, sum(edited) AS edited
    FROM plans WHERE run_id IN (SELECT run_id FROM runs ${where}) GROUP BY team`,
    values,
  );
  const ended = all(`SELECT team AS name, ${sums} FROM runs ${where} GROUP BY team`, values);
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

function problems(all: All, filter: RunFilter): ProblemRuns[] {
  const { where, values } = conditions(filter, '');
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
