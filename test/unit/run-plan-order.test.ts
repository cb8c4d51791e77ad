/** The order that a replay must keep. */
import { expect, test } from 'vitest';
import { soloTeam } from '../../src/design/index.ts';
import { comparePlaces, placeInPlan } from '../../src/run/plan-order.ts';

test('places compare as the plan reads, numbers as numbers', () => {
  const plan = soloTeam(12, 'easy');
  const places = ['r0/draft/2', 'r0/draft/10', 'r0/test', 'r1/draft/1', 'r1/draft/1/3'].map((call) => placeInPlan(plan, call));
  expect([...places].reverse().sort(comparePlaces)).toEqual(places);
});
