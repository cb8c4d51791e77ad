/** Models of the pages, made by the host's own views from real plans and events. */

import { soloTeam } from '../../../src/design/index.ts';
import { teamFor } from '../../../src/design/teams.ts';
import { atFirst } from '../../../src/editor/panels/dashboard-filter.ts';
import { type DashboardInput, dashboardView } from '../../../src/editor/panels/dashboard-view.ts';
import { createPlanSession } from '../../../src/editor/panels/plan-session.ts';
import { emptyPlanView, planView } from '../../../src/editor/panels/plan-view.ts';
import { type RunViewInput, runView } from '../../../src/editor/panels/run-view.ts';
import type { Speech } from '../../../src/editor/panels/words.ts';
import type { DayTotals, MonthSpend, SpendLine, TeamLine } from '../../../src/lessons/index.ts';
import { type AnalysisFacts, type Plan, planHash, planSchema, pricePlan, printPlan } from '../../../src/plan/index.ts';
import type { Proposal } from '../../../src/run/types.ts';
import type { NewEvent, Outcome, TraceEvent } from '../../../src/trace/events.ts';
import { fold } from '../../../src/trace/index.ts';
import { emptySummary } from '../../../src/trace/summary.ts';
import type { ChartModel, DashboardModel, LearnedModel } from '../../../src/webviews/dashboard-types.ts';
import type { PlanModel } from '../../../src/webviews/plan-types.ts';
import type { RunModel } from '../../../src/webviews/run-types.ts';
import { read, team } from '../plan-example.ts';
import { attempt, enveloped, hashOf, opening } from '../trace-events.ts';
import { english } from './speech.ts';

export const facts: AnalysisFacts = {
  promptTokens: 1800,
  replyTokens: 420,
  noteTokens: 150,
  tokensPerSecond: { worker: { read: 800, write: 45 }, strong: { read: 2000, write: 50 } },
  prices: {
    worker: { input: 0.15, cachedInput: 0.07, output: 0.6, known: true },
    strong: { input: 3, cachedInput: 0.3, output: 15, known: true },
  },
  testSeconds: 2.4,
  parallel: 2,
};

export const request = {
  text: 'The totals of the invoice are wrong when a line has a discount. Fix it.\nKeep the rounding to cents as it is.',
  files: ['src/invoice.js'],
  failingTest: { name: 'a discount lowers the total' },
};

export const teamPlan = planSchema.parse({ ...read(team), reason: 'A thinker first: the failing test names a symptom, not the cause.' });
const price = (plan: Plan) => pricePlan(plan, facts);

export function proposalOf(plan: Plan = teamPlan, more: Partial<Proposal> = {}): Proposal {
  const solo = soloTeam(3, plan.difficulty);
  const feature = teamFor('feature', plan.difficulty);
  const analysis = price(plan);
  const alternative = (other: Plan, origin: 'solo' | 'library') => ({
    plan: other,
    hash: planHash(other),
    origin,
    reason: other.reason,
    estimate: price(other).estimate,
  });
  return {
    round: 0,
    plan,
    hash: planHash(plan),
    origin: 'model',
    reason: plan.reason,
    analysis,
    estimate: analysis.estimate,
    price,
    workspace: '/work',
    fence: { by: 'unshare', discards: true },
    here: { fenced: true, network: false },
    notShown: [],
    looks: 'medium',
    briefing: {
      version: 1,
      languages: [
        { name: 'JavaScript', files: 12, bytes: 40_000 },
        { name: 'CSS', files: 2, bytes: 4000 },
      ],
      packageManager: 'npm',
      test: { runner: 'node-test', display: 'npm test', argv: ['npm', 'test'], cwd: '', source: 'package.json' },
      baseline: {
        ending: 'finished',
        exitCode: 1,
        cases: [
          {
            id: 'test/invoice.test.js > a discount lowers the total',
            name: 'a discount lowers the total',
            file: 'test/invoice.test.js',
            outcome: 'failed',
            message: 'Expected values to be strictly equal:\n\n110 !== 99',
          },
        ],
        passed: 14,
        failed: 1,
        skipped: 0,
        green: false,
        guard: 'records',
        breaches: [],
        doubts: [],
        output: '',
        ms: 2400,
      },
      files: [
        {
          path: 'src/invoice.js',
          reasons: ['named-in-request', 'stack-frame'],
          score: 3,
          bytes: 2200,
          text: '',
          truncated: false,
          isTest: false,
        },
        { path: 'test/invoice.test.js', reasons: ['failing-test'], score: 2, bytes: 1800, text: '', truncated: false, isTest: true },
        { path: 'src/money.js', reasons: ['imported'], score: 1, bytes: 900, text: '', truncated: true, isTest: false },
      ],
      instructions: { path: 'AGENTS.md', text: 'Use tabs.', truncated: false },
      git: { kind: 'repository', branch: 'main', detached: false, head: '9f86d081884c7d65', changed: 1, untracked: 0, submodules: [] },
      fileCount: 31,
      leftOut: ['.env was left out, because it may hold secrets.'],
      ms: 2600,
    },
    alternatives: [alternative(solo, 'solo'), alternative(feature, 'library')],
    ...more,
  };
}

export const models = { worker: 'qwen2.5-coder-7b', strong: 'claude-sonnet-5' };

/** The review as the host would show it, after `change` was made to the plan. */
export function planModel(
  change: (plan: Plan) => void = () => undefined,
  more: Partial<PlanModel> = {},
  proposal: Proposal = proposalOf(),
  speech: Speech = english,
): PlanModel {
  const session = createPlanSession('r1', proposal, request.text);
  const copy = structuredClone(proposal.plan);
  change(copy);
  session.change(copy, 'form');
  const view = planView(
    {
      runId: 'r1',
      request,
      phase: 'waiting',
      models,
      draft: session.draft,
      valid: session.valid,
      hash: session.hash,
      proposed: proposal,
      mayFollow: true,
      approvable: session.approvable(),
      problems: session.problems,
      estimate: session.analysis.estimate,
      steps: session.analysis.steps,
      alternatives: proposal.alternatives,
      briefing: proposal.briefing,
    },
    speech,
  );
  return { ...view, ...more };
}

/** Before there is a plan, and where none came. */
export const unplannedModel = (more: Pick<PlanModel, 'phase' | 'notice'>): PlanModel =>
  emptyPlanView({ runId: 'r1', request, ...more }, english);

/** The plan that most requests get. */
export const soloModel = (more: Partial<PlanModel> = {}): PlanModel =>
  planModel(undefined, more, proposalOf(soloTeam(3, 'easy'), { origin: 'solo' }));

/** A team of nine steps, one of them inside another. */
export const largeModel = (): PlanModel => planModel(undefined, {}, proposalOf(teamFor('feature', 'hard'), { origin: 'library' }));

/** A second plan, after a first one whose tests stayed red. */
export const secondModel = (): PlanModel =>
  planModel(undefined, {
    before: {
      sentence: 'The best try of the last plan still fails 1 test.',
      tests: [{ name: 'a discount lowers the total', message: 'Expected values to be strictly equal:\n110 !== 99' }],
      spent: 'Spent so far – Calls: 3 of 20 · Tokens: 12.4K of 60K · Money: $0.0042 of $1.00 · Time: 48 sec of 15 min',
      canKeep: true,
    },
  });

const planText = printPlan(teamPlan);
const started: NewEvent[] = opening.map((event) =>
  event.type === 'plan.proposed'
    ? {
        ...event,
        round: 0,
        hash: planHash(teamPlan),
        plan: hashOf(planText),
        name: teamPlan.name,
        origin: 'model',
        difficulty: 'medium',
        outline: [
          { step: 'look', path: 'r0/look', kind: 'analyse', agent: 'planner' },
          { step: 'draft', path: 'r0/draft', kind: 'generate', agent: 'coder' },
          { step: 'try', path: 'r0/try', kind: 'test' },
          { step: 'mend', path: 'r0/mend', kind: 'repeat' },
          { step: 'judge', path: 'r0/mend/1/judge', kind: 'review', agent: 'critic' },
          { step: 'fix', path: 'r0/mend/1/fix', kind: 'revise', agent: 'coder' },
          { step: 'retry', path: 'r0/mend/1/retry', kind: 'test' },
          { step: 'pick', path: 'r0/pick', kind: 'select' },
        ],
      }
    : event.type === 'run.started'
      ? { ...event, request }
      : event,
);

export const runningEvents: readonly NewEvent[] = [
  ...started,
  { type: 'plan.approved', hash: planHash(teamPlan), by: 'user' },
  { type: 'step.started', step: 'look', path: 'r0/look', kind: 'analyse', agent: 'planner' },
  { type: 'note.written', step: 'look', agent: 'planner', text: hashOf('note'), verdict: 'none' },
  { type: 'step.done', step: 'look', path: 'r0/look', ms: 4100 },
  { type: 'step.started', step: 'draft', path: 'r0/draft', kind: 'generate', agent: 'coder' },
  ...attempt(1, false)
    .map((event) => ('step' in event ? { ...event, step: 'draft' } : event))
    .map((event) =>
      event.type === 'call.started' || event.type === 'call.done' || event.type === 'candidate.made'
        ? { ...event, call: 'r0/draft/1' }
        : event,
    ),
  {
    type: 'call.started',
    call: 'r0/draft/2',
    attempt: 1,
    agent: 'coder',
    step: 'draft',
    model: 'qwen2.5-coder-7b',
    endpoint: 'ollama',
    prompt: hashOf('prompt'),
    promptHash: hashOf('hash'),
    estimatedInputTokens: 900,
  },
];

/** It, of a request that came with two pictures. */
export const picturedEvents: readonly NewEvent[] = runningEvents.map((event) =>
  event.type === 'run.started'
    ? {
        ...event,
        request: {
          ...request,
          images: [
            { name: 'shot.png', kind: 'png', bytes: 900, width: 750, height: 100, data: hashOf('shot') },
            { name: '<b>late</b>.jpg', kind: 'jpeg', bytes: 700, width: 40, height: 30, data: hashOf('late') },
          ],
        },
      }
    : event,
);

export const finishedEvents: readonly NewEvent[] = [
  ...runningEvents,
  ...attempt(2, true)
    .slice(1)
    .map((event) => (event.type === 'call.done' || event.type === 'candidate.made' ? { ...event, call: 'r0/draft/2' } : event)),
  { type: 'step.done', step: 'draft', path: 'r0/draft', ms: 9300 },
  { type: 'step.started', step: 'mend', path: 'r0/mend', kind: 'repeat' },
  { type: 'step.done', step: 'mend', path: 'r0/mend', ms: 2, skipped: 'tests-pass holds already' },
  {
    type: 'run.finished',
    outcome: 'solved',
    candidate: 'c2',
    patch: hashOf('patch'),
    before: { passed: 14, failed: 1, skipped: 0, green: false },
    after: { passed: 15, failed: 0, skipped: 0, green: true },
    tampering: [],
    spend: { calls: 3, inputTokens: 2700, outputTokens: 300, usd: 0.003, seconds: 16 },
    reward: { performance: 1, complexity: 0.1 },
  },
];

/** The same, with tests that still fail, and a step that ran them. */
export const redEvents: readonly NewEvent[] = [
  ...runningEvents,
  { type: 'step.done', step: 'draft', path: 'r0/draft', ms: 9300 },
  { type: 'step.started', step: 'try', path: 'r0/try', kind: 'test' },
  ...attempt(1, false).slice(3),
  { type: 'step.done', step: 'try', path: 'r0/try', ms: 900 },
  {
    type: 'run.finished',
    outcome: 'tests-fail',
    candidate: 'c1',
    patch: hashOf('patch'),
    before: { passed: 14, failed: 1, skipped: 0, green: false },
    after: { passed: 14, failed: 1, skipped: 0, green: false },
    tampering: [],
    spend: { calls: 3, inputTokens: 2700, outputTokens: 300, usd: 0.003, seconds: 16 },
    reward: { performance: 0 },
  },
];

export const runModel = (events: readonly NewEvent[] = runningEvents, live = true, more: Partial<RunViewInput> = {}): RunModel =>
  runModelOf(enveloped(events), live, more);

export function runModelOf(all: readonly TraceEvent[], live = false, more: Partial<RunViewInput> = {}, speech: Speech = english): RunModel {
  const state = fold(all);
  return runView(
    {
      runId: 'r1',
      state,
      live,
      ownerAlive: live,
      plans: new Map([[planHash(teamPlan), teamPlan]]),
      notes: new Map([[hashOf('note'), 'The discount is taken from the sum before the tax is added; it must be taken after.']]),
      events: all,
      spoken: new Map(),
      now: (state.updatedAt ?? 0) + 3000,
      ...more,
    },
    speech,
  );
}

/** It, with the report of what it hands over. */
export const redModel = (): RunModel => runModel(redEvents, false, { report: proposalOf().briefing.baseline });

/** A run in which a repair looks for the place. */
export const repairingEvents: readonly NewEvent[] = [
  ...runningEvents,
  {
    type: 'places.ranked',
    step: 'draft',
    path: 'r0/draft',
    places: [
      { path: 'src/invoice.js', line: 14, endLine: 14, suspicion: 1.7, because: ['spectrum', 'surprise'] },
      { path: 'src/invoice.js', line: 22, endLine: 24, suspicion: 1.1, because: ['spectrum'] },
      { path: 'src/tax.js', line: 3, endLine: 3, suspicion: 0.4, because: ['frame'] },
    ],
  },
  { type: 'place.tried', step: 'draft', call: 'r0/draft/1', file: 'src/invoice.js', line: 14, how: 'fill', passed: 1, failed: 1, ms: 200 },
];

const day = (date: string, runs: number, solved: number, usd: number): DayTotals => ({
  day: date,
  runs,
  judged: runs,
  solved,
  solveRate: solved / runs,
  testsFixed: solved * 2,
  testsBroken: runs - solved,
  calls: runs * 4,
  inputTokens: runs * 9000,
  outputTokens: runs * 1200,
  usd,
  seconds: runs * 60,
  applied: solved,
  hunksAccepted: solved * 3,
  hunksRejected: 1,
  terms: { performance: solved / runs, complexity: 0.2, efficiency: 0.1 + usd, accepted: 0.7 },
  reward: solved / runs - 0.1,
});
const days = [
  day('2026-11-16', 4, 2, 0.12),
  day('2026-11-17', 6, 5, 0.2),
  day('2026-11-19', 3, 3, 0.05),
  day('2026-11-20', 8, 6, 0.31),
  day('2026-11-23', 5, 4, 0.11),
];
const month = (name: string, workspace: string, runs: number, usd: number): MonthSpend => ({
  month: name,
  workspace,
  runs,
  calls: runs * 4,
  inputTokens: runs * 9000,
  outputTokens: runs * 1200,
  usd,
});
const spend = (name: string, tokens: number, usd: number): SpendLine => ({
  name,
  runs: 12,
  calls: 40,
  failedCalls: 2,
  inputTokens: tokens,
  outputTokens: tokens / 8,
  cachedInputTokens: 0,
  usd,
  ms: 60_000,
});
const teamLine = (team: string, runs: number, accepted: number | undefined): TeamLine => ({
  team,
  proposed: runs + 2,
  approved: runs,
  declined: 1,
  edited: 1,
  runs,
  solved: runs - 1,
  judged: runs,
  hunksAccepted: 10,
  hunksRejected: 3,
  accepted,
  usd: runs * 0.02,
  tokens: runs * 9000,
});

/** A run that ended so on that day, as lists have it. */
const listed = (date: string, outcome: Outcome): DashboardInput['runs'][number] => ({
  status: 'done',
  lastWriteAt: 0,
  summary: { ...emptySummary, startedAt: Date.parse(`${date}T12:00:00Z`), outcome, made: true },
});

export const dashboardInput: DashboardInput = {
  runs: days.flatMap(({ day: date, runs, solved }) =>
    Array.from({ length: runs }, (_, index) => {
      const others = ['tests-fail', 'no-tests', 'declined'] as const;
      return listed(date, index < solved ? 'solved' : (others[(index - solved) % 3] ?? 'failed'));
    }),
  ),
  totals: { ...day('2026-11-16', 26, 20, 0.79), solveRate: 20 / 26 },
  days,
  months: [month('2026-11', '/work/shop', 20, 0.6), month('2026-11', '/work/blog', 6, 0.19), month('2026-10', '/work/shop', 9, 1.4)],
  models: [spend('claude-sonnet-5', 90_000, 0.61), spend('qwen2.5-coder-7b', 210_000, 0.18)],
  roles: [spend('coder', 180_000, 0.4), spend('reviewer', 70_000, 0.3), spend('planner', 50_000, 0.09)],
  teams: [teamLine('solo', 14, 0.82), teamLine('bug-fix', 8, 0.61), teamLine('feature', 4, undefined)],
  unreadable: 0,
  changed: 0,
  filter: { chosen: atFirst, open: ['/work/shop'], folders: ['/work/shop', '/work/blog'], months: ['2026-11', '2026-10'] },
};

export const dashboardModel = (speech: Speech = english): DashboardModel => dashboardView(dashboardInput, speech);

const cell = (text: string, value: number | null = null) => ({ text, value });
const beliefs: ChartModel = {
  id: 'belief /work/shop qwen',
  title: 'What mends a usual bug, with qwen',
  summary: 'Chance that a try mends it, as shipped and as believed now. Runs here: 12.',
  kind: 'category',
  columns: ['Work', 'As shipped', 'Now', 'Tries here'],
  rows: [
    [cell('One place written anew'), cell('46%', 0.46), cell('26%', 0.26), cell('20', 20)],
    [cell('A draft'), cell('48%', 0.48), cell('47%', 0.47), cell('9', 9)],
  ],
  series: [
    { column: 1, colour: 'purple' },
    { column: 2, colour: 'blue' },
  ],
  stacked: false,
  unit: 'percent',
};

export const learnedModel = (): LearnedModel => ({
  notices: [{ kind: 'warning', text: 'The library of teams could not be read, so it is forgotten; runs from now on fill it again.' }],
  summary: 'Runs of yours, in all folders, that taught something: 12.',
  canForget: true,
  longestLesson: 1000,
  folders: [
    {
      id: '/work/shop',
      name: 'shop (/work)',
      facts: ['Memory. Lessons here: 1; dropped as no help: 0; shown in 0 of 3 runs that began with failing tests.'],
      charts: [beliefs],
      lessons: [
        {
          id: 'r1',
          title: 'What mended it, for coder',
          request: 'Fix the sum.',
          standing: 'Not shown to any run yet.',
          text: '-  return a - b;\n+  return a + b;',
        },
      ],
    },
  ],
});
