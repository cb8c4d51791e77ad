import { poolConditions } from '../conditions.ts';
import { runs } from '../cost.ts';
import { withMore } from '../flow-state.ts';
import { judges } from '../step-answers.ts';
import { stepKind } from '../step-kind.ts';

/** Candidates that one merge makes at most. */
export const mostMerges = 4;

export const merge = stepKind({
  ...judges,
  do: 'merge',
  label: (t) => t('merge'),
  does: (t) => t('puts candidates together that make different tests pass'),
  fields: {},
  leaves: ['candidates'],
  idleWhenGreen: true,
  changes: poolConditions,
  // What it makes is tested at once.
  flow: (_step, { state }) => withMore({ ...state, unjudged: { least: 0, most: 0 } }, mostMerges),
  price: (_step, { here, facts }) =>
    runs({ least: here.first.unjudged.least, most: here.every.unjudged.most + mostMerges }, facts.testSeconds, 1),
  sketch: { says: 'puts candidates together that make different tests pass' },
});
