/**
 * What a step costs, from its least to its most, and how costs add up. Pure. Every step has a price from its least (all goes well: the first
 * sample passes, no repeat is needed, the cheaper branch is taken) to its most (every sample is made, every repeat runs out, the dearer branch
 * is taken).
 */
import type { Price, Tier } from '../models/types.ts';
import type { Agent } from './agent.ts';

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
  /** Places of a repair that count as one call where work is compared, not spent; each is a call of its own where nothing is said. */
  readonly placesInCall?: number;
  readonly tokensPerSecond: Readonly<Record<Tier, { readonly read: number; readonly write: number }>>;
  readonly prices: Readonly<Record<Tier, Price>>;
  /** One run of the workspace's tests; a type check or lint is taken to last as long. */
  readonly testSeconds: number;
  /** Of a long suite `testSeconds` is what the failing tests take, and this the whole, which runs before the hand-over: once, or again when it fails. */
  readonly wholeSuiteSeconds?: number;
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

const none: Range = { least: 0, most: 0 };
export const nothing: Cost = { calls: none, tokens: none, usd: none, seconds: none, work: none };

const overRange = (a: Range, b: Range, by: (a: number, b: number) => number): Range => ({
  least: by(a.least, b.least),
  most: by(a.most, b.most),
});
const product = (a: number, b: number): number => a * b;

const mapCost = (cost: Cost, change: (range: Range, part: keyof Cost) => Range): Cost => ({
  calls: change(cost.calls, 'calls'),
  tokens: change(cost.tokens, 'tokens'),
  usd: change(cost.usd, 'usd'),
  seconds: change(cost.seconds, 'seconds'),
  work: change(cost.work, 'work'),
});

/** One after the other. */
export const inTurn = (costs: readonly Cost[]): Cost =>
  costs.reduce((a, b) => mapCost(a, (range, part) => overRange(range, b[part], (x, y) => x + y)), nothing);

/**
 * Sharing `parallel` places. Brent's bound (R. P. Brent, J. ACM 21, 1974): the longest of them, or all their work divided by the places,
 * whichever is more; exact when one place does everything, and when there is a place for each.
 */
export function sideBySide(costs: readonly Cost[], parallel: number): Cost {
  const total = inTurn(costs);
  const longest = costs.map((cost) => cost.seconds).reduce((a, b) => overRange(a, b, Math.max), none);
  const shared = { least: total.work.least / parallel, most: total.work.most / parallel };
  return { ...total, seconds: overRange(longest, shared, Math.max) };
}

export const either = (a: Cost, b: Cost): Cost =>
  mapCost(a, (range, part) => ({ least: Math.min(range.least, b[part].least), most: Math.max(range.most, b[part].most) }));

export const times = (cost: Cost, count: Range): Cost => mapCost(cost, (range) => overRange(count, range, product));

/** Tests and commands under way at once at most: a machine bears fewer of them than a server bears calls. */
export const mostPrograms = 64;

/** `count` runs of a program, `parallel` at a time. */
export function runs(count: Range, seconds: number, parallel: number): Cost {
  const scaled = (turns: (count: number) => number): Range => ({ least: turns(count.least) * seconds, most: turns(count.most) * seconds });
  const atOnce = Math.min(parallel, mostPrograms);
  return { ...nothing, seconds: scaled((each) => Math.ceil(each / atOnce)), work: scaled((each) => each) };
}

/** What a step asks of its agent. */
export interface Asked {
  readonly samples: number;
  /** Every sample is tested as it arrives, and the first that passes is the last. */
  readonly stopsAtPass: boolean;
  /** How many notes it reads. */
  readonly notes: number;
  /** Whether it reads a change that was made before. */
  readonly readsChange: boolean;
  /** What it answers with. */
  readonly reply: 'change' | 'part' | 'note' | 'place';
}

/** The calls of an agent, and the test runs between them where the step stops at the first sample that passes. */
export function agentCalls(agent: Agent, asked: Asked, facts: AnalysisFacts): Cost {
  const { samples, stopsAtPass } = asked;
  const made = { least: stopsAtPass ? 1 : samples, most: samples };
  const one = oneSample(agent, asked, facts);
  const test = stopsAtPass ? facts.testSeconds : 0;
  const waves = overRange(made, made, (count) => Math.ceil(count / facts.parallel));
  const busy = { least: one.seconds.least + test, most: one.seconds.most + test };
  return { ...times({ ...one, work: busy }, made), seconds: overRange(waves, busy, product) };
}

/** One sample: one call, or several turns where the agent has tools and the model can use them; every turn reads what was said before. */
function oneSample(agent: Agent, { notes, readsChange, reply }: Asked, facts: AnalysisFacts): Omit<Cost, 'work'> {
  const noteTokens = facts.noteTokens ?? Math.min(300, facts.replyTokens);
  const prompt = facts.promptTokens + briefTokens(agent) + notes * noteTokens + (readsChange ? facts.replyTokens : 0);
  const whole: Range = { least: facts.replyTokens, most: facts.replyTokens };
  const written: Readonly<Record<Asked['reply'], Range>> = {
    change: whole,
    // Where it is not clear which function is meant, whole files are asked for.
    part: { ...whole, least: Math.min(partTokens, facts.replyTokens) },
    note: { least: noteTokens, most: noteTokens },
    place: { least: Math.min(placeTokens, facts.replyTokens), most: Math.min(placeTokens, facts.replyTokens) },
  };
  const speed = facts.tokensPerSecond[agent.tier];
  const priceOfTokens = facts.prices[agent.tier];
  const forTurns = (turns: number, replyTokens: number): { calls: number; tokens: number; usd: number; seconds: number } => {
    const read = turns * prompt + ((turns * (turns - 1)) / 2) * noteTokens;
    const writes = replyTokens + (turns - 1) * noteTokens;
    return {
      calls: reply === 'place' ? turns / (facts.placesInCall ?? 1) : turns,
      tokens: read + writes,
      usd: (read * priceOfTokens.input + writes * priceOfTokens.output) / 1e6,
      seconds: read / speed.read + writes / speed.write,
    };
  };
  const least = forTurns(1, written[reply].least);
  const most = forTurns(agent.tools.length === 0 ? 1 : Math.max(1, facts.turns ?? 1), written[reply].most);
  const range = (key: keyof typeof least): Range => ({ least: least[key], most: most[key] });
  return { calls: range('calls'), tokens: range('tokens'), usd: range('usd'), seconds: range('seconds') };
}

/** Another text for one place is a line or two. */
const placeTokens = 40;
/** A function of some thirty lines. */
const partTokens = 250;

/** About four characters a token; never less than one a word of the shortest brief. */
const briefTokens = (agent: Agent): number => Math.ceil(agent.instructions.length / 4);
