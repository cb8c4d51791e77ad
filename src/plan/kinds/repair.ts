import * as z from 'zod';
import { counted } from '../../text/index.ts';
import { inTurn, runs } from '../cost.ts';
import { fromNothing, makesChange, priceOfCalls, reads } from '../step-answers.ts';
import { agent, startsFrom, uses } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

/** Fillings of a repair where nobody says how many. */
const usualFills = 12;

export const repair = stepKind({
  ...makesChange,
  do: 'repair',
  label: (t) => t('repair one place'),
  does: (t) => t('finds suspicious places, and tries another text for one of them at a time'),
  tells: ({ agent }, t) => t('{0} rewrites one suspicious place at a time', agent),
  details: (step) => [
    `up to ${counted(step.samples, 'other text')} by its agent`,
    ...(step.mutations > 0 ? [`up to ${counted(step.mutations, 'small change')} without a model`] : []),
    ...(step.from === 'best' ? ['in the best candidate'] : []),
    'stops at the first that passes',
    ...reads(step),
  ],
  fields: {
    agent,
    samples: field({
      schema: z.number().int().min(1).max(64).default(usualFills),
      control: 'number',
      label: (t) => t('Places'),
      help: (t) => t('How many places its agent writes anew, one after the other.'),
    }),
    mutations: field({
      schema: z.number().int().min(0).max(500).default(60),
      control: 'number',
      label: (t) => t('Small changes'),
      help: (t) => t('Tried without a model when no other text passes: another operator, one more or less, another name.'),
    }),
    from: { ...startsFrom, late: true },
    uses,
  },
  outputs: ['edits'],
  takesCandidates: (step) => step.from === 'best',
  idleWhenGreen: true,
  flow: (step, at) => makesChange.flow({ ...step, stop: 'first-pass' }, at),
  price: (step, at) =>
    inTurn([
      priceOfCalls({ ...step, stop: 'first-pass' }, at, { readsChange: false, reply: 'place' }),
      runs({ least: 0, most: step.mutations }, at.facts.testSeconds, 1),
    ]),
  problems: fromNothing,
  sketch: {
    says: 'finds suspicious places and tries another text for one of them at a time, until the tests pass: for a bug in one place',
  },
});
