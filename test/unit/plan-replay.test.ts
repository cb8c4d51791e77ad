/** Plans of a designer replayed over an outcome bank, and the answers that are chosen by it. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bestAnswers, heldBackOf } from '../../src/bench/design-data.ts';
import { drawnTasks } from '../../src/bench/draws.ts';
import { replayPlan } from '../../src/bench/plan-replay.ts';
import { compile, type Sketch, sketchOf, sketchSchema } from '../../src/design/index.ts';
import { requestKinds } from '../../src/design/kind.ts';
import { sketchExample } from '../../src/design/sketch.ts';
import { teamFor } from '../../src/design/teams.ts';
import { difficulties } from '../../src/plan/index.ts';
import { attempt } from '../support/attempts.ts';

const known = { ...attempt('x', 1, 'fill').before, kind: 'bug-fix', difficulty: 'easy', budgetTokens: 5000 } as const;
const green = { visible: true, hidden: true };
const red = { visible: false, hidden: false, passed: 1, failed: 1 };

/** A run that tries two places and then drafts. */
const run = (id: string, places = red as object, draft = green as object) => [
  attempt(id, 1, 'fill', { before: known, ...red, prompt: 'a' }),
  attempt(id, 2, 'fill', { before: known, ...places, prompt: 'b' }),
  attempt(id, 3, 'sample', { before: known, inputTokens: 500, prompt: 'c', ...draft }),
];
const [task] = drawnTasks(run('one'));
if (task === undefined) throw new Error('a task');

const step = { agent: null, samples: null, uses: null, rounds: null };
const plan = (...steps: readonly (Partial<Sketch['steps'][number]> & Pick<Sketch['steps'][number], 'do'>)[]) => {
  const agents = ['coder', 'mender', 'thinker'].map((name) => ({
    name,
    instructions: 'Do what is asked for here.',
    tier: 'worker' as const,
  }));
  return compile({ difficulty: 'easy', reason: '', agents, steps: steps.map((one) => ({ ...step, ...one })) }, 'one').plan;
};
const draft = { do: 'generate', agent: 'coder', samples: 1 } as const;
const mend = (samples: number) => ({ do: 'repair', agent: 'mender', samples }) as const;

test('a plan earns what its work came to when it was recorded, and pays for it', () => {
  expect(replayPlan(task, plan(draft))).toMatchObject({ solved: true, tokens: 520, calls: 1, unknown: 0, reward: 1 - (0.1 * 520) / 5000 });
  const failed = replayPlan(task, plan(mend(2)));
  expect(failed).toMatchObject({ solved: false, tokens: 240, calls: 2 });
  expect(failed.reward).toBeLessThan(0);
});

test('work that only mends what is red is not paid for once a candidate passes; another draft is', () => {
  expect(replayPlan(task, plan(draft, mend(8))).tokens).toBe(520);
  const twice = replayPlan(task, plan(draft, draft));
  expect(twice).toMatchObject({ solved: true, tokens: 1040 });
});

test('what the bank does not know is paid for and gives nothing', () => {
  const more = replayPlan(task, plan(mend(8)));
  expect(more).toMatchObject({ solved: false, tokens: 8 * 120 });
  expect(more.unknown).toBeGreaterThanOrEqual(6);
  expect(more.reward).toBeLessThan(replayPlan(task, plan(mend(2))).reward);
  const thought = replayPlan(task, plan({ do: 'analyse', agent: 'thinker' }, draft));
  expect(thought.solved).toBe(true);
  expect(thought.reward).toBeLessThan(replayPlan(task, plan(draft)).reward);
});

test('a plan stops at its budget', () => {
  const poor = { ...task, budget: 200 };
  expect(replayPlan(poor, plan(draft))).toMatchObject({ solved: false, tokens: 0 });
});

test('a change that passes the visible tests alone is handed over, and solves nothing', () => {
  const [fooled] = drawnTasks(run('two', { visible: true, hidden: false }));
  expect(replayPlan(fooled as NonNullable<typeof fooled>, plan(mend(2), draft)).solved).toBe(false);
});

test('answers are chosen by the tasks that are taught alone; no problem stands on both sides', () => {
  // Places mend in the problems that are taught, drafts in those that are held back.
  const names = Array.from({ length: 9 }, (_, at) => `p${at}`);
  const tasks = drawnTasks(names.flatMap((name, at) => (at % 3 === 0 ? run(name) : run(name, green, red))));
  const { own: heldBack, others: taught } = heldBackOf(tasks);
  expect(heldBack.map(({ problem }) => problem)).toEqual(['p0', 'p3', 'p6']);
  const answers = bestAnswers(taught);
  expect([...answers.keys()].sort()).toEqual(taught.map(({ task: name }) => name).sort());
  for (const { answer, reward } of answers.values()) {
    expect(answer.steps[0]?.do).toBe('repair');
    expect(reward).toBeGreaterThan(0.9);
  }
});

/** A constrained decoder writes fields in the order of the schema: what a model was taught in another order it cannot say, and ends early. */
test('what a designer is shown and taught has its fields in the order of the schema', () => {
  const answers = [...bestAnswers(drawnTasks(['a', 'b', 'c'].flatMap((name) => run(name)))).values()].map(({ answer }) => answer);
  const exported = requestKinds.flatMap((kind) => difficulties.flatMap((difficulty) => sketchOf(teamFor(kind, difficulty)) ?? []));
  expect(answers).toHaveLength(3);
  expect(exported.length).toBeGreaterThan(5);
  for (const sketch of [sketchExample, ...answers, ...exported])
    expect(outOfOrder(sketch, z.toJSONSchema(sketchSchema) as JsonSchema)).toEqual([]);
});

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** Where fields stand in another order than in the schema. */
function outOfOrder(value: unknown, schema: JsonSchema, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => outOfOrder(item, schema.items ?? {}, `${at}[${index}]`));
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return [];
  const names = Object.keys(value);
  const wanted = Object.keys(schema.properties);
  const wrong = names.join() === wanted.join() ? [] : [`${at}: ${names.join()} for ${wanted.join()}`];
  return [
    ...wrong,
    ...Object.entries(value).flatMap(([name, inner]) => outOfOrder(inner, schema.properties?.[name] ?? {}, `${at}.${name}`)),
  ];
}
