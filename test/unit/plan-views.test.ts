import { describe, expect, it } from 'vitest';
import { type AnalysisFacts, diffPlans, type Plan, planGraph, planSchema, pricePlan, renderPlanText } from '../../src/plan/index.ts';
import { draft, plan, test } from '../support/plan-example.ts';

/** Round numbers: a call takes 100 s + 10 s, and costs 1000 tokens in, 100 out. */
const facts: AnalysisFacts = {
  promptTokens: 1000,
  replyTokens: 100,
  noteTokens: 0,
  tokensPerSecond: { worker: { read: 10, write: 10 }, strong: { read: 100, write: 100 } },
  prices: { worker: { input: 1, cachedInput: 0, output: 10, known: true }, strong: { input: 0, cachedInput: 0, output: 0, known: false } },
  testSeconds: 7,
  parallel: 2,
};
const coder = { role: 'coder', instructions: '.', output: 'edits', tools: [], write: ['**'] };
const priced = (list: object[], changes: Partial<AnalysisFacts> = {}, agent: object = {}) => {
  const shape = { teamwright: 1, name: 'priced', difficulty: 'easy', agents: { coder: { ...coder, ...agent } }, steps: list };
  return pricePlan(planSchema.parse(shape), { ...facts, ...changes });
};

describe('the price of a plan', () => {
  it('of one call and a test is that call and that test', () => {
    const { estimate } = priced([draft, test]);
    expect(estimate).toEqual({
      calls: { least: 1, most: 1 },
      tokens: { least: 1101, most: 1101 },
      usd: { least: 0.002001, most: 0.002001, known: true },
      seconds: { least: 117.1, most: 117.1 },
    });
  });

  it('of samples is one when the first passes, all of them when none does, and all of them when all are wanted', () => {
    const first = priced([{ ...draft, samples: 5 }, test]).estimate;
    expect(first.calls).toEqual({ least: 1, most: 5 });
    // Three waves of two places, each with its test.
    expect(first.seconds.most).toBeCloseTo(3 * 117.1);
    const all = priced([{ ...draft, samples: 5, stop: 'never' }, test]).estimate;
    expect(all.calls).toEqual({ least: 5, most: 5 });
    expect(all.seconds.most).toBeCloseTo(3 * 110.1 + 3 * 7);
  });

  it('of a loop is nothing when its condition may hold already, and every round at worst', () => {
    const loop = {
      id: 'loop',
      do: 'repeat',
      until: 'tests-pass',
      max: 3,
      steps: [
        { id: 'fix', do: 'revise', agent: 'coder' },
        { id: 'retry', do: 'test' },
      ],
    };
    expect(priced([draft, test, loop]).estimate.calls).toEqual({ least: 1, most: 4 });
    expect(priced([{ ...loop, steps: [draft, test] }]).estimate.calls).toEqual({ least: 1, most: 3 });
  });

  it('of a loop that is entered for sure is no less at least when it may run once more', () => {
    const loop = (max: number) => ({
      id: 'loop',
      do: 'repeat',
      until: 'review-approves',
      max,
      steps: [
        { id: 'judge', do: 'review', agent: 'coder' },
        { id: 'retry', do: 'test' },
      ],
    });
    const more = { id: 'more', do: 'revise', agent: 'coder', stop: 'never' };
    // The first round has an untested candidate for sure, the second one has none.
    const calls = 110.1 + 120.1 + 110.1;
    for (const max of [1, 2, 5]) expect(priced([draft, more, loop(max)]).estimate.seconds.least).toBeCloseTo(calls + 2 * 7);
  });

  it('of a branch is the cheaper one at least and the dearer one at most', () => {
    const fix = (id: string, samples = 1) => ({ id, do: 'revise', agent: 'coder', samples, stop: 'never' });
    const fork = { id: 'fork', do: 'when', if: 'tests-fail', steps: [fix('a', 3)], else: [fix('b')] };
    expect(priced([draft, test, fork, { id: 'retry', do: 'test' }]).estimate.calls).toEqual({ least: 2, most: 4 });
    expect(priced([draft, test, { ...fork, else: [] }, { id: 'retry', do: 'test' }]).estimate.calls).toEqual({ least: 1, most: 4 });
  });

  it('of steps side by side passes on the clock as the places allow', () => {
    const both = { id: 'both', do: 'group', steps: ['a', 'b', 'c', 'd'].map((id) => ({ ...draft, id, stop: 'never' })) };
    const seconds = (parallel: number): number => priced([both], { parallel }).estimate.seconds.most;
    expect(seconds(1)).toBeCloseTo(4 * 110.1);
    expect(seconds(2)).toBeCloseTo(2 * 110.1);
    expect(seconds(4)).toBeCloseTo(110.1);
    expect(seconds(16)).toBeCloseTo(110.1);
  });

  it('of an agent with tools is one call at least and all its turns at most', () => {
    const { estimate, complexity } = priced([draft, test], { turns: 4 }, { tools: ['read'] });
    expect(estimate.calls).toEqual({ least: 1, most: 4 });
    expect(complexity.mostCalls).toBe(1);
  });

  it('says when the price of a model it uses is not known', () => {
    expect(priced([draft, test], {}, { tier: 'strong' }).estimate.usd.known).toBe(false);
  });
});

describe('the complexity of a plan', () => {
  it('is that of AgentConductor: calls, flows and layers', () => {
    const { complexity } = pricePlan(plan, facts);
    // look → 2 drafts; drafts → judge, drafts → fix, judge → fix, look → fix; look, draft, judge, fix one after another.
    expect(complexity).toMatchObject({ nodes: 5, edges: 2 + 2 + 2 + 1 + 1, depth: 4, callLimit: 7, mostCalls: 7, excess: 0 });
    expect(complexity.nodeScore).toBeCloseTo(Math.exp(-5 / 7));
    expect(complexity.edgeScore).toBeCloseTo(Math.exp(-8 / (5 * 4.5)));
    expect(complexity.depthScore).toBeCloseTo(1 - 4 / 5);
    expect(pricePlan({ ...plan, difficulty: 'easy' }, facts).complexity.excess).toBeCloseTo(3 / 4);
  });
});

describe('the views of a plan', () => {
  it('as text', () => {
    expect(renderPlanText(plan, pricePlan(plan, facts), { width: 80 })).toMatchInlineSnapshot(`
      "bug-fix: 3 agents, medium; done when the tests pass, otherwise hands over the best candidate
      A thinker and a coder.

      Team
        planner  worker model, temperature 0.2; tools read, search; writes nothing
                 Follow the failing test and name the cause.
        coder    worker model, temperature 0.7; no tools; writes src/** (no test files)
                 Repair the cause and nothing else.
        critic   reviewer, worker model, temperature 0.2; tools read; writes nothing
                 Look for cases that the change forgets.

      Steps
        look     analyse · planner                                             1 call
        draft    write ×2 · coder; stops at the first that passes; reads look  1–2 calls
        try      test
        mend     repeat until the tests pass, at most 2 times                  0–4 calls
          judge  review · critic                                               1 call
          fix    revise · coder; reads judge, look                             1 call
          retry  test
        pick     select the best

      Estimate  2–7 calls, 2.1K–7.9K tokens, $0.003–$0.0115, 3 min 39 sec–11 min 37 sec
      Size      5 agent calls a pass, 8 flows between them, 4 layers; at most the work of 7 calls (usual limit 7)
      Budget    20 calls, 60K tokens, $1.00, 15 min
      Ends      early after 50 breaches, or 20 failures of one kind in a row
      "
    `);
  });

  it('as a graph with containers, branches and loops', () => {
    const { nodes, edges } = planGraph(plan);
    expect(nodes.find((node) => node.step === 'judge')).toEqual({
      id: 'steps[3].steps[0]',
      shape: 'agent',
      step: 'judge',
      kind: 'review',
      label: 'review · critic',
      agent: 'critic',
      role: 'reviewer',
      tier: 'worker',
      samples: 1,
      parent: 'steps[3]',
      list: 'steps',
    });
    expect(edges).toContainEqual({ from: 'steps[3].steps[2]', to: 'steps[3]', kind: 'order', label: 'again' });
    expect(edges).toContainEqual({ from: 'steps[0]', to: 'steps[3].steps[1]', kind: 'note' });
    expect(edges).toContainEqual({ from: 'steps[1]', to: 'steps[4]', kind: 'candidate' });
  });

  it('show characters that steer a terminal instead of sending them', () => {
    const hostile: Plan = { ...plan, reason: 'safe\u001b[2J\u202e' };
    expect(renderPlanText(hostile)).toContain('safe<U+001B>[2J<U+202E>');
  });
});

describe('what changed between two plans', () => {
  const changed = (change: (copy: Plan) => void) => {
    const copy = structuredClone(plan);
    change(copy);
    return diffPlans(plan, copy);
  };

  it('is told in sentences', () => {
    const { sentences, changes, same } = changed((copy) => {
      copy.difficulty = 'hard';
      copy.budget.usd = 0.25;
      Object.assign(copy.agents.coder ?? {}, { tier: 'strong', instructions: 'Repair the cause in the smallest way.' });
      delete copy.agents.critic;
      const loop = copy.steps[3];
      if (loop?.do === 'repeat') loop.steps.shift();
      copy.steps.push({ id: 'last', do: 'test' });
    });
    expect(same).toBe(false);
    expect(changes.map(({ kind, part, name }) => `${kind} ${part} ${name}`)).toEqual([
      'changed plan difficulty',
      'changed agent coder',
      'removed agent critic',
      'removed step judge',
      'added step last',
      'changed budget usd',
    ]);
    expect(sentences).toEqual([
      'The plan: difficulty was medium, is hard.',
      'Agent "coder": instructions was rewritten; tier was worker, is strong.',
      'Agent "critic" is gone.',
      'Step "judge" (review) is gone.',
      'Step "last" (test) is new, at steps[5].',
      'The budget: usd was 1, is 0.25.',
    ]);
  });

  it('knows moved steps from steps that only shifted', () => {
    expect(
      changed((copy) => {
        copy.steps.unshift(...copy.steps.splice(2, 1));
      }).sentences,
    ).toEqual(['Step "try" moved from steps[2] to steps[0].']);
    expect(changed((copy) => copy.steps.splice(0, 1)).sentences).toEqual(['Step "look" (analyse) is gone.']);
    expect(
      changed((copy) => {
        const loop = copy.steps[3];
        if (loop?.do === 'repeat') copy.steps.push(...loop.steps.splice(2, 1));
      }).sentences,
    ).toEqual(['Step "retry" moved from steps[3].steps[2] to steps[5].']);
  });

  it('is nothing for the same plan in other words', () => {
    expect(changed((copy) => copy.agents.planner?.tools.reverse())).toEqual({ same: true, changes: [], sentences: [] });
  });
});
