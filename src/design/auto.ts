/**
 * What a run usually does: the learned order of work where recorded attempts say something of the request, else the order written by hand; every plan
 * after the first, and all where the user wants no learned order, is as the rules say.
 */
import { learnedDesigner } from './learned.ts';
import { provenOr } from './proven.ts';
import { rulesDesigner } from './rules.ts';
import type { Designer } from './types.ts';

export const autoDesigner: Designer = {
  name: 'auto',
  design: async (input, signal) => {
    if (input.schedule === false) return rulesDesigner.design(input, signal);
    const design = await learnedDesigner.design(input, signal);
    // The rules have looked at proven teams themselves.
    return design.expectation === undefined ? design : provenOr(design, input);
  },
};
