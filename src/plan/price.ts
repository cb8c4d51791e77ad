/**
 * What a plan will cost and how complex it is, before it runs. Pure. Steps in order add up; steps side by side share `parallel` places
 * (`cost.ts`).
 *
 * Complexity is AgentConductor's (arXiv 2602.17100): |V| agent calls of one pass, |E| data flows between them, s layers;
 * S_node = exp(−|V|/N_max), S_edge = exp(−|E|/(|V|(|V|−0.5))), S_depth = 1 − s/|V|, with N_max = 4, 7, 10 by difficulty.
 */
import type { Price, Tier } from '../models/types.ts';
import { chained } from './chained.ts';
import { type AnalysisFacts, type Cost, inTurn, nothing, runs, sideBySide, times } from './cost.ts';
import type { Estimate } from './estimate.ts';
import { type Flow, planFlow } from './flow.ts';
import { type GraphEdge, planGraph } from './graph.ts';
import { formatPlace, type Place } from './place.ts';
import { agentOfStep, locateSteps, stepsIn } from './places.ts';
import { rungsOf } from './rescue.ts';
import type { Difficulty, Plan } from './schema.ts';
import { agentNameOf, type Step, stepKindOf } from './step-kinds.ts';

/** N_max of AgentConductor: agent calls by difficulty. */
export const nMax: Readonly<Record<Difficulty, number>> = { easy: 4, medium: 7, hard: 10 };

/** A place costs a fourth of a draft in files of thirty lines (docs/results.md, attempts by operator), and less of it in longer ones: its prompt is bounded. */
const placesInCall = 5;

export interface StepAnalysis extends Cost {
  readonly id: string;
  /** `steps[1].steps[0]` */
  readonly path: string;
}

export interface Complexity {
  /** |V|: agent calls of one pass, each sample its own; both branches of a `when` count. */
  readonly nodes: number;
  /** |E|: notes and candidates that flow between them. */
  readonly edges: number;
  /** s: layers of agent calls, one after another. */
  readonly depth: number;
  /** N_max of the plan's difficulty. */
  readonly callLimit: number;
  readonly nodeScore: number;
  readonly edgeScore: number;
  readonly depthScore: number;
  /** How far the most calls exceed the limit, as a share of it: the complexity term of Teamwright's reward, at its worst. */
  readonly excess: number;
  /** Most agent calls of the whole run, by the work in them: the turns of their tools do not count, and five places of a repair are one. */
  readonly mostCalls: number;
}

export interface Analysis {
  readonly estimate: Estimate;
  /** Every step, parents before children; the price of one pass of that step. */
  readonly steps: readonly StepAnalysis[];
  readonly complexity: Complexity;
}

const free: Price = { input: 0, cachedInput: 0, output: 0, known: true };
const instant = { read: Number.POSITIVE_INFINITY, write: Number.POSITIVE_INFINITY };

/** Below this no call makes sense: the least any model and machine need. */
export const leastFacts: AnalysisFacts = {
  promptTokens: 60,
  replyTokens: 10,
  noteTokens: 5,
  tokensPerSecond: { worker: instant, strong: instant },
  prices: { worker: free, strong: free },
  testSeconds: 0,
  parallel: 1,
};

/** Takes a plan without errors (`checkPlan`); unknown agents cost nothing. */
export function pricePlan(asWritten: Plan, facts: AnalysisFacts): Analysis {
  const plan = { ...asWritten, steps: chained(asWritten.steps) };
  const steps = new Map<string, StepAnalysis>();
  const flow = planFlow(plan);
  const handOver = plan.finish.when === 'answer' ? nothing : runs({ least: 1, most: 2 }, facts.wholeSuiteSeconds ?? 0, 1);
  const { calls, tokens, usd, seconds } = inTurn([priceSteps({ plan, facts, flow, steps }), handOver]);
  const known = usedTiers(plan).every((tier) => facts.prices[tier].known);
  const estimate = { calls, tokens, usd: { ...usd, known }, seconds };
  const written = [...locateSteps(plan)].flatMap(({ place }) => steps.get(formatPlace(place)) ?? []);
  const work = priceSteps({ plan, facts: { ...facts, turns: 1, placesInCall }, flow, steps: new Map() });
  // A sum of fifths is a little more than it is.
  const mostCalls = Math.ceil(Math.round(work.calls.most * placesInCall) / placesInCall);
  return { estimate, steps: written, complexity: complexityOf(plan, mostCalls) };
}

interface Pricing {
  readonly plan: Plan;
  readonly facts: AnalysisFacts;
  readonly flow: Flow;
  /** Filled on the way. */
  readonly steps: Map<string, StepAnalysis>;
}

const priceSteps = (pricing: Pricing): Cost => inTurn(pricing.plan.steps.map((step, index) => price(step, ['steps', index], pricing)));

function price(step: Step, place: Place, pricing: Pricing): Cost {
  const { plan, facts, flow, steps } = pricing;
  const kind = stepKindOf(step);
  const agent = agentOfStep(plan, step);
  const point = {
    here: flow.at(place),
    facts,
    agent,
    agentNamed: (name: string) => (Object.hasOwn(plan.agents, name) ? plan.agents[name] : undefined),
    inside(list: string) {
      const costs = stepsIn(step, list).map((child, index) => price(child, [...place, list, index], pricing));
      return kind.inside?.order === 'side-by-side' ? sideBySide(costs, facts.parallel) : inTurn(costs);
    },
  };
  // Nobody needs to be rescued at best; at worst everybody who may.
  const rungs = agent === undefined ? [] : rungsOf(plan, agentNameOf(step) ?? '', agent);
  const cost = inTurn([
    kind.price(step, point),
    ...rungs.map((rung) => times(kind.price(step, { ...point, agent: rung.agent }), { least: 0, most: 1 })),
  ]);
  const path = formatPlace(place);
  steps.set(path, { id: step.id, path, ...cost });
  return cost;
}

function usedTiers(plan: Plan): Tier[] {
  return [...new Set(Object.values(plan.agents).map((agent) => agent.tier))];
}

// ---- complexity ---------------------------------------------------------------------------------------------------------------------

const sum = (a: number, b: number): number => a + b;

function complexityOf(plan: Plan, mostCalls: number): Complexity {
  const graph = planGraph(plan);
  const calls = new Map(graph.nodes.map((node) => [node.id, node.samples]));
  const nodes = [...calls.values()].reduce(sum, 0);
  const flows = (edge: GraphEdge): number => (edge.kind === 'order' ? 0 : (calls.get(edge.from) ?? 0) * (calls.get(edge.to) ?? 0));
  const edges = graph.edges.map(flows).reduce(sum, 0);
  const depth = plan.steps.map(layersOf).reduce(sum, 0);
  const callLimit = nMax[plan.difficulty];
  return {
    nodes,
    edges,
    depth,
    callLimit,
    nodeScore: Math.exp(-nodes / callLimit),
    edgeScore: nodes === 0 ? 1 : Math.exp(-edges / (nodes * (nodes - 0.5))),
    depthScore: nodes === 0 ? 0 : 1 - depth / nodes,
    mostCalls,
    excess: Math.max(0, mostCalls - callLimit) / callLimit,
  };
}

/** Agent calls that must wait for each other; the samples of a step are one layer. */
function layersOf(step: Step): number {
  const { inside, outputs, layers } = stepKindOf(step);
  if (!inside) return outputs.length === 0 ? 0 : (layers?.(step) ?? 1);
  return inside.layers((list) => {
    const layers = stepsIn(step, list).map(layersOf);
    return inside.order === 'side-by-side' ? Math.max(...layers) : layers.reduce(sum, 0);
  });
}
