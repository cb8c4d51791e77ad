import { open } from '../flow-state.ts';
import { errorAt } from '../problem.ts';
import { asks, priceOfCalls } from '../step-answers.ts';
import { agent, uses } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const review = stepKind({
  ...asks,
  do: 'review',
  label: (t) => t('review'),
  does: (t) => t('an agent reads the best candidate and approves or rejects it'),
  tells: ({ agent }, t) => t('{0} reviews the best try', agent),
  fields: { agent, uses },
  outputs: ['verdict'],
  leaves: ['note', 'review'],
  // Where there is no candidate it reads notes.
  takesCandidates: () => true,
  changes: ['review-approves', 'review-rejects'],
  flow: (_step, { state }) => open(state, 'review-approves', 'review-rejects'),
  price: (step, at) => priceOfCalls(step, at, { readsChange: at.here.every.candidates > 0, reply: 'note' }),
  problems: (step, { place, here }) =>
    here.first.candidates === 0 && step.uses.length === 0
      ? [
          errorAt('nothing-made', place, ({ t }) =>
            t('There is nothing to review yet: no step before "{0}" makes a candidate, and it reads no note.', step.id),
          ),
        ]
      : [],
  sketch: { says: 'an agent judges the best candidate' },
});
