import type { Tier } from '../models/types.ts';
import { bodiesFirst } from './bodies-first.ts';
import { mayPayFor, usualTeam } from './fallback.ts';
import { kindOf } from './kind.ts';
import { libraryDesigner } from './library.ts';
import { modelDesigner } from './model.ts';
import { mendsOnePlace, onePlaceDesigner } from './one-place.ts';
import { provenOr } from './proven.ts';
import { soloDesigner } from './solo.ts';
import { hasStrongModel, inStrongHands } from './two-tiers.ts';
import type { Designer } from './types.ts';

/** The library's next team instead, where what is left of the budget does not pay for the plan. */
const orLibrary = (designer: Designer): Designer => ({
  name: designer.name,
  design: async (input, signal) => {
    const design = await designer.design(input, signal);
    return mayPayFor(input, design.plan) ? design : libraryDesigner.design(input, signal);
  },
});

/**
 * The order written by hand. Solo first, or the suspicious lines and a draft where a test shows a bug, or what is not written yet function by function and a draft; a designed team only when its tests fail: the library's team for this kind first, a team from the model after that. Questions
 * and tests are no work for a solo coder: their library team comes first. When what is left of the budget pays for no team, it goes into more
 * samples. A plan that the user sends back with a remark goes to the meta-agent: only a model can read the remark. Where the strong model is another
 * one, it does the first work over before any team: what a model cannot do does not come of more roles for it.
 */
export const rulesDesigner: Designer = {
  name: 'rules',
  design: async (input, signal) => {
    if (input.sentBack && input.sentBack.length > 0) return modelDesigner.design(input, signal);
    const kind = kindOf(input.request, input.briefing);
    const ownTeam = kind === 'question' || kind === 'tests-only';
    const toWrite = kind === 'small-function' || kind === 'feature';
    const first = (tier: Tier): Designer => {
      if (mendsOnePlace(kind, input, tier)) return onePlaceDesigner;
      return toWrite ? bodiesFirst(tier, soloDesigner()) : soloDesigner();
    };
    const escalated = hasStrongModel(input.models) ? [inStrongHands(first('strong'))] : [];
    const order: readonly Designer[] = [...(ownTeam ? [] : [first('worker'), ...escalated]), libraryDesigner, modelDesigner];
    const designer = order[Math.min(input.failures.length, order.length - 1)] ?? modelDesigner;
    if (escalated.includes(designer)) return orLibrary(designer).design(input, signal);
    // Where a team cannot be paid for any more, designing one is a waste of what is left.
    const design = (mayPayFor(input, usualTeam(input)) ? designer : libraryDesigner).design(input, signal);
    // The first team comes without a call, so the one that proved better in such requests may stand in for it.
    return input.failures.length === 0 ? provenOr(await design, input) : design;
  },
};
