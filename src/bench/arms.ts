/** The arms of a comparison. Every arm gets the same token budget; an arm is a designer and nothing else, so that the runtime is the same. */
import { type Designer, designerByName, fileDesigner, onePlaceTeam, soloDesigner } from '../design/index.ts';

export interface Arm {
  readonly name: string;
  readonly does: string;
  readonly designer: () => Designer;
}

/** More samples than any budget of a small task allows: the budget decides. */
const asManyAsTheBudgetAllows = 64;

export const arms: readonly Arm[] = [
  { name: 'one-shot', does: 'one call, no second try', designer: () => soloDesigner(1) },
  {
    name: 'samples',
    does: 'fresh samples until one passes the visible tests or the budget is spent',
    designer: () => soloDesigner(asManyAsTheBudgetAllows),
  },
  {
    name: 'repair',
    does: 'one place at a time, without a draft',
    designer: () => fileDesigner(onePlaceTeam('hard', { withDraft: false })),
  },
  {
    name: 'team',
    does: 'what a run usually does: a draft first, then one place at a time or further drafts, then a designed team',
    designer: () => designerByName('auto'),
  },
  { name: 'designed', does: 'a team the model designs for each request, without a second plan', designer: () => designerByName('model') },
];
