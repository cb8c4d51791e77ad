/** Design search on recorded outcomes: lists by single modifications, edges of a team graph by REINFORCE. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readBank } from '../../src/bench/bank.ts';
import type { BankLine } from '../../src/bench/bank-line.ts';
import { type DrawnTask, drawnTasks } from '../../src/bench/draws.ts';
import { appendMeasured, readJournal, undoLast } from '../../src/bench/journal.ts';
import { bestMeasured, computeCurve, edgesOn, search } from '../../src/bench/search.ts';
import { type Edge, optimisedEdges, orderOfGraph, seededRandom } from '../../src/learning/index.ts';
import { attempt } from '../support/attempts.ts';

const known = { ...attempt('x', 1, 'fill').before, kind: 'bug-fix', difficulty: 'hard', budgetTokens: 4000 } as const;
const red = { before: known, visible: false, passed: 1, failed: 1 } as const;

/** A task that the place at `mends` mends, else the draft does (or nothing). */
function task(id: string, mends: number | undefined, drafted: boolean): DrawnTask {
  const green: Partial<BankLine> = { visible: true, hidden: true };
  const lines = (run: string, operator: string, count: number, solvesAt: number | undefined, tokens: number) =>
    Array.from({ length: count }, (_, at) =>
      attempt(run, at + 1, operator, {
        ...red,
        task: `suite/${id}`,
        problem: id,
        of: count,
        prompt: `${run}${at}`,
        inputTokens: tokens,
        ...(solvesAt === at && green),
      }),
    );
  const [one] = drawnTasks([
    ...lines(`${id}-p`, 'fill', mends === undefined ? 6 : mends + 1, mends, 100),
    ...lines(`${id}-d`, 'sample', 2, drafted ? 0 : undefined, 900),
  ]);
  if (one === undefined) throw new Error('a task');
  return one;
}
/** In most the second place mends, in some only a draft. */
const tasks = Array.from({ length: 24 }, (_, at) =>
  task(`t${String(at).padStart(2, '0')}`, at % 4 === 3 ? undefined : at % 3, at % 8 !== 7),
);

describe('a search', () => {
  const terms = { seed: 1, rounds: 40, tries: 8 };
  const measured = search(tasks, terms);

  test('never measures a list twice, and accepts only what is better than its parent where it searches and where it does not', () => {
    expect(measured.length).toBeGreaterThan(20);
    expect(new Set(measured.map(({ list }) => list.join(' '))).size).toBe(measured.length);
    for (const { accepted, parent, searched, heldBack } of measured) {
      if (parent === undefined) continue;
      const from = measured[parent];
      expect(from?.accepted).toBe(true);
      if (!accepted) continue;
      expect(searched).toBeGreaterThan(from?.searched as number);
      expect(heldBack).toBeGreaterThan(from?.heldBack as number);
    }
    const best = bestMeasured(measured);
    expect(best?.list).toEqual(expect.arrayContaining(['place', 'draft']));
    expect(best?.searched).toBeGreaterThan(0.7);
    expect(search(tasks, terms)).toEqual(measured);
  });

  test('ends when nothing gets better, and finds more with more modifications a round', () => {
    expect(Math.max(...search(tasks, { ...terms, rounds: 1000 }).map(({ round }) => round))).toBeLessThan(200);
    const curve = computeCurve(tasks, 30);
    const [first, last] = [curve[0], curve.at(-1)];
    expect(last?.measured).toBeGreaterThan(first?.measured as number);
    expect(last?.searched).toBeGreaterThan(first?.searched as number);
    expect(last?.reward).toBeGreaterThan(first?.reward as number);
    for (const { reward, least, most } of curve) expect(least <= reward && reward <= most).toBe(true);
  });

  test('a journal that cannot be read or written is told as a journal, not as a bank', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    try {
      await expect(readJournal(folder, 'bank')).rejects.toMatchObject({ facts: { why: 'journal-unreadable', file: folder } });
      const nowhere = join(folder, 'is-no-folder', 'journal.jsonl');
      appendFileSync(join(folder, 'is-no-folder'), '');
      await expect(appendMeasured(nowhere, 'bank', search(tasks, terms, []).slice(0, 1))).rejects.toMatchObject({
        facts: { why: 'journal-unwritable', file: nowhere },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('goes on from a journal without repeating anything, never gets worse by it, and takes back what was accepted last', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    try {
      const file = join(folder, 'search.jsonl');
      const few = search(tasks, { seed: 1, rounds: 3, tries: 2 });
      await appendMeasured(file, 'bank', few);
      const { measured: read } = await readJournal(file, 'bank');
      expect(read).toMatchObject(few as unknown as object[]);
      const more = search(tasks, { seed: 1, rounds: 10, tries: 4 }, read);
      await appendMeasured(file, 'bank', more.slice(read.length));
      expect(new Set(more.map(({ list }) => list.join(' '))).size).toBe(more.length);
      expect(bestMeasured(more)?.searched).toBeGreaterThanOrEqual(bestMeasured(few)?.searched as number);
      // Each line says what was changed, in words.
      expect(readFileSync(file, 'utf8')).toMatch(/"change":"\d more (place|draft) at \d+"/);
      const last = more.findLast(({ accepted }) => accepted);
      expect((await undoLast(file, 'bank'))?.id).toBe(last?.id);
      const { measured: after } = await readJournal(file, 'bank');
      expect(after.find(({ id }) => id === last?.id)?.accepted).toBe(false);
      expect((await undoLast(file, 'bank'))?.id).not.toBe(last?.id);
      // Of another bank it holds nothing; a torn line is named and costs nothing else.
      expect((await readJournal(file, 'other')).measured).toEqual([]);
      appendFileSync(file, '{"v":1,"kind":');
      const torn = await readJournal(file, 'bank');
      expect(torn.problems).toHaveLength(1);
      await appendMeasured(file, 'bank', [{ ...(few[0] as (typeof few)[number]), id: 999 }]);
      expect((await readJournal(file, 'bank')).measured.map(({ id }) => id)).toContain(999);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('edges of a team graph', () => {
  test('one that helps rises, one that never helps falls and is dropped', () => {
    const edges: Edge[] = [
      [0, 1],
      [1, 2],
      [1, 3],
      [2, 1],
    ];
    const random = seededRandom(5);
    // Whoever is reached by 0 → 1 → 2 solves nine in ten; 3 never changes anything.
    const solves = (graph: readonly Edge[]): number => {
      const has = (from: number, to: number): boolean => graph.some((edge) => edge[0] === from && edge[1] === to);
      return random() < (has(0, 1) && has(1, 2) ? 0.9 : 0.2) ? 1 : 0;
    };
    const { probabilities, kept } = optimisedEdges(edges, solves, { seed: 1 });
    expect(kept).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(probabilities[2]).toBeLessThan(0.3);
    expect(optimisedEdges(edges, () => 0, { seed: 1 }).kept).toEqual([]);
  });

  test('graphs stay without circles', () => {
    const all: Edge[] = [0, 1, 2, 3].flatMap((from) => [1, 2, 3].flatMap((to) => (from === to ? [] : [[from, to] as const])));
    optimisedEdges(
      all,
      (graph) => {
        const order = orderOfGraph(graph, 4);
        for (const [from, to] of graph)
          if (order.includes(from) && order.includes(to)) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
        return order.length;
      },
      { seed: 2, rounds: 30 },
    );
  });

  test('on the recorded bank in docs/results, among tasks that no draft ever solved, every edge to a draft is dropped', async () => {
    const banks = ['places-first', 'weighed'].map((name) =>
      fileURLToPath(new URL(`../../docs/results/${name}/bank.jsonl`, import.meta.url)),
    );
    const attempts = (await Promise.all(banks.map(readBank))).flatMap((bank) => bank.attempts);
    const recorded = drawnTasks(attempts).filter(
      ({ series }) => series.get('draft')?.every(({ solved }) => !solved) && series.get('place')?.some(({ solved }) => solved),
    );
    expect(recorded.length).toBeGreaterThan(8);
    const edges = edgesOn(recorded, 1);
    expect(edges.filter(({ to, kept }) => to === '1 draft' && kept)).toEqual([]);
    expect(edges.find(({ from, to }) => from === 'request' && to === '4 place')?.kept).toBe(true);
  });

  test('on a bank, work that never mends is dropped', () => {
    const neverDrafted = Array.from({ length: 12 }, (_, at) => task(`n${at}`, at % 3, false));
    const edges = edgesOn(neverDrafted, 1);
    const ofRequest = (to: string) => edges.find((edge) => edge.from === 'request' && edge.to === to);
    expect(ofRequest('4 place')?.kept).toBe(true);
    expect(ofRequest('1 draft')?.kept).toBe(false);
  });
});
