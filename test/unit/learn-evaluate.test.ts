/** Policies replayed over an outcome bank. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readBank } from '../../src/bench/bank.ts';
import type { BankLine } from '../../src/bench/bank-line.ts';
import { drawnTasks } from '../../src/bench/draws.ts';
import { evaluateBank, renderLearnReports } from '../../src/bench/learn-report.ts';
import { afterMoreRuns, believedWithout, learnedArm, livedThrough } from '../../src/bench/more-runs.ts';
import { bestFixed, inOrder, learnedFrom, learnedPlan, samples } from '../../src/bench/policies.ts';
import { replay, type Seen } from '../../src/bench/replay.ts';
import { operatorsOf, rewardWeights, scheduleFor, seededRandom } from '../../src/learning/index.ts';
import { attempt } from '../support/attempts.ts';

const known = { ...attempt('x', 1, 'fill').before, kind: 'bug-fix', difficulty: 'easy', budgetTokens: 1000 } as const;
const green = { visible: true, hidden: true };
const red = { visible: false, passed: 1, failed: 1 };

/** A run that localises, tries two places and forty small changes, and then drafts. */
const run = (id: string, draft: Partial<BankLine>): BankLine[] => [
  attempt(id, 1, 'localise', { before: known, inputTokens: 50, outputTokens: 0 }),
  attempt(id, 2, 'fill', { before: known, ...red, prompt: 'a' }),
  attempt(id, 3, 'new-line', { before: known, ...red, prompt: 'b' }),
  ...Array.from({ length: 40 }, (_, index) =>
    attempt(id, 4 + index, 'mutate', { before: known, ...red, calls: 0, inputTokens: 0, outputTokens: 0, modelSeconds: 0 }),
  ),
  attempt(id, 44, 'sample', { before: known, inputTokens: 500, prompt: 'c', ...draft }),
];

describe('draws', () => {
  const [task] = drawnTasks(run('one', green));
  if (task === undefined) throw new Error('a task');

  test('places, rounds of small changes and drafts are what is chosen from; what prepares a try is paid with it', () => {
    const told = [...task.series].map(([operator, own]) => [
      operator,
      own.map(({ tokens, calls, visible }) => ({ tokens, calls, visible })),
    ]);
    const none = { tokens: 0, calls: 0, visible: false };
    expect(told).toEqual([
      [
        'place',
        [
          { tokens: 170, calls: 2, visible: false },
          { tokens: 120, calls: 1, visible: false },
        ],
      ],
      ['changes', [none, none]],
      ['draft', [{ tokens: 520, calls: 1, visible: true }]],
    ]);
  });

  test('the same reply to the same prompt is learned from once, whichever arm asked', () => {
    const twice = drawnTasks([
      ...run('one', green),
      ...run('one', green).map((each) => ({ ...each, arm: 'again', runId: 'two', task: 'suite/one' })),
    ]);
    const replies = twice[0]?.draws.filter(({ operator }) => operator !== 'changes') ?? [];
    expect(replies.map(({ operator }) => operator)).toEqual(['place', 'place', 'draft']);
  });
});

describe('a replay', () => {
  const solvable = drawnTasks(run('one', green))[0];
  const hiddenRed = drawnTasks(run('two', { visible: true, hidden: false }))[0];
  if (solvable === undefined || hiddenRed === undefined) throw new Error('tasks');

  test('ends at the first draw that passes the visible tests, and the hidden ones decide whether it is solved', () => {
    const order = inOrder(['place', 'draft', 'place']);
    expect(replay(solvable, order)).toMatchObject({ visible: true, solved: true, tokens: 690, calls: 3, ranOut: false });
    expect(replay(hiddenRed, order)).toMatchObject({ visible: true, solved: false, tokens: 690 });
  });

  test('stays within the budget, and says when no further draw is recorded', () => {
    expect(replay({ ...solvable, budget: 600 }, inOrder(['place', 'draft']))).toMatchObject({ solved: false, tokens: 170 });
    expect(replay(solvable, inOrder([], 'place'))).toMatchObject({ solved: false, tokens: 290, ranOut: true });
    expect(replay(solvable, () => undefined)).toMatchObject({ solved: false, tokens: 0, reward: 0 });
  });

  test('tells what its tries would teach, each in the situation that the replay was in', () => {
    const { lessons } = replay(solvable, inOrder(['place', 'place', 'draft']));
    expect(
      lessons.map(({ operator, succeeded, cost, situation }) => [operator, succeeded, cost, situation.attempts, situation.tries]),
    ).toEqual([
      ['place', false, 170, 0, 0],
      ['place', false, 120, 1, 1],
      ['draft', true, 520, 2, 0],
    ]);
  });

  test('the learned list may end in a draft, as plans that are run do', () => {
    const places = learnedFrom(drawnTasks(['a', 'b', 'c', 'd', 'e', 'f'].flatMap((id) => run(id, { ...red, inputTokens: 900 }))));
    const [last] = drawnTasks(run('one', green));
    if (last === undefined) throw new Error('a task');
    const [as, ended] = [replay(last, learnedPlan(places)), replay(last, learnedPlan(places, { lastDraft: true }))].map(({ lessons }) =>
      lessons.map(({ operator }) => operator),
    );
    expect(as).toContain('changes');
    expect(as).not.toContain('draft');
    expect(ended).toEqual([...(as ?? []), 'draft']);
  });

  test('a policy sees nothing of hidden tests and nothing of what was not tried', () => {
    const seen: Seen[] = [];
    for (const task of [solvable, hiddenRed])
      replay(task, (what) => {
        seen.push({ ...what, tries: new Map(what.tries) });
        return inOrder(['place', 'draft'])(what);
      });
    const half = seen.length / 2;
    const told = (all: readonly Seen[]): string =>
      JSON.stringify(all.map((each) => ({ ...each, tries: [...each.tries], at: each.at('draft') })));
    expect(told(seen.slice(0, half))).toBe(told(seen.slice(half)));
  });
});

describe('the comparison', () => {
  test('a fixed schedule is found that no single edit betters', () => {
    const tasks = drawnTasks([...run('one', green), ...run('two', green), ...run('three', red)]);
    expect(bestFixed(tasks)).toEqual(['draft']);
  });

  test('what learns is taught by other problems only: a task that is like no other is not known beforehand', () => {
    // Drafts succeed in one problem alone, so no fold that holds it out can know that they do.
    const attempts = ['a', 'b', 'c', 'd'].flatMap((id) => run(id, id === 'a' ? green : red));
    const reports = evaluateBank(attempts, 4, 1)[0]?.policies ?? [];
    const solved = Object.fromEntries(reports.map(({ policy, solved }) => [policy, solved]));
    expect(solved).toMatchObject({ 'best fixed schedule': 0, oracle: 1, samples: 1 });
  });

  describe('with further runs', () => {
    /** Of a place that mends nothing in this workspace, though what was taught says so. */
    const mendedBy = (id: string, place: boolean): BankLine[] => [
      attempt(`${id}-place`, 1, 'fill', { ...placed(id), of: 1, prompt: `${id}-p`, ...(place ? green : red) }),
      ...(place ? [] : [attempt(`${id}-draft`, 1, 'sample', { ...placed(id), of: 1, inputTokens: 160, prompt: `${id}-d`, ...green })]),
      ...(place ? [attempt(`${id}-draft`, 1, 'sample', { ...placed(id), of: 1, inputTokens: 160, prompt: `${id}-d`, ...red })] : []),
    ];
    const placed = (id: string) => ({ before: known, task: `suite/${id}`, problem: id });
    const named = (from: string, count: number, place: boolean) =>
      drawnTasks(Array.from({ length: count }, (_, at) => mendedBy(`${from}${at}`, place)).flat());

    test('they move the choice as runs of the user do', () => {
      const prior = learnedFrom([...named('p', 6, true), ...named('d', 4, false)]);
      const firstOf = (learned: typeof prior): string | undefined =>
        scheduleFor(operatorsOf(learned), named('x', 1, false)[0]?.start ?? (known as never), {
          budget: 1000,
          usualCalls: 4,
          weights: rewardWeights,
        }).steps[0]?.operator;
      expect(firstOf(prior)).toBe('place');
      const lived = named('lived', 5, false);
      expect(firstOf(livedThrough(prior, lived, 100, seededRandom(1)))).toBe('draft');
      expect(livedThrough(prior, lived, 0, seededRandom(1))).toEqual(prior);
      expect(livedThrough(prior, named('other', 5, true), 100, seededRandom(1)).draft?.tries).toBe(prior.draft?.tries);
    });

    test('beliefs for runs that are made know no problem that is judged', () => {
      const tasks = [...named('p', 6, true), ...named('d', 6, false)];
      const of = (judged: readonly string[]) => believedWithout(tasks, new Set(judged), { runs: 20, seed: 1 });
      const without = of(['d0', 'd1', 'd2', 'd3', 'd4', 'd5']);
      expect(without.problems).toBe(6);
      // Three problems with a place and a draft each; nobody saw a draft succeed.
      expect(without.prior).toEqual(learnedFrom(named('p', 3, true)));
      expect(without.later).not.toEqual(without.prior);
      expect(of(['d0', 'd1', 'd2', 'd3', 'd4', 'd5'])).toEqual(without);
      expect(of([]).problems).toBe(12);
    });

    test('the arms are the same for the same seeds, and no arm knows the problem that it is judged on', () => {
      const attempts = Array.from({ length: 12 }, (_, at) => mendedBy(`t${at}`, at % 2 === 0)).flat();
      const terms = { runs: 20, seeds: 3, folds: 4, bootstrapSeed: 1 };
      const report = afterMoreRuns(drawnTasks(attempts), terms);
      expect(afterMoreRuns(drawnTasks(attempts), terms)).toEqual(report);
      expect(report.arms.map(({ arm }) => arm)).toEqual([
        ...['samples', 'hand-written rules', 'best fixed schedule', learnedArm, 'learned, then 20 more runs'],
      ]);
      // Drafts succeed in one problem alone, so nobody who is not taught by it can know that they do.
      const lonely = Array.from({ length: 20 }, (_, at) => run(`l${at}`, at === 0 ? green : { ...red, inputTokens: 800 })).flat();
      for (const { arm, solved } of afterMoreRuns(drawnTasks(lonely), terms).arms.slice(2)) expect(solved.mean, arm).toBe(0);
      const [printed] = evaluateBank(attempts, 4, 1, { moreRuns: { runs: 20, seeds: 2 } });
      expect(renderLearnReports(printed ? [printed] : [])).toMatch(/learned, then 20 more runs .*\n.*over 2 seeds, not run/);
    });
  });

  test('banks of several models and budgets are told apart', () => {
    const other = run('one', green).map((each) => ({ ...each, worker: 'other', runId: 'other' }));
    expect(evaluateBank([...run('one', green), ...other], 2, 1).map(({ model, draws }) => [model, draws])).toEqual([
      ['m', 5],
      ['other', 5],
    ]);
  });

  test('on the bank in docs/results nobody beats the oracle, and sampling is what it was', async () => {
    const file = fileURLToPath(new URL('../../docs/results/places-first/bank.jsonl', import.meta.url));
    const { attempts, problems } = await readBank(file);
    expect(problems).toEqual([]);
    const [report] = evaluateBank(attempts, 10, 1);
    const all = report?.policies.filter(({ suite }) => suite === 'all') ?? [];
    const rewardOf = (name: string): number => all.find(({ policy }) => policy === name)?.reward ?? Number.NaN;
    for (const { policy } of all.filter(({ policy }) => policy !== 'learned, after each try'))
      expect(rewardOf(policy), policy).toBeLessThanOrEqual(rewardOf('oracle') + 1e-9);
    const drafted = drawnTasks(attempts).map((task) => replay(task, samples));
    expect(all.find(({ policy }) => policy === 'samples')?.solved).toBe(drafted.filter(({ solved }) => solved).length);
    expect(renderLearnReports(report ? [report] : [])).toContain('What an oracle earns beyond the best fixed schedule');
  }, 240_000);
});
