import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as yaml from 'yaml';
import { canonical, normalise } from '../../src/plan/canonical.ts';
import {
  type AnalysisFacts,
  allSteps,
  checkPlan,
  diffPlans,
  isError,
  locateSteps,
  type Plan,
  parsePlan,
  planGraph,
  planHash,
  planSchema,
  pricePlan,
  printPlan,
  problemText,
  renderPlanText,
  type Step,
  validPlan,
} from '../../src/plan/index.ts';
import { firstCanonical, firstHash } from '../support/first-canonical.ts';
import { planArbitrary } from '../support/plan-arbitrary.ts';

const facts: AnalysisFacts = {
  promptTokens: 800,
  replyTokens: 400,
  turns: 3,
  tokensPerSecond: { worker: { read: 36, write: 13 }, strong: { read: 500, write: 60 } },
  prices: { worker: { input: 0, cachedInput: 0, output: 0, known: true }, strong: { input: 3, cachedInput: 0.3, output: 15, known: true } },
  testSeconds: 4,
  parallel: 2,
};
const runs = { numRuns: 60 };
const errors = (plan: Plan): string[] => checkPlan(plan).filter(isError).map(problemText);
const the = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the generated plan has no such part');
  return value;
};
const clone = (plan: Plan): Plan => structuredClone(plan);

/** The same value with the keys of every object in another order. */
function shuffleKeys(value: unknown, pick: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, pick));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => ({ at: pick(), key, inner: shuffleKeys(inner, pick) }));
  return Object.fromEntries(entries.sort((a, b) => a.at - b.at).map(({ key, inner }) => [key, inner]));
}

describe('any valid plan', () => {
  it('passes its own validator', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        expect(errors(plan)).toEqual([]);
        expect(validPlan(plan)).toEqual(plan);
      }),
      { numRuns: 200 },
    );
  });

  it('has one canonical form, which is its own canonical form', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        const once = canonical(plan);
        expect(canonical(planSchema.parse(JSON.parse(once)))).toBe(once);
        expect(canonical(normalise(plan))).toBe(once);
      }),
      runs,
    );
  });

  /** Without what the language did not have then, where it says what was so anyway: a revision took the best candidate. */
  function asFirst(plan: Plan): Plan {
    const first = structuredClone(plan);
    for (const step of allSteps(first.steps)) {
      if (step.do === 'revise' && step.from === 'best') delete (step as { from?: string }).from;
      if ((step.do === 'generate' || step.do === 'revise') && step.reply === 'files') delete (step as { reply?: string }).reply;
    }
    return first;
  }

  it('has the canonical form and the hash it had when the language was new', () => {
    fc.assert(
      fc.property(planArbitrary, fc.infiniteStream(fc.nat()), (plan, numbers) => {
        const other = shuffleKeys(plan, () => numbers.next().value ?? 0) as Plan;
        for (const agent of Object.values(other.agents)) agent.tools = [...agent.tools.toReversed(), ...agent.tools].slice(0, 5);
        for (const step of allSteps(other.steps)) {
          if ('uses' in step) step.uses = [...step.uses.toReversed(), ...step.uses].slice(0, 16);
          if (step.do === 'check') step.checks.reverse();
          if (step.do === 'select') step.by = [...step.by, ...step.by].slice(0, 3);
        }
        expect(canonical(plan)).toBe(firstCanonical(asFirst(plan)));
        expect(canonical(other)).toBe(firstCanonical(asFirst(other)));
        expect(planHash(other)).toBe(firstHash(asFirst(plan)));
      }),
      { numRuns: 200 },
    );
  });

  it('comes back exactly from its YAML and its JSON, with the same hash', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        for (const format of ['yaml', 'json'] as const) {
          const text = printPlan(plan, format);
          const parsed = parsePlan(text);
          expect(parsed.problems).toBeUndefined();
          expect(parsed.plan).toEqual(planSchema.parse(normalise(plan)));
          expect(planHash(parsed.plan as Plan)).toBe(planHash(plan));
          expect(printPlan(parsed.plan as Plan, format)).toBe(text);
        }
      }),
      runs,
    );
  });

  it('keeps its hash under other orders of keys and sets, and with defaults left out', () => {
    fc.assert(
      fc.property(planArbitrary, fc.infiniteStream(fc.nat()), (plan, numbers) => {
        const other = shuffleKeys(plan, () => numbers.next().value ?? 0) as Plan;
        for (const agent of Object.values(other.agents)) {
          agent.tools.reverse();
          agent.write = [...agent.write.reverse(), ...agent.write.slice(0, 1)];
          if (agent.temperature === 0.2) delete (agent as Partial<typeof agent>).temperature;
        }
        for (const step of allSteps(other.steps)) {
          if ('uses' in step) step.uses.reverse();
          if ('uses' in step && step.uses.length === 0) delete (step as Partial<typeof step>).uses;
          if (step.do === 'check') step.checks.reverse();
        }
        expect(planHash(other)).toBe(planHash(plan));
        expect(planHash(parsePlan(JSON.stringify(other)).plan as Plan)).toBe(planHash(plan));
        expect(diffPlans(plan, planSchema.parse(other))).toEqual({ same: true, changes: [], sentences: [] });
      }),
      runs,
    );
  });

  it('has another hash, and a difference to tell, after any visible change', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        const [firstAgent = ''] = Object.keys(plan.agents);
        const changes: ((copy: Plan) => Plan)[] = [
          (copy) => ({ ...copy, reason: `${copy.reason}x` }),
          (copy) => ({ ...copy, budget: { ...copy.budget, tokens: copy.budget.tokens + 1 } }),
          (copy) => ({
            ...copy,
            agents: { ...copy.agents, [firstAgent]: { ...the(copy.agents[firstAgent]), instructions: 'Do something else instead' } },
          }),
          (copy) => ({ ...copy, steps: [...copy.steps, { id: 'one-more', do: 'test' }] }),
          (copy) => ({ ...copy, steps: copy.steps.map((step, index) => (index === 0 ? { ...step, id: 'renamed' } : step)) }),
          (copy) => ({ ...copy, steps: copy.steps.toReversed() }),
        ];
        for (const change of changes) {
          const copy = change(clone(plan));
          const same = canonical(copy) === canonical(plan);
          const diff = diffPlans(plan, copy);
          expect(diff.same).toBe(same);
          expect(diff.changes.length === 0).toBe(same);
          expect(diff.sentences).toHaveLength(diff.changes.length);
        }
      }),
      runs,
    );
  });

  it('costs at most what it costs at least or more, step by step and as a whole', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        const analysis = pricePlan(plan, facts);
        for (const cost of [analysis.estimate, ...analysis.steps]) {
          for (const range of [cost.calls, cost.tokens, cost.usd, cost.seconds]) {
            expect(range.least).toBeGreaterThanOrEqual(0);
            expect(range.most).toBeGreaterThanOrEqual(range.least);
            expect(Number.isFinite(range.most)).toBe(true);
          }
        }
        expect(analysis.steps.map((step) => step.path)).toEqual([...locateSteps(plan)].map(({ place }) => pathOf(place)));
        const { nodes, edges, depth, nodeScore, edgeScore, depthScore } = analysis.complexity;
        expect(edges).toBeLessThanOrEqual((nodes * (nodes - 1)) / 2);
        expect(depth).toBeLessThanOrEqual(nodes);
        for (const score of [nodeScore, edgeScore]) expect(score > 0 && score <= 1).toBe(true);
        expect(depthScore >= 0 && depthScore < 1).toBe(true);
      }),
      runs,
    );
  });

  it('never costs less with one more sample or one more round, nor takes longer with more places', () => {
    fc.assert(
      fc.property(planArbitrary, fc.nat(), (plan, pick) => {
        const growing = (step: Step): boolean => step.do === 'generate' || step.do === 'revise' || step.do === 'repeat';
        const candidates = [...allSteps(plan.steps)].filter(growing);
        if (candidates.length === 0) return;
        const bigger = clone(plan);
        const step = the([...allSteps(bigger.steps)].filter(growing)[pick % candidates.length]);
        if (step.do === 'repeat') step.max += 1;
        else if ('samples' in step) step.samples += 1;
        const before = pricePlan(plan, facts).estimate;
        const after = pricePlan(bigger, facts).estimate;
        for (const name of ['calls', 'tokens', 'usd', 'seconds'] as const) {
          expect(after[name].most).toBeGreaterThanOrEqual(before[name].most - 1e-9);
          expect(after[name].least).toBeGreaterThanOrEqual(before[name].least - 1e-9);
        }
        const wide = pricePlan(plan, { ...facts, parallel: 8 }).estimate;
        expect(wide.seconds.most).toBeLessThanOrEqual(before.seconds.most + 1e-9);
        expect(wide.calls).toEqual(before.calls);
      }),
      runs,
    );
  });

  it('draws a graph whose edges join its nodes and whose data flows forward', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        const { nodes, edges } = planGraph(plan);
        const order = new Map(nodes.map((node, index) => [node.id, index]));
        expect(order.size).toBe([...allSteps(plan.steps)].length);
        for (const edge of edges) {
          expect(order.has(edge.from) && order.has(edge.to)).toBe(true);
          if (edge.kind !== 'order') expect(order.get(edge.from)).toBeLessThan(order.get(edge.to) as number);
        }
        for (const node of nodes) if (node.parent !== undefined) expect(order.get(node.parent)).toBeLessThan(order.get(node.id) as number);
      }),
      runs,
    );
  });

  it('is written as text without a character that could steer a terminal', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        const text = renderPlanText(plan, pricePlan(plan, facts));
        expect(text.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        for (const step of allSteps(plan.steps)) expect(text).toContain(step.id);
      }),
      runs,
    );
  });
});

const pathOf = (place: readonly (string | number)[]): string =>
  place.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');

describe('a valid plan, damaged', () => {
  const damages: Record<string, (plan: Plan) => { path: string; code: string } | undefined> = {
    'a reference to a later step': (plan) => {
      const steps = [...locateSteps(plan)];
      const user = steps.find(({ step }) => 'uses' in step);
      const last = the(steps.at(-1)).step;
      if (!user || user.step === last || !('uses' in user.step)) return undefined;
      user.step.uses.unshift(last.id);
      return { path: `${pathOf(user.place)}.uses[0]`, code: 'forward-reference' };
    },
    'a reference to itself': (plan) => {
      const user = the([...locateSteps(plan)].findLast(({ step }) => 'uses' in step));
      if ('uses' in user.step) user.step.uses.unshift(user.step.id);
      return { path: `${pathOf(user.place)}.uses[0]`, code: 'self-reference' };
    },
    'a reference to nothing': (plan) => {
      const user = the([...locateSteps(plan)].findLast(({ step }) => 'uses' in step));
      if ('uses' in user.step) user.step.uses.push('nowhere');
      return { path: `${pathOf(user.place)}.uses[${'uses' in user.step ? user.step.uses.length - 1 : 0}]`, code: 'unknown-step' };
    },
    'two steps of one name': (plan) => {
      const steps = [...locateSteps(plan)];
      if (steps.length < 2) return undefined;
      the(steps.at(-1)).step.id = the(steps[0]).step.id;
      return { path: `${pathOf(the(steps.at(-1)).place)}.id`, code: 'duplicate-id' };
    },
    'an agent taken away': (plan) => {
      const caller = the([...locateSteps(plan)].find(({ step }) => 'agent' in step));
      if ('agent' in caller.step) delete plan.agents[caller.step.agent];
      return { path: `${pathOf(caller.place)}.agent`, code: 'unknown-agent' };
    },
    'a reviewer with the tool to edit': (plan) => {
      the(plan.agents.reviewer).tools.push('edit');
      return { path: `agents.reviewer.tools[${the(plan.agents.reviewer).tools.length - 1}]`, code: 'too-many-rights' };
    },
    'a planner that may write': (plan) => {
      the(plan.agents.planner).write.push('src/**');
      return { path: 'agents.planner.write', code: 'too-many-rights' };
    },
    'a coder that may write nothing': (plan) => {
      the(plan.agents['coder-a']).write = [];
      return { path: 'agents.coder-a.write', code: 'no-write-scope' };
    },
    'a scope that leaves the workspace': (plan) => {
      the(plan.agents.tester).write.push('src/../../etc/**');
      return { path: `agents.tester.write[${the(plan.agents.tester).write.length - 1}]`, code: 'scope-escapes' };
    },
    'an agent whose output does not fit': (plan) => {
      const caller = [...locateSteps(plan)].find(({ step }) => step.do === 'analyse');
      if (!caller || !('agent' in caller.step)) return undefined;
      caller.step.agent = 'coder-a';
      return { path: `${pathOf(caller.place)}.agent`, code: 'wrong-output' };
    },
    'a brief without an objective': (plan) => {
      the(plan.agents.planner).instructions = 'Plan it.';
      return { path: 'agents.planner.instructions', code: 'brief-too-short' };
    },
    'a budget below the cheapest way': (plan) => {
      plan.budget.tokens = 10;
      return { path: 'budget.tokens', code: 'budget-too-small' };
    },
    'fewer agents allowed than there are': (plan) => {
      plan.budget.agents = 4;
      return { path: 'budget.agents', code: 'too-many-agents' };
    },
    'nothing made before a test': (plan) => {
      plan.steps.unshift({ id: 'too-early', do: 'test' });
      return { path: 'steps[0]', code: 'nothing-made' };
    },
    'a change after the last test': (plan) => {
      if (plan.finish.when === 'answer') return undefined;
      plan.steps.push({
        id: 'late',
        do: 'generate',
        agent: 'coder-a',
        samples: 1,
        stop: 'first-pass',
        from: 'start',
        reply: 'files',
        uses: [],
      });
      return { path: `steps[${plan.steps.length - 1}]`, code: 'no-test-at-end' };
    },
    'a repeat that nothing can end': (plan) => {
      plan.steps.push({ id: 'again', do: 'repeat', until: 'review-approves', max: 3, steps: [{ id: 'again-test', do: 'test' }] });
      return { path: `steps[${plan.steps.length - 1}].until`, code: 'endless-wait' };
    },
  };

  for (const [name, damage] of Object.entries(damages)) {
    it(`is found out: ${name}`, () => {
      let tried = 0;
      fc.assert(
        fc.property(planArbitrary, (plan) => {
          const expected = damage(plan);
          if (!expected) return;
          tried++;
          const found = checkPlan(plan).filter(isError);
          expect(found).toContainEqual(expect.objectContaining(expected));
          expect(() => validPlan(plan)).toThrow(expect.objectContaining({ code: 'plan-invalid' }));
        }),
        { numRuns: 40 },
      );
      expect(tried).toBeGreaterThan(5);
    });
  }
});

describe('any text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.json({ maxDepth: 6 }),
    fc.jsonValue().map((value) => yaml.stringify(value)),
    fc.tuple(planArbitrary, fc.nat(), fc.nat(20), fc.string({ maxLength: 5 })).map(([plan, at, length, insert]) => {
      const text = printPlan(plan);
      const place = at % text.length;
      return text.slice(0, place) + insert + text.slice(place + length);
    }),
  );

  it('is a plan or a list of problems, never an exception', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(undefined, 'yaml' as const, 'json' as const), (text, format) => {
        const parsed = parsePlan(text, format ? { format } : {});
        if (parsed.plan) {
          checkPlan(parsed.plan, { request: text });
          expect(planSchema.parse(parsed.plan)).toEqual(parsed.plan);
        } else {
          expect(parsed.problems.length).toBeGreaterThan(0);
          for (const found of parsed.problems) {
            expect(found.message).not.toBe('');
            expect(found.severity).toBe('error');
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of the right shape can be checked, priced and drawn, however senseless', () => {
    fc.assert(
      fc.property(planArbitrary, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }), (plan, swaps) => {
        const ids = [...allSteps(plan.steps)].map((step) => step.id);
        for (const [a, b] of swaps) {
          const step = the([...allSteps(plan.steps)][a % ids.length]);
          if ('uses' in step) step.uses = [ids[b % ids.length] as string];
          const [x, y] = [a % plan.steps.length, b % plan.steps.length];
          [plan.steps[x], plan.steps[y]] = [the(plan.steps[y]), the(plan.steps[x])];
        }
        checkPlan(plan);
        renderPlanText(plan, pricePlan(plan, facts));
      }),
      runs,
    );
  });
});
