/** The dashboard: what the index of runs answers, as charts and tables. Pure. */

import type { DayTotals, MonthSpend, SpendLine, TeamLine, Totals } from '../../lessons/index.ts';
import { numbersIn } from '../../text/index.ts';
import { tones } from '../../trace/badge.ts';
import { type Badge, listingBadge, type RunListing, type Tone } from '../../trace/index.ts';
import type { ChartModel, DashboardModel } from '../../webviews/dashboard-types.ts';
import { type Cell, counted, dayCell, moneyCell, named, type Row, scoreCell, shareCell } from './dashboard-cells.ts';
import { filterModel, type SpendFilter } from './dashboard-filter.ts';
import { monthCharts } from './dashboard-months.ts';
import { badgeView, calls, count, money, percent, type Speech } from './words.ts';

export interface DashboardInput {
  /** What the list of runs shows of each. */
  readonly runs: readonly Pick<RunListing, 'status' | 'summary' | 'lastWriteAt'>[];
  readonly totals: Totals;
  /** By day, oldest first. */
  readonly days: readonly DayTotals[];
  readonly months: readonly MonthSpend[];
  readonly models: readonly SpendLine[];
  readonly roles: readonly SpendLine[];
  readonly teams: readonly TeamLine[];
  readonly unreadable: number;
  /** Runs left out, because their record was changed after it was written. */
  readonly changed: number;
  readonly filter: SpendFilter;
}

const goodAndBad: ChartModel['series'] = [
  { column: 1, colour: 'green' },
  { column: 2, colour: 'red' },
];
const one: ChartModel['series'] = [{ column: 1, colour: 'blue' }];

export function dashboardView(input: DashboardInput, speech: Speech): DashboardModel {
  const { l10n, locale } = speech;
  const { totals } = input;
  const leftOut = [
    input.unreadable > 0 && l10n.t('Runs that could not be read and are not counted: {0}.', input.unreadable),
    input.changed > 0 && l10n.t('Runs left out, because their record was changed after it was written: {0}.', input.changed),
  ]
    .filter((sentence) => sentence !== false)
    .join(' ');
  return {
    page: 'dashboard',
    locale,
    ...(leftOut !== '' && { notice: { kind: 'warning' as const, text: leftOut } }),
    empty: totals.runs === 0 && input.runs.length === 0,
    filter: filterModel(input.filter, speech),
    totals: [
      { label: l10n.t('Runs'), value: count(totals.runs, speech), detail: l10n.t('{0} judged by tests', count(totals.judged, speech)) },
      {
        label: l10n.t('Solved'),
        value: totals.solveRate === undefined ? '–' : percent(totals.solveRate, speech),
        detail: l10n.t('{0} of {1}', totals.solved, totals.judged),
      },
      {
        label: l10n.t('Tests fixed'),
        value: count(totals.testsFixed, speech),
        detail: l10n.t('{0} broken', count(totals.testsBroken, speech)),
      },
      { label: l10n.t('Spent'), value: money(totals.usd, speech), detail: calls(totals.calls, speech) },
      {
        label: l10n.t('Tokens'),
        value: count(totals.inputTokens + totals.outputTokens, speech),
        detail: l10n.t('{0} read, {1} written', count(totals.inputTokens, speech), count(totals.outputTokens, speech)),
      },
      {
        label: l10n.t('Accepted'),
        value: totals.terms.accepted === undefined ? '–' : percent(totals.terms.accepted, speech),
        detail: l10n.t('{0} applied', count(totals.applied, speech)),
      },
    ],
    states: stateCounts(input, speech),
    charts: [
      runsChart(input, speech),
      ...timeCharts(input, speech),
      ...monthCharts(input.months, speech),
      ...spendCharts(input, speech),
      rewardChart(input, speech),
      teamChart(input, speech),
    ],
  };
}

/** How many runs stand how, those first that look good and then by what is asked of the user. */
function stateCounts({ runs }: DashboardInput, speech: Speech): DashboardModel['states'] {
  const counts = new Map<string, { badge: Badge; count: number }>();
  for (const run of runs) {
    const own = listingBadge(run);
    counts.set(own.kind, { badge: own, count: (counts.get(own.kind)?.count ?? 0) + 1 });
  }
  return [...counts.values()]
    .sort((a, b) => tones.indexOf(a.badge.tone) - tones.indexOf(b.badge.tone) || b.count - a.count)
    .map((one) => ({ badge: badgeView(one.badge, speech.l10n), count: count(one.count, speech) }));
}

const toneColours: Readonly<Record<Tone, ChartModel['series'][number]['colour']>> = {
  good: 'green',
  bad: 'red',
  caution: 'yellow',
  busy: 'blue',
  quiet: 'purple',
};

function runsChart({ runs }: DashboardInput, speech: Speech): ChartModel {
  const { l10n } = speech;
  const toned = runs.map((run) => ({ at: startOf(run), tone: listingBadge(run).tone })).sort((a, b) => a.at - b.at);
  const days = Map.groupBy(toned, ({ at }) => dayOf(at));
  const inTone = (some: readonly { tone: Tone }[], wanted: Tone): number => some.filter(({ tone }) => tone === wanted).length;
  const names: Readonly<Record<Tone, string>> = {
    good: l10n.t('Done'),
    bad: l10n.t('Not solved'),
    caution: l10n.t('Open or not shown by tests'),
    busy: l10n.t('Running'),
    quiet: l10n.t('Closed'),
  };
  return {
    id: 'runs',
    title: l10n.t('Runs over time'),
    summary: l10n.t(
      'Runs: {0}; days: {1}; done: {2}; not solved: {3}.',
      runs.length,
      days.size,
      inTone(toned, 'good'),
      inTone(toned, 'bad'),
    ),
    kind: 'time',
    columns: [l10n.t('Day'), ...tones.map((tone) => names[tone]), l10n.t('Runs')],
    rows: [...days].map(([day, some]) => [
      dayCell({ day }, speech),
      ...tones.map((tone) => counted(inTone(some, tone), speech)),
      counted(some.length, speech),
    ]),
    series: tones.map((tone, index) => ({ column: index + 1, colour: toneColours[tone] })),
    stacked: true,
    unit: 'count',
  };
}

/** `2026-11-25`, as the clock of this machine shows it. */
function dayOf(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

const startOf = ({ summary, lastWriteAt }: DashboardInput['runs'][number]): number => summary.startedAt ?? lastWriteAt;

function timeCharts({ days }: DashboardInput, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const shared = { kind: 'time' as const };
  const rows = (cells: (day: DayTotals) => Cell[]): Row[] => days.map((day) => [dayCell(day, speech), ...cells(day)]);
  const all = (of: (day: DayTotals) => number): number => days.reduce((sum, day) => sum + of(day), 0);
  return [
    {
      ...shared,
      id: 'solve-rate',
      title: l10n.t('Solve rate'),
      summary: l10n.t('Share of the runs judged by tests that were solved, day by day.'),
      columns: [l10n.t('Day'), l10n.t('Solve rate'), l10n.t('Solved'), l10n.t('Judged')],
      rows: rows(({ solveRate, solved, judged }) => [shareCell(solveRate, speech), counted(solved, speech), counted(judged, speech)]),
      series: one,
      stacked: false,
      unit: 'percent',
    },
    {
      ...shared,
      id: 'tests',
      title: l10n.t('Tests fixed'),
      summary: l10n.t(
        'By the chosen candidates: {0} fixed, {1} broken.',
        all((day) => day.testsFixed),
        all((day) => day.testsBroken),
      ),
      columns: [l10n.t('Day'), l10n.t('Fixed'), l10n.t('Broken')],
      rows: rows(({ testsFixed, testsBroken }) => [counted(testsFixed, speech), counted(testsBroken, speech)]),
      series: goodAndBad,
      stacked: true,
      unit: 'count',
    },
    {
      ...shared,
      id: 'spend',
      title: l10n.t('Spend over time'),
      summary: l10n.t(
        '{0} in all.',
        money(
          all(({ usd }) => usd),
          speech,
        ),
      ),
      columns: [l10n.t('Day'), l10n.t('Money'), l10n.t('Tokens'), l10n.t('Calls')],
      rows: rows(({ usd, inputTokens, outputTokens, calls }) => [
        moneyCell(usd, speech),
        counted(inputTokens + outputTokens, speech),
        counted(calls, speech),
      ]),
      series: one,
      stacked: false,
      unit: 'usd',
    },
  ];
}

function spendCharts({ models, roles }: DashboardInput, speech: Speech): ChartModel[] {
  const { l10n } = speech;
  const chart = (id: string, title: string, name: string, lines: readonly SpendLine[]): ChartModel => {
    const first = lines[0];
    return {
      id,
      title,
      summary: first
        ? l10n.t(
            'Most of it: {0}, with {1} tokens and {2}.',
            first.name,
            count(first.inputTokens + first.outputTokens, speech),
            money(first.usd, speech),
          )
        : l10n.t('No call has been made yet.'),
      kind: 'category',
      columns: [name, l10n.t('Read'), l10n.t('Written'), l10n.t('Money'), l10n.t('Calls'), l10n.t('Failed')],
      rows: lines
        .slice(0, 12)
        .map((line) => [
          named(line.name),
          counted(line.inputTokens, speech),
          counted(line.outputTokens, speech),
          moneyCell(line.usd, speech),
          counted(line.calls, speech),
          counted(line.failedCalls, speech),
        ]),
      series: [
        { column: 1, colour: 'blue' },
        { column: 2, colour: 'purple' },
      ],
      stacked: true,
      unit: 'tokens',
    };
  };
  return [
    chart('models', l10n.t('Tokens and spend by model'), l10n.t('Model'), models),
    chart('roles', l10n.t('Tokens and spend by role'), l10n.t('Role'), roles),
  ];
}

function rewardChart({ days, totals }: DashboardInput, speech: Speech): ChartModel {
  const { l10n } = speech;
  return {
    id: 'reward',
    title: l10n.t('Terms of the reward'),
    summary:
      totals.reward === undefined
        ? l10n.t('No run has a reward yet.')
        : l10n.t(
            'Mean reward {0}: performance counts for a run; complexity and efficiency (what it cost) count against it; what you accepted counts for it.',
            numbersIn(speech.locale).score(totals.reward),
          ),
    kind: 'time',
    columns: [l10n.t('Day'), l10n.t('Performance'), l10n.t('Complexity'), l10n.t('Efficiency'), l10n.t('Accepted'), l10n.t('Reward')],
    rows: days.map((day) => [
      dayCell(day, speech),
      ...[day.terms.performance, day.terms.complexity, day.terms.efficiency, day.terms.accepted, day.reward].map((value) =>
        scoreCell(value, speech),
      ),
    ]),
    series: [
      { column: 1, colour: 'green' },
      { column: 2, colour: 'orange' },
      { column: 3, colour: 'yellow' },
      { column: 4, colour: 'purple' },
      { column: 5, colour: 'blue' },
    ],
    stacked: false,
    unit: 'score',
  };
}

function teamChart({ teams }: DashboardInput, speech: Speech): ChartModel {
  const { l10n } = speech;
  const judged = teams.filter(({ accepted }) => accepted !== undefined);
  return {
    id: 'teams',
    title: l10n.t('Acceptance by team'),
    summary: judged[0] ? l10n.t('Share of the hunks you kept, by the team that made them.') : l10n.t('You have not judged a change yet.'),
    kind: 'category',
    columns: [l10n.t('Team'), l10n.t('Accepted'), l10n.t('Runs'), l10n.t('Solved'), l10n.t('Declined'), l10n.t('Edited'), l10n.t('Money')],
    rows: teams
      .slice(0, 12)
      .map((team) => [
        named(team.team),
        shareCell(team.accepted, speech),
        counted(team.runs, speech),
        counted(team.solved, speech),
        counted(team.declined, speech),
        counted(team.edited, speech),
        moneyCell(team.usd, speech),
      ]),
    series: one,
    stacked: false,
    unit: 'percent',
  };
}
