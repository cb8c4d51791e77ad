/**
 * Teaches the router by recorded outcomes. What every choice would have earned is known of most: there the gradient is exact, ∇ Σ_a π(a)·U(a) over all that might be chosen, in
 * place of MasRouter's draws of it. Of what is not known a policy gradient is taken over what is, with the mean of that as its baseline: what is unknown neither draws nor
 * repels. Less 0.001 of the distance of the encoder from a standard normal distribution, as there. Pure: the same examples and seed give the same weights.
 */
import { normal, seededRandom } from '../random.ts';
import { describedModel, type ModelDescription, mostAgents, roles, topologyList, wordsOf } from './describe.ts';
import {
  added,
  cosine,
  described,
  type Gradient,
  modelQuery,
  noGradient,
  norm,
  type Part,
  parts,
  pointed,
  type RouterWeights,
  roleChances,
  roleQuery,
  size,
  softmax,
  temperatures,
  times,
  topologyChances,
  untrained,
} from './policy.ts';

/** Lists of roles and what came of them, each after the one that it goes on from. */
export interface Outcomes {
  /** The list without its last role, by its place here; −1: the empty list. */
  readonly from: readonly number[];
  /** The last role. */
  readonly role: readonly number[];
  readonly agents: readonly number[];
  /** Reward; NaN: it was not recorded. */
  readonly reward: readonly number[];
  /** A longer list comes to the same. */
  readonly isOver: readonly boolean[];
}

export interface RouterExample {
  /** `queryOf` */
  readonly query: readonly number[];
  /** By topology, in the order of `topologyList`. */
  readonly outcomes: readonly Outcomes[];
  /** What whole runs by one model came to, where several were recorded. */
  readonly models?: readonly { readonly model: ModelDescription; readonly reward: number; readonly agents: number }[];
}

const distance = 0.001;
/** Lists that go on from one that is less likely are left out: they would change nothing. */
const rare = 1e-4;
/** How far the number of agents is from a whole number while it is learned: rounding has no gradient. */
const countSpread = 0.6;

/** Of what is maximised: the rewards that are known, their probability, and the gradient; all added to what is there. */
interface Sums {
  readonly reward: number;
  readonly known: number;
}

/** Where a role is chosen: after so many of each. */
interface RoleState {
  readonly asked: Float64Array;
  readonly chances: readonly number[];
  readonly topology: number;
  readonly counts: readonly number[];
  readonly sums: readonly [Float64Array, Float64Array];
}

const zeros = (count: number): Float64Array => new Float64Array(count);

/** `noise`: standard normal numbers, where the encoder's point lies around its mean. Adds its gradient to `gradient`; gives the expected reward of what is known. */
export function addGradient(weights: RouterWeights, example: RouterExample, noise: readonly number[], gradient: Gradient): Sums {
  const { query } = example;
  const mean = added(times(weights, 'mean', query), weights.meanBias);
  const spread = added(times(weights, 'spread', query), weights.spreadBias);
  const z = Float64Array.from(mean, (value, at) => value + Math.exp(spread[at] as number) * (noise[at] as number));
  const known = described(weights);
  const point = pointed(weights, z);
  const chances = topologyChances(known, point);
  const countChances = softmax(Array.from({ length: mostAgents }, (_, at) => -((at + 1 - point.wanted) ** 2) / (2 * countSpread ** 2)));

  // Of the reward and of the probability of what is known: how much each choice weighs in them.
  const byRole = new Map<number, RoleState>();
  const byCount = [zeros(mostAgents), zeros(mostAgents)] as const;
  const byTopology = [zeros(topologyList.length), zeros(topologyList.length)] as const;
  let [reward, mass] = [0, 0];
  for (const [topology, outcomes] of example.outcomes.entries()) walk(outcomes, topology);
  if (mass === 0) return { reward: 0, known: 0 };
  const baseline = reward / mass;
  const weighed = ([rewards, masses]: readonly [Float64Array, Float64Array]): number[] =>
    Array.from(rewards, (value, index) => value - baseline * (masses[index] as number));

  // Backwards, from the choices to the weights.
  const ofZ = zeros(size);
  const ofTopologies = topologyList.map(() => zeros(size));
  const ofRoles = roles.map(() => zeros(size));
  const ofTopologyPulls = topologyList.map(() => zeros(size));
  const ofRolePulls = roles.map(() => zeros(size));
  const ofQueryPull = zeros(size);
  for (const [topology, by] of throughSoftmax(chances, weighed(byTopology)).entries())
    throughCosine(z, known.ofTopologies[topology] as Float64Array, by / temperatures.topology, ofZ, ofTopologies[topology] as Float64Array);
  for (const { asked, chances: own, topology, counts, sums } of byRole.values()) {
    const ofQuery = zeros(size);
    for (const [role, by] of throughSoftmax(own, weighed(sums)).entries())
      throughCosine(asked, known.ofRoles[role] as Float64Array, by / temperatures.role, ofQuery, ofRoles[role] as Float64Array);
    addTo(ofQueryPull, ofQuery);
    addTo(ofTopologyPulls[topology] as Float64Array, ofQuery);
    for (const [role, count] of counts.entries()) if (count > 0) addTo(ofRolePulls[role] as Float64Array, ofQuery, count);
  }
  const ofWanted = throughSoftmax(countChances, weighed(byCount)).reduce(
    (sum, by, index) => sum + (by * (index + 1 - point.wanted)) / countSpread ** 2,
    0,
  );
  const ofCount = ofWanted * point.wanted * (1 - point.wanted / mostAgents);
  linear('count', z, [ofCount], ofZ);
  addTo(gradient.countBias, [ofCount]);
  linear('roleByQuery', z, ofQueryPull, ofZ);
  addTo(gradient.roleBias, ofQueryPull);
  for (const [index, pull] of ofTopologyPulls.entries())
    linear('roleByTopology', known.ofTopologies[index] as Float64Array, pull, ofTopologies[index]);
  for (const [index, pull] of ofRolePulls.entries()) linear('roleByRoles', known.ofRoles[index] as Float64Array, pull, ofRoles[index]);
  for (const [index, { text }] of topologyList.entries()) linear('description', wordsOf(text), ofTopologies[index] as Float64Array);
  for (const [index, { text }] of roles.entries()) linear('description', wordsOf(text), ofRoles[index] as Float64Array);
  addModels();

  const ofMean = Float64Array.from(ofZ, (by, index) => by - distance * (mean[index] as number));
  const ofSpread = Float64Array.from(ofZ, (by, index) => {
    const deviation = Math.exp(spread[index] as number);
    return by * deviation * (noise[index] as number) - distance * (deviation ** 2 - 1);
  });
  linear('mean', query, ofMean);
  addTo(gradient.meanBias, ofMean);
  linear('spread', query, ofSpread);
  addTo(gradient.spreadBias, ofSpread);
  return { reward, known: mass };

  /** Forwards how likely each list is, backwards what it is worth to go on from it. */
  function walk({ from, role, agents, reward: rewards, isOver }: Outcomes, topology: number): void {
    const share = chances[topology] as number;
    const isSingle = topologyList[topology]?.name === 'single';
    const count = from.length;
    const start = stateFor(
      topology,
      roles.map(() => 0),
    );
    const states: (RoleState | undefined)[] = new Array(count);
    const reach = zeros(count);
    const step = zeros(count);
    for (let at = 0; at < count; at += 1) {
      const before = from[at] as number;
      const state = before === -1 ? start : states[before];
      step[at] = before !== -1 && isSingle ? 1 : (state?.chances[role[at] as number] ?? 0);
      reach[at] = (before === -1 ? 1 : (reach[before] as number)) * (step[at] as number);
      if (isSingle || isOver[at] || agents[at] === mostAgents || state === undefined || (reach[at] as number) < rare) continue;
      states[at] = stateFor(
        topology,
        state.counts.map((own, other) => (other === role[at] ? own + 1 : own)),
      );
    }
    const worth = [zeros(count), zeros(count)] as const;
    for (let at = count - 1; at >= 0; at -= 1) {
      const own = rewards[at] as number;
      const before = from[at] as number;
      const state = before === -1 ? start : isSingle ? undefined : states[before];
      const last = isOver[at] ? mostAgents : (agents[at] as number);
      for (const which of [0, 1] as const) {
        const value = Number.isNaN(own) ? 0 : which === 0 ? own : 1;
        for (let ends = agents[at] as number; ends <= last && value !== 0; ends += 1) {
          worth[which][at] = (worth[which][at] as number) + (countChances[ends - 1] as number) * value;
          byCount[which][ends - 1] = (byCount[which][ends - 1] as number) + share * (reach[at] as number) * value;
        }
        const later = worth[which][at] as number;
        const reached = before === -1 ? 1 : (reach[before] as number);
        if (state) state.sums[which][role[at] as number] = (state.sums[which][role[at] as number] as number) + share * reached * later;
        if (before === -1) byTopology[which][topology] = (byTopology[which][topology] as number) + (step[at] as number) * later;
        else worth[which][before] = (worth[which][before] as number) + (step[at] as number) * later;
      }
    }
    reward += share * (byTopology[0][topology] as number);
    mass += share * (byTopology[1][topology] as number);
  }

  function stateFor(topology: number, counts: readonly number[]): RoleState {
    const key = counts.reduce((sum, own) => sum * (mostAgents + 1) + own, topology);
    const found = byRole.get(key);
    if (found) return found;
    const asked = roleQuery(known, point, topology, counts);
    const made = { asked, chances: roleChances(known, asked), topology, counts, sums: [zeros(roles.length), zeros(roles.length)] as const };
    byRole.set(key, made);
    return made;
  }

  /** Of M·v: what moves M, and what moves v. */
  function linear(part: Part, vector: ArrayLike<number>, by: ArrayLike<number>, ofVector?: Float64Array): void {
    const columns = vector.length;
    for (let row = 0; row < by.length; row += 1) {
      const pull = by[row] as number;
      if (pull === 0) continue;
      for (let column = 0; column < columns; column += 1) {
        const place = row * columns + column;
        gradient[part][place] = (gradient[part][place] as number) + pull * (vector[column] as number);
        if (ofVector) ofVector[column] = (ofVector[column] as number) + pull * (weights[part][place] as number);
      }
    }
  }

  /** Only whole runs by one model are known: all agents by that one, p^k. What lies between was not recorded. */
  function addModels(): void {
    const { models = [] } = example;
    if (models.length < 2) return;
    const topology = chances.indexOf(Math.max(...chances));
    const vector = known.ofTopologies[topology] as Float64Array;
    const asked = modelQuery(weights, z, vector);
    const vectors = models.map(({ model }) => Float64Array.from(describedModel(model)));
    const shares = softmax(vectors.map((other) => cosine(asked, other) / temperatures.model));
    const all = models.map(({ agents }, index) => (shares[index] as number) ** agents);
    const whole = all.reduce((sum, value) => sum + value, 0);
    const base = models.reduce((sum, { reward: earned }, index) => sum + ((all[index] as number) / whole) * earned, 0);
    const byShare = models.map(
      ({ reward: earned, agents }, index) => ((all[index] as number) * agents * (earned - base)) / (shares[index] as number),
    );
    const ofAsked = zeros(asked.length);
    for (const [index, by] of throughSoftmax(shares, byShare).entries())
      throughCosine(asked, vectors[index] as Float64Array, by / temperatures.model, ofAsked);
    linear('modelByQuery', z, ofAsked);
    linear('modelByTopology', vector, ofAsked);
    addTo(gradient.modelBias, ofAsked);
  }
}

function addTo(sum: Float64Array, some: ArrayLike<number>, weight = 1): void {
  for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] as number) + weight * (some[at] as number);
}

const throughSoftmax = (chances: readonly number[], by: readonly number[]): number[] => {
  const mean = chances.reduce((sum, chance, at) => sum + chance * (by[at] as number), 0);
  return chances.map((chance, at) => chance * ((by[at] as number) - mean));
};

function throughCosine(a: Float64Array, b: Float64Array, by: number, ofA: Float64Array, ofB?: Float64Array): void {
  const similar = cosine(a, b);
  const [lengthA, lengthB] = [norm(a), norm(b)];
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at] as number, b[at] as number];
    ofA[at] = (ofA[at] as number) + by * (y / (lengthA * lengthB) - (similar * x) / lengthA ** 2);
    if (ofB) ofB[at] = (ofB[at] as number) + by * (x / (lengthA * lengthB) - (similar * y) / lengthB ** 2);
  }
}

export interface TrainingTerms {
  readonly seed: number;
  readonly epochs?: number;
}

/** Of what is learned, drawn back to nothing in each epoch. */
const decay = 0.002;
const rate = 0.03;

/** Adam (Kingma & Ba 2015) over all examples at once. */
export function trained(examples: readonly RouterExample[], { seed, epochs = 60 }: TrainingTerms): RouterWeights {
  const random = seededRandom(seed);
  const weights = Object.fromEntries(parts.map((part) => [part, Float64Array.from(untrained(seed)[part])])) as Gradient;
  if (examples.length === 0) return plain(weights);
  const [first, second] = [noGradient(), noGradient()];
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    const gradient = noGradient();
    for (const example of examples)
      addGradient(
        weights as unknown as RouterWeights,
        example,
        Array.from({ length: size }, () => normal(random)),
        gradient,
      );
    for (const part of parts) {
      const [own, momentum, scale, values] = [gradient[part], first[part], second[part], weights[part]];
      for (let at = 0; at < own.length; at += 1) {
        const step = (own[at] as number) / examples.length;
        momentum[at] = 0.9 * (momentum[at] as number) + 0.1 * step;
        scale[at] = 0.999 * (scale[at] as number) + 0.001 * step ** 2;
        // What no example speaks of stays as it is.
        if ((scale[at] as number) === 0) continue;
        const towards = (momentum[at] as number) / (1 - 0.9 ** epoch) / (Math.sqrt((scale[at] as number) / (1 - 0.999 ** epoch)) + 1e-8);
        values[at] = (values[at] as number) * (1 - decay * rate) + rate * towards;
      }
    }
  }
  return plain(weights);
}

const plain = (weights: Gradient): RouterWeights =>
  Object.fromEntries(parts.map((part) => [part, Array.from(weights[part])])) as unknown as RouterWeights;
