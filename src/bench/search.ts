/**
 * Searches lists of work on an outcome bank, one modification at a time (AFlow, arXiv 2410.10762; the rounds of FlowReasoner, arXiv 2504.15257): a parent from the ten best by
 * p = 0.3/n + 0.7·softmax(20·(s − s_max)), a modification that was never tried on it, measured by replay on some problems; what is better there and on problems that are held
 * back becomes a parent. It ends when the best three are flat for five rounds. Pure; everything that was measured is in the journal it gives.
 */
import { type Edge, type Operator, optimisedEdges, orderOfGraph, seededRandom } from '../learning/index.ts';
import type { DrawnTask } from './draws.ts';
import { inOrder } from './policies.ts';
import { replay } from './replay.ts';
import { markdownTable } from './report.ts';
import { mean } from './statistics.ts';

export interface Measured {
  readonly id: number;
  readonly round: number;
  /** Absent: what the search began with. */
  readonly parent?: number;
  /** In words. */
  readonly change: string;
  readonly list: readonly Operator[];
  /** Mean reward on the problems that it was searched on, and on those held back. */
  readonly searched: number;
  readonly heldBack: number;
  readonly accepted: boolean;
}

export interface SearchTerms {
  readonly seed: number;
  /** Rounds at most. */
  readonly rounds: number;
  /** Modifications that are measured in a round, each by itself. */
  readonly tries: number;
}

const parents = 10;
const flatRounds = 5;
const most = 40;
/** One problem in three is held back. */
const thirds = 3;

export const rewardOfList = (tasks: readonly DrawnTask[], list: readonly Operator[]): number =>
  mean(tasks.map((task) => replay(task, inOrder(list)).reward));

export function splitByProblem(tasks: readonly DrawnTask[], parts: number, part: number) {
  const problems = [...new Set(tasks.map(({ problem }) => problem))].sort();
  const isIn = ({ problem }: DrawnTask): boolean => problems.indexOf(problem) % parts === part;
  return { own: tasks.filter(isIn), others: tasks.filter((task) => !isIn(task)) };
}

interface Modification {
  readonly change: string;
  readonly list: readonly Operator[];
}

/** Everything that is one modification away: some more of an operator anywhere, one less, two neighbours exchanged. */
function modificationsOf(list: readonly Operator[], names: readonly Operator[]): readonly Modification[] {
  const more = names.flatMap((name) =>
    [1, 2, 4].flatMap((count) =>
      [...list, ''].map((_, at) => ({
        change: `${count} more ${name} at ${at + 1}`,
        list: list.toSpliced(at, 0, ...Array.from({ length: count }, () => name)),
      })),
    ),
  );
  const less = list.map((name, at) => ({ change: `without ${name} at ${at + 1}`, list: list.toSpliced(at, 1) }));
  const exchanged = list.slice(1).map((name, at) => ({
    change: `${name} before ${list[at]} at ${at + 1}`,
    list: list.toSpliced(at, 2, name, list[at] as Operator),
  }));
  return [...more, ...less, ...exchanged].filter((one) => one.list.length <= most);
}

/** Goes on from `known`: what it measured is not measured again, from the same parent or as the same list. Gives all, what is new at the end. */
export function search(
  tasks: readonly DrawnTask[],
  { seed, rounds, tries }: SearchTerms,
  known: readonly Measured[] = [],
): readonly Measured[] {
  const random = seededRandom(seed + known.length);
  const { own: held, others: searched } = splitByProblem(tasks, thirds, 0);
  const names = [...new Set(searched.flatMap(({ series }) => [...series.keys()]))].sort();
  const measured: Measured[] = [...known];
  const measure = (list: readonly Operator[]) => ({ list, searched: rewardOfList(searched, list), heldBack: rewardOfList(held, list) });
  if (measured.length === 0) measured.push({ id: 0, round: 0, change: 'nothing at all', accepted: true, ...measure([]) });
  const bestOf = (count: number): Measured[] =>
    measured
      .filter(({ accepted }) => accepted)
      .toSorted((a, b) => b.searched - a.searched || a.list.length - b.list.length)
      .slice(0, count);
  const seen = new Set(measured.map(({ list }) => list.join(' ')));
  const first = measured.at(-1)?.round ?? 0;
  let nextId = Math.max(...measured.map(({ id }) => id)) + 1;
  let flat = 0;
  for (let round = first + 1; round <= first + rounds && flat < flatRounds; round += 1) {
    const before = mean(bestOf(3).map((one) => one.searched));
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const parent = drawnFrom(bestOf(parents), random);
      const untried = modificationsOf(parent.list, names).filter(({ list }) => !seen.has(list.join(' ')));
      const one = untried[Math.floor(random() * untried.length)];
      if (one === undefined) continue;
      seen.add(one.list.join(' '));
      const result = measure(one.list);
      const accepted = result.searched > parent.searched + 1e-9 && result.heldBack > parent.heldBack + 1e-9;
      measured.push({ id: nextId++, round, parent: parent.id, change: one.change, accepted, ...result });
    }
    flat = mean(bestOf(3).map((one) => one.searched)) > before + 1e-9 ? 0 : flat + 1;
  }
  return measured;
}

export const bestMeasured = (measured: readonly Measured[]): Measured | undefined =>
  measured.filter(({ accepted }) => accepted).toSorted((a, b) => b.searched + b.heldBack - a.searched - a.heldBack)[0];

/** p = 0.3/n + 0.7·softmax(20·(s − s_max)); `best` is in order and holds one at least. */
export function drawnFrom<One extends Pick<Measured, 'searched'>>(best: readonly One[], random: () => number): One {
  const top = best[0]?.searched ?? 0;
  const odds = best.map(({ searched }) => Math.exp(20 * (searched - top)));
  const all = odds.reduce((sum, value) => sum + value, 0);
  let left = random();
  for (const [at, one] of best.entries()) {
    left -= 0.3 / best.length + (0.7 * (odds[at] as number)) / all;
    if (left <= 0) return one;
  }
  return best[0] as One;
}

/** Work that a team graph is made of: the request first, then units of it. */
const units: readonly (readonly [Operator, number])[] = [
  ['place', 4],
  ['changes', 2],
  ['draft', 1],
  ['place', 4],
];
const unitName = (node: number): string =>
  node === 0 ? 'request' : `${units[node - 1]?.[1]} ${units[node - 1]?.[0]}${node === 4 ? ' more' : ''}`;

export interface LearnedEdge {
  readonly from: string;
  readonly to: string;
  readonly probability: number;
  readonly kept: boolean;
}

/** Which unit should follow on which where it failed, by recorded tasks. */
export function edgesOn(tasks: readonly DrawnTask[], seed: number): readonly LearnedEdge[] {
  const nodes = units.length + 1;
  const edges: Edge[] = Array.from({ length: nodes }, (_, from) => from).flatMap((from) =>
    Array.from({ length: units.length }, (_, at) => at + 1).flatMap((to) => (from === to ? [] : [[from, to] as const])),
  );
  const known = new Map<string, number>();
  const worth = (graph: readonly Edge[]): number => {
    const order = orderOfGraph(graph, nodes);
    const key = order.join(' ');
    const list = order.flatMap((node) => Array.from({ length: units[node - 1]?.[1] ?? 0 }, () => units[node - 1]?.[0] as Operator));
    const value = known.get(key) ?? rewardOfList(tasks, list);
    known.set(key, value);
    return value;
  };
  const { probabilities, kept } = optimisedEdges(edges, worth, { seed });
  return edges.map((edge, at) => ({
    ...{ from: unitName(edge[0]), to: unitName(edge[1]), probability: probabilities[at] as number, kept: kept.includes(edge) },
  }));
}

export interface CurvePoint {
  readonly tries: number;
  /** Lists measured in a search, on average. */
  readonly measured: number;
  /** Mean reward of what was found on all problems of the search. */
  readonly searched: number;
  /** Mean reward on problems that the search never saw, over seeds; least and most of a seed. */
  readonly reward: number;
  readonly least: number;
  readonly most: number;
}

const curveTries = [1, 2, 4, 8, 16];
const curveSeeds = [1, 2, 3, 4, 5];
const curveFolds = 3;

/** What more design compute gives: problems are dealt to three folds, and each fold is planned by a search on the others. */
export function computeCurve(tasks: readonly DrawnTask[], rounds = 60): readonly CurvePoint[] {
  const folds = Array.from({ length: curveFolds }, (_, fold) => splitByProblem(tasks, curveFolds, fold));
  return curveTries.map((tries) => {
    const counts: number[] = [];
    const seen: number[] = [];
    const rewards = curveSeeds.map((seed) =>
      mean(
        folds.flatMap(({ own, others }) => {
          const measured = search(others, { seed, rounds, tries });
          counts.push(measured.length);
          const { list = [] } = bestMeasured(measured) ?? {};
          seen.push(rewardOfList(others, list));
          return own.map((task) => replay(task, inOrder(list)).reward);
        }),
      ),
    );
    return {
      tries,
      measured: mean(counts),
      searched: mean(seen),
      reward: mean(rewards),
      least: Math.min(...rewards),
      most: Math.max(...rewards),
    };
  });
}

/** As a table, for a terminal as for a document. */
export const curveLines = (curve: readonly CurvePoint[]): readonly string[] =>
  markdownTable(
    ['modifications a round', 'lists measured', 'reward where searched', 'on problems never seen', 'least and most of a seed'],
    curve.map(({ tries, measured, searched, reward, least, most: highest }) => [
      ...[String(tries), measured.toFixed(0), searched.toFixed(3), reward.toFixed(3), `${least.toFixed(3)} to ${highest.toFixed(3)}`],
    ]),
    0,
  );
