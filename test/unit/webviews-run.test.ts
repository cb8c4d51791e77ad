/** What the run page shows of a run's events, and how streams and numbers are said. */
import { describe, expect, test } from 'vitest';
import { createSpeechBuffer } from '../../src/editor/panels/speech-buffer.ts';
import { count, money, span } from '../../src/editor/panels/words.ts';
import type { NewEvent } from '../../src/trace/events.ts';
import { addStream } from '../../src/webviews/run/streams.ts';
import { runModelSchema } from '../../src/webviews/run-types.ts';
import { finishedEvents, redEvents, runModel, runningEvents } from '../support/pages/models.ts';
import { english } from '../support/pages/speech.ts';

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
    expect(model.can).toEqual({ steer: true, stop: true, diff: false, resume: false, review: false });
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
    expect(model.graph.nodes[3]?.name).toContain('skipped: tests-pass holds already');
    expect(model.skippable).toEqual({});
  });

  test('when it ended red: no step of it is green, and the one that ran the tests says what they said', () => {
    const model = runModelSchema.parse(runModel(redEvents, false));
    expect(model).toMatchObject({ badge: { word: 'tests still fail', icon: 'error', tone: 'bad' }, outcome: ['The tests still fail.'] });
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

describe('what agents say', () => {
  test('is sent in pieces, and whole to a page that stands anew', () => {
    const buffer = createSpeechBuffer();
    buffer.add('r0/draft/1', 'coder', { reasoning: 'Hm.' });
    buffer.add('r0/draft/1', 'coder', { text: 'return' });
    expect(buffer.news()).toEqual([{ agent: 'coder', text: 'Hm.\n\nreturn', thinking: false, restart: true }]);
    buffer.add('r0/draft/1', 'coder', { text: ' a' });
    expect(buffer.news()).toEqual([{ agent: 'coder', text: ' a', thinking: false, restart: false }]);
    expect(buffer.news()).toEqual([]);
    expect(buffer.whole()).toEqual([{ agent: 'coder', text: 'Hm.\n\nreturn a', thinking: false, restart: true }]);
    buffer.add('r0/draft/2', 'coder', { text: 'b' });
    expect(buffer.news()).toEqual([{ agent: 'coder', text: 'b', thinking: false, restart: true }]);
  });

  test('grows on the page, keeps its end when it is very long, and begins anew with a call', () => {
    const part = { agent: 'coder', thinking: false };
    let streams = addStream({}, [{ ...part, text: 'a', restart: true }]);
    streams = addStream(streams, [{ ...part, text: 'b'.repeat(20_000), restart: false }]);
    expect(streams.coder?.text).toBe('b'.repeat(12_000));
    expect(addStream(streams, [{ ...part, text: 'new', restart: true }]).coder?.text).toBe('new');
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
