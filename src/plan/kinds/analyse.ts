import { asks, priceOfCalls } from '../step-answers.ts';
import { agent, uses } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const analyse = stepKind({
  ...asks,
  do: 'analyse',
  label: (t) => t('analyse'),
  does: (t) => t('an agent thinks and leaves a note'),
  tells: ({ agent }, t) => t('{0} studies the code', agent),
  fields: { agent, uses },
  outputs: ['note'],
  leaves: ['note'],
  takesCandidates: () => false,
  changes: [],
  flow: (_step, { state }) => state,
  price: (step, at) => priceOfCalls(step, at, { readsChange: false, reply: 'note' }),
  sketch: { says: 'an agent writes a note' },
});
