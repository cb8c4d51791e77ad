/** The pure parts of the runtime: the meter, the order among candidates, loop detection, prompts, text tool calls, the reward. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Judgement, TestReport } from '../../src/feedback/types.ts';
import { costTerms, rewardOf } from '../../src/learning/index.ts';
import { LoopGuard } from '../../src/run/loops.ts';
import { Meter } from '../../src/run/meter.ts';
import { type Candidate, Pool, type Verdict } from '../../src/run/pool.ts';
import { openingMessages, renderFailures } from '../../src/run/prompts.ts';
import { verdictOf } from '../../src/run/steps/review.ts';

const free = { input: 0, cachedInput: 0, output: 0, known: true };
const budget = { tokens: 1000, usd: 1, seconds: 60, calls: 5, agents: 6, depth: 4 };
const used = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens, cachedInputTokens: 0, estimated: false });

describe('the meter', () => {
  const meters: Meter[] = [];
  const meterWith = (limits: Partial<typeof budget>): Meter => {
    const meter = new Meter(() => 0);
    meter.limit({ ...budget, ...limits }, () => undefined);
    meters.push(meter);
    return meter;
  };
  afterEach(() => {
    for (const meter of meters.splice(0)) meter.close();
  });

  test('refuses the call that could break the tokens, and books what was used', () => {
    const meter = meterWith({});
    meter.reserve(300, 400, free).settle(used(310, 90));
    expect(meter.spend()).toMatchObject({ calls: 1, inputTokens: 310, outputTokens: 90 });
    expect(() => meter.reserve(500, 400, free)).toThrow(/budget of 1000 tokens/);
    expect(meter.spend().calls).toBe(1);
  });

  test('limits only grow, also those that are set later, and each growth is told once', () => {
    const meter = meterWith({ calls: 2 });
    expect(meter.raise({ calls: 4, tokens: 10 })).toEqual({ calls: 4 });
    expect(meter.raise({ calls: 3 })).toEqual({});
    expect(meter.limits).toMatchObject({ calls: 4, tokens: 1000 });
    meter.limit({ ...budget, calls: 1, tokens: 5000 }, () => undefined);
    expect(meter.limits).toMatchObject({ calls: 4, tokens: 5000 });
    expect(meter.grown({ ...budget, calls: 2 }).calls).toBe(4);
  });

  test('the time stands still until the last of those who wait goes on', () => {
    let now = 0;
    const meter = new Meter(() => now, 7);
    meters.push(meter);
    now = 1000;
    const first = meter.hold();
    now = 3000;
    const second = meter.hold();
    first();
    first();
    now = 6000;
    expect(meter.spend().seconds).toBe(8);
    second();
    now = 6500;
    expect(meter.spend().seconds).toBe(8.5);
  });

  test('shortens the reply when little is left', () => {
    const meter = meterWith({});
    expect(meter.reserve(500, 2000, free).replyTokens).toBe(500);
  });

  test('counts calls that are under way', () => {
    const meter = meterWith({});
    const open = meter.reserve(300, 400, free);
    expect(() => meter.reserve(200, 400, free)).toThrow(/tokens/);
    open.settle(used(300, 10));
    expect(() => meter.reserve(200, 400, free)).not.toThrow();
  });

  test('a failed attempt is a call', () => {
    const meter = meterWith({ calls: 1 });
    meter.reserve(10, 10, free).settle(undefined);
    expect(() => meter.reserve(10, 10, free)).toThrow(/1 calls/);
  });

  test('never goes over, whatever is asked', () => {
    const call = fc.record({
      input: fc.nat(600),
      wanted: fc.integer({ min: 1, max: 900 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), fc.double({ min: 0, max: 50, noNaN: true }), (drawn, rate) => {
        const meter = meterWith({ usd: 0.01 });
        const price = { input: rate, cachedInput: rate, output: rate * 3, known: true };
        for (const { input, wanted, share } of drawn) {
          try {
            const reservation = meter.reserve(input, wanted, price);
            expect(reservation.replyTokens).toBeLessThanOrEqual(wanted);
            reservation.settle(used(input, Math.floor(reservation.replyTokens * share)));
          } catch (error) {
            expect(error).toMatchObject({ code: 'budget-exceeded' });
          }
          const { calls, inputTokens, outputTokens, usd } = meter.spend();
          expect(calls).toBeLessThanOrEqual(budget.calls);
          expect(inputTokens + outputTokens).toBeLessThanOrEqual(budget.tokens);
          expect(usd).toBeLessThanOrEqual(0.01 + 1e-9);
        }
      }),
    );
  });

  test('the time a person takes to answer does not count', async () => {
    let now = 0;
    const meter = new Meter(() => now);
    const up = vi.fn();
    meter.limit({ ...budget, seconds: 10 }, up);
    now = 2000;
    await meter.whileWaiting(async () => {
      now = 3_600_000;
      expect(meter.spend().seconds).toBe(2);
    });
    now += 3000;
    expect(meter.spend().seconds).toBe(5);
    expect(() => meter.reserve(1, 1, free)).not.toThrow();
    now += 6000;
    expect(() => meter.reserve(1, 1, free)).toThrow(/10 seconds/);
    meter.close();
  });

  test('says when the time is up', () => {
    vi.useFakeTimers();
    const meter = new Meter(Date.now);
    const up = vi.fn();
    meter.limit({ ...budget, seconds: 3 }, up);
    vi.advanceTimersByTime(2999);
    expect(up).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(up.mock.calls[0]?.[0]).toMatchObject({ code: 'budget-exceeded' });
    meter.close();
    vi.useRealTimers();
  });
});

const report: TestReport = {
  ending: 'finished',
  exitCode: 1,
  cases: [],
  passed: 0,
  failed: 1,
  skipped: 0,
  green: false,
  guard: 'records',
  breaches: [],
  doubts: [],
  output: '',
  ms: 1,
};
const noChange = { fixed: [], broken: [], stillFailing: [], added: [], missing: [], newlySkipped: [] };
let made = 0;
function candidate(verdict: Partial<Verdict> & { votes?: number; review?: 'approve' | 'reject' }): Candidate {
  made += 1;
  const { votes = 1, review, ...rest } = verdict;
  return {
    id: `c${made}`,
    from: 'start',
    step: 's',
    agent: 'coder',
    order: [0, made],
    snapshot: { commit: `k${made}`, tree: `t${made}` },
    changed: ['a.js'],
    votes,
    review,
    checks: [],
    improvements: [],
    verdict: { report, delta: noChange, tampering: [], breaches: [], score: 0, behaviour: `b${made}`, judgement: red, ...rest },
  };
}

const red: Judgement = { state: 'red', reasons: [], targets: [], unrelated: [], flaky: [], notRun: [] };
const solved: Judgement = { ...red, state: 'solved' };

describe('the order among candidates', () => {
  const best = (...candidates: Candidate[]): string | undefined => {
    const pool = new Pool();
    for (const one of candidates) pool.add(one);
    return pool.best()?.id;
  };

  test('tests first; no review lifts a candidate over one that passes more', () => {
    const red = candidate({ score: 0.5, review: 'approve', votes: 9 });
    const green = candidate({ score: 1, judgement: solved, review: 'reject' });
    expect(best(red, green)).toBe(green.id);
  });

  test('a candidate that made the tests easier stands last', () => {
    const cheat = candidate({ score: 1, tampering: [{ kind: 'deleted-test', path: 'a.test.js', detail: '' }] });
    const honest = candidate({ score: 0.2 });
    expect(best(cheat, honest)).toBe(honest.id);
  });

  test('of two that solve the request the one that does not look made for its tests; one that solves it stands before one that does not', () => {
    const flagged = candidate({
      score: 1,
      judgement: solved,
      votes: 9,
      tampering: [{ kind: 'hard-coded', path: 'a.js', line: 1, detail: '' }],
    });
    expect(best(flagged, candidate({ score: 0.5 }))).toBe(flagged.id);
    const other = candidate({ score: 1, judgement: solved });
    expect(best(flagged, other)).toBe(other.id);
  });

  test('what is handed over is the best by tests, also when a selection put it aside', () => {
    const pool = new Pool();
    const kept = candidate({ score: 0.5, votes: 9 });
    const better = candidate({ score: 1, judgement: solved });
    const like = candidate({ score: 0.5, votes: 1 });
    for (const one of [like, kept, better]) pool.add(one);
    pool.keep([kept]);
    expect(pool.best()?.id).toBe(kept.id);
    expect(pool.choice()?.id).toBe(better.id);
  });

  test('among equals one that is in play is handed over', () => {
    const pool = new Pool();
    const [aside, kept] = [candidate({ score: 0.5, votes: 3 }), candidate({ score: 0.5 })];
    for (const one of [aside, kept]) pool.add(one);
    pool.keep([kept]);
    expect(pool.choice()?.id).toBe(kept.id);
  });

  test('among equals the behaviour that most share, then the earliest', () => {
    const alone = candidate({ score: 0.5, behaviour: 'x' });
    const first = candidate({ score: 0.5, behaviour: 'y' });
    const second = candidate({ score: 0.5, behaviour: 'y' });
    expect(best(alone, first, second)).toBe(first.id);
  });
});

describe('loops', () => {
  const note = (guard: LoopGuard, ...calls: string[]) => calls.map((call) => guard.note(call, '{}', 'same')?.action);

  test('warns at three and stops at five of the same', () => {
    expect(note(new LoopGuard(), 'a', 'a', 'a', 'a', 'a')).toEqual([undefined, undefined, 'warned', undefined, 'stopped']);
  });
  test('stops two calls that take turns', () => {
    expect(note(new LoopGuard(), 'a', 'b', 'a', 'b', 'a', 'b').at(-1)).toBe('stopped');
  });
  test('another answer to the same call is progress', () => {
    const guard = new LoopGuard();
    expect([1, 2, 3, 4, 5, 6].map((turn) => guard.note('test', '{}', `result ${turn}`))).toEqual(Array(6).fill(undefined));
  });
});

describe('prompts', () => {
  const agent = {
    role: 'coder',
    instructions: 'Fix it.',
    output: 'edits',
    tier: 'worker',
    tools: [],
    write: ['**'],
    temperature: 0,
  } as const;

  test('agents of a run share everything up to their own part', () => {
    const shared = '# Files\nsum.js';
    const parts = { shared, notes: [], answer: 'Answer.' };
    const [first, second] = ['Fix it.', 'Review it.'].map((instructions) =>
      openingMessages({ ...parts, agent: { ...agent, instructions } as never }),
    );
    expect(first?.[0]).toEqual(second?.[0]);
    expect(first?.[1]?.content.startsWith(shared)).toBe(true);
    expect(second?.[1]?.content.startsWith(shared)).toBe(true);
  });

  test('failures are bounded and drop lines that only underline', () => {
    const cases = Array.from({ length: 10 }, (_, n) => ({
      id: `t${n}`,
      name: `t${n}`,
      outcome: 'failed' as const,
      message: `expected\n   ^^^^^\n${'x'.repeat(5000)}`,
    }));
    const text = renderFailures({ ...report, cases });
    expect(text.length).toBeLessThan(2500);
    expect(text).not.toContain('^^^');
    expect(text).toContain('and 6 more');
  });
});

describe('what models write', () => {
  test('the last word of a review decides', () => {
    expect(verdictOf('I would REJECT that, but no.\nAPPROVE')).toBe('approve');
    expect(verdictOf('Wrong sign.\nREJECT')).toBe('reject');
    expect(verdictOf('Looks fine')).toBeUndefined();
  });
});

test('the reward is its raw terms in their weights', () => {
  const spend = { calls: 6, inputTokens: 300, outputTokens: 100, usd: 0, seconds: 1 };
  const terms = { performance: 1, ...costTerms(spend, { difficulty: 'easy', budget }), accepted: 0.5 };
  expect(terms).toEqual({ performance: 1, complexity: 0.5, efficiency: 0.4, accepted: 0.5 });
  expect(rewardOf(terms)).toBeCloseTo(1 - 0.05 * 0.5 - 0.1 * 0.4 + 0.2 * 0.5);
});
