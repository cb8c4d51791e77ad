/** What the router knows of requests, topologies, roles and models, as numbers: facts, and words hashed into a few places, without a network. Pure. */
import { seedOf } from '../random.ts';
import { featureNames, featuresOf, type Situation } from '../situation.ts';

/** Places that words fall into. */
const wordPlaces = 16;

/** Each word adds or takes away in a place of its own; of length 1 or, without words, 0 (Weinberger et al. 2009). */
export function wordsOf(text: string): number[] {
  const places = Array.from({ length: wordPlaces }, () => 0);
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const hash = seedOf(word);
    places[hash % wordPlaces] = (places[hash % wordPlaces] as number) + (hash & 0x1_0000 ? 1 : -1);
  }
  const length = Math.hypot(...places);
  return length === 0 ? places : places.map((value) => value / length);
}

/** A request: the facts of the briefing that a schedule weighs as well, and its words. */
export const queryOf = (situation: Situation, text = ''): number[] => [...featuresOf(situation), ...wordsOf(text)];
export const querySize = featureNames.length + wordPlaces;
export const descriptionSize = wordPlaces;

/** Work that one agent does. */
export interface Role {
  readonly name: string;
  readonly text: string;
  /** What recorded outcomes know it by, and how often one agent tries it. */
  readonly operator: string;
  readonly tries: number;
}

/** Only such roles as the outcome bank knows: nothing can be learned of others. */
export const roles: readonly Role[] = [
  { name: 'mender', text: 'a model fills suspicious places of the code anew one at a time', operator: 'place', tries: 4 },
  { name: 'tinkerer', text: 'small changes of operators and constants are tried without a model', operator: 'changes', tries: 2 },
  { name: 'coder', text: 'a model writes whole files from the request', operator: 'draft', tries: 1 },
];

/** How agents work with each other. */
export interface Topology {
  readonly name: string;
  readonly text: string;
}

const rounds = 3;
const topologies = {
  single: 'one role alone tries again until the tests pass',
  chain: 'agents of several roles one after another each only while tests fail',
  rounds: 'the whole chain of agents again and again while tests fail',
} as const;
export type TopologyName = keyof typeof topologies;
export const topologyList: readonly (Topology & { readonly name: TopologyName })[] = (Object.keys(topologies) as TopologyName[]).map(
  (name) => ({
    name,
    text: topologies[name],
  }),
);

/** Agents at most. */
export const mostAgents = 6;

/** The roles as they come one after another, by their place in `roles`; in `single` there is only the first, for as many agents. */
export function turnsOf(topology: TopologyName, chosen: readonly number[]): readonly number[] {
  if (topology === 'single') return chosen.map(() => chosen[0] as number);
  return topology === 'chain' ? chosen : Array.from({ length: rounds }, () => chosen).flat();
}

export interface ModelDescription {
  readonly name: string;
  /** Any words: what it is for, what it can do. */
  readonly text: string;
  /** USD for a million tokens, in and out together; undefined: not known. */
  readonly price?: number;
}

/** Of its name: `…-1.5b` has 1.5; where it says nothing, a middling one. */
export function billionsOf({ name, text }: Pick<ModelDescription, 'name' | 'text'>): number {
  const found = /\b(\d{1,4}(?:\.\d{1,3})?)[ ]?b\b/i.exec(`${name} ${text}`)?.[1];
  return found === undefined ? 8 : Number(found);
}

/** Words, and how able a model of its size usually is. */
export const describedModel = (model: ModelDescription): number[] => [
  ...wordsOf(`${model.name} ${model.text}`),
  Math.log2(1 + billionsOf(model)) / 4,
];
export const modelSize = wordPlaces + 1;

/** What orders models from cheap to dear: prices where they are known and differ, else sizes, because a larger one takes longer. */
export function expenses(models: readonly ModelDescription[]): readonly number[] {
  const prices = models.map(({ price }) => price);
  const arePrices = prices.every((price) => price !== undefined) && new Set(prices).size > 1;
  return models.map((model) => Math.log1p(arePrices ? (model.price as number) : billionsOf(model)));
}
