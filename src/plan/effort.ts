/** Effort by difficulty: how many agents a request is worth. What one agent can do, a team only makes dearer. */
import { mostCallsOf } from './check-budget.ts';
import { nMax } from './price.ts';
import { type Problem, type Sentence, warningAt } from './problem.ts';
import { type Difficulty, difficulties, type Plan } from './schema.ts';

/** One for a simple request, two to four for one of several sides, ten and more for a complex one (Anthropic, How we built our multi-agent research system). */
const usualAgents: Readonly<Record<Difficulty, number>> = { easy: 1, medium: 4, hard: Number.POSITIVE_INFINITY };

/** `looks`: how hard the request looks by its briefing, whatever the plan calls itself. */
export function effortProblem({ agents }: Pick<Plan, 'agents'>, looks: Difficulty): Problem | undefined {
  const count = Object.keys(agents).length;
  if (count <= usualAgents[looks]) return undefined;
  const said: Sentence =
    looks === 'easy'
      ? ({ t }) => t('For a request like this one agent is usual; this team has {0}.', count)
      : ({ t }) => t('For a request like this two to four agents are usual; this team has {0}.', count);
  return warningAt('above-effort', ['difficulty'], said);
}

/** How hard a request has to look, `least` or more, for a plan of this many agents and calls to be usual. */
export function usualFrom(plan: Plan, least: Difficulty): Difficulty {
  const calls = mostCallsOf(plan);
  const from = difficulties.slice(difficulties.indexOf(least));
  return from.find((looks) => effortProblem(plan, looks) === undefined && calls <= nMax[looks]) ?? 'hard';
}
