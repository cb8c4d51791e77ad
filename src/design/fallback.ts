/** Which hand-made team comes next in a run: never one that failed already, as long as there is another. */
import { budgetSchema, type Plan, planHash } from '../plan/index.ts';
import { difficultyOf, harder, kindOf } from './kind.ts';
import { soloTeam, teamFor } from './teams.ts';
import type { DesignInput } from './types.ts';

export const manySamples = 8;
/** Added to every temperature when a team has another go. */
const warmth = 0.4;

/**
 * The library's team for this kind of request; then a solo coder with many samples; then the team for harder requests of this kind; then the
 * strong model; then more variety.
 */
export function nextTeam(input: DesignInput): Plan {
  const kind = kindOf(input.request, input.briefing);
  const difficulty = difficultyOf(input.request, input.briefing);
  const team = teamFor(kind, difficulty);
  // A solo coder may write no tests, so it is no help where tests are the work.
  const teams = kind === 'tests-only' ? [team] : [team, soloTeam(manySamples, difficulty)];
  const larger = harder(difficulty);
  if (larger) teams.push(teamFor(kind, larger));
  const all = [...teams, withStrongAgents(team), warmer(team), warmer(withStrongAgents(team))];
  return all.find((plan) => !wasTried(input, plan)) ?? team;
}

/** This team failed in this run, or the user sent it back. */
export function wasTried({ failures, sentBack = [] }: Pick<DesignInput, 'failures' | 'sentBack'>, plan: Plan): boolean {
  return [...failures, ...sentBack].some((tried) => sameTeam(tried.plan, plan));
}

/** True for plans that differ in words and budget only. */
export function sameTeam(a: Plan, b: Plan): boolean {
  return teamHash(a) === teamHash(b);
}

function teamHash(plan: Plan): string {
  return planHash({ ...plan, name: 'team', reason: '', budget: budgetSchema.parse({}) });
}

function withStrongAgents(plan: Plan): Plan {
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
