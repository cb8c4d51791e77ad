import { makesChange, priceOfCalls } from '../step-answers.ts';
import { agent, uses } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const writeTests = stepKind({
  ...makesChange,
  do: 'write-tests',
  label: (t) => t('write tests'),
  does: (t) => t('an agent adds test files'),
  fields: { agent, uses },
  outputs: ['tests'],
  takesCandidates: () => false,
  // It adds to the start that others make candidates from.
  races: () => true,
  price: (step, at) => priceOfCalls(step, at, { readsChange: false, reply: 'change' }),
  sketch: { says: '' },
});
