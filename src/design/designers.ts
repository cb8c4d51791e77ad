/** The designers that need no model, and the one that combines them all. */
import type { Plan } from '../plan/index.ts';
import { nextTeam } from './fallback.ts';
import { difficultyOf, kindOf } from './kind.ts';
import { modelDesigner } from './model.ts';
import { soloTeam } from './teams.ts';
import type { Design, Designer, DesignInput } from './types.ts';

/** Fresh samples a solo coder draws while the tests fail. */
export const soloSamples = 3;

/** One coder; a second round has nothing better to offer than more samples. */
export function soloDesigner(samples = soloSamples): Designer {
  return {
    name: 'solo',
    design: async (input) => {
      const plan = soloTeam(samples, difficultyOf(input.request, input.briefing));
      return withoutRounds(plan, 'solo', plan.reason);
    },
  };
}

/** The proven team for this kind of request; after a failure the next best. */
export const libraryDesigner: Designer = {
  name: 'library',
  design: async (input) => libraryDesign(input),
};

function libraryDesign(input: DesignInput): Design {
  const plan = nextTeam(input);
  const failure = input.failures.at(-1);
  return withoutRounds(plan, 'library', failure ? `${plan.reason} The ${failure.plan.name} plan left ${failure.signature}.` : plan.reason);
}

/** A plan the user wrote or saved. */
export function fileDesigner(plan: Plan): Designer {
  return { name: 'library', design: async () => withoutRounds(plan, 'file', plan.reason) };
}

/**
 * Solo first; a designed team only when its tests fail: the library's team for this kind first, a team from the model after that. Questions
 * and tests are no work for a solo coder: their library team comes first.
 */
export const autoDesigner: Designer = {
  name: 'auto',
  design: (input, signal) => {
    const kind = kindOf(input.request, input.briefing);
    const ownTeam = kind === 'question' || kind === 'tests-only';
    const order: readonly Designer[] = ownTeam ? [libraryDesigner, modelDesigner] : [soloDesigner(), libraryDesigner, modelDesigner];
    const designer = order[Math.min(input.failures.length, order.length - 1)] ?? modelDesigner;
    return designer.design(input, signal);
  },
};

function withoutRounds(plan: Plan, origin: Design['origin'], reason: string): Design {
  return { plan, origin, reason, difficulty: plan.difficulty, rounds: [] };
}
