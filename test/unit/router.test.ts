/** The cascade of MasRouter: what it chooses, how it is taught, and that thrift never spends more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawnTasks } from '../../src/bench/draws.ts';
import { replay } from '../../src/bench/replay.ts';
import { examplesOf, routed } from '../../src/bench/routing.ts';
import { designerByName } from '../../src/design/index.ts';
import { plannedFrom } from '../../src/design/router.ts';
import { expectationOf, scheduledTeam } from '../../src/design/scheduled-team.ts';
import {
  type ModelDescription,
  mostAgents,
  type Outcomes,
  operatorsOf,
  queryOf,
  type RouterExample,
  roles,
  route,
  type Situation,
  shippedPrior,
  shippedRouter,
  topologyList,
  trained,
} from '../../src/learning/index.ts';
import { turnsOf } from '../../src/learning/router/describe.ts';
import { noGradient, parts, type RouterWeights, size, untrained } from '../../src/learning/router/policy.ts';
import { addGradient } from '../../src/learning/router/train.ts';
import type { ModelChoice } from '../../src/models/types.ts';
import { checkPlan, isError } from '../../src/plan/index.ts';
import { renderPlanText } from '../../src/plan/render-text.ts';
import { parseRequest } from '../../src/request/index.ts';
import { attempt } from '../support/attempts.ts';
import { emptyBriefing } from '../support/empty-briefing.ts';

const start: Situation = {
  ...{ language: 'python', kind: 'bug-fix', bytes: 800, lines: 30, testsPassed: 1, testsFailed: 1, attempts: 0, tries: 0 },
};
const small: ModelDescription = { name: 'coder-1.5b', text: 'weak code infill', price: 0.1 };
const large: ModelDescription = { name: 'coder-32b', text: 'strong code', price: 2 };

/** All lists of roles, each with a reward by what is in it. */
function outcomes(rewardOf: (chosen: readonly number[]) => number | undefined): Outcomes {
  const found: { from: number; chosen: readonly number[] }[] = [];
  let level: { at: number; chosen: readonly number[] }[] = [{ at: -1, chosen: [] }];
  for (let agents = 1; agents <= mostAgents; agents += 1)
    level = level.flatMap(({ at, chosen }) =>
      roles.map((_, role) => ({ at: found.push({ from: at, chosen: [...chosen, role] }) - 1, chosen: [...chosen, role] })),
    );
  return {
    from: found.map(({ from }) => from),
    role: found.map(({ chosen }) => chosen.at(-1) as number),
    agents: found.map(({ chosen }) => chosen.length),
    reward: found.map(({ chosen }) => rewardOf(chosen) ?? Number.NaN),
    isOver: found.map(() => false),
  };
}
const alone = (rewardOf: (role: number, agents: number) => number): Outcomes => {
  const found = roles.flatMap((_, role) => Array.from({ length: mostAgents }, (__, at) => ({ role, agents: at + 1 })));
  return {
    from: found.map(({ agents }, at) => (agents === 1 ? -1 : at - 1)),
    role: found.map(({ role }) => role),
    agents: found.map(({ agents }) => agents),
    reward: found.map(({ role, agents }) => rewardOf(role, agents)),
    isOver: found.map(() => false),
  };
};
const example = (situation: Partial<Situation>, rewardOf: (chosen: readonly number[]) => number | undefined): RouterExample => ({
  query: queryOf({ ...start, ...situation }),
  outcomes: [alone(() => 0), outcomes(rewardOf), outcomes(() => 0)],
});

describe('the router', () => {
  test('says each choice with its probability: topology, number of agents, roles, models', () => {
    const chosen = route(shippedRouter.weights, queryOf(start), [small, large]);
    for (const options of [chosen.topologies, ...chosen.roles.map((role) => role.options), chosen.models])
      expect(options.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    expect(chosen.agents).toBeGreaterThanOrEqual(1);
    expect(chosen.agents).toBeLessThanOrEqual(mostAgents);
    expect(chosen.models.reduce((sum, { agents }) => sum + agents, 0)).toBe(chosen.agents);
    expect(chosen.division).toBeGreaterThan(0);
    expect(chosen.division).toBeLessThanOrEqual(1);
  });

  test('with several models, raising λ never raises the most that is spent, for any weights', () => {
    const tokens = [600, 0, 1200];
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.array(fc.double({ min: 0.01, max: 30, noNaN: true }), { minLength: 2, maxLength: 4 }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.integer({ min: 10, max: 100_000 }),
        (seed, prices, a, b, bytes) => {
          const models = prices.map((price, at) => ({ name: `m${at}-${at + 1}b`, text: 'code', price }));
          const spend = (thrift: number): number =>
            route(untrained(seed), queryOf({ ...start, bytes }), models, thrift).turns.reduce(
              (sum, { role, model }) => sum + (tokens[role] as number) * (models.find(({ name }) => name === model)?.price as number),
              0,
            );
          expect(spend(Math.max(a, b))).toBeLessThanOrEqual(spend(Math.min(a, b)) + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
    const [thorough, cheap] = [0, 20].map((thrift) => route(shippedRouter.weights, queryOf(start), [small, large], thrift));
    expect(thorough?.models.at(-1)?.agents).toBeGreaterThan(0);
    expect(cheap?.models.at(-1)?.agents).toBe(0);
    expect(cheap?.turns.length).toBeLessThan(thorough?.turns.length as number);
  });

  test('a new model is used by its description alone', () => {
    const shareOf = (added: ModelDescription): number =>
      route(shippedRouter.weights, queryOf(start), [small, added], 0).models.find(({ name }) => name === added.name)?.probability as number;
    expect(shareOf({ name: 'unheard-of-70b', text: 'strong', price: 1 })).toBeGreaterThan(
      shareOf({ name: 'unheard-of-0.1b', text: 'weak', price: 1 }),
    );
    const byPrice = (price: number): number =>
      route(shippedRouter.weights, queryOf(start), [small, { name: 'new-70b', text: 'strong', price }]).models.find(
        ({ name }) => name === 'new-70b',
      )?.probability as number;
    expect(byPrice(0.5)).toBeGreaterThan(byPrice(20));
  });
});

describe('teaching it', () => {
  test('the gradient is that of the expected reward', () => {
    const some = example({}, (chosen) => (chosen.includes(2) ? 1 - 0.1 * chosen.length : chosen.length > 3 ? undefined : 0.2));
    const noise = Array.from({ length: size }, (_, at) => Math.sin(at));
    const weights = untrained(3);
    const gradient = noGradient();
    const { reward, known } = addGradient(weights, some, noise, gradient);
    const baseline = reward / known;
    for (const part of parts.filter((name) => !/^model|mean|spread/.test(name)))
      for (const at of [0, Math.floor(weights[part].length / 2)]) {
        const step = 1e-4;
        const moved = (by: number): number => {
          const other = { ...weights, [part]: weights[part].map((value, place) => (place === at ? value + by : value)) } as RouterWeights;
          const sums = addGradient(other, some, noise, noGradient());
          return sums.reward - baseline * sums.known;
        };
        expect(gradient[part][at], `${part} ${at}`).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 4);
      }
  });

  test('it learns who solves what: other roles for other requests', () => {
    const examples = Array.from({ length: 5 }, (_, at) => [
      example({ bytes: 400 + at, language: 'python' }, ([first]) => (first === 0 ? 1 : 0)),
      example({ bytes: 9000 + at, language: 'javascript' }, ([first]) => (first === 2 ? 1 : 0)),
    ]).flat();
    const weights = trained(examples, { seed: 1, epochs: 120 });
    const firstFor = (situation: Partial<Situation>): string =>
      roles[route(weights, queryOf({ ...start, ...situation }), [small]).roles[0]?.role as number]?.name as string;
    expect(firstFor({ bytes: 405, language: 'python' })).toBe('mender');
    expect(firstFor({ bytes: 9005, language: 'javascript' })).toBe('coder');
    expect(trained(examples.slice(0, 4), { seed: 1, epochs: 3 })).toEqual(trained(examples.slice(0, 4), { seed: 1, epochs: 3 }));
  }, 60_000);

  test('what was not recorded neither draws nor repels', () => {
    const unknown = (): undefined => undefined;
    const gradient = noGradient();
    const none: RouterExample = { query: queryOf(start), outcomes: [alone(() => Number.NaN), outcomes(unknown), outcomes(unknown)] };
    expect(
      addGradient(
        untrained(1),
        none,
        Array.from({ length: size }, () => 0),
        gradient,
      ),
    ).toEqual({ reward: 0, known: 0 });
    expect(parts.every((part) => gradient[part].every((value) => value === 0))).toBe(true);
  });

  test('whole runs by each of two models move which one is asked', () => {
    const models = [
      { model: small, reward: 0, agents: 2 },
      { model: large, reward: 1, agents: 2 },
    ];
    const teach = (some: typeof models) =>
      trained(
        Array.from({ length: 8 }, () => ({ ...example({}, () => 0.5), models: some })),
        { seed: 1, epochs: 80 },
      );
    const shareOfLarge = (weights: RouterWeights): number =>
      route(weights, queryOf(start), [small, large], 0).models.find(({ name }) => name === large.name)?.probability as number;
    const [solves, fails] = [teach(models), teach(models.map((each) => ({ ...each, reward: 1 - each.reward })))].map(shareOfLarge);
    expect(solves).toBeGreaterThan(0.6);
    expect(fails).toBeLessThan(0.4);
  }, 60_000);

  test('of a bank, lists of roles are worth what a replay says', () => {
    const before = { ...attempt('x', 1, 'fill').before, kind: 'bug-fix', difficulty: 'easy', budgetTokens: 3000 } as const;
    const tasks = drawnTasks([
      attempt('one', 1, 'fill', { of: 2, before, visible: false, prompt: 'a' }),
      attempt('one', 2, 'sample', { of: 2, before, visible: true, hidden: true, prompt: 'b' }),
    ]);
    const [task] = tasks;
    const [made] = examplesOf(tasks);
    if (task === undefined || made === undefined) throw new Error('a task');
    const chain = made.outcomes[topologyList.findIndex(({ name }) => name === 'chain')] as Outcomes;
    const at = chain.role.findIndex(
      (role, place) => role === 2 && chain.agents[place] === 2 && chain.role[chain.from[place] as number] === 0,
    );
    expect(chain.reward[at]).toBeCloseTo(replay(task, ({ offered }) => offered[0]).reward, 9);
    expect(chain.isOver[at]).toBe(true);
    // Small changes were tried on no task: what they would have come to is not known.
    expect(chain.reward[chain.role.indexOf(1)]).toBeNaN();
    expect(replay(task, routed(shippedRouter.weights, task, [small])).solved).toBe(true);
  });
});

describe('the designer', () => {
  const choice = (model: string, price: number, infill?: 'suffix'): ModelChoice =>
    ({
      client: { endpoint: model },
      model,
      price: { input: price, cachedInput: price, output: price, known: true },
      capabilities: { format: 'none', tools: false, usage: true, seed: true, strength: 'weak', infill },
    }) as unknown as ModelChoice;
  const design = (strong: ModelChoice | undefined, more: { thrift?: number; infill?: 'suffix' | undefined } = { infill: 'suffix' }) => {
    const worker = choice('coder-1.5b', 0.1, more.infill);
    const cases = [{ id: 't', name: 't', file: 'test_a.py', outcome: 'failed' as const }];
    const baseline = { ending: 'finished', exitCode: 1, passed: 1, failed: 1, skipped: 0, green: false, guard: 'records' } as const;
    const files = [
      { path: 'a.py', reasons: ['named-in-request' as const], score: 1, bytes: 500, text: 'x', truncated: false, isTest: false },
    ];
    return designerByName('router').design(
      {
        request: parseRequest('Fix the bug in a.py'),
        briefing: { ...emptyBriefing, files, baseline: { ...baseline, cases, breaches: [], doubts: [], output: '', ms: 200 } },
        ...{ failures: [], tokensLeft: 30_000, models: { worker, strong: strong ?? worker }, thrift: more.thrift },
        ask: async () => {
          throw new Error('nobody is asked');
        },
      },
      new AbortController().signal,
    );
  };

  test('makes a valid plan of what is routed, and shows the choices with their probabilities before anything runs', async () => {
    for (const strong of [undefined, choice('coder-32b', 2), choice('coder-32b', 2, 'suffix')]) {
      const { plan, expectation } = await design(strong);
      expect(plan.name).toBe('routed');
      expect(checkPlan(plan).filter(isError)).toEqual([]);
      expect(plan.reason).toMatch(
        /^Routed: (single|chain|rounds) \(\d+%\), \d agents?: .*(mender|coder|tinkerer) \(\d+%\).* on coder-1\.5b/,
      );
      const of = expectation?.choices?.map((each) => each.of) ?? [];
      expect(of).toEqual(expect.arrayContaining(['how agents work together', 'number of agents', 'role 1', 'models']));
      const text = renderPlanText(plan, undefined, { expectation });
      expect(text).toMatch(/Chosen, how agents work together: .*%/);
      expect(text).toMatch(/Chosen, role 1: .*%/);
      expect(text).toMatch(/Chosen, models: .*coder-1\.5b/);
    }
  });

  test('however many turns are routed, by whichever roles, the plan has room for them and is valid', () => {
    const known = {
      operators: operatorsOf(shippedPrior.learned),
      start: {
        ...{ language: 'python', kind: 'bug-fix', bytes: 500, lines: 20 },
        ...{ testsPassed: 1, testsFailed: 1, attempts: 0, tries: 0 },
      },
      ownRuns: 0,
    };
    const input = { briefing: emptyBriefing } as unknown as Parameters<typeof plannedFrom>[2];
    const agents = fc.array(fc.record({ role: fc.nat(roles.length - 1), strong: fc.boolean() }), { minLength: 1, maxLength: mostAgents });
    const given = fc.property(agents, (chosen) => {
      const turns = turnsOf(
        'rounds',
        chosen.map((_, at) => at),
      ).flatMap((at) => {
        const { role, strong } = chosen[at] as (typeof chosen)[number];
        const { operator, tries } = roles[role] as (typeof roles)[number];
        return Array.from({ length: tries }, () => ({
          operator,
          tier: strong && operator !== 'changes' ? ('strong' as const) : undefined,
        }));
      });
      const { schedule, blocks, steps } = plannedFrom(turns, known, input);
      expect(schedule.steps.length).toBeGreaterThan(0);
      const plan = scheduledTeam(blocks, steps, expectationOf(schedule, steps, known), { name: 'routed', difficulty: 'easy' });
      expect(checkPlan(plan).filter(isError)).toEqual([]);
    });
    const alone = roles.map(
      (_, role) => [Array.from({ length: mostAgents }, () => ({ role, strong: false }))] as [{ role: number; strong: boolean }[]],
    );
    fc.assert(given, { numRuns: 60, examples: alone });
  });

  test('the strong model does what comes last, less of it the thriftier it is; requests that it knows nothing of are left to auto', async () => {
    const strongOf = async (thrift: number) =>
      Object.values((await design(choice('coder-32b', 2, 'suffix'), { thrift, infill: 'suffix' })).plan.agents).filter(
        ({ tier }) => tier === 'strong',
      ).length;
    expect(await strongOf(0)).toBeGreaterThan(0);
    expect(await strongOf(20)).toBe(0);
    expect((await design(undefined, {})).plan.name).toBe('solo');
  });
});
