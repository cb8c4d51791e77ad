import * as z from 'zod';
import { chain } from '../../text/index.ts';
import { poolConditions } from '../conditions.ts';
import { nothing } from '../cost.ts';
import { errorAt, warningAt } from '../problem.ts';
import { judges } from '../step-answers.ts';
import { plain } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

const selectors = ['tests', 'behaviour', 'votes'] as const;

export const select = stepKind({
  ...judges,
  do: 'select',
  label: (t) => t('select'),
  does: (t) => t('keeps the best candidates'),
  title: (step, t) =>
    t(
      'select {0} by {1}',
      step.keep,
      chain(step.by, (before, word) => t('{0}, then {1}', before, word)),
    ),
  fields: {
    by: field({
      schema: z
        .array(z.enum(selectors))
        .min(1)
        .max(3)
        .default([...selectors]),
      // A rule that comes again decides nothing.
      level: (rules) => [...new Set(rules)],
      control: 'set',
      label: (t) => t('Chooses by, in this order'),
      options: () => plain(selectors),
    }),
    keep: field({ schema: z.number().int().min(1).max(16).default(1), control: 'number', label: (t) => t('Keeps') }),
  },
  // It must not stand beside anything at all, which it says itself.
  races: () => false,
  changes: poolConditions,
  flow: ({ keep }, { state }) => {
    const { candidates, unjudged } = state;
    return {
      ...state,
      candidates: Math.min(candidates, keep),
      unjudged: { least: Math.min(unjudged.least, keep), most: Math.min(unjudged.most, keep) },
    };
  },
  price: () => nothing,
  problems: ({ id, keep }, { place, here, sideBySide }) => {
    if (sideBySide) {
      return [errorAt('select-in-group', place, `"${id}" would choose while the steps beside it still work; put it after the group.`)];
    }
    const { candidates } = here.every;
    if (candidates === 0 || candidates > keep) return [];
    const count = candidates === 1 ? 'one candidate' : `${candidates} candidates`;
    return [warningAt('selects-nothing', place, `There will be at most ${count} here, so keeping ${keep} narrows nothing.`)];
  },
  sketch: { says: 'keep the best' },
});
