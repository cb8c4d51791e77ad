/** What the run page shows of a run's events, and how streams and numbers are said. */
import { describe, expect, test } from 'vitest';
import { mostTries } from '../../src/editor/panels/run-now.ts';
import type { RunViewInput } from '../../src/editor/panels/run-view.ts';
import { createSpeechBuffer } from '../../src/editor/panels/speech-buffer.ts';
import { count, money, span } from '../../src/editor/panels/words.ts';
import type { TestReport } from '../../src/feedback/types.ts';
import type { NewEvent, Outcome } from '../../src/trace/events.ts';
import { addStream } from '../../src/webviews/run/streams.ts';
import { type RunModel, runModelSchema } from '../../src/webviews/run-types.ts';
import { finishedEvents, redEvents, runModel, runModelOf, runningEvents } from '../support/pages/models.ts';
import { english } from '../support/pages/speech.ts';
import { enveloped } from '../support/trace-events.ts';

describe('a run on the page', () => {
  test('a step of the second round does not show what the step of that name spent in the first', () => {
    const proposed = runningEvents.findLast((event) => event.type === 'plan.proposed');
    if (proposed?.type !== 'plan.proposed') throw new Error('There is no plan.');
    const outline = proposed.outline?.map((step) => ({ ...step, path: step.path.replace(/^r0/, 'r1') }));
    const second = { ...proposed, round: 1, ...(outline && { outline }) };
    const before = runModel(runningEvents);
    const model = runModel([...runningEvents, second, { type: 'plan.approved', hash: proposed.hash, by: 'user' }]);
    expect(before.graph.nodes.some(({ meter }) => meter?.includes('tokens'))).toBe(true);
    expect(model.round).toBe(1);
    expect(model.graph.nodes.map(({ meter }) => meter ?? '')).toEqual(model.graph.nodes.map(() => ''));
  });

  test('while it runs: each step with its state, model, tokens and time; the steps that can be skipped by their path', () => {
    const model = runModelSchema.parse(runModel());
    expect(model.graph.nodes.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'steps[0] done',
      'steps[1] running',
      'steps[2] pending',
      'steps[3] pending',
      'steps[3].steps[0] pending',
      'steps[3].steps[1] pending',
      'steps[3].steps[2] pending',
      'steps[4] pending',
    ]);
    expect(model.graph.nodes[1]).toMatchObject({ detail: 'coder · coder-1.5b-q4', meter: expect.stringContaining('1K tokens · $0.001') });
    expect(model.skippable).toMatchObject({ 'steps[1]': 'r0/draft', 'steps[3].steps[1]': 'r0/mend/1/fix' });
    expect(model.skippable).not.toHaveProperty('steps[0]');
    expect(model.can).toEqual({ steer: true, stop: true, diff: false, resume: false, review: false, again: false, testAccepted: false });
    expect(model.candidates).toMatchObject([
      { id: 'c1', tests: '1 passed, 1 failed', delta: ['still failing: adds'], badge: { icon: 'error', tone: 'bad' } },
    ]);
    expect(model.notes).toMatchObject([{ title: '1. look · planner' }]);
  });

  test('paused, raised and told: what the user did shows at once', () => {
    const steered: NewEvent[] = [
      ...runningEvents,
      { type: 'control.used', action: 'raise-budget', budget: { calls: 40 } },
      { type: 'control.used', action: 'hint', text: 'Mind the tax.' },
      { type: 'control.used', action: 'pause' },
    ];
    const model = runModel(steered);
    expect(model).toMatchObject({ badge: { word: 'paused', icon: 'debug-pause' }, paused: true });
    expect(model.budget[0]).toMatchObject({ name: 'calls', used: '1', limit: 'of 40', limitValue: 40 });
    expect(model.log.slice(-3).map(({ text }) => text)).toEqual([
      'You raised the budget.',
      'You told all agents: Mind the tax.',
      'You paused the run.',
    ]);
  });

  test('a repair: the places it suspects and why, what came of each, and the one that the user pointed at first', () => {
    const place = (line: number, because: ('surprise' | 'spectrum' | 'frame')[]) => ({
      path: 'a.py',
      line,
      endLine: line,
      suspicion: 1,
      because,
    });
    const tried = (line: number, more: object): NewEvent => ({
      ...{ type: 'place.tried', step: 'mend', call: `r0/mend/${line}`, file: 'a.py', line, how: 'fill' },
      ...more,
    });
    const model = runModel([
      ...runningEvents,
      {
        type: 'places.ranked',
        step: 'mend',
        path: 'r0/mend',
        places: [place(5, ['spectrum', 'surprise']), place(2, []), place(9, ['frame'])],
      },
      tried(5, { passed: 1, failed: 2 }),
      tried(5, { passed: 2, failed: 1 }),
      tried(7, { passed: 3, failed: 0, pointed: true }),
      tried(9, {}),
    ]);
    expect(runModelSchema.parse(model).places.map(({ label, why, said }) => `${label}: ${why}: ${said}`)).toEqual([
      'a.py:7: you pointed at it: another text here makes the tests pass',
      'a.py:5: failing tests ran over it, surprises the model: 2 texts tried, tests failing at best: 1',
      'a.py:2: in a file that is in play: not tried yet',
      'a.py:9: named by a failure: nothing new to try',
    ]);
  });

  test('when it is over: outcome, chosen candidate, skipped steps with their reason', () => {
    const model = runModel(finishedEvents, false);
    expect(model).toMatchObject({
      badge: { word: 'tests pass', icon: 'pass', tone: 'good' },
      outcome: ['Solved: the tests that should pass do pass.'],
      can: { steer: false, diff: true },
    });
    expect(model.candidates.map(({ id, chosen }) => `${id} ${chosen}`)).toEqual(['c1 false', 'c2 true']);
    expect(model.graph.nodes[3]?.name).toContain('skipped: not needed: the tests pass');
    expect(model.skippable).toEqual({});
  });

  test('when it ended red: no step of it is green, and the one that ran the tests says what they said', () => {
    const model = runModelSchema.parse(runModel(redEvents, false));
    expect(model).toMatchObject({ badge: { word: 'tests still fail', icon: 'error', tone: 'bad' }, outcome: [] });
    const states = model.graph.nodes.map(({ title, state }) => `${title} ${state}`);
    expect(states.slice(0, 3)).toEqual(['look over', 'draft ×2 over', 'try red']);
    expect(states.filter((state) => state.endsWith(' done'))).toEqual([]);
    expect(model.graph.nodes[2]?.name).toContain('no candidate passes the tests');
    expect(model.log.at(-1)).toMatchObject({ text: 'The run ended.', tone: 'bad' });
  });

  test('when its window was closed in the middle: interrupted, to be resumed', () => {
    expect(runModel(runningEvents, false)).toMatchObject({
      badge: { word: 'interrupted', icon: 'debug-disconnect', tone: 'caution' },
      can: { resume: true, stop: false },
    });
  });

  test('a long log keeps its end and says how much is before it', () => {
    const many = Array.from({ length: 900 }, (): NewEvent => ({ type: 'control.used', action: 'hint', text: 'again' }));
    const model = runModel([...runningEvents, ...many]);
    expect(model.log).toHaveLength(400);
    expect(model.logOmitted).toBeGreaterThan(500);
  });
});

describe('the first lines of a run', () => {
  const draft = 'coder · draft, try 2';

  test('are the verdict, with tests, files, money and time, and nothing that goes on', () => {
    const model = runModel(finishedEvents, false);
    expect([model.badge.word, ...model.verdict]).toEqual(['tests pass', '14/15 → 15/15 tests', 'sum.js', '$0.003', '21 sec']);
    expect(model.now).toEqual([]);
  });

  test.each<readonly [string, Partial<RunViewInput>, string]>([
    [
      'before its first word, of a model that has answered before',
      {},
      `${draft} · qwen2.5-coder-7b reads the prompt, about 900 tokens · 3 sec`,
    ],
    [
      'while its model loads',
      { spoken: new Map([['r0/draft/2', { characters: 0, thinking: false, preparing: { doing: 'loading', share: 0.35 } }]]) },
      `${draft} · qwen2.5-coder-7b is loading, 35% of it · 3 sec`,
    ],
    [
      'while it reads',
      { spoken: new Map([['r0/draft/2', { characters: 0, thinking: false, preparing: { doing: 'reading', share: 0.6 } }]]) },
      `${draft} · qwen2.5-coder-7b reads the prompt, 60% of about 900 tokens · 3 sec`,
    ],
    [
      'while it writes, whatever came before',
      { spoken: new Map([['r0/draft/2', { characters: 480, thinking: false, preparing: { doing: 'reading', share: 0.6 } }]]) },
      `${draft} · writes, about 120 tokens · 3 sec`,
    ],
    [
      'while it thinks',
      { spoken: new Map([['r0/draft/2', { characters: 40, thinking: true }]]) },
      `${draft} · thinks, about 10 tokens · 3 sec`,
    ],
    [
      'while it writes',
      { spoken: new Map([['r0/draft/2', { characters: 480, thinking: false }]]) },
      `${draft} · writes, about 120 tokens · 3 sec`,
    ],
  ])('say what a call does %s', (_, more, line) => {
    expect(runModel(runningEvents, true, more).now.map((text) => text.replace('3.0 sec', '3 sec'))).toEqual([line]);
  });

  test('say that a model that has not answered yet may still be loading', () => {
    const first = runningEvents.slice(0, runningEvents.findIndex(({ type }) => type === 'call.started') + 1);
    expect(runModel(first).now[0]).toContain('coder-1.5b is loading, or reads the prompt, about 950 tokens');
  });

  test('say what goes on where no model is asked: each stage before the plan, and the tests', () => {
    const until = (type: NewEvent['type']) => runningEvents.slice(0, runningEvents.findIndex((event) => event.type === type) + 1);
    expect(runModel(until('run.started')).now[0]).toContain('takes a copy of the workspace');
    expect(runModel(until('snapshot.taken')).now[0]).toContain('reads the workspace and runs its tests');
    expect(runModel(until('briefing.done')).now[0]).toContain('designs a plan');
    const testing = redEvents.slice(0, redEvents.findIndex((event) => event.type === 'step.started' && event.step === 'try') + 1);
    const calls = testing.filter((event) => event.type !== 'call.started' || event.call !== 'r0/draft/2');
    expect(runModel(calls).now).toEqual([expect.stringMatching(/^try · runs the tests · /)]);
  });

  test('move while a call is under way: the clock, the time of the agent, the limits, by what was sent and has come so far', () => {
    const at = (seconds: number, characters: number) => {
      const all = enveloped(runningEvents);
      return runModelOf(all, true, {
        now: (all.at(-1)?.at ?? 0) + seconds * 1000,
        spoken: new Map([['r0/draft/2', { characters, thinking: false }]]),
      });
    };
    const [early, late] = [at(1, 40), at(61, 40_000)];
    for (const part of [
      (model: RunModel) => model.now[0],
      (model: RunModel) => model.verdict.at(-1),
      (model: RunModel) => model.agents[0]?.time,
      (model: RunModel) => model.agents[0]?.tokens,
      (model: RunModel) => model.budget.find(({ name }) => name === 'tokens')?.used,
      (model: RunModel) => model.budget.find(({ name }) => name === 'seconds')?.used,
    ])
      expect(part(early)).not.toBe(part(late));
    expect(early.budget.find(({ name }) => name === 'tokens')?.used).toMatch(/^≈/);
  });

  test('each call is a try, named by its step, with what the tests say of it; another attempt is none of its own', () => {
    const started = runningEvents.at(-1) as NewEvent;
    const model = runModel([...runningEvents, { ...started, attempt: 2 } as NewEvent]);
    expect(model.tries.map(({ name, active, badge }) => [name, active, badge?.word])).toEqual([
      ['coder · draft, try 1', false, 'tests still fail'],
      [draft, true, undefined],
    ]);
  });
});

describe('a run that ended', () => {
  const report = (failed: number): TestReport => ({
    ending: 'finished',
    exitCode: 1,
    cases: Array.from({ length: failed }, (_, n) => ({
      id: `t ${n}`,
      name: `t ${n}`,
      file: 't.js',
      outcome: 'failed' as const,
      message: '110 !== 99',
    })),
    passed: 0,
    failed,
    skipped: 0,
    green: false,
    guard: 'records',
    breaches: [],
    doubts: [],
    output: '',
    ms: 10,
  });
  const outcomeIs = (outcome: Outcome): NewEvent[] =>
    redEvents.map((event) => (event.type === 'run.finished' ? { ...event, outcome } : event));

  test('red names what fails still, and offers the ways on', () => {
    const model = runModelSchema.parse(runModel(redEvents, false, { report: report(5) }));
    expect(model.failing).toEqual({
      sentence: '5 tests fail still. The first 3:',
      tests: [0, 1, 2].map((n) => ({ name: `t ${n}`, message: '110 !== 99' })),
    });
    expect(model.can).toMatchObject({ again: true, diff: true, resume: false });
    expect(runModel(redEvents, false, { report: report(1) }).failing?.sentence).toBe('1 test fails still.');
  });

  test.each<readonly [Outcome, { again: boolean; resume: boolean }]>([
    ['solved', { again: false, resume: false }],
    ['unproven', { again: false, resume: false }],
    ['no-tests', { again: false, resume: false }],
    ['answered', { again: false, resume: false }],
    // With a red try to hand over: the best one was kept.
    ['declined', { again: true, resume: false }],
    ['stopped', { again: false, resume: true }],
    ['tests-fail', { again: true, resume: false }],
    ['budget', { again: true, resume: false }],
    ['failed', { again: true, resume: true }],
  ])('%s: another try, and going on where it broke off', (outcome, can) => {
    expect(runModel(outcomeIs(outcome), false, { report: report(1) }).can).toMatchObject(can);
  });

  test('red, and applied all the same: nothing is asked', () => {
    const applied: NewEvent = { type: 'diff.applied', applied: ['sum.js'], conflicts: [], undo: { commit: '', tree: '' }, candidate: 'c1' };
    expect(runModel([...redEvents, applied], false, { report: report(1) })).toMatchObject({ can: { again: false } });
  });
});

describe('what calls say', () => {
  test('is sent in pieces, and whole to a page that stands anew', () => {
    const buffer = createSpeechBuffer();
    const one = { call: 'r0/draft/1', thinking: false };
    buffer.add('r0/draft/1', { reasoning: 'Hm.' });
    buffer.add('r0/draft/1', { text: 'return' });
    expect(buffer.news()).toEqual([{ ...one, text: 'Hm.\n\nreturn', restart: true }]);
    buffer.add('r0/draft/1', { text: ' a' });
    expect(buffer.news()).toEqual([{ ...one, text: ' a', restart: false }]);
    expect(buffer.news()).toEqual([]);
    expect(buffer.whole()).toEqual([{ ...one, text: 'Hm.\n\nreturn a', restart: true }]);
    buffer.add('r0/draft/2', { text: 'b' });
    expect(buffer.news()).toEqual([{ call: 'r0/draft/2', thinking: false, text: 'b', restart: true }]);
    expect(buffer.whole().map(({ text }) => text)).toEqual(['Hm.\n\nreturn a', 'b']);
  });

  test('knows what is prepared before the first word, which is no text', () => {
    const buffer = createSpeechBuffer();
    buffer.add('a', { preparing: { doing: 'loading', share: 0.5 } });
    buffer.add('a', { preparing: { doing: 'reading', share: 0.2 } });
    expect(buffer.spoken().get('a')).toMatchObject({ characters: 0, preparing: { doing: 'reading', share: 0.2 } });
    expect([buffer.has('a'), buffer.news(), buffer.whole()]).toEqual([false, [], []]);
    buffer.add('a', { text: 'b' });
    expect(buffer.news()).toEqual([{ call: 'a', thinking: false, text: 'b', restart: true }]);
    expect(buffer.has('a')).toBe(true);
  });

  test('goes when the call is tried once more, comes from the trace where nobody heard it, and is kept of the last calls only', () => {
    const buffer = createSpeechBuffer();
    buffer.add('a', { text: 'half' });
    buffer.begin('a');
    expect(buffer.has('a')).toBe(false);
    buffer.put('a', 'whole');
    expect(buffer.whole()).toEqual([{ call: 'a', text: 'whole', thinking: false, restart: true }]);
    for (let n = 0; n < 100; n += 1) buffer.put(`later ${n}`, 'text');
    expect([buffer.whole().length, buffer.has('a'), buffer.has('later 99')]).toEqual([2 * mostTries, false, true]);
  });

  test('grows on the page, keeps its end when it is very long, and begins anew with another attempt; each try has its own', () => {
    const part = { call: 'r0/draft/1', thinking: false };
    let streams = addStream({}, [{ ...part, text: 'a', restart: true }]);
    streams = addStream(streams, [{ ...part, text: 'b'.repeat(20_000), restart: false }]);
    expect(streams['r0/draft/1']?.text).toBe('b'.repeat(12_000));
    streams = addStream(streams, [{ ...part, call: 'r0/draft/2', text: 'other', restart: true }]);
    streams = addStream(streams, [{ ...part, text: 'new', restart: true }]);
    expect(Object.values(streams).map(({ text }) => text)).toEqual(['new', 'other']);
  });
});

describe('numbers', () => {
  test('are said in the language of the editor', () => {
    expect(count(940, english)).toBe('940');
    expect(count(12_345, english)).toBe('12.3K');
    expect(money(0, english)).toBe('$0');
    expect(money(0.00001, english)).toBe('<$0.0001');
    expect(money(0.01234, english)).toBe('$0.0123');
    expect(money(12.5, english)).toBe('$12.50');
    expect(span(800, english)).toBe('800 ms');
    expect(span(62_000, english)).toBe('1 min 2 sec');
    expect(span(3_720_000, english)).toBe('1 hr 2 min');
    expect(money(12.5, { ...english, locale: 'de' })).toBe('12,50\u00a0$');
  });
});
