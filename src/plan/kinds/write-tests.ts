import { inTurn, runs } from '../cost.ts';
import { makesChange, priceOfCalls } from '../step-answers.ts';
import { agent, uses } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const writeTests = stepKind({
  ...makesChange,
  do: 'write-tests',
  label: (t) => t('write tests'),
  does: (t) => t('an agent adds test files'),
  tells: ({ agent }, t) => t('{0} writes tests', agent),
  fields: { agent, uses },
  outputs: ['tests'],
  takesCandidates: () => false,
  // It adds to the start that others make candidates from.
  races: () => true,
  // They are run once before the change: what is red then is what the change must make pass.
  price: (step, at) =>
    inTurn([
      priceOfCalls(step, at, { readsChange: false, reply: 'change' }),
      runs({ least: 1, most: 1 }, at.facts.testSeconds, at.facts.parallel),
    ]),
  sketch: { says: '' },
});
