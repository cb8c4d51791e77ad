/** The sentence, the limits and the chips of the first screen of a plan, over plans, tests and requests of every kind. */
import { describe, expect, test } from 'vitest';
import { soloTeam, teamFor } from '../../src/design/index.ts';
import { beforeView, bestSoFar } from '../../src/editor/panels/plan-before.ts';
import { type ExplanationInput, explanationView } from '../../src/editor/panels/plan-explanation.ts';
import type { TestCase, TestReport } from '../../src/feedback/types.ts';
import { type Plan, pricePlan, stepKinds } from '../../src/plan/index.ts';
import { fold } from '../../src/trace/index.ts';
import { facts, models, proposalOf, redEvents } from '../support/pages/models.ts';
import { english } from '../support/pages/speech.ts';
import { enveloped } from '../support/trace-events.ts';

const { briefing } = proposalOf();
const baseline = briefing.baseline as TestReport;
const failing = (...names: string[]): TestCase[] => names.map((name) => ({ id: name, name, outcome: 'failed' }));
const red = (...names: string[]) => ({ ...briefing, baseline: { ...baseline, cases: failing(...names), failed: names.length } });
const nothingSaid = { text: 'Make it green.', files: [] };

const told = (plan: Plan, more: Partial<ExplanationInput> = {}) =>
  explanationView(
    {
      plan,
      request: nothingSaid,
      briefing,
      estimate: pricePlan(plan, facts).estimate,
      models,
      judged: true,
      mayFollow: false,
      ...more,
    },
    english,
  );
const sentence = (plan: Plan, more: Partial<ExplanationInput> = {}): string => told(plan, more).sentence;
const solo = soloTeam(3, 'easy');
const writing = (...write: string[]): Plan => ({ ...solo, agents: { coder: { ...(solo.agents.coder as Plan['agents'][string]), write } } });

test('every kind of step that calls an agent says what that agent does', () => {
  expect(stepKinds.filter(({ outputs }) => outputs.length > 0).map(({ do: kind, tells }) => [kind, tells !== undefined])).toEqual(
    stepKinds.filter(({ outputs }) => outputs.length > 0).map(({ do: kind }) => [kind, true]),
  );
});

test('what is expected is told with what taught it, and step by step; without it nothing is said', () => {
  const expectation = {
    ...{ chance: 0.71, tokens: 544, facts: ['few tests fail (speaks for it)', 'long files (speaks against it)'] },
    steps: [{ step: 'mend-1', chance: 0.6, tokens: 170 }],
    others: [{ order: '3 drafts of whole files', chance: 0.55, tokens: 1500 }],
  };
  const said = (ownRuns: number) => told(solo, { expectation: { ...expectation, taughtBy: { attempts: 98, ownRuns } } }).expected;
  expect(said(0)?.sentence).toBe('By 98 recorded attempts such plans mend 71% of such bugs, for 544 tokens on average.');
  expect(said(1)?.sentence).toContain('98 recorded attempts and a run of yours here');
  expect(said(3)?.sentence).toContain('98 recorded attempts and 3 runs of yours here');
  const lines = [
    'mend-1, when it is reached: 60%, 170 tokens on average',
    'What decided: few tests fail (speaks for it); long files (speaks against it)',
    'Instead 3 drafts of whole files: 55%, 1.5K tokens on average',
  ];
  expect(said(3)?.lines).toEqual(lines);
  const choices = [
    {
      of: 'role 1',
      chosen: 'mender',
      options: [
        { name: 'coder', probability: 0.2 },
        { name: 'mender', probability: 0.8 },
      ],
    },
  ];
  expect(told(solo, { expectation: { ...expectation, choices, taughtBy: { attempts: 98, ownRuns: 0 } } }).expected?.lines).toEqual([
    ...lines,
    'Chosen, role 1: mender, of mender 80%, coder 20%',
  ]);
  const bare = { ...expectation, facts: [], others: [], taughtBy: { attempts: 98, ownRuns: 0 } };
  expect(told(solo, { expectation: bare }).expected?.lines).toEqual(lines.slice(0, 1));
  expect(told(solo).expected).toBeUndefined();
});

describe('the sentence', () => {
  test.each([
    ['one test', red('adds'), nothingSaid, 'until the test “adds” passes.'],
    ['three', red('adds', 'divides', 'rounds'), nothingSaid, 'until these tests pass: “adds”, “divides”, “rounds”.'],
    ['many', red('a', 'b', 'c', 'd', 'e'), nothingSaid, 'until these tests pass: “a”, “b”, “c” and 2 more.'],
    ['a request on one', red('adds', 'divides'), { ...nothingSaid, failingTest: { name: 'divides' } }, 'until the test “divides” passes.'],
    [
      'a request that names something',
      red('adds', 'divides'),
      { text: 'Mend `divideBy`.', files: [] },
      'until those of the failing tests pass that you ask about: “adds”, “divides”.',
    ],
    ['none red', { ...briefing, baseline: { ...baseline, cases: [], failed: 0 } }, nothingSaid, 'until all 14 tests pass, as they do now.'],
    [
      'only counted',
      { ...briefing, baseline: { ...baseline, cases: [], failed: 3 } },
      nothingSaid,
      'until the 3 tests that fail now pass.',
    ],
    [
      'cut short',
      { ...briefing, baseline: { ...baseline, cases: [], failed: 0, ending: 'time-limit' } },
      nothingSaid,
      'until the tests pass (npm test).',
    ],
    ['not run', { ...briefing, baseline: undefined }, nothingSaid, 'until the tests pass (npm test).'],
    [
      'only an exit code',
      { ...briefing, baseline: { ...baseline, cases: [], failed: 0, passed: 0 } },
      nothingSaid,
      'until npm test succeeds.',
    ],
  ] as const)('names the tests: %s', (_, given, request, goal) => {
    const { baseline: report, ...rest } = given;
    expect(
      sentence(solo, { briefing: { ...rest, ...(report && { baseline: report }) } as typeof briefing, request: { ...request, files: [] } }),
    ).toContain(goal);
  });

  test('cuts a long name, and the tooltip has all of them whole', () => {
    const name = 'x'.repeat(200);
    const view = told(solo, { briefing: red(name) });
    expect(view.sentence).toContain(`“${'x'.repeat(79)}…”`);
    expect(view.tests).toEqual([name]);
  });

  test.each([
    [solo, 'Coder writes the change in up to 3 tries, in a copy of your folder, until '],
    [soloTeam(1, 'easy'), 'Coder writes the change, in a copy of your folder, until '],
    [
      teamFor('bug-fix', 'medium'),
      'Debugger studies the code and coder writes the change in up to 2 tries and repairs what is red, in a copy',
    ],
    [teamFor('question', 'easy'), ', and answers you. No file is changed.'],
    [teamFor('tests-only', 'easy'), 'Tester writes tests'],
  ])('says who does what', (plan, words) => {
    expect(sentence(plan)).toContain(words);
  });

  test.each([
    [writing('**'), 'Any file but tests may change.'],
    [writing('src/**', 'lib/**'), 'Only src/**, lib/** may change, and no tests.'],
    [writing('a/**', 'b/**', 'c/**', 'd/**'), 'Only a/**, b/**, c/** and 1 more may change, and no tests.'],
    [writing(), 'No file may change.'],
    [teamFor('tests-only', 'easy'), 'Only test files may change.'],
  ])('says which files may change', (plan, words) => {
    expect(sentence(plan)).toContain(words);
  });

  test('promises no test where none can judge', () => {
    const view = told(solo, {
      judged: false,
      briefing: { ...briefing, test: undefined, baseline: undefined } as unknown as typeof briefing,
    });
    expect(view.sentence).toBe(
      'Coder writes the change in up to 3 tries, in a copy of your folder, with no test to judge it. Any file but tests may change.',
    );
    expect(view.ifRed).toBe('You see the change and decide. Nothing is written to your files before you accept it.');
    expect(view.cost).not.toContain('tests pass');
    expect(view.chips[0]).toMatchObject({ label: 'Tests now', text: 'none', tone: 'caution' });
  });
});

describe('the limits', () => {
  test('are the most it can cost, never more than where it stops', () => {
    const plan = { ...solo, budget: { ...solo.budget, tokens: 3000, usd: 0.001 } };
    expect(told(plan).cost).toMatch(
      /^At most \$0\.001 and 3K tokens, .*\. Stops when the tests pass, or at \$0\.001, 3K tokens, 15 min, or 20 calls\.$/,
    );
  });

  test('say no price that nobody knows, and none where nothing is paid', () => {
    const estimate = pricePlan(solo, facts).estimate;
    expect(told(solo, { estimate: { ...estimate, usd: { least: 0, most: 0, known: false } } }).cost).toMatch(
      /^Price unknown, at most 6\.7K tokens, [^$]*$/,
    );
    expect(told(solo, { estimate: { ...estimate, usd: { least: 0, most: 0, known: true } } }).cost).toMatch(
      /^Free, at most 6\.7K tokens, [^$]*$/,
    );
  });

  test('and the end on red follow the plan', () => {
    const nothing = { ...solo, finish: { ...solo.finish, otherwise: 'nothing' as const } };
    expect(told(solo).ifRed).toMatch(/you get the best try with its failing tests/);
    expect(told(solo, { mayFollow: true }).ifRed).toMatch(/another plan is put to you where there is one, or you get the best try/);
    expect(told(nothing).ifRed).toMatch(/nothing is handed over/);
    expect(told(teamFor('question', 'easy'))).toMatchObject({ ifRed: '', changesFiles: false });
  });
});

test.each([
  [red('adds'), '1 of 15 fails', 'bad'],
  [{ ...briefing, baseline: { ...baseline, failed: 2 } }, '2 of 16 fail', 'bad'],
  [{ ...briefing, baseline: { ...baseline, failed: 0 } }, 'all 14 pass', 'good'],
  [{ ...briefing, baseline: { ...baseline, ending: 'time-limit' as const } }, '1 fail, 14 pass, cut short', 'caution'],
])('the chip of the tests tells how they stand now', (given, text, tone) => {
  expect(told(solo, { briefing: given }).chips[0]).toMatchObject({ text, tone });
});

test('models that are called are named once, by whom in the tooltip; files of the request lead', () => {
  const chips = told(teamFor('feature', 'hard')).chips;
  expect(chips[1]).toMatchObject({ text: '', paths: ['src/invoice.js', 'src/money.js'] });
  expect(chips[2]).toMatchObject({ label: 'Models', text: 'qwen2.5-coder-7b, claude-sonnet-5' });
  expect(chips[2]?.title).toContain('reviewer: claude-sonnet-5');
  expect(told(solo, { models: { worker: '', strong: '' } }).chips[2]).toMatchObject({ label: 'Model', text: 'worker model' });
});

test('what a plan left: its best candidate, the tests that are red and how, what was spent, and whether it can be kept', () => {
  const state = fold(enveloped(redEvents));
  expect(bestSoFar(state)?.id).toBe('c1');
  // One that is green by a hand on the tests is not the best try.
  const gamed = state.candidates.map((one) => ({
    ...one,
    id: 'gamed',
    test: one.test && {
      ...one.test,
      counts: { ...one.test.counts, failed: 0 },
      tampering: [{ kind: 'test-edited', path: 'a.test.js' } as never],
    },
  }));
  expect(bestSoFar({ ...state, candidates: [...state.candidates, ...gamed] })?.id).toBe('c1');
  const message = `Expected values to be strictly equal:\n\n110 !== 99\n${'    at somewhere\n'.repeat(40)}`;
  const report = { ...baseline, cases: failing('a', 'b', 'c', 'd').map((one) => ({ ...one, message })) };
  const view = beforeView({ state, report, keeps: true, failure: 'red' }, english);
  expect(view.sentence).toBe('The best try of the last plan still fails 4 tests. The first 3:');
  expect(view.tests.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(view.tests[0]?.message).toMatch(/^Expected values to be strictly equal:\n110 !== 99\n {4}at somewhere[\s\S]*\n…$/);
  expect(view.spent).toMatch(/^Spent so far – Calls: \d+ of 20 · Tokens: /);
  expect(view.canKeep).toBe(true);
  expect(beforeView({ state, report, keeps: false, failure: 'red' }, english).canKeep).toBe(false);
  expect(beforeView({ state, report: undefined, keeps: true, failure: 'no candidate' }, english).sentence).toBe(
    'The last plan did not do it: no candidate',
  );
});
