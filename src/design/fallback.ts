/** Which hand-made team comes next in a run: never one that failed already, as long as there is another. */
import type { Expectation } from '../plan/estimate.ts';
import { budgetSchema, type Plan, planHash } from '../plan/index.ts';
import { difficultyOf, harder, kindOf } from './kind.ts';
import { mendsOnePlace, morePlaces } from './one-place.ts';
import { soloTeam, teamFor } from './teams.ts';
import type { DesignInput } from './types.ts';

export const manySamples = 8;
/** Added to every temperature when a team has another go. */
const warmth = 0.4;

/**
 * The library's team for this kind of request; for a mistake of one place more places, which cost least; then a solo coder with many samples; then the team for harder requests of this kind; then the
 * strong model; then more variety. A team that what is left of the budget cannot pay for waits for those it can: often one more sample.
 */
export function nextTeam(input: DesignInput): Plan {
  const kind = kindOf(input.request, input.briefing);
  const difficulty = difficultyOf(input);
  const team = usualTeam(input);
  // A solo coder may write no tests, so it is no help where tests are the work.
  const places = mendsOnePlace(kind, input, 'worker') ? [morePlaces(difficulty)] : [];
  const teams = kind === 'tests-only' ? [team] : [team, ...places, soloTeam(manySamples, difficulty)];
  const larger = harder(difficulty);
  if (larger) teams.push(teamFor(kind, larger));
  const all = [...teams, withStrongAgents(team), warmer(team), warmer(withStrongAgents(team))];
  const untried = all.filter((plan) => !wasTried(input, plan));
  return untried.find((plan) => mayPayFor(input, plan)) ?? untried[0] ?? team;
}

/** The first plan of a run is no question of what is left: its limits are the user's, and the check of the plan tells when they are too low. */
export const mayPayFor = ({ failures, fits = () => true }: Pick<DesignInput, 'failures' | 'fits'>, plan: Plan): boolean =>
  failures.length === 0 || fits(plan);

/** The team the library has for this kind of request, whatever was tried. */
export function usualTeam(input: Pick<DesignInput, 'request' | 'briefing' | 'harder'>): Plan {
  return teamFor(kindOf(input.request, input.briefing), difficultyOf(input));
}

/** This team failed in this run, or the user sent it back. */
export function wasTried({ failures, sentBack = [] }: Pick<DesignInput, 'failures' | 'sentBack'>, plan: Plan): boolean {
  return [...failures, ...sentBack].some((tried) => sameTeam(tried.plan, plan));
}

/** True for plans that differ in words and budget only. */
export function sameTeam(a: Plan, b: Plan): boolean {
  return teamHash(a) === teamHash(b);
}

/** Of teams that follow what is known of each request, and so differ from one to the next: they are known as one way to work. */
const scheduled = 'as ';

/** What a team is known by, whatever it was called and however hard the request looked. */
export const teamIdOf = ({ plan, expectation }: { readonly plan: Plan; readonly expectation?: Expectation }): string =>
  expectation === undefined ? teamHash({ ...plan, difficulty: 'easy' }) : `${scheduled}${plan.name}`;
export const isScheduled = (id: string): boolean => id.startsWith(scheduled);

function teamHash(plan: Plan): string {
  return planHash({ ...plan, name: 'team', reason: '', budget: budgetSchema.parse({}) });
}

export function withStrongAgents(plan: Plan): Plan {
  return withAgents(plan, 'strong', 'With the strong model in every role.', (agent) => ({ ...agent, tier: 'strong' }));
}

function warmer(plan: Plan): Plan {
  return withAgents(plan, 'warmer', 'Once more, with more variety.', (agent) => ({
    ...agent,
    temperature: Math.min(1, Number((agent.temperature + warmth).toFixed(2))),
  }));
}

function withAgents(plan: Plan, word: string, reason: string, change: (agent: Plan['agents'][string]) => Plan['agents'][string]): Plan {
  return {
    ...plan,
    name: `${plan.name}-${word}`,
    reason: `${plan.reason} ${reason}`,
    agents: Object.fromEntries(Object.entries(plan.agents).map(([name, agent]) => [name, change(agent)])),
  };
}
