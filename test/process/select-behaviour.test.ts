/**
 * Selection on behaviour (S*, arXiv 2502.14382): changes that the visible tests cannot tell apart are run on other inputs, and the largest class that
 * answers alike is chosen. With workers of known error rates the right one is chosen as often as the multinomial distribution says.
 */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { testReportSchema } from '../../src/feedback/types.ts';
import { planSchema } from '../../src/plan/index.ts';
import type { StepContext } from '../../src/run/context.ts';
import { type Candidate, Pool, type Verdict } from '../../src/run/pool.ts';
import { select } from '../../src/run/steps/select.ts';
import type { EventOf } from '../../src/trace/events.ts';
import { openRun } from '../../src/trace/index.ts';
import { numbersFrom } from '../support/numbers.ts';
import { start } from '../support/run-scene.ts';
import { sumReply } from '../support/workspaces.ts';

/** All of them pass the visible tests; only the first adds. */
const expressions = ['a + b', 'a + Math.min(b, 3)', 'a + b + (a > 2 ? 1 : 0)', 'a + (b % 4)', 'a + b - (b > 3 ? 2 : 0)'];

const drafts = planSchema.parse({
  teamwright: 1,
  name: 'five-drafts',
  difficulty: 'hard',
  agents: { coder: { role: 'coder', instructions: 'Do what is asked.', output: 'edits', tools: [], write: ['*.js'], temperature: 0.8 } },
  steps: [
    { id: 'draft', do: 'generate', agent: 'coder', samples: expressions.length, stop: 'never' },
    { id: 'try', do: 'test' },
    { id: 'choose', do: 'select', by: ['tests', 'behaviour'] },
  ],
  budget: { calls: 20, tokens: 100_000 },
});

/** What real test runs, visible and other inputs, said of each expression. */
async function verdicts(): Promise<Verdict[]> {
  const scene = await start({
    designer: fileDesigner(drafts),
    settings: { parallel: 1 },
    script: expressions.map(sumReply),
  });
  const { runId, outcome } = await scene.run();
  expect(outcome).toBe('solved');
  const trace = await openRun(scene.workspace.dataDir, runId);
  const of = (event: EventOf<'candidate.tested'>) =>
    trace.readBlob(event.report).then(
      (text): Verdict => ({
        ...event,
        report: testReportSchema.parse(JSON.parse(text)),
        score: event.score ?? 0,
        behaviour: event.behaviour ?? '',
        judgement: event.judgement as Verdict['judgement'],
      }),
    );
  const tested = scene.log
    .of('candidate.tested')
    .filter(({ candidate }) => scene.log.of('candidate.made').some((made) => made.candidate === candidate));
  return Promise.all(tested.map(of));
}

/** Which kind of worker the chosen candidate of this draw came from; each wrote its own text, so that no two count as the same reply. */
async function chosenOf(kinds: readonly number[], known: readonly Verdict[]): Promise<number> {
  const pool = new Pool();
  const kindOf = new Map<Candidate, number>();
  for (const [index, kind] of kinds.entries()) {
    const snapshot = { commit: '', tree: `tree ${index}` };
    const candidate: Candidate = {
      ...{ id: pool.nextId(), from: 'start', step: 'draft', agent: 'coder', order: [0, index], snapshot, changed: ['sum.js'], votes: 1 },
      ...{ verdict: known[kind], checks: [], improvements: [] },
    };
    kindOf.set(candidate, kind);
    pool.add(candidate);
  }
  // All changes are as large: of equal ones the first is taken.
  const copies = { diff: async () => ({ files: [{ added: 1, removed: 1 }] }) };
  const context = { pool, facts: {}, ports: { copies, trace: { emit: () => undefined } } } as unknown as StepContext;
  const step = { id: 'choose', do: 'select', by: ['tests', 'behaviour'], keep: 1 } as const;
  await select({ ...step, by: [...step.by] }, 'r0/choose', context, new AbortController().signal, undefined as never);
  return kindOf.get(pool.best() as Candidate) ?? -1;
}

/** The chance that the first kind is chosen from so many drafts: it is most frequent; of several that are, each is as likely to stand first. */
function chanceOf(rates: readonly number[], drafts: number): number {
  const share = (counts: readonly number[], left: number, chance: number): number => {
    const at = counts.length;
    if (at === rates.length - 1) {
      const all = [...counts, left];
      const most = Math.max(...all);
      const whole = chance * (rates[at] ?? 0) ** left;
      return all[0] === most ? whole / all.filter((count) => count === most).length : 0;
    }
    let sum = 0;
    for (let count = 0, ways = 1; count <= left; count += 1) {
      sum += share([...counts, count], left - count, chance * ways * (rates[at] ?? 0) ** count);
      ways = (ways * (left - count)) / (count + 1);
    }
    return sum;
  };
  return share([], drafts, 1);
}

test('the chance is that of a binomial where there are two kinds', () => {
  expect(chanceOf([0.4, 0.6], 3)).toBeCloseTo(0.4 ** 3 + 3 * 0.4 ** 2 * 0.6, 12);
  expect(chanceOf([0.4, 0.6], 2)).toBeCloseTo(0.4 ** 2 + 0.4 * 0.6, 12);
});

const draws = 3000;
/** Of a normal distribution: 99.9 % lie within so many standard deviations. */
const confidence = 3.29;

test('where the tests cannot tell changes apart, other inputs can, and the largest class is the right one as often as is to be expected', async () => {
  const known = await verdicts();
  expect(known.map(({ judgement, tampering }) => [judgement.state, tampering])).toEqual(expressions.map(() => ['solved', []]));
  expect(new Set(known.map(({ behaviour }) => behaviour)).size).toBe(expressions.length);

  const random = numbersFrom(5);
  const kindBy = (rates: readonly number[]): number => {
    const at = random();
    let below = 0;
    for (const [kind, rate] of rates.entries()) {
      below += rate;
      if (at < below) return kind;
    }
    return 0;
  };
  const measured = async (rates: readonly number[], count: number): Promise<number> => {
    let right = 0;
    for (let draw = 0; draw < draws; draw += 1) {
      const kinds = Array.from({ length: count }, () => kindBy(rates));
      if ((await chosenOf(kinds, known)) === 0) right += 1;
    }
    return right / draws;
  };
  // Right in 40 of 100: a vote is refused there. Errors that differ are outnumbered, errors that agree are not.
  const differ = [0.4, 0.15, 0.15, 0.15, 0.15];
  const agree = [0.4, 0.6, 0, 0, 0];
  for (const [rates, count] of [
    [differ, 1],
    [differ, 5],
    [differ, 15],
    [agree, 15],
  ] as const) {
    const chance = chanceOf(rates, count);
    const within = confidence * Math.sqrt((chance * (1 - chance)) / draws);
    expect(Math.abs((await measured(rates, count)) - chance), `${rates} of ${count}`).toBeLessThan(within);
  }
  expect(chanceOf(differ, 15)).toBeGreaterThan(0.75);
  expect(chanceOf(agree, 15)).toBeLessThan(0.25);
});
