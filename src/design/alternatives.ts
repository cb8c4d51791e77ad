/** Other teams for the same request, for the user who reviews a plan: what could be taken in place of the proposed one. */
import type { Plan } from '../plan/index.ts';
import type { PlanOrigin } from '../trace/events.ts';
import { sameTeam, wasTried } from './fallback.ts';
import { difficultyOf, harder, kindOf } from './kind.ts';
import { soloSamples, soloTeam, teamFor } from './teams.ts';
import type { DesignInput } from './types.ts';

/**
 * The library's team for this kind of request, a solo coder, and the library's team for harder requests of this kind; without what is
 * proposed, what failed in this run and what the user sent back.
 */
export function alternativesTo(input: DesignInput, proposed: Plan): readonly { readonly origin: PlanOrigin; readonly plan: Plan }[] {
  const kind = kindOf(input.request, input.briefing);
  const difficulty = difficultyOf(input);
  const larger = harder(difficulty);
  const others: { origin: PlanOrigin; plan: Plan }[] = [{ origin: 'library', plan: teamFor(kind, difficulty) }];
  // A solo coder writes no tests and answers no questions.
  if (kind !== 'question' && kind !== 'tests-only') others.push({ origin: 'solo', plan: soloTeam(soloSamples, difficulty) });
  if (larger) others.push({ origin: 'library', plan: largerTeam(teamFor(kind, larger)) });
  return others.filter(({ plan }) => !sameTeam(plan, proposed) && !wasTried(input, plan));
}

function largerTeam(plan: Plan): Plan {
  return { ...plan, name: `${plan.name}-larger`, reason: `${plan.reason} The team for harder requests of this kind.` };
}
