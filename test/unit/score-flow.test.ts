/**
 * Preference pairs weighted by the gap of their scores (ScoreFlow, arXiv 2502.04306), from many traces: teams of known worth, each executed a few times by
 * chance. What the weight is for is measured: pairs that a few unlucky executions put the wrong way round count little. Seeds are fixed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sketchOf, soloTeam } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import { seededRandom } from '../../src/learning/index.ts';
import { exportFormats, exportRuns } from '../../src/lessons/index.ts';
import type { Plan } from '../../src/plan/index.ts';
import { writeLessonRun } from '../support/lesson-runs.ts';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'teamwright-score-flow-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** Teams, and how often each solves a request. */
const teams: readonly (readonly [Plan, number])[] = [
  [soloTeam(1, 'easy'), 0.2],
  [soloTeam(2, 'easy'), 0.45],
  [teamFor('small-function', 'easy'), 0.6],
  [teamFor('feature', 'medium'), 0.9],
];
const [problems, executions] = [15, 3];

interface Pair {
  readonly prompt: readonly { readonly role: string; readonly content: string }[];
  readonly chosen: readonly { readonly role: string; readonly content: string }[];
  readonly rejected: readonly { readonly role: string; readonly content: string }[];
  readonly score_chosen: number;
  readonly score_rejected: number;
  readonly weight: number;
}

async function pairsOf(seed: number): Promise<readonly Pair[]> {
  const random = seededRandom(seed);
  const dataDir = join(top, `data-${seed}`);
  for (let problem = 0; problem < problems; problem += 1)
    for (const [at, [plan, solves]] of teams.entries())
      for (let execution = 0; execution < executions; execution += 1)
        writeLessonRun(dataDir, {
          runId: `run-${problem}-${at}-${execution}`,
          ...{ request: `Repair sum number ${problem}.`, tree: `tree ${problem}`, plan },
          at: Date.UTC(2026, 9, 1) + (problem * 100 + at * 10 + execution) * 60_000,
          replies: [random() < solves ? 'This is right.' : 'Wrong.'],
        });
  const format = exportFormats.find(({ name }) => name === 'plans-dpo');
  if (format === undefined) throw new Error('a format');
  const out = join(top, `out-${seed}`);
  await exportRuns(
    {
      ...{ dataDir, format, out, filter: {}, filterWords: [], split: 0, seed: 1, program: 'teamwright 0.1.0' },
      privacy: { known: [], user: 'ann', host: 'anns-machine', home: '/home/ann' },
    },
    new AbortController().signal,
  );
  return readFileSync(join(out, 'train.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Pair);
}

const worthOf = (answer: string): number => {
  const found = teams.find(([plan]) => answer.includes(JSON.stringify(sketchOf(plan))));
  if (found === undefined) throw new Error(`no team of these: ${answer.slice(0, 200)}`);
  return found[1];
};

test.each([1, 2])(
  'every pair has s_w > s_l and the weight (s_w − s_l)³ of means over executions; by weight fewer pairs prefer the worse team than by number: seed %i',
  async (seed) => {
    const pairs = await pairsOf(seed);
    // Of four teams there are six pairs at most, fewer where two came to the same.
    expect(pairs.length).toBeGreaterThan(problems * 3);
    expect(pairs.length).toBeLessThanOrEqual(problems * 6);
    const wrong = { count: 0, weight: 0 };
    const all = { count: 0, weight: 0 };
    for (const pair of pairs) {
      expect(pair.score_chosen).toBeGreaterThan(pair.score_rejected);
      expect(pair.weight).toBeCloseTo((pair.score_chosen - pair.score_rejected) ** 3, 10);
      // Means of three executions: solved 0 to 3 of them, a little less for their tokens.
      for (const score of [pair.score_chosen, pair.score_rejected]) expect(Math.abs(score * 3 - Math.round(score * 3))).toBeLessThan(0.05);
      const answers = [pair.chosen, pair.rejected].map((messages) => messages.at(-1)?.content ?? '');
      const isWrong = worthOf(answers[0] as string) < worthOf(answers[1] as string);
      all.count += 1;
      all.weight += pair.weight;
      if (isWrong) {
        wrong.count += 1;
        wrong.weight += pair.weight;
      }
    }
    const [byNumber, byWeight] = [wrong.count / all.count, wrong.weight / all.weight];
    expect(wrong.count).toBeGreaterThan(0);
    expect(byWeight).toBeLessThan(byNumber * 0.7);
  },
);
