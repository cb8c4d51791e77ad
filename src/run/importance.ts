/**
 * How much each agent of a debate contributed (DyLAN, arXiv 2310.02170, section 3.2). In each round those who answer rate what they were shown; a rating
 * is a weight on the way from an answer to the one that was written with it in view. Importance starts with equal shares in the last round and flows
 * backwards along these weights. Pure.
 */

export interface Rating {
  /** Who rates, in this round. */
  readonly by: string;
  /** Whose answer of the round before. */
  readonly of: string;
  /** What `by` said of it, 1 (of no use) to 5 (right). */
  readonly peer?: number;
  /** What the tests say of it, 0 to 5: ⌈5 · share of the target tests that pass⌉. */
  readonly tests?: number;
}

export interface DebateRound {
  /** Who answered. */
  readonly agents: readonly string[];
  /** Of the answers of the round before; none in the first. */
  readonly ratings: readonly Rating[];
}

export const mostPoints = 5;

/** Tests know more than opinions; where both spoke, both count alike. Nobody spoke: the middle. */
export function pointsOf({ peer, tests }: Rating): number {
  const said = [peer, tests].filter((points) => points !== undefined);
  return said.length === 0 ? (1 + mostPoints) / 2 : said.reduce((sum, points) => sum + points, 0) / said.length;
}

/** Shares that sum to one; equal ones where nobody has any. */
function shares(points: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sum = [...points.values()].reduce((all, one) => all + one, 0);
  return new Map([...points].map(([name, one]) => [name, sum === 0 ? 1 / points.size : one / sum]));
}

/** What the answers of the round before are worth to those who rated them, summing to one: what decides who stays. */
export function standingOf(agents: readonly string[], ratings: readonly Rating[]): ReadonlyMap<string, number> {
  const points = agents.map((agent) => {
    const own = ratings.filter(({ of }) => of === agent).map(pointsOf);
    return [agent, own.length === 0 ? 0 : own.reduce((sum, one) => sum + one, 0) / own.length] as const;
  });
  return shares(new Map(points));
}

/** Round by round, each summing to one: I(a) = Σ_b w(a→b) · I(b), with 1/n for each of the n in the last round. Rounds in which nobody answered have none. */
export function importanceByRound(rounds: readonly DebateRound[]): readonly ReadonlyMap<string, number>[] {
  const answered = rounds.filter(({ agents }) => agents.length > 0);
  const found: ReadonlyMap<string, number>[] = [];
  for (const [back, { agents }] of answered.toReversed().entries()) {
    const [later] = found;
    const next = answered[answered.length - back];
    if (later === undefined || next === undefined) {
      found.unshift(new Map(agents.map((agent) => [agent, 1 / agents.length])));
      continue;
    }
    const here = new Map(agents.map((agent) => [agent, 0]));
    for (const [by, weight] of later) {
      const told = new Map(agents.map((of) => [of, pointsOf(next.ratings.find((one) => one.by === by && one.of === of) ?? { by, of })]));
      for (const [agent, share] of shares(told)) here.set(agent, (here.get(agent) ?? 0) + share * weight);
    }
    found.unshift(here);
  }
  return found;
}

export interface Importance {
  readonly agent: string;
  /** Over all rounds; those of all agents sum to one. */
  readonly share: number;
  /** The same without the last round, in which all have equal shares: what ratings alone say. Absent: nobody rated anything. */
  readonly rated?: number;
}

/** An agent's importance in the whole debate is the sum over its rounds, as a share of all. The most important first. */
export function importanceOf(rounds: readonly DebateRound[]): readonly Importance[] {
  const byRound = importanceByRound(rounds);
  const rated = byRound.length < 2 ? undefined : summed(byRound.slice(0, -1));
  return [...summed(byRound)]
    .map(([agent, share]) => ({ agent, share, ...(rated && { rated: rated.get(agent) ?? 0 }) }))
    .toSorted((a, b) => b.share - a.share);
}

function summed(rounds: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const round of rounds) for (const [agent, share] of round) all.set(agent, (all.get(agent) ?? 0) + share);
  return shares(all);
}

/** More than two thirds of those who answered agree: later rounds would hardly change it. */
export const isAgreed = (alike: number, answered: number): boolean => answered > 1 && 3 * alike > 2 * answered;
