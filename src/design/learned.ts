/**
 * The designer that knows what came of earlier attempts: the order in which places, small changes and drafts are tried, and where to stop, follow the
 * schedule of `learning/`. Only for bugs that tests show; everything else, and every plan after the first, is as the rules say.
 */
import { type FirstChoice, firstChoice, partsOf, rewardWeights, type Schedule, scheduleFor } from '../learning/index.ts';
import type { Choice } from '../plan/estimate.ts';
import { nMax } from '../plan/index.ts';
import { madeByHand } from './by-hand.ts';
import { difficultyOf } from './kind.ts';
import { knowledgeOf, usualTokens } from './knowledge.ts';
import { tryMs } from './one-place.ts';
import { rulesDesigner } from './rules.ts';
import { asSteps, blocksOf, cutWithDraft, expectationOf, scheduledTeam } from './scheduled-team.ts';
import type { Designer } from './types.ts';

/** The first step that a choice is made of; `learn estimate` looks for it. */
export const firstStepChoice = 'what comes first';

const beginnings: Readonly<Record<string, string>> = {
  place: 'a suspicious place written anew',
  changes: 'a place, and then small changes without a model',
  draft: 'a draft of whole files',
};
const beginning = (work: string): string => {
  const { operator, model } = partsOf(work);
  return `${beginnings[operator] ?? operator}${model === undefined ? '' : ` by ${model}`}`;
};

/** As many as the hardest request usually has calls: what is left of the budget then goes into more places (`fallback.ts`). */
const mostSteps = nMax.hard;

/** Of the steps, whose work it is: a model that is named is the strong one. */
const tiered = ({ steps }: Schedule) =>
  steps.map((step) => {
    const { operator, model } = partsOf(step.operator);
    return { ...step, operator, ...(model !== undefined && { tier: 'strong' as const }) };
  });

export const learnedDesigner: Designer = {
  name: 'learned',
  design: async (input, signal) => {
    const known = await knowledgeOf(input);
    if (known === undefined) return rulesDesigner.design(input, signal);
    const difficulty = difficultyOf(input);
    const { tokensLeft: budget = usualTokens, thrift, explore } = input;
    const terms = { budget, usualCalls: nMax[difficulty], most: mostSteps, weights: rewardWeights, thrift };
    const scheduleWith = (first?: string): Schedule => {
      const listFor = (thriftOf: number | undefined): Schedule =>
        scheduleFor(known.operators, known.start, { ...terms, thrift: thriftOf }, first);
      return cutWithDraft(listFor(thrift), () => listFor(0), known);
    };
    const first = explore && firstChoice(known.operators, known.start, terms, explore);
    const isNew = first !== undefined && first.chosen !== first.usual;
    const schedule = scheduleWith(isNew ? first.chosen : undefined);
    const ofTiers = tiered(schedule);
    // Small changes alone, which cost next to nothing, are no team.
    if (!ofTiers.some(({ operator, cost }) => operator !== 'changes' && cost <= budget)) return rulesDesigner.design(input, signal);
    const blocks = blocksOf(ofTiers, tryMs(input));
    const steps = asSteps(blocks);
    const expectation = {
      ...expectationOf(schedule, steps, known),
      ...(first && { choices: [choiceOf(first, scheduleWith)] }),
    };
    const { worker, strong } = input.models;
    const rate = Math.round((known.strongRate ?? 1) * 10) / 10;
    const isShared = ofTiers.some(({ tier }) => tier === 'strong');
    const counted = isShared ? [`Of ${strong.model} a token counts as ${rate} of ${worker.model}.`] : [];
    const tried = isNew
      ? `This plan tries something new: first ${beginning(first.chosen)}, where what is known speaks for ${beginning(first.usual)} (learning.explore).`
      : undefined;
    const why = [...(tried === undefined ? [] : [tried]), ...counted].join(' ') || undefined;
    return {
      ...madeByHand(scheduledTeam(blocks, steps, expectation, { name: 'learned', difficulty, why }), 'library', input),
      expectation,
    };
  },
};

const choiceOf = ({ chosen, candidates }: FirstChoice, scheduleWith: (first: string) => Schedule): Choice => ({
  of: firstStepChoice,
  chosen,
  options: candidates.map(({ operator, probability }) => {
    const { chance, expectedCost } = scheduleWith(operator);
    return { name: operator, probability, chance, tokens: expectedCost };
  }),
});
