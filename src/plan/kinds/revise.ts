import { makesChange, priceOfCalls } from '../step-answers.ts';
import { agent, samples, stop, uses } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const revise = stepKind({
  ...makesChange,
  do: 'revise',
  label: (t) => t('revise'),
  does: (t) => t('an agent repairs the best candidate'),
  fields: { agent, samples, stop, uses },
  outputs: ['edits', 'tests'],
  needsCandidates: true,
  takesCandidates: () => true,
  idleWhenGreen: true,
  price: (step, at) => priceOfCalls(step, at, { readsChange: true, reply: 'change' }),
  sketch: { says: 'an agent repairs the best candidate; rounds repeats it until the tests pass', rounds: true },
});
