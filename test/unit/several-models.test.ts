/** Several models in one schedule: on a made-up bank, at fixed seeds. It shows that the choice works, nothing of real models. */
import { describe, expect, test } from 'vitest';
import type { BankLine } from '../../src/bench/bank-line.ts';
import { drawnTasks } from '../../src/bench/draws.ts';
import { evaluateBank, renderLearnReports } from '../../src/bench/learn-report.ts';
import { learnedFrom, learnedPlan } from '../../src/bench/policies.ts';
import { replay } from '../../src/bench/replay.ts';
import { chanceOf, costOf } from '../../src/learning/belief.ts';
import { taught } from '../../src/learning/learner.ts';
import { described, partsOf, ratesOf, workOf } from '../../src/learning/models.ts';
import { featuresOf } from '../../src/learning/situation.ts';
import { attempt } from '../support/attempts.ts';

const [cheap, dear] = ['coder-0.5b', 'coder-1.5b'];

/**
 * Two benches on some problems: the cheap model mends what is in JavaScript nearly always and nothing else, the dear one nearly everything. Eleven out of twelve
 * draws come out as their kind says.
 */
function bank({ apart = false, problems = 24 } = {}): BankLine[] {
  const lines: BankLine[] = [];
  for (let problem = 0; problem < problems; problem += 1) {
    const language = problem % 2 === 0 ? 'javascript' : 'python';
    for (const model of [cheap, dear]) {
      const does = (model === dear || language === 'javascript') !== (problem % 12 === 11);
      const before = { ...attempt('x', 1, 'sample').before, language, kind: 'bug-fix', difficulty: 'easy', budgetTokens: 3000 } as const;
      const run = `${problem}-${model}`;
      const own = {
        task: `suite/${problem}`,
        problem: String(problem),
        worker: apart ? model : cheap,
        strong: apart ? model : dear,
        model,
      };
      const tries = does ? 1 : 3;
      for (let draw = 1; draw <= tries; draw += 1)
        lines.push(
          attempt(run, draw, 'sample', {
            ...{ ...own, runId: run, of: tries, draw, prompt: 'p', before: { ...before, attempts: draw - 1, tries: draw - 1 } },
            ...{ inputTokens: 200, outputTokens: 100, visible: does, hidden: does, passed: does ? 2 : 1, failed: does ? 0 : 1 },
          }),
        );
    }
  }
  return lines;
}

const both = (lines: readonly BankLine[], folds: number) => {
  const reports = evaluateBank(lines, folds, 1);
  const report = reports.find(({ models = [] }) => models.length > 1);
  if (report === undefined) throw new Error('a report of both');
  return { reports, report };
};

test('learned on a bank of two models, the cheap one good at one kind only: as many solved as by the dear one alone, for less', () => {
  const { report } = both(bank(), 3);
  const row = (name: string) => report.policies.find(({ policy }) => policy === name) ?? { solved: Number.NaN, tokens: Number.NaN };
  const [all, onlyCheap, onlyDear] = [row('learned'), row(`learned, only ${cheap}`), row(`learned, only ${dear}`)];
  expect(all.solved).toBeGreaterThanOrEqual(onlyDear.solved);
  expect(all.tokens).toBeLessThan(0.8 * onlyDear.tokens);
  expect(all.solved).toBeGreaterThan(onlyCheap.solved + 6);
  // Whoever knows all beforehand does no better than a little.
  expect(row('oracle').solved - all.solved).toBeLessThanOrEqual(2);
  // The table names the models, what a token of each counts as, and each of them alone.
  expect(report.models?.map(({ name, rate }) => [name, rate])).toEqual([
    [cheap, 1],
    [dear, 3],
  ]);
  const text = renderLearnReports([report]);
  expect(text).toContain(`${cheap} and ${dear}, 3K tokens a task`);
  expect(text).toContain(`a token of ${dear} counts as 3.0 of ${cheap}`);
  for (const name of [`samples by ${dear}`, `learned, only ${cheap}`, `learned, only ${dear}`, 'router']) expect(text).toContain(name);
});

test('the price decides who comes first where both can do it', () => {
  const firstAt = (rate: number) => {
    const tasks = drawnTasks(bank(), [
      { name: cheap, text: '', rate: 1 },
      { name: dear, text: '', rate },
    ]);
    const [javascript, python] = tasks.map((task) => {
      const asked: string[] = [];
      const plan = learnedPlan(learnedFrom(tasks));
      replay(task, (seen) => {
        const next = plan(seen);
        asked.push(next ?? 'nothing');
        return next;
      });
      return asked[0];
    });
    return [javascript, python];
  };
  expect(firstAt(3)).toEqual(['draft', `draft by ${dear}`]);
  expect(firstAt(0.3)).toEqual([`draft by ${dear}`, `draft by ${dear}`]);
});

test('benches of one model each, put together, are compared on the tasks that both tried, beside each by itself', () => {
  const lines = bank({ apart: true, problems: 6 }).filter(({ worker, problem }) => worker === cheap || Number(problem) < 4);
  const { reports, report } = both(lines, 2);
  expect(reports.map(({ model }) => model)).toEqual([cheap, dear, `${cheap} and ${dear}`]);
  expect(report.policies.find(({ policy }) => policy === 'learned')?.tasks).toBe(4);
  // A bank of one model is as it was.
  expect(reports[0]?.policies.map(({ policy }) => policy)).not.toContain(`learned, only ${cheap}`);
});

test('the work of each model is a series of its own, and tokens count by the model', () => {
  const [task] = drawnTasks(bank(), [
    { name: cheap, text: '', rate: 1 },
    { name: dear, text: '', rate: 3 },
  ]);
  expect([...(task?.series ?? [])].map(([work, draws]) => [work, draws[0]?.tokens])).toEqual([
    ['draft', 300],
    [`draft by ${dear}`, 900],
  ]);
});

describe('a model that nobody was taught about', () => {
  const situation = { language: 'python', kind: 'bug-fix', bytes: 400, lines: 20, attempts: 0, tries: 0 };
  const lesson = { operator: 'draft', situation, cost: 300, calls: 1 };
  const known = taught({}, [
    ...Array.from({ length: 40 }, (_, at) => ({ ...lesson, succeeded: at % 2 === 0 })),
    { ...lesson, operator: 'changes', succeeded: true, calls: 0 },
  ]);
  const from = { name: 'coder-1.5b', text: '' };
  const of = (name: string, rate: number) => {
    const work = described(known, from, { name, text: '' }, rate)[`draft by ${name}`];
    const features = featuresOf(situation);
    return {
      chance: chanceOf(work?.success ?? (known.draft as never), features),
      cost: costOf(work?.cost ?? (known.draft as never), features),
    };
  };

  test('is used at once: larger ones are believed abler, and cost what their price says', () => {
    expect(of('coder-7b', 4).chance).toBeGreaterThan(of('coder-3b', 2).chance);
    expect(of('coder-3b', 2).chance).toBeGreaterThan(of('coder-0.5b', 0.3).chance);
    expect(of('coder-7b', 4).cost / of('coder-7b', 1).cost).toBeCloseTo(4, 6);
    // What asks no model is nobody's.
    expect(Object.keys(described(known, from, { name: 'x', text: '' }, 1))).toEqual(['draft by x']);
  });

  test('the one that was taught stays as it is known', () => {
    const own = described(known, from, from, 2)['draft by coder-1.5b'];
    expect(own?.success).toEqual(known.draft?.success);
  });
});

test('rates: by price where all are known, differ and none is free, else by size', () => {
  const models = (first?: number, second?: number) => [
    { name: 'a-1b', text: '', price: first },
    { name: 'b-4b', text: '', price: second },
  ];
  expect(ratesOf(models(1, 3))).toEqual([1, 3]);
  expect(ratesOf(models(6, 3))).toEqual([2, 1]);
  for (const [first, second] of [
    [undefined, 3],
    [0, 3],
    [2, 2],
  ] as const)
    expect(ratesOf(models(first, second))).toEqual([1, 4]);
});

test('work is named after its model, and read back', () => {
  for (const model of [undefined, 'm', 'run by me'])
    expect(partsOf(workOf('draft', model))).toEqual({ operator: 'draft', ...(model && { model }) });
});
