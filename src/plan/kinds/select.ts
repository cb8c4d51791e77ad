import * as z from 'zod';
import { chain, type Say } from '../../text/index.ts';
import { poolConditions } from '../conditions.ts';
import { nothing } from '../cost.ts';
import { errorAt, warningAt } from '../problem.ts';
import { judges } from '../step-answers.ts';
import { field, stepKind } from '../step-kind.ts';

const selectors = ['tests', 'behaviour', 'votes'] as const;

const words = (t: Say): Readonly<Record<(typeof selectors)[number], string>> => ({
  tests: t('tests'),
  behaviour: t('behaviour'),
  votes: t('votes'),
});

export const select = stepKind({
  ...judges,
  do: 'select',
  label: (t) => t('select'),
  does: (t) => t('keeps the best candidates'),
  // All rules in their usual order go without saying.
  title: ({ keep, by }, t) => {
    const best = keep === 1 ? t('select the best') : t('select the best {0}', keep);
    if (by.join() === selectors.join()) return best;
    return t(
      '{0} by {1}',
      best,
      chain(
        by.map((rule) => words(t)[rule]),
        (before, word) => t('{0}, then {1}', before, word),
      ),
    );
  },
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
      options: ({ t }) => selectors.map((value) => ({ value, label: words(t)[value] })),
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
      return [
        errorAt('select-in-group', place, ({ t }) =>
          t('"{0}" would choose while the steps beside it still work; put it after the group.', id),
        ),
      ];
    }
    const { candidates } = here.every;
    if (candidates === 0 || candidates > keep) return [];
    return [
      warningAt('selects-nothing', place, ({ t }) =>
        candidates === 1
          ? t('There will be at most one candidate here, so keeping {0} narrows nothing.', keep)
          : t('There will be at most {0} candidates here, so keeping {1} narrows nothing.', candidates, keep),
      ),
    ];
  },
  sketch: { says: 'keep the best' },
});
