/** What a plan says of agents that come to grief: checked, priced, told, and part of its name. */
import { expect, test } from 'vitest';
import { TeamwrightError } from '../../src/errors.ts';
import { checkPlan, planHash, planSchema, pricePlan, renderPlanText } from '../../src/plan/index.ts';
import { leastFacts } from '../../src/plan/price.ts';
import type { StepContext } from '../../src/run/context.ts';
import { Pool } from '../../src/run/pool.ts';
import { runRescued, troubleOf } from '../../src/run/rescue.ts';
import { Troubles } from '../../src/run/troubles.ts';
import { numbersFrom } from '../support/numbers.ts';

const planWith = (rescue?: object) => {
  const coder = { role: 'coder', tools: [], write: ['src/**'], output: 'edits', instructions: 'Do what is asked here.' };
  return planSchema.parse({
    teamwright: 1,
    name: 'rescue',
    difficulty: 'hard',
    agents: { one: { ...coder, rescue }, two: coder, thinker: { ...coder, output: 'note', write: [] } },
    steps: [
      { id: 'think', do: 'analyse', agent: 'thinker' },
      { id: 'draft', do: 'generate', agent: 'one', samples: 2 },
      { id: 'test', do: 'test' },
    ],
  });
};
const problemsOf = (rescue: object): string[] =>
  checkPlan(planWith(rescue)).map(({ severity, path, message }) => `${severity} ${path}: ${message}`);

test('what makes no sense is said', () => {
  expect(problemsOf({ retries: 1, model: 'strong', agent: 'two', otherwise: 'drop' })).toEqual([]);
  expect(problemsOf({ agent: 'twoo' })).toContainEqual(
    expect.stringMatching(/^error agents\.one\.rescue\.agent: There is no agent "twoo".*two/),
  );
  expect(problemsOf({ agent: 'one' })).toContainEqual(
    expect.stringContaining('error agents.one.rescue.agent: "one" cannot take its own place.'),
  );
  expect(problemsOf({ agent: 'thinker' })).toContainEqual(
    expect.stringContaining('"thinker" hands over "note", so it cannot take the place of "one"'),
  );
  expect(problemsOf({ model: 'worker' })).toContainEqual(
    expect.stringContaining('error agents.one.rescue.model: "one" has the worker model already.'),
  );
  expect(problemsOf({})).toContainEqual(expect.stringContaining('warning agents.one.rescue: The rescue of "one" does nothing.'));
});

test('an agent that only takes the place of another one is used', () => {
  const unused = (rescue?: object): string[] =>
    checkPlan(planWith(rescue)).flatMap(({ code, message }) => (code === 'unused-agent' ? [message] : []));
  expect(unused()).toHaveLength(1);
  expect(unused({ agent: 'two' })).toEqual([]);
});

test('the most a step costs holds all attempts, the least none of them', () => {
  const calls = (rescue?: object) => pricePlan(planWith(rescue), leastFacts).estimate.calls;
  const [plain, rescued] = [calls(), calls({ retries: 2, model: 'strong', agent: 'two' })];
  expect(rescued).toEqual({ least: plain.least, most: plain.most + 4 * 2 });
});

test('it is shown, and changes what the plan is called; without it nothing changes', () => {
  const rescue = { retries: 1, model: 'strong', otherwise: 'drop' };
  expect(renderPlanText(planWith(rescue))).toContain(
    'When it fails / goes in circles / goes silent / breaks its format: tried again, up to 1×, then the strong model, then it is dropped and the others go on',
  );
  expect(planHash(planWith(rescue))).not.toBe(planHash(planWith()));
  expect(planHash(planWith({ ...rescue, on: ['silent', 'fails'] }))).toBe(planHash(planWith({ ...rescue, on: ['fails', 'silent'] })));
  expect(JSON.stringify(planWith())).not.toContain('rescue:');
});

test('only what another agent might do better is trouble of an agent', () => {
  const server = { endpoint: 'e', model: 'm', detail: '' };
  const of = (code: string, facts: object): unknown => troubleOf(new TeamwrightError(code as 'model-not-found', { ...server, ...facts }));
  expect(of('model-timeout', { phase: 'idle', limitMs: 1 })).toBe('silent');
  expect(of('model-bad-reply', { why: 'empty' })).toBe('format');
  for (const code of ['model-unreachable', 'model-unauthorized', 'model-not-found', 'model-server-error', 'local-model-failed'])
    expect(of(code, {})).toBe('fails');
  for (const code of ['stopped', 'budget-exceeded', 'internal']) expect(of(code, {})).toBeUndefined();
  expect(troubleOf(new Error('ours'))).toBeUndefined();
});

test('with agents that come to grief at known rates a step is done as often as its policy promises, and ends each time', async () => {
  const plan = planWith({ retries: 1, model: 'strong', agent: 'two', otherwise: 'drop' });
  const draft = plan.steps[1] as (typeof plan.steps)[number];
  const signal = new AbortController().signal;
  // By agent and model; the four troubles come in turn.
  const rates: Readonly<Record<string, number>> = { 'one worker': 0.7, 'one strong': 0.5, 'two worker': 0.4 };
  const random = numbersFrom(23);
  const runs = 4000;
  const ended: Record<string, number> = {};
  let griefs = 0;
  for (let n = 0; n < runs; n += 1) {
    const events: { type: string; by?: string }[] = [];
    const context = {
      ...{ plan, pool: new Pool(), notes: new Map(), troubles: new Troubles(), start: { commit: '', tree: '' } },
      ports: {
        trace: { emit: (event: { type: string }) => events.push(event) },
        models: { worker: { model: 'w' }, strong: { model: 's' } },
      },
    } as unknown as StepContext;
    const { failure, skipped } = await runRescued(draft, 'r0/draft', context, signal, async (step, _place, around) => {
      const agent = (step as { agent: string }).agent;
      const tier = around.plan.agents[agent]?.tier;
      if (random() >= (rates[`${agent} ${tier}`] ?? 1)) {
        around.notes.set(step.id, { step: step.id, role: agent, text: 'done' });
        return undefined;
      }
      griefs += 1;
      if (griefs % 4 === 0) throw new TeamwrightError('model-timeout', { endpoint: 'e', phase: 'idle', limitMs: 1, detail: '' });
      if (griefs % 4 === 1) throw new TeamwrightError('model-server-error', { endpoint: 'e', model: 'm', detail: '' } as never);
      around.troubles.note(step.id, griefs % 4 === 2 ? 'format' : 'loops');
      return 'nothing came of it';
    });
    const isDone = context.notes.has('draft');
    expect(context.troubles.dropped.has('one')).toBe(!isDone);
    expect(isDone).toBe(failure === undefined && skipped === undefined);
    const last = events.at(-1)?.by ?? 'at once';
    ended[last] = (ended[last] ?? 0) + 1;
  }
  const chances = { 'at once': 0.3, retry: 0.7 * 0.3, model: 0.7 * 0.7 * 0.5, agent: 0.7 * 0.7 * 0.5 * 0.6, drop: 0.7 * 0.7 * 0.5 * 0.4 };
  for (const [by, chance] of Object.entries(chances)) {
    // 99.9 % of such measurements lie within 3.29 standard errors.
    expect(Math.abs((ended[by] ?? 0) / runs - chance), by).toBeLessThan(3.29 * Math.sqrt((chance * (1 - chance)) / runs));
  }
});
