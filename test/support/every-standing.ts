/** Every state that a run can be in, by its events: all outcomes, and all that can become of a change; each with what it is called. */
import { type NewEvent, type Outcome, outcomes } from '../../src/trace/events.ts';
import { createTrace, type Tone } from '../../src/trace/index.ts';
import { attempt, hashOf, opening } from './trace-events.ts';

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

interface StandingCase {
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

export const everyStanding: readonly StandingCase[] = [
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

/** Puts them on record in a data folder. `opening` may be another one for each. */
export async function recordStandings(
  dataDir: string,
  workspace: string,
  cases: readonly StandingCase[] = everyStanding,
  began: (event: NewEvent, nth: number) => NewEvent = (event) => event,
): Promise<void> {
  for (const [nth, { runId, events }] of cases.entries()) {
    const trace = await createTrace({ dataDir, runId, clock: Date.now });
    for (const event of opening) trace.emit(began(event.type === 'run.started' ? { ...event, runId, workspace } : event, nth));
    for (const event of events) trace.emit(event);
    await trace.close();
  }
}
