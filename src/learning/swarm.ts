/**
 * Which agents should follow on which: a graph of candidate edges, each with a logit that begins at even odds; graphs are drawn, and REINFORCE with a moving mean as its
 * baseline moves the logits (GPTSwarm, arXiv 2402.16823: Adam, rate 0.1). An edge that never helps falls, and is dropped. Pure: the same seed gives the same edges.
 */
import { seededRandom } from './random.ts';

export type Edge = readonly [from: number, to: number];

export interface SwarmTerms {
  readonly seed: number;
  readonly rounds?: number;
  /** Graphs drawn in a round. */
  readonly graphs?: number;
  /** What is subtracted for each edge of a graph, so that one that changes nothing falls. */
  readonly price?: number;
}

/** Below this an edge is dropped. */
const kept = 0.5;
const rate = 0.1;

/** `utility` of a graph without cycles. The probability of each edge afterwards; `kept`: those that stay. */
export function optimisedEdges(
  edges: readonly Edge[],
  utility: (graph: readonly Edge[], draw: number) => number,
  { seed, rounds = 150, graphs = 8, price = 0.02 }: SwarmTerms,
): { readonly probabilities: readonly number[]; readonly kept: readonly Edge[] } {
  const random = seededRandom(seed);
  const logits = edges.map(() => 0);
  const momentum = edges.map(() => 0);
  const scale = edges.map(() => 0);
  const chanceOf = (at: number): number => 1 / (1 + Math.exp(-(logits[at] as number)));
  let average: number | undefined;
  for (let round = 1; round <= rounds; round += 1) {
    const gradient = edges.map(() => 0);
    for (let draw = 0; draw < graphs; draw += 1) {
      const graph: Edge[] = [];
      const drawn: { readonly at: number; readonly isIn: boolean }[] = [];
      for (const [at, edge] of edges.entries()) {
        // An edge that would close a circle is no choice.
        if (reaches(graph, edge[1], edge[0])) continue;
        const isIn = random() < chanceOf(at);
        drawn.push({ at, isIn });
        if (isIn) graph.push(edge);
      }
      const worth = utility(graph, (round - 1) * graphs + draw) - price * graph.length;
      const advantage = worth - (average ?? worth);
      average = average === undefined ? worth : 0.9 * average + 0.1 * worth;
      for (const { at, isIn } of drawn) gradient[at] = (gradient[at] as number) + (advantage * ((isIn ? 1 : 0) - chanceOf(at))) / graphs;
    }
    for (const [at, step] of gradient.entries()) {
      momentum[at] = 0.9 * (momentum[at] as number) + 0.1 * step;
      scale[at] = 0.999 * (scale[at] as number) + 0.001 * step ** 2;
      const towards = (momentum[at] as number) / (1 - 0.9 ** round) / (Math.sqrt((scale[at] as number) / (1 - 0.999 ** round)) + 1e-8);
      logits[at] = (logits[at] as number) + rate * towards;
    }
  }
  const probabilities = edges.map((_, at) => chanceOf(at));
  return { probabilities, kept: edges.filter((_, at) => (probabilities[at] as number) >= kept) };
}

function reaches(graph: readonly Edge[], from: number, to: number): boolean {
  return from === to || graph.some(([start, end]) => start === from && reaches(graph, end, to));
}

/** Nodes that are reached from the first one, each after all that lead to it. */
export function orderOfGraph(graph: readonly Edge[], nodes: number): readonly number[] {
  const found = Array.from({ length: nodes }, (_, node) => node).filter((node) => node > 0 && reaches(graph, 0, node));
  const ordered: number[] = [];
  while (ordered.length < found.length) {
    const next = found.find(
      (node) => !ordered.includes(node) && graph.every(([from, to]) => to !== node || !found.includes(from) || ordered.includes(from)),
    );
    if (next === undefined) break;
    ordered.push(next);
  }
  return ordered;
}
