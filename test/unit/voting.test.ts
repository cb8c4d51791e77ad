/** The figures of a vote, against their definitions, and against votes that are held with fixed seeds. */
import { describe, expect, test } from 'vitest';
import {
  accuracyOf,
  canVote,
  checkPlan,
  leadNeeded,
  type Plan,
  planGraph,
  planSchema,
  pricePlan,
  printPlan,
  renderPlanText,
} from '../../src/plan/index.ts';
import { leastFacts } from '../../src/plan/price.ts';
import { successOf, votesExpected } from '../../src/plan/voting.ts';
import { type Cast, holdVote } from '../../src/run/ballot.ts';
import { answerFormOf } from '../../src/run/vote-answers.ts';

/** Mulberry32: numbers between 0 and 1 from a seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const said = (key: string): Cast<string> => ({ key, shown: key, value: key });
/** Right with the chance p; wrong replies all agree, the worst case. */
const worker = (p: number, random: () => number) => async (): Promise<Cast<string>> => said(random() < p ? 'right' : 'wrong');
const rules = { samples: 64, accuracy: 80, calibrate: 0, target: 95, chain: 1 };

test('the lead follows from accuracy, target and chain', () => {
  // ln(0.95^-1 − 1) / ln(0.25) = 2.12
  expect(leadNeeded({ accuracy: 0.8, target: 0.95, chain: 1 })).toBe(3);
  // The paper's order: a million steps at 99.8 % need no lead of four.
  expect(leadNeeded({ accuracy: 0.998, target: 0.95, chain: 1_048_575 })).toBe(3);
  expect(leadNeeded({ accuracy: 1, target: 0.99, chain: 1_000_000 })).toBe(1);
  expect(() => leadNeeded({ accuracy: 0.5, target: 0.95, chain: 1 })).toThrow(RangeError);
  expect([0.3, 0.5, 0.51].map(canVote)).toEqual([false, false, true]);
});

test('the lead is the least that meets the target for the whole chain', () => {
  for (const accuracy of [0.55, 0.7, 0.8, 0.9, 0.99])
    for (const target of [0.5, 0.9, 0.99])
      for (const chain of [1, 10, 10_000]) {
        const lead = leadNeeded({ accuracy, target, chain });
        expect(successOf(accuracy, lead) ** chain).toBeGreaterThanOrEqual(target - 1e-9);
        if (lead > 1) expect(successOf(accuracy, lead - 1) ** chain).toBeLessThan(target);
      }
});

test.each([
  [0.8, 1],
  [0.8, 2],
  [0.8, 3],
  [0.6, 4],
  [0.9, 2],
])('with a worker of p = %d and k = %d success and votes are those of the formulas', async (p, lead) => {
  const count = 4000;
  const random = chance(20_260 + lead);
  let right = 0;
  const votes: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const target = Math.floor(100 * successOf(p, lead));
    // What the plan would have to ask for to get this k.
    const held = await holdVote({ ...rules, samples: 10_000, accuracy: p * 100, target: Math.min(99, target) }, worker(p, random));
    expect(held.lead).toBe(lead);
    right += Number(held.answers[0]?.key === 'right');
    votes.push(held.replies);
  }
  const success = successOf(p, lead);
  // 99.9 % of such measurements lie within 3.29 standard errors.
  expect(Math.abs(right / count - success)).toBeLessThan(3.29 * Math.sqrt((success * (1 - success)) / count));
  const mean = votes.reduce((a, b) => a + b, 0) / count;
  const spread = Math.sqrt(votes.reduce((sum, one) => sum + (one - mean) ** 2, 0) / count);
  expect(Math.abs(mean - votesExpected(p, lead))).toBeLessThan(Math.max(1e-9, (3.29 * spread) / Math.sqrt(count)));
});

test('a flagged reply never votes, and another one is asked for in its place', async () => {
  const random = chance(7);
  for (let n = 0; n < 300; n += 1) {
    const keys: string[] = [];
    const held = await holdVote(rules, async () => {
      if (random() < 0.4) return { flag: random() < 0.5 ? 'too-long' : 'not-exact' };
      const one = random() < 0.8 ? 'right' : 'wrong';
      keys.push(one);
      return said(one);
    });
    expect(held.replies - held.flagged).toBe(keys.length);
    expect(held.answers.reduce((sum, { votes }) => sum + votes, 0)).toBe(keys.length);
    for (const { key, votes } of held.answers) expect(keys.filter((one) => one === key)).toHaveLength(votes);
  }
  const none = await holdVote({ ...rules, samples: 5 }, async () => ({ flag: 'too-long' }));
  expect(none).toMatchObject({ ended: 'undecided', answers: [], replies: 5, flagged: 5 });
});

test('no reply is bought that cannot be needed: the first k side by side, then as many as the leader lacks', async () => {
  const script = ['a', 'b', 'a', 'a', 'a'];
  const asked: number[][] = [];
  let wave: number[] = [];
  const held = await holdVote(rules, async (n) => {
    if (wave.length === 0) asked.push(wave);
    wave.push(n);
    await Promise.resolve();
    wave = [];
    return said(script[n - 1] ?? 'x');
  });
  expect(asked).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(held).toMatchObject({ ended: 'agreed', lead: 3, replies: 5 });
  expect(held.answers).toMatchObject([
    { key: 'a', votes: 4, first: 1 },
    { key: 'b', votes: 1, first: 2 },
  ]);
});

test('k comes from how much the first replies agree, not from what the plan says', async () => {
  const measured = { ...rules, accuracy: 99, calibrate: 10 };
  const same = await holdVote(measured, async () => said('a'));
  expect(same).toMatchObject({ ended: 'agreed', measured: true, accuracy: accuracyOf(10, 10), replies: 10, lead: 2 });
  const mixed = await holdVote(measured, async (n) => said(n <= 10 && n % 3 === 0 ? 'b' : 'a'));
  const accuracy = accuracyOf(7, 10);
  expect(mixed).toMatchObject({ accuracy, lead: leadNeeded({ accuracy, target: 0.95, chain: 1 }) });
  expect(mixed.lead).toBeGreaterThan(2);
  const torn = await holdVote(measured, async (n) => said(String(n % 3)));
  expect(torn).toMatchObject({ ended: 'refused', lead: undefined, replies: 10 });
  // Discarded replies say nothing of the accuracy.
  const flags = await holdVote({ ...measured, samples: 20 }, async (n) => (n % 2 === 0 ? { flag: 'not-exact' } : said('a')));
  expect(flags).toMatchObject({ accuracy: accuracyOf(10, 10), flagged: 9 });
});

test('a vote that cannot end in time says so', async () => {
  const held = await holdVote({ ...rules, samples: 6 }, async (n) => said(n % 2 === 0 ? 'a' : 'b'));
  expect(held).toMatchObject({ ended: 'undecided', lead: 3, replies: 6 });
});

test('ten thousand votes that build on each other end without an error, at the cost that was foretold', async () => {
  const goal = { accuracy: 0.8, target: 0.99, chain: 10_000 };
  const lead = leadNeeded(goal);
  const random = chance(1);
  let state = 0;
  let replies = 0;
  for (let n = 0; n < goal.chain; n += 1) {
    const held = await holdVote({ ...rules, samples: 10_000, target: 99, chain: goal.chain }, async () => {
      // The step is to count on from where the chain stands; a wrong worker stays where it is.
      const next = String(random() < goal.accuracy ? state + 1 : state);
      return said(next);
    });
    expect(held.lead).toBe(lead);
    replies += held.replies;
    state = Number(held.answers[0]?.key);
  }
  expect(state).toBe(goal.chain);
  const foretold = goal.chain * votesExpected(goal.accuracy, lead);
  expect(Math.abs(replies / foretold - 1)).toBeLessThan(0.01);
});

test.each([
  ['choice', ' early return\n', 'early return'],
  ['choice', 'Early return', undefined],
  ['choice', 'early return.', undefined],
  ['choice', 'early return\nbecause it is simple', undefined],
  ['value', '{"b": [1, 2], "a": {"d": 1, "c": null}}', '{"a":{"c":null,"d":1},"b":[1,2]}'],
  ['value', '"3"', '"3"'],
  ['value', '```json\n3\n```', undefined],
  ['value', '3 apples', undefined],
  ['value', '', undefined],
  ['files', 'b.js\na.js\n', 'a.js\nb.js'],
  ['files', 'a.js\r\nb.js', 'a.js\nb.js'],
  ['files', 'a.js\na.js', undefined],
  ['files', '- a.js', undefined],
  ['files', 'c.js', undefined],
  ['files', '', undefined],
] as const)('of a %s the reply %j is read as %j', (answer, reply, read) => {
  const options = answer === 'choice' ? ['early return', 'rewrite'] : [];
  expect(answerFormOf({ answer, options }, ['a.js', 'b.js']).read(reply)).toBe(read);
});

// ---- the plan -----------------------------------------------------------------------------------------------------------------------

const planWith = (step: object, kind = 'vote') =>
  planSchema.parse({
    teamwright: 1,
    name: 'votes',
    difficulty: 'hard',
    agents: {
      one: {
        role: 'planner',
        tools: [],
        write: kind === 'vote' ? [] : ['src/**'],
        output: kind === 'vote' ? 'note' : 'edits',
        instructions: 'Say what is to be done.',
      },
    },
    steps: [{ id: 'ask', do: kind, agent: 'one', ...step }, ...(kind === 'vote' ? [] : [{ id: 'test', do: 'test' }])],
    budget: { calls: 100, tokens: 1_000_000 },
    finish: { when: kind === 'vote' ? 'answer' : 'tests-pass' },
  });
const problemsOf = (step: object, kind?: string): string[] =>
  checkPlan(planWith(step, kind))
    .filter(({ code }) => code !== 'above-difficulty')
    .map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
const options = ['yes', 'no'];

test('a vote of an agent that is not right more often than wrong is refused, with what to do instead', () => {
  for (const accuracy of [50, 30, 1])
    for (const kind of ['vote', 'vote-part']) {
      const [problem, ...others] = problemsOf({ accuracy, ...(kind === 'vote' && { options }) }, kind);
      expect(problem).toContain(`error steps[0].accuracy: "ask" would vote with an agent that is right in ${accuracy} of 100 replies`);
      expect(problem).toContain('let "select" choose by behaviour');
      expect(others).toEqual([]);
    }
});

test('what a vote lacks is said', () => {
  expect(problemsOf({ options })).toEqual([]);
  expect(problemsOf({ answer: 'files' })).toEqual([]);
  expect(problemsOf({}, 'vote-part')).toEqual([]);
  expect(problemsOf({})).toEqual([expect.stringContaining('error steps[0].options: A choice is between two options or more')]);
  expect(problemsOf({ options: ['a', 'a'] })).toHaveLength(1);
  expect(problemsOf({ answer: 'value', options })).toEqual([expect.stringContaining('asks for no choice, so it has no options')]);
  expect(problemsOf({ options, samples: 2 })).toEqual([
    expect.stringContaining('can never decide with at most 2 replies: an answer must be ahead by 3'),
  ]);
  expect(problemsOf({ options, samples: 5, calibrate: 6 })).toEqual([expect.stringContaining('6 replies are for measuring alone')]);
  expect(problemsOf({ options, accuracy: 55, samples: 20 })).toEqual([
    expect.stringContaining('warning steps[0].samples: "ask" will mostly decide nothing'),
  ]);
});

test('a vote costs k replies at least, and as many as it may ask for at most', () => {
  const facts = { ...leastFacts, promptTokens: 1000, replyTokens: 400, parallel: 2 };
  const of = (step: object, kind?: string) => pricePlan(planWith(step, kind), facts).estimate;
  expect(of({ options, samples: 20 }).calls).toEqual({ least: 3, most: 20 });
  expect(of({ options, samples: 20, calibrate: 8 }).calls).toEqual({ least: 8, most: 20 });
  expect(of({ options, accuracy: 95, samples: 20 }).calls.least).toBe(1);
  expect(of({ options, accuracy: 95, chain: 10_000, samples: 20 }).calls.least).toBe(5);
  expect(of({ samples: 20 }, 'vote-part').tokens.most).toBeGreaterThan(of({ options, samples: 20 }).tokens.most);
  const text = renderPlanText(planWith({ options }));
  expect(text).toContain('vote ×24 · one; ahead by 3 at 80 % right replies; about 4.8 replies, at most 24');
});

describe('a chain', () => {
  const inner = { id: 'ask', do: 'vote', agent: 'one', options, samples: 40 };
  const chainOf = (own: object, steps: readonly object[] = [inner]): Plan => {
    const plan = planWith({ options });
    return planSchema.parse({
      ...plan,
      budget: { calls: 100_000, tokens: 10_000_000 },
      steps: [{ id: 'all', do: 'chain', steps, ...own }],
    });
  };
  const pieces = (count: number): string[] => Array.from({ length: count }, (_, index) => `piece ${index + 1}`);
  const faults = (plan: Plan): string[] =>
    checkPlan(plan)
      .filter(({ code }) => code !== 'above-difficulty')
      .map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  const leadsIn = (plan: Plan): string[] => [...renderPlanText(plan).matchAll(/ahead by (\d+)/g)].map(([, lead]) => lead ?? '');

  test('asks for the lead that all its votes together need', () => {
    for (const count of [1, 7, 60, 1000]) {
      const lead = leadNeeded({ accuracy: 0.8, target: 0.95, chain: count });
      const plan = chainOf({ pieces: pieces(count) });
      expect(leadsIn(plan)).toEqual([String(lead)]);
      expect(faults(plan)).toEqual([]);
      expect(pricePlan(plan, leastFacts).estimate.calls).toEqual({ least: count * lead, most: count * 40 });
    }
    const nested = chainOf({ pieces: pieces(10) }, [
      inner,
      { id: 'sub', do: 'chain', pieces: pieces(5), steps: [{ ...inner, id: 'sub-ask' }] },
    ]);
    const lead = leadNeeded({ accuracy: 0.8, target: 0.95, chain: 60 });
    expect(leadsIn(nested)).toEqual([String(lead), String(lead)]);
    // What a plan says of itself stays what was written.
    expect(printPlan(nested)).not.toContain('chain: 60');
  });

  test('says what it lacks', () => {
    expect(faults(chainOf({}))).toEqual([expect.stringContaining('error steps[0].pieces: "all" has no pieces: write them in "pieces"')]);
    const both = chainOf({ pieces: ['one'], uses: ['ask'] });
    expect(faults(both)).toEqual(expect.arrayContaining([expect.stringContaining('"all" has pieces of its own and those of a note')]));
    expect(faults(chainOf({ pieces: pieces(1000) }, [{ ...inner, samples: 6 }]))).toEqual([
      expect.stringContaining('error steps[0].steps[0].samples: "ask" can never decide with at most 6 replies'),
    ]);
    expect(faults(chainOf({ pieces: ['hid\u200bden'] }))).toEqual([
      expect.stringContaining('steps[0].pieces[0]: This text holds a character'),
    ]);
    for (const wrong of [{ pieces: [''] }, { pieces: ['x'.repeat(401)] }, { pieces: pieces(1001) }, { pieces: [7] }])
      expect(() => chainOf(wrong)).toThrow();
  });

  test('is one frame, however many pieces it has', () => {
    const { nodes } = planGraph(chainOf({ pieces: pieces(60) }));
    expect(nodes.map(({ shape, label }) => `${shape} ${label}`)).toEqual(['frame chain of pieces (60)', 'agent vote ×40 · one']);
  });
});
