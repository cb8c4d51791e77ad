/** The designers that need no model, and the one that combines them all. */
import type { Plan } from '../plan/index.ts';
import { manySamples, mayPayFor, nextTeam, usualTeam, wasTried } from './fallback.ts';
import { difficultyOf, kindOf } from './kind.ts';
import { modelDesigner } from './model.ts';
import { soloSamples, soloTeam } from './teams.ts';
import type { Design, Designer, DesignInput } from './types.ts';

/** One coder. When it fails there is nothing better to offer; when the user sends it back, more samples, then a single shot. */
export function soloDesigner(samples = soloSamples): Designer {
  return {
    name: 'solo',
    design: async (input) => {
      const difficulty = difficultyOf(input.request, input.briefing);
      const { sentBack } = input;
      const others = [samples, manySamples, 1].map((count) => soloTeam(count, difficulty));
      const plan = others.find((team) => !wasTried({ failures: [], sentBack }, team)) ?? soloTeam(samples, difficulty);
      return withoutRounds(plan, 'solo', because(plan, input));
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
  return withoutRounds(plan, 'library', because(plan, input));
}

/** The plan's own reason, and what it answers: the last failure, the user's last remark. */
function because(plan: Plan, { failures, sentBack = [] }: DesignInput): string {
  const failure = failures.at(-1);
  const remark = sentBack.at(-1);
  return [
    plan.reason,
    ...(failure ? [`The ${failure.plan.name} plan left ${failure.signature}.`] : []),
    ...(remark ? [`In place of ${remark.plan.name}, after the remark "${remark.comment.slice(0, quotedCharacters)}".`] : []),
  ].join(' ');
}

const quotedCharacters = 200;

/** A plan the user wrote or saved. */
export function fileDesigner(plan: Plan): Designer {
  return { name: 'library', design: async () => withoutRounds(plan, 'file', plan.reason) };
}

/**
 * Solo first; a designed team only when its tests fail: the library's team for this kind first, a team from the model after that. Questions
 * and tests are no work for a solo coder: their library team comes first. When what is left of the budget pays for no team, it goes into more
 * samples. A plan that the user sends back with a remark goes to the meta-agent: only a model can read the remark.
 */
export const autoDesigner: Designer = {
  name: 'auto',
  design: (input, signal) => {
    if (input.sentBack && input.sentBack.length > 0) return modelDesigner.design(input, signal);
    const kind = kindOf(input.request, input.briefing);
    const ownTeam = kind === 'question' || kind === 'tests-only';
    const order: readonly Designer[] = ownTeam ? [libraryDesigner, modelDesigner] : [soloDesigner(), libraryDesigner, modelDesigner];
    const designer = order[Math.min(input.failures.length, order.length - 1)] ?? modelDesigner;
    // Where a team cannot be paid for any more, designing one is a waste of what is left.
    return (mayPayFor(input, usualTeam(input)) ? designer : libraryDesigner).design(input, signal);
  },
};

function withoutRounds(plan: Plan, origin: Design['origin'], reason: string): Design {
  return { plan, origin, reason, difficulty: plan.difficulty, rounds: [] };
}
