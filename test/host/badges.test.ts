/**
 * What a run is called, and how it looks, on every screen: one list of all outcomes and of all that can become of a change, held against the
 * view, the status item, the page, its tab, the dashboard and the command line, over real traces.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost } from '../../src/editor/host.ts';
import { lazy } from '../../src/editor/lazy.ts';
import { dashboardView } from '../../src/editor/panels/dashboard-view.ts';
import { markTab } from '../../src/editor/panels/tab-mark.ts';
import { statusOf } from '../../src/editor/status/status-item.ts';
import { registerRunsTree } from '../../src/editor/tree/runs-view.ts';
import { type NewEvent, type Outcome, outcomes } from '../../src/trace/events.ts';
import { createTrace, fold, listRuns, openRun, type RunListing, type RunState, type Tone } from '../../src/trace/index.ts';
import { commandLine } from '../support/command-line.ts';
import { type OpenedEditor, openEditorCore } from '../support/editor.ts';
import { dashboardInput, runModelOf } from '../support/pages/models.ts';
import { english } from '../support/pages/speech.ts';
import { attempt, hashOf, opening } from '../support/trace-events.ts';
import { brokenSum, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

type Expected = readonly [word: string, icon: string, tone: Tone];

const ended: Readonly<Record<Outcome, Expected>> = {
  solved: ['tests pass', 'pass', 'good'],
  unproven: ['not shown by any test', 'question', 'caution'],
  'tests-fail': ['tests still fail', 'error', 'bad'],
  'no-tests': ['no test could judge it', 'beaker-stop', 'caution'],
  answered: ['answered', 'comment', 'good'],
  budget: ['the budget ran out', 'credit-card', 'bad'],
  stopped: ['stopped', 'debug-stop', 'caution'],
  failed: ['failed', 'report', 'bad'],
  // The try that is handed over all the same passes its tests here, which no run that ends so can have: nothing is claimed of it.
  declined: ['best try kept, not shown by any test', 'pinned', 'caution'],
};
const counts = (passed: number, failed: number) => ({ passed, failed, skipped: 0, green: failed === 0 });
/** Of hunks that were left out, and of another candidate, the tests may have run on what stands all the same. */
const trees = { part: hashOf('part').slice(0, 40), other: hashOf('other').slice(0, 40) };
const result = (state: 'solved' | 'unproven' | 'red') => ({
  report: hashOf(`report ${state}`),
  counts: state === 'red' ? counts(4, 1) : counts(5, 0),
  ending: 'finished',
  delta: { fixed: [], broken: [], stillFailing: [], added: [], missing: [], newlySkipped: [] },
  tampering: [],
  breaches: [],
  judgement: { state, reasons: [], targets: [], unrelated: [], flaky: [], notRun: [] },
  ms: 1,
});
const partTested = (state: 'solved' | 'unproven' | 'red'): NewEvent => ({
  ...{ type: 'part.tested', candidate: 'c1', hunks: ['h1'], of: 2, tree: trees.part },
  ...result(state),
});
const otherTested = (state: 'solved' | 'unproven' | 'red'): readonly NewEvent[] => [
  {
    ...{
      type: 'candidate.made',
      candidate: 'c9',
      from: 'start',
      step: 'make',
      agent: 'coder',
      changed: ['sum.js'],
      levels: {},
      problems: [],
    },
    snapshot: { commit: trees.other, tree: trees.other },
  },
  { type: 'candidate.tested', candidate: 'c9', tree: trees.other, ...result(state) },
];
const unproven: Expected = ['applied, not shown by any test', 'warning', 'caution'];

const tree = { commit: hashOf('undo').slice(0, 40), tree: hashOf('undo tree').slice(0, 40) };
const applied = (more: Partial<Extract<NewEvent, { type: 'diff.applied' }>> = {}): NewEvent => ({
  type: 'diff.applied',
  applied: ['sum.js'],
  conflicts: [],
  undo: tree,
  candidate: 'c1',
  ...more,
});
const undone: NewEvent = { type: 'diff.undone', restored: ['sum.js'], conflicts: [] };

/** What became of the change, and what the run is called then; a function of the outcome where that still says something. */
const afterwards: readonly {
  readonly what: string;
  readonly events: readonly NewEvent[];
  readonly called: (outcome: Outcome) => Expected;
  /** What the tests said of exactly what stands. */
  readonly after?: { readonly passed: number; readonly failed: number };
}[] = [
  { what: 'not applied', events: [], called: (outcome) => ended[outcome] },
  { what: 'an apply was refused', events: [applied({ applied: [], conflicts: ['sum.js'] })], called: (outcome) => ended[outcome] },
  {
    what: 'applied',
    events: [applied()],
    called: (outcome) =>
      outcome === 'solved'
        ? ['applied', 'pass-filled', 'good']
        : outcome === 'tests-fail'
          ? ['applied, tests fail', 'bug', 'bad']
          : unproven,
  },
  {
    what: 'applied in part',
    events: [applied({ hunks: { accepted: 1, rejected: 1 } })],
    called: () => ['applied in part, not tested like this', 'diff', 'caution'],
  },
  ...(
    [
      ['solved', ['applied in part, tests pass', 'diff-added', 'good']],
      ['unproven', ['applied in part, not shown by any test', 'diff-modified', 'caution']],
      ['red', ['applied in part, tests fail', 'diff-removed', 'bad']],
    ] as const
  ).flatMap(([state, called]) => [
    {
      what: `applied in part, tested before: ${state}`,
      events: [partTested(state), applied({ hunks: { accepted: 1, rejected: 1 }, part: trees.part })],
      called: () => called,
      after: result(state).counts,
    },
    {
      what: `applied in part, tested afterwards: ${state}`,
      events: [applied({ hunks: { accepted: 1, rejected: 1 }, part: trees.part }), partTested(state)],
      called: () => called,
      after: result(state).counts,
    },
  ]),
  {
    what: 'applied in part, another part tested',
    events: [partTested('solved'), applied({ hunks: { accepted: 1, rejected: 1 }, part: trees.other })],
    called: () => ['applied in part, not tested like this', 'diff', 'caution'],
  },
  ...(
    [
      ['solved', ['applied', 'pass-filled', 'good']],
      ['unproven', unproven],
      ['red', ['applied, tests fail', 'bug', 'bad']],
    ] as const
  ).map(([state, called]) => ({
    what: `another candidate applied, its tests: ${state}`,
    events: [...otherTested(state), applied({ candidate: 'c9', tree: trees.other })],
    called: () => called,
    after: result(state).counts,
  })),
  { what: 'another candidate applied', events: [applied({ candidate: 'c9' })], called: () => unproven },
  {
    what: 'applied with conflicts',
    events: [applied({ conflicts: ['sum.js'] })],
    called: () => ['applied, conflicts to merge', 'git-merge', 'caution'],
  },
  { what: 'taken back', events: [applied(), undone], called: () => ['taken back', 'discard', 'quiet'] },
  {
    what: 'rejected',
    events: [{ type: 'verdict.given', candidate: 'c1', decision: 'rejected', reason: '' }],
    called: () => ['rejected', 'thumbsdown', 'quiet'],
  },
  {
    what: 'sent back',
    events: [{ type: 'verdict.given', candidate: 'c1', decision: 'sent-back', reason: '' }],
    called: () => ['sent back', 'reply', 'quiet'],
  },
];

interface Case {
  readonly runId: string;
  readonly what: string;
  readonly events: readonly NewEvent[];
  readonly called: Expected;
  /** Test counts beside the word, where there are any. */
  readonly tests: string;
}

const finished = (outcome: Outcome, more: Partial<Extract<NewEvent, { type: 'run.finished' }>> = {}): NewEvent => ({
  type: 'run.finished',
  outcome,
  candidate: 'c1',
  patch: hashOf('patch'),
  before: counts(3, 2),
  after: counts(5, 0),
  tampering: [],
  spend: { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0, seconds: 0 },
  reward: {},
  ...more,
});
const approved: NewEvent = { type: 'plan.approved', hash: hashOf('plan'), by: 'user' };
const resumedAs: NewEvent = { type: 'run.continued', as: 'another', how: 'resume' };
/** Only the whole of the candidate that was tested has the tests it was tested with. */
const tested = ['not applied', 'an apply was refused', 'applied', 'rejected', 'sent back'];

const cases: readonly Case[] = [
  ...outcomes.flatMap((outcome) =>
    afterwards.map(({ what, events, called, after }, index) => ({
      runId: `${outcome}-${index}`,
      what: `${outcome}, ${what}`,
      events: [approved, ...attempt(1, true).slice(2), finished(outcome), ...events],
      called: called(outcome),
      tests: after ? `3/5 → ${after.passed}/5 tests` : tested.includes(what) ? '3/5 → 5/5 tests' : '3/5 tests before',
    })),
  ),
  {
    runId: 'no-change',
    what: 'no reply held a change',
    events: [approved, finished('tests-fail', { candidate: undefined, patch: undefined, after: undefined })],
    called: ['no change came of it', 'dash', 'bad'],
    tests: '3/5 tests before',
  },
  {
    runId: 'kept-red',
    what: 'no further plan wanted, and the best try is red',
    events: [approved, ...attempt(1, false).slice(2), finished('declined', { after: counts(4, 1) })],
    called: ['best try kept, tests still fail', 'pinned-dirty', 'bad'],
    tests: '3/5 → 4/5 tests',
  },
  {
    runId: 'declined-at-once',
    what: 'the plan was declined',
    events: [finished('declined', { candidate: undefined, patch: undefined, after: undefined })],
    called: ['plan declined', 'circle-slash', 'quiet'],
    tests: '3/5 tests before',
  },
  { runId: 'cut-off', what: 'its process died', events: [approved], called: ['interrupted', 'debug-disconnect', 'caution'], tests: '' },
  ...(['stopped', 'failed'] as const).map((outcome) => ({
    runId: `resumed-${outcome}`,
    what: `${outcome}, and resumed`,
    events: [approved, finished(outcome, { candidate: undefined, patch: undefined, after: undefined }), resumedAs],
    called: ['resumed as another run', 'debug-continue', 'quiet'] as const,
    tests: '3/5 tests before',
  })),
];

const colours: Readonly<Record<Tone, string>> = {
  good: 'charts.green',
  bad: 'charts.red',
  caution: 'list.warningForeground',
  busy: 'charts.blue',
  quiet: 'descriptionForeground',
};
const backgrounds: Partial<Record<Tone, string>> = { bad: 'statusBarItem.errorBackground', caution: 'statusBarItem.warningBackground' };

let workspace: TemporaryWorkspace;
let editor: OpenedEditor;
let listings: readonly RunListing[];
let rows: ReadonlyMap<string | undefined, { description?: unknown; iconPath?: unknown; accessibilityInformation?: { label: string } }>;
let printed: string;

beforeAll(async () => {
  workspace = temporaryWorkspace(brokenSum);
  const { dataDir, root } = workspace;
  for (const { runId, events } of cases) {
    const trace = await createTrace({ dataDir, runId, clock: Date.now });
    for (const event of opening) trace.emit(event.type === 'run.started' ? { ...event, runId, workspace: root } : event);
    for (const event of events) trace.emit(event);
    await trace.close();
  }
  editor = await openEditorCore({ at: workspace });
  registerRunsTree(
    createHost(editor.fake.vscode, editor.fake.context),
    lazy(async () => editor.core),
  );
  listings = await listRuns(dataDir);
  rows = new Map((await editor.fake.treeNodes('teamwright.runs')).map(({ item }) => [item.id, item]));
  const cli = commandLine();
  try {
    printed = (await cli.run(['runs', 'list', '--limit', '1000'], { env: { TEAMWRIGHT_DATA: dataDir } })).stdout;
  } finally {
    cli.dispose();
  }
}, 120_000);
afterAll(async () => {
  await editor[Symbol.asyncDispose]();
  workspace.dispose();
});

const stateOf = async (runId: string): Promise<RunState> => fold((await (await openRun(workspace.dataDir, runId)).read()).events);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

describe('a run is called the same, and looks the same, on every screen', () => {
  test.each(cases)('$what', async ({ runId, called: [word, icon, tone], tests }) => {
    const badge = { word, icon, tone };
    const listing = listings.find((each) => each.runId === runId);
    if (listing === undefined) throw new Error(`${runId} is not listed.`);
    const state = await stateOf(runId);

    const row = rows.get(runId);
    expect(String(row?.description).split(' · ').slice(0, -1)).toEqual([word, tests].filter((text) => text !== ''));
    expect(row?.accessibilityInformation?.label).toBe(`Fix the failing test., ${row?.description}`);
    expect(row?.iconPath).toMatchObject({ id: icon, color: { id: colours[tone] } });

    const { events } = await (await openRun(workspace.dataDir, runId)).read();
    expect(runModelOf(events).badge).toEqual(badge);

    const { vscode } = editor.fake;
    const panel = { title: 'old', iconPath: undefined };
    markTab(vscode, panel, { kind: 'run', runId, state, ownerAlive: false });
    expect(panel.title).toBe(`${state.result === undefined ? 'Run' : capital(word)}: Fix the failing test.`);
    expect(panel.iconPath).toMatchObject({ id: icon, color: { id: colours[tone] } });

    const dashboard = dashboardView({ ...dashboardInput, runs: [listing] }, english);
    expect(dashboard.states).toEqual([{ badge, count: '1' }]);

    if (state.result !== undefined) {
      const shown = statusOf(vscode, [], 0, [{ runId, state: () => state }]);
      expect(shown?.text.replace(': change to review', '')).toBe(`$(${icon}) ${capital(word)}`);
      expect(shown?.tooltip).toContain(word);
      expect(shown?.colour).toBe(backgrounds[tone]);
    }

    const line = printed.split('\n').find((one) => one.startsWith(`${runId} `));
    expect(line).toMatch(new RegExp(`just now +${word} {2,}`));
  });

  test('only what tests vouch for and nothing took back, and an answer, looks good; each state has a word and an icon of its own', () => {
    // What stands is judged by its own tests, whatever came of the rest.
    const byItself = / in part, .*: solved$|candidate applied, .*: solved$/;
    const good = cases.filter(({ what, called: [, , tone] }) => tone === 'good' && !byItself.test(what)).map(({ what }) => what);
    expect(good).toEqual([
      'solved, not applied',
      'solved, an apply was refused',
      'solved, applied',
      'answered, not applied',
      'answered, an apply was refused',
    ]);
    const all = [...new Map(cases.map(({ called }) => [called.join(), called])).values()];
    expect(new Set(all.map(([word]) => word)).size).toBe(all.length);
    expect(new Set(all.map(([, icon]) => icon)).size).toBe(all.length);
    expect(all.filter(([, icon, tone]) => /pass|check/.test(icon) && tone !== 'good')).toEqual([]);
  });
});
