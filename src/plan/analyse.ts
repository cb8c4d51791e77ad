/**
 * What a plan will cost and how complex it is, before it runs. Pure.
 *
 * Every step has a price from its least (all goes well: the first sample passes, no repeat is needed, the cheaper branch is taken) to its
 * most (every sample is made, every repeat runs out, the dearer branch is taken). Steps in order add up; steps side by side share
 * `parallel` places, and take what Brent's bound gives (R. P. Brent, J. ACM 21, 1974): the longest of them, or all their work divided by
 * the places, whichever is more.
 *
 * Complexity is AgentConductor's (arXiv 2602.17100): |V| agent calls of one pass, |E| data flows between them, s layers;
 * S_node = exp(−|V|/N_max), S_edge = exp(−|E|/(|V|(|V|−0.5))), S_depth = 1 − s/|V|, with N_max = 4, 7, 10 by difficulty.
 */
import type { Price, Tier } from '../models/types.ts';
import type { Estimate } from './estimate.ts';
import { type Flow, planFlow } from './flow.ts';
import { type GraphEdge, planGraph } from './graph.ts';
import { formatPlace, locateSteps, type Place } from './places.ts';
import type { Agent, Difficulty, Plan, Step } from './schema.ts';
import { factsOf, samplesOf, testsItself } from './step-kinds.ts';

/** N_max of AgentConductor: agent calls by difficulty. */
export const nMax: Readonly<Record<Difficulty, number>> = { easy: 4, medium: 7, hard: 10 };

/** What this machine, this workspace and these models are like. */
export interface AnalysisFacts {
  /** Tokens of the prompt's shared part: request, files, frame. */
  readonly promptTokens: number;
  /** Tokens of a reply that changes files. */
  readonly replyTokens: number;
  /** Tokens of a note or a verdict. */
  readonly noteTokens?: number;
  /** Most calls one sample of an agent with tools makes; agents without tools make one. */
  readonly turns?: number;
  readonly tokensPerSecond: Readonly<Record<Tier, { readonly read: number; readonly write: number }>>;
  readonly prices: Readonly<Record<Tier, Price>>;
  /** One run of the workspace's tests. */
  readonly testSeconds: number;
  /** One run of a type check or lint; the tests' time when unknown. */
  readonly checkSeconds?: number;
  /** Candidates that are worked on at the same time. */
  readonly parallel: number;
}

export interface Range {
  readonly least: number;
  readonly most: number;
}

/** The price of a step. `seconds` passes on the clock; `work` is the busy time of all its parts, which side-by-side steps share. */
export interface Cost {
  readonly calls: Range;
  readonly tokens: Range;
  readonly usd: Range;
  readonly seconds: Range;
  readonly work: Range;
}

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
  /** Most agent calls of the whole run; the turns of their tools do not count. */
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
export function analyse(plan: Plan, facts: AnalysisFacts): Analysis {
  const steps = new Map<string, StepAnalysis>();
  const pricing: Pricing = { plan, facts, flow: planFlow(plan), steps };
  const { calls, tokens, usd, seconds } = priceList(plan.steps, ['steps'], pricing);
  const known = usedTiers(plan).every((tier) => facts.prices[tier].known);
  const estimate = { calls, tokens, usd: { ...usd, known }, seconds };
  const written = [...locateSteps(plan)].flatMap(({ place }) => steps.get(formatPlace(place)) ?? []);
  return { estimate, steps: written, complexity: complexityOf(plan, mostAgentCalls(plan, pricing)) };
}

// ---- price --------------------------------------------------------------------------------------------------------------------------

interface Pricing {
  readonly plan: Plan;
  readonly facts: AnalysisFacts;
  readonly flow: Flow;
  readonly steps: Map<string, StepAnalysis>;
}

const none: Range = { least: 0, most: 0 };
const nothing: Cost = { calls: none, tokens: none, usd: none, seconds: none, work: none };

const overRange = (a: Range, b: Range, by: (a: number, b: number) => number): Range => ({
  least: by(a.least, b.least),
  most: by(a.most, b.most),
});
const sum = (a: number, b: number): number => a + b;

const add = (a: Cost, b: Cost): Cost => ({
  calls: overRange(a.calls, b.calls, sum),
  tokens: overRange(a.tokens, b.tokens, sum),
  usd: overRange(a.usd, b.usd, sum),
  seconds: overRange(a.seconds, b.seconds, sum),
  work: overRange(a.work, b.work, sum),
});

const mapCost = (cost: Cost, change: (range: Range) => Range): Cost => ({
  calls: change(cost.calls),
  tokens: change(cost.tokens),
  usd: change(cost.usd),
  seconds: change(cost.seconds),
  work: change(cost.work),
});

const either = (a: Cost, b: Cost): Cost => {
  const widest = (x: Range, y: Range): Range => ({ least: Math.min(x.least, y.least), most: Math.max(x.most, y.most) });
  return {
    calls: widest(a.calls, b.calls),
    tokens: widest(a.tokens, b.tokens),
    usd: widest(a.usd, b.usd),
    seconds: widest(a.seconds, b.seconds),
    work: widest(a.work, b.work),
  };
};

function priceList(steps: readonly Step[], list: Place, pricing: Pricing): Cost {
  return steps.map((step, index) => price(step, [...list, index], pricing)).reduce(add, nothing);
}

function price(step: Step, place: Place, pricing: Pricing): Cost {
  const cost = priceOf(step, place, pricing);
  const path = formatPlace(place);
  pricing.steps.set(path, { id: step.id, path, ...cost });
  return cost;
}

function priceOf(step: Step, place: Place, pricing: Pricing): Cost {
  const here = pricing.flow.at(place);
  switch (step.do) {
    case 'group':
      return sideBySide(
        step.steps.map((child, index) => price(child, [...place, 'steps', index], pricing)),
        pricing.facts.parallel,
      );
    case 'repeat': {
      const round = priceList(step.steps, [...place, 'steps'], pricing);
      const rounds = here.dead.includes('steps') ? { least: 0, most: 0 } : { least: here.mayPass ? 0 : 1, most: step.max };
      return mapCost(round, (range) => ({ least: rounds.least * range.least, most: rounds.most * range.most }));
    }
    case 'when': {
      const chosen = priceList(step.steps, [...place, 'steps'], pricing);
      const other = priceList(step.else, [...place, 'else'], pricing);
      if (here.dead.includes('steps')) return other;
      return here.dead.includes('else') ? chosen : either(chosen, other);
    }
    case 'test':
      return runs(here.every.unjudged, pricing.facts.testSeconds, pricing.facts.parallel);
    case 'check': {
      const seconds = pricing.facts.checkSeconds ?? pricing.facts.testSeconds;
      return runs({ least: 1, most: Math.max(1, here.every.candidates) }, seconds * step.checks.length, pricing.facts.parallel);
    }
    case 'select':
      return nothing;
    default:
      return agentCalls(step, place, pricing);
  }
}

/** Brent's bound; exact when one place does everything, and when there is a place for each. */
function sideBySide(costs: readonly Cost[], parallel: number): Cost {
  const total = costs.reduce(add, nothing);
  const longest = costs.map((cost) => cost.seconds).reduce((a, b) => overRange(a, b, Math.max), none);
  const shared = { least: total.work.least / parallel, most: total.work.most / parallel };
  return { ...total, seconds: overRange(longest, shared, Math.max) };
}

/** `count` runs of a program, `parallel` at a time. */
function runs(count: Range, seconds: number, parallel: number): Cost {
  const scaled = (times: (count: number) => number): Range => ({ least: times(count.least) * seconds, most: times(count.most) * seconds });
  return { ...nothing, seconds: scaled((times) => Math.ceil(times / parallel)), work: scaled((times) => times) };
}

/** The calls of a step's agent, and the test runs between them where the step stops at the first sample that passes. */
function agentCalls(step: Step, place: Place, { plan, facts, flow }: Pricing): Cost {
  const agent = 'agent' in step && Object.hasOwn(plan.agents, step.agent) ? plan.agents[step.agent] : undefined;
  if (!agent) return nothing;
  const samples = samplesOf(step);
  const firstPass = testsItself(step);
  const made = { least: firstPass ? 1 : samples, most: samples };
  const one = oneSample(step, agent, facts, flow.at(place).every.candidates > 0);
  const test = firstPass ? facts.testSeconds : 0;
  const waves = overRange(made, made, (count) => Math.ceil(count / facts.parallel));
  const each = (counts: Range, value: Range): Range => overRange(counts, value, (count, unit) => count * unit);
  const busy = { least: one.seconds.least + test, most: one.seconds.most + test };
  return {
    calls: each(made, one.calls),
    tokens: each(made, one.tokens),
    usd: each(made, one.usd),
    seconds: each(waves, busy),
    work: each(made, busy),
  };
}

/** One sample: one call, or several turns where the agent has tools and the model can use them; every turn reads what was said before. */
function oneSample(step: Step, agent: Agent, facts: AnalysisFacts, hasCandidate: boolean): Omit<Cost, 'work'> {
  const noteTokens = facts.noteTokens ?? Math.min(300, facts.replyTokens);
  const uses = 'uses' in step ? step.uses.length : 0;
  const readsChange = step.do === 'revise' || (step.do === 'review' && hasCandidate) || (step.do === 'generate' && step.from === 'best');
  const prompt = facts.promptTokens + briefTokens(agent) + uses * noteTokens + (readsChange ? facts.replyTokens : 0);
  const reply = factsOf(step).writesNote ? noteTokens : facts.replyTokens;
  const speed = facts.tokensPerSecond[agent.tier];
  const priceOfTokens = facts.prices[agent.tier];
  const forTurns = (turns: number): { calls: number; tokens: number; usd: number; seconds: number } => {
    const read = turns * prompt + ((turns * (turns - 1)) / 2) * noteTokens;
    const written = reply + (turns - 1) * noteTokens;
    return {
      calls: turns,
      tokens: read + written,
      usd: (read * priceOfTokens.input + written * priceOfTokens.output) / 1e6,
      seconds: read / speed.read + written / speed.write,
    };
  };
  const least = forTurns(1);
  const most = forTurns(agent.tools.length === 0 ? 1 : Math.max(1, facts.turns ?? 1));
  const range = (key: keyof typeof least): Range => ({ least: least[key], most: most[key] });
  return { calls: range('calls'), tokens: range('tokens'), usd: range('usd'), seconds: range('seconds') };
}

/** About four characters a token; never less than one a word of the shortest brief. */
const briefTokens = (agent: Agent): number => Math.ceil(agent.instructions.length / 4);

function usedTiers(plan: Plan): Tier[] {
  return [...new Set(Object.values(plan.agents).map((agent) => agent.tier))];
}

/** Calls of agents, the turns of their tools not counted. */
function mostAgentCalls(plan: Plan, pricing: Pricing): number {
  return priceList(plan.steps, ['steps'], { ...pricing, facts: { ...pricing.facts, turns: 1 }, steps: new Map() }).calls.most;
}

// ---- complexity ---------------------------------------------------------------------------------------------------------------------

function complexityOf(plan: Plan, mostCalls: number): Complexity {
  const graph = planGraph(plan);
  const calls = new Map(graph.nodes.map((node) => [node.id, node.samples]));
  const nodes = [...calls.values()].reduce(sum, 0);
  const flows = (edge: GraphEdge): number => (edge.kind === 'order' ? 0 : (calls.get(edge.from) ?? 0) * (calls.get(edge.to) ?? 0));
  const edges = graph.edges.map(flows).reduce(sum, 0);
  const depth = layers(plan.steps);
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
function layers(steps: readonly Step[]): number {
  return steps.map(layersOf).reduce(sum, 0);
}

function layersOf(step: Step): number {
  if (step.do === 'group') return Math.max(...step.steps.map(layersOf));
  if (step.do === 'when') return Math.max(layers(step.steps), layers(step.else));
  if (step.do === 'repeat') return layers(step.steps);
  return factsOf(step).outputs.length === 0 ? 0 : 1;
}
