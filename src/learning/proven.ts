/** Which team of earlier runs has proved better than the usual one, by its successes in the same situation, or in one like it. Pure. */

/** One use of a team. */
export interface TeamUse {
  /** Hash of the team. */
  readonly team: string;
  readonly workspace: string;
  /** Of the request. */
  readonly kind: string;
  readonly language: string;
  readonly model: string;
  readonly solved: boolean;
  readonly calls: number;
  readonly tokens: number;
  /** As how many runs it counts. Absent: one. */
  readonly counts?: number;
  /** Somebody else says so who works in this workspace. */
  readonly others?: true;
}

export type TeamSituation = Pick<TeamUse, 'workspace' | 'kind' | 'language' | 'model'>;

/** Successes as a Beta distribution, from one success and one failure that nobody saw. */
export interface Posterior {
  readonly runs: number;
  readonly solved: number;
  /** Of the runs, those that count by the word of others. */
  readonly others: number;
  /** Means over the runs. */
  readonly calls: number;
  readonly tokens: number;
  readonly mean: number;
  readonly deviation: number;
}

function posteriorOf(uses: readonly TeamUse[], weight: number): Posterior {
  const sum = (of: (use: TeamUse) => number): number => uses.reduce((all, use) => all + (use.counts ?? 1) * of(use), 0);
  const [runs, solved] = [sum(() => 1), sum((use) => Number(use.solved))];
  const [a, b] = [1 + weight * solved, 1 + weight * (runs - solved)];
  const meanOf = (of: (use: TeamUse) => number): number => (runs === 0 ? 0 : sum(of) / runs);
  return {
    ...{ runs, solved, others: sum((use) => Number(use.others === true)) },
    ...{ calls: meanOf(({ calls }) => calls), tokens: meanOf(({ tokens }) => tokens) },
    mean: a / (a + b),
    deviation: Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1))),
  };
}

/** `exact`: the same kind of request, language and model in this workspace. `near`: in any workspace; such a run counts half. */
export type Hit = 'exact' | 'near';
const weights: Readonly<Record<Hit, number>> = { exact: 1, near: 0.5 };

const isLike = (a: TeamSituation, b: TeamSituation): boolean => a.kind === b.kind && a.language === b.language && a.model === b.model;
const within: Readonly<Record<Hit, (use: TeamUse, situation: TeamSituation) => boolean>> = {
  exact: (use, situation) => isLike(use, situation) && use.workspace === situation.workspace,
  near: isLike,
};

/** Uses of a team before it is trusted. */
const enoughUses = 3;

/** Clearly: the means are further apart than one standard deviation. */
const isClearlyBetter = (one: Posterior, than: Posterior): boolean => one.mean - one.deviation > than.mean;

export interface BetterTeam {
  readonly team: string;
  readonly hit: Hit;
  readonly proved: Posterior;
  readonly usual: Posterior;
}

/** The team that is clearly better than the usual one, by exact hits before near ones; the most successful, then the cheaper one. Undefined: none is. */
export function betterThan(usual: string, uses: readonly TeamUse[], situation: TeamSituation): BetterTeam | undefined {
  for (const hit of ['exact', 'near'] as const) {
    const here = uses.filter((use) => within[hit](use, situation));
    const of = (team: string): Posterior =>
      posteriorOf(
        here.filter((use) => use.team === team),
        weights[hit],
      );
    const usually = of(usual);
    const [best] = [...new Set(here.map(({ team }) => team))]
      .filter((team) => team !== usual)
      .map((team) => ({ team, hit, proved: of(team), usual: usually }))
      .filter(({ proved }) => proved.runs >= enoughUses && isClearlyBetter(proved, usually))
      .toSorted((a, b) => b.proved.mean - a.proved.mean || a.proved.tokens - b.proved.tokens);
    if (best !== undefined) return best;
  }
  return undefined;
}

export interface KnownTeam extends Posterior, Omit<TeamSituation, 'workspace'> {
  readonly team: string;
  /** It does clearly worse than the team that is used most in this situation, and is no part of the library any more. */
  readonly dropped: boolean;
}

/** The library of a workspace: teams that solved something there, by the situation they did it in, the most used first. */
export function teamsIn(uses: readonly TeamUse[], workspace: string): readonly KnownTeam[] {
  const here = uses.filter((use) => use.workspace === workspace);
  const situations = new Map(here.map(({ kind, language, model }) => [JSON.stringify([kind, language, model]), { kind, language, model }]));
  return [...situations.values()].flatMap((situation) => {
    const like = here.filter((use) => isLike(use, { ...situation, workspace }));
    const teams = [...new Set(like.map(({ team }) => team))]
      .map((team) => ({
        team,
        ...situation,
        ...posteriorOf(
          like.filter((use) => use.team === team),
          weights.exact,
        ),
      }))
      .toSorted((a, b) => b.runs - a.runs);
    const usual = teams[0] as Posterior;
    return teams
      .filter(({ solved }) => solved > 0)
      .map((one) => ({ ...one, dropped: one !== usual && one.mean + one.deviation < usual.mean }));
  });
}
