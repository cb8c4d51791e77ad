/**
 * The cascade of MasRouter (arXiv 2502.11133): how agents work together, how many there are, the role of each one after another, and which models they get, each with its
 * probability. A variational encoder makes a point of a request; topologies are chosen by softmax(cos / 0.8), the number of agents is round(6·σ(w·z)), roles by
 * softmax(cos / 0.5) given the topology and the roles before, models by a multinomial. Pure.
 */
import { seededRandom } from '../random.ts';
import {
  describedModel,
  descriptionSize,
  expenses,
  type ModelDescription,
  modelSize,
  mostAgents,
  querySize,
  roles,
  type TopologyName,
  topologyList,
  turnsOf,
  wordsOf,
} from './describe.ts';

/** Of the space in which requests, topologies and roles meet. */
export const size = 8;

/** Each part of the weights: rows and columns of a matrix. */
const shapes = {
  mean: [size, querySize],
  meanBias: [size, 1],
  spread: [size, querySize],
  spreadBias: [size, 1],
  description: [size, descriptionSize],
  count: [1, size],
  countBias: [1, 1],
  roleByQuery: [size, size],
  roleByTopology: [size, size],
  roleByRoles: [size, size],
  roleBias: [size, 1],
  modelByQuery: [modelSize, size],
  modelByTopology: [modelSize, size],
  modelBias: [modelSize, 1],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;
export type Part = keyof typeof shapes;
export const parts = Object.keys(shapes) as readonly Part[];

/** Row by row. */
export type RouterWeights = Readonly<Record<Part, readonly number[]>>;
export type Gradient = Record<Part, Float64Array>;

export const noGradient = (): Gradient =>
  Object.fromEntries(parts.map((part) => [part, new Float64Array(shapes[part][0] * shapes[part][1])])) as Gradient;

/** Not trained: small numbers of a seed; nothing for what words say, and the abler model is liked better. */
export function untrained(seed: number): RouterWeights {
  const random = seededRandom(seed);
  const small = (part: Part): number[] => Array.from({ length: shapes[part][0] * shapes[part][1] }, () => (random() - 0.5) * 0.6);
  const none = (part: Part): number[] => Array.from({ length: shapes[part][0] * shapes[part][1] }, () => 0);
  const facts = querySize - descriptionSize;
  return {
    mean: small('mean').map((weight, at) => (at % querySize < facts ? weight : 0)),
    meanBias: none('meanBias'),
    spread: none('spread'),
    spreadBias: none('spreadBias').map(() => -1.5),
    description: small('description').map((weight) => weight * 4),
    count: small('count'),
    countBias: none('countBias'),
    roleByQuery: small('roleByQuery'),
    roleByTopology: small('roleByTopology'),
    roleByRoles: small('roleByRoles'),
    roleBias: small('roleBias'),
    modelByQuery: none('modelByQuery'),
    modelByTopology: none('modelByTopology'),
    modelBias: none('modelBias').map((_, at) => (at === modelSize - 1 ? 1 : 0)),
  };
}

type Numbers = ArrayLike<number>;

/** M·v */
export function times(weights: RouterWeights, part: Part, vector: Numbers): Float64Array {
  const [rows, columns] = shapes[part];
  const matrix = weights[part];
  const product = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let column = 0; column < columns; column += 1) sum += (matrix[row * columns + column] as number) * (vector[column] as number);
    product[row] = sum;
  }
  return product;
}

export function added(first: Numbers, ...others: readonly Numbers[]): Float64Array {
  const sum = new Float64Array(first);
  for (const other of others) for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] as number) + (other[at] as number);
  return sum;
}

export const norm = (vector: Numbers): number => {
  let sum = 1e-12;
  for (let at = 0; at < vector.length; at += 1) sum += (vector[at] as number) ** 2;
  return Math.sqrt(sum);
};

export function cosine(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number);
  return sum / (norm(a) * norm(b));
}

export function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - most));
  const all = odds.reduce((sum, value) => sum + value, 0);
  return odds.map((value) => value / all);
}

export const temperatures = { topology: 0.8, role: 0.5, model: 0.5 } as const;
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Of topologies and roles, whatever is asked. */
export function described(weights: RouterWeights) {
  const of = (texts: readonly { readonly text: string }[]) => texts.map(({ text }) => times(weights, 'description', wordsOf(text)));
  const [ofTopologies, ofRoles] = [of(topologyList), of(roles)];
  return {
    ofTopologies,
    ofRoles,
    topologyPulls: ofTopologies.map((vector) => times(weights, 'roleByTopology', vector)),
    rolePulls: ofRoles.map((vector) => times(weights, 'roleByRoles', vector)),
  };
}
export type Described = ReturnType<typeof described>;

/** The point that a request is looked at from; `queryPull` is its say in which role comes next. */
export const pointed = (weights: RouterWeights, z: Float64Array) => ({
  z,
  queryPull: added(times(weights, 'roleByQuery', z), weights.roleBias),
  wanted: mostAgents * sigmoid((times(weights, 'count', z)[0] as number) + (weights.countBias[0] as number)),
});
type Pointed = ReturnType<typeof pointed>;

export const topologyChances = ({ ofTopologies }: Described, { z }: Pick<Pointed, 'z'>): number[] =>
  softmax(ofTopologies.map((vector) => cosine(z, vector) / temperatures.topology));

/** What the next role is looked for by: `counts` says how many of each role there are already. */
export function roleQuery(
  { topologyPulls, rolePulls }: Described,
  { queryPull }: Pick<Pointed, 'queryPull'>,
  topology: number,
  counts: readonly number[],
): Float64Array {
  const query = added(queryPull, topologyPulls[topology] as Float64Array);
  for (const [role, pull] of rolePulls.entries())
    for (let at = 0; at < size; at += 1) query[at] = (query[at] as number) + (counts[role] as number) * (pull[at] as number);
  return query;
}

export const roleChances = ({ ofRoles }: Described, query: Float64Array): number[] =>
  softmax(ofRoles.map((vector) => cosine(query, vector) / temperatures.role));

export const modelQuery = (weights: RouterWeights, z: Float64Array, topology: Float64Array): Float64Array =>
  added(times(weights, 'modelByQuery', z), times(weights, 'modelByTopology', topology), weights.modelBias);

/** How much a step of thrift takes from the number of agents (log odds), and from a model by its expense. */
const thriftPull = { count: 0.15, model: 0.35 } as const;
const usualThrift = 1;

export interface Routed {
  readonly topology: TopologyName;
  readonly topologies: readonly { readonly name: TopologyName; readonly probability: number }[];
  readonly agents: number;
  /** In the order in which they were chosen, one for each agent. */
  readonly roles: readonly {
    readonly role: number;
    readonly options: readonly { readonly name: string; readonly probability: number }[];
  }[];
  /** From cheap to dear: its share, and how many of the agents it is given. */
  readonly models: readonly { readonly name: string; readonly probability: number; readonly agents: number }[];
  /** Of this division among the models, of all that there are. */
  readonly division: number;
  /** What is done one after the other, as long as tests fail. */
  readonly turns: readonly { readonly role: number; readonly model: string }[];
}

const best = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/**
 * The likeliest of each part of the cascade. Thrift takes agents away from the end, and dear models from the end of those that remain, so that more of it never spends more:
 * with more thrift every turn that remains is the same work by a model that is no dearer. Dear models come last, where cheap ones have failed.
 */
export function route(weights: RouterWeights, query: readonly number[], models: readonly ModelDescription[], thrift = usualThrift): Routed {
  const known = described(weights);
  const point = pointed(weights, added(times(weights, 'mean', query), weights.meanBias));
  const chances = topologyChances(known, point);
  const topology = best(chances);
  const { name } = topologyList[topology] as { name: TopologyName };

  const chosen: { role: number; options: { name: string; probability: number }[] }[] = [];
  const counts = roles.map(() => 0);
  for (let agent = 0; agent < mostAgents; agent += 1) {
    const probabilities = roleChances(known, roleQuery(known, point, topology, counts));
    // A role that works alone has no other beside it.
    const role = name === 'single' && chosen[0] ? chosen[0].role : best(probabilities);
    counts[role] = (counts[role] as number) + 1;
    chosen.push({ role, options: roles.map((each, at) => ({ name: each.name, probability: probabilities[at] as number })) });
  }
  const logOdds = Math.log(point.wanted / (mostAgents - point.wanted));
  const agentsAt = (thrifty: number): number => clamped(mostAgents * sigmoid(logOdds - thriftPull.count * (thrifty - usualThrift)));
  const agents = agentsAt(thrift);

  const costs = expenses(models);
  const ordered = models.map((model, at) => ({ model, cost: costs[at] as number })).toSorted((a, b) => a.cost - b.cost);
  const asked = modelQuery(weights, point.z, known.ofTopologies[topology] as Float64Array);
  const shares = softmax(
    ordered.map(({ model, cost }) => cosine(asked, describedModel(model)) / temperatures.model - thriftPull.model * thrift * cost),
  );
  // Ends of the parts that the models get of the agents there would be at most; the order of models holds whatever the thrift, so an end only moves on with it.
  const ends = shares.map((_, at) => Math.round(agentsAt(0) * shares.slice(0, at + 1).reduce((sum, share) => sum + share, 0)));
  const own = chosen.slice(0, agents);
  const given = own.map((_, at) => ends.findIndex((end, model) => at < end || model === ends.length - 1));
  const divided = ordered.map((_, at) => given.filter((model) => model === at).length);
  const turns = turnsOf(
    name,
    own.map((_, at) => at),
  ).map((at) => ({
    role: (own[at] as (typeof own)[number]).role,
    model: (ordered[given[at] as number] as (typeof ordered)[number]).model.name,
  }));
  return {
    topology: name,
    topologies: topologyList.map((each, at) => ({ name: each.name, probability: chances[at] as number })),
    agents: own.length,
    roles: name === 'single' ? own.slice(0, 1) : own,
    models: ordered.map(({ model }, at) => ({ name: model.name, probability: shares[at] as number, agents: divided[at] as number })),
    division: Math.exp(logMultinomial(divided, shares)),
    turns,
  };

  function clamped(value: number): number {
    return Math.min(mostAgents, Math.max(1, Math.round(value)));
  }
}

/** lgamma(k+1) − Σ lgamma(n_i+1) + Σ n_i·log p_i */
function logMultinomial(counts: readonly number[], shares: readonly number[]): number {
  const logFactorial = (count: number): number =>
    Array.from({ length: count }, (_, at) => Math.log(at + 1)).reduce((sum, log) => sum + log, 0);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (sum, count, at) => sum - logFactorial(count) + (count === 0 ? 0 : count * Math.log(shares[at] as number)),
    logFactorial(all),
  );
}
