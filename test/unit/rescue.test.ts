/** What a plan says of agents that come to grief: checked, priced, told, and part of its name. */
import { expect, test } from 'vitest';
import { TeamwrightError } from '../../src/errors.ts';
import { checkPlan, planHash, planSchema, pricePlan, renderPlanText } from '../../src/plan/index.ts';
import { leastFacts } from '../../src/plan/price.ts';
import { troubleOf } from '../../src/run/rescue.ts';

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
