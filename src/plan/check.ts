/** Judges the sense of a plan whose shape is right. Errors keep it from running; warnings are shown with it. */

import { agentProblems } from './check-agents.ts';
import { budgetProblems } from './check-budget.ts';
import { flowProblems } from './check-flow.ts';
import { referenceProblems } from './check-references.ts';
import { secrecyProblems } from './check-secrecy.ts';
import { effortProblem } from './effort.ts';
import type { Estimate } from './estimate.ts';
import type { Place } from './place.ts';
import { locateSteps } from './places.ts';
import { errorAt, type Problem } from './problem.ts';
import { type Difficulty, deepestNesting, mostSteps, type Plan } from './schema.ts';

export interface CheckOptions {
  /** The request's text; a plan must not contain it. */
  readonly request?: string;
  /** How hard the request looks by its briefing, after what was tried, and by the team that the library has for it. Absent: nobody knows, and the number of agents is not held against it. */
  readonly looks?: Difficulty;
  /** The analyser's estimate with this machine's facts. Without it only the least that any model needs is held against the budget. */
  readonly estimate?: Estimate;
}

/** Every problem, in the order of the plan; empty for a plan without fault. Pure. Takes what `planSchema` gives. */
export function checkPlan(plan: Plan, options: CheckOptions = {}): Problem[] {
  const tooLarge = nestingProblem(plan) ?? lengthProblem(plan);
  if (tooLarge) return [tooLarge];
  const found = [
    ...referenceProblems(plan),
    ...agentProblems(plan),
    ...flowProblems(plan),
    ...budgetProblems(plan, options.estimate, options.looks),
    ...[options.looks && effortProblem(plan, options.looks)].filter((found) => found !== undefined),
    ...secrecyProblems(plan, options.request),
  ];
  const order = placeOrder(plan);
  return found.sort((a, b) => order(a.place) - order(b.place));
}

function nestingProblem(plan: Plan): Problem | undefined {
  for (const { place, parents } of locateSteps(plan)) {
    if (parents.length >= deepestNesting) return errorAt('too-deep', place, ({ t }) => t('Steps nest at most {0} deep.', deepestNesting));
  }
  return undefined;
}

function lengthProblem(plan: Plan): Problem | undefined {
  const steps = [...locateSteps(plan)];
  const over = steps[mostSteps];
  if (over === undefined) return undefined;
  return errorAt('too-many-steps', over.place, ({ t }) => t('A plan has at most {0} steps; this one has {1}.', mostSteps, steps.length));
}

/** Agents first, then steps as they are written, then budget and the rest. */
function placeOrder(plan: Plan): (place: Place) => number {
  const steps = new Map([...locateSteps(plan)].map(({ place }, index) => [place.join('\n'), index]));
  const sections = ['name', 'reason', 'agents', 'steps', 'budget', 'finish', 'abort'];
  return (place) => {
    const section = place.length === 0 ? 0 : sections.indexOf(String(place[0])) + 1;
    if (place[0] !== 'steps') return section * 1e6;
    for (let length = place.length; length > 1; length--) {
      const index = steps.get(place.slice(0, length).join('\n'));
      if (index !== undefined) return section * 1e6 + index;
    }
    return section * 1e6;
  };
}
