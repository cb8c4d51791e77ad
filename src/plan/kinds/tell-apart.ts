import * as z from 'zod';
import { counted } from '../../text/index.ts';
import { inTurn, runs } from '../cost.ts';
import { warningAt } from '../problem.ts';
import { asks, priceOfCalls, reads } from '../step-answers.ts';
import { agent, uses } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

/** To start an interpreter, where there are no tests whose time is known. */
const leastSeconds = 1;

export const tellApart = stepKind({
  ...asks,
  do: 'tell-apart',
  label: (t) => t('tell apart'),
  does: (t) => t('asks an agent for inputs that tell equally good candidates apart, runs them on each, and groups those that answer alike'),
  tells: ({ agent }, t) => t('{0} thinks of inputs that tell the best tries apart, which are run on each', agent),
  details: (step) => [`up to ${counted(step.inputs, 'input')}`, ...reads(step)],
  fields: {
    agent,
    inputs: field({
      schema: z.number().int().min(1).max(40).default(8).describe('Calls with plain values that are run on each candidate, at most'),
      control: 'number',
      label: (t) => t('Inputs at most'),
    }),
    uses,
  },
  outputs: ['note'],
  leaves: [],
  needsCandidates: true,
  takesCandidates: () => true,
  changes: ['candidates-agree'],
  flow: (_step, { state }) => state,
  // Its tests run once for each candidate, of one file at least.
  price: (step, at) =>
    inTurn([
      priceOfCalls(step, at, { readsChange: true, reply: 'note' }),
      runs({ least: 0, most: at.here.every.candidates }, Math.max(at.facts.testSeconds, leastSeconds), at.facts.parallel),
    ]),
  problems: ({ id }, { place, here }) =>
    here.every.candidates === 1
      ? [
          warningAt('selects-nothing', place, ({ t }) =>
            t('There will be at most one candidate here, so "{0}" has nothing to tell apart.', id),
          ),
        ]
      : [],
  sketch: undefined,
});
