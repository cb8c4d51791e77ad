/**
 * A run that holds every kind of step is killed with -9 at points drawn by fixed seeds and resumed: it comes to the end that it comes to without a kill,
 * with everything on record, nothing paid twice, and nothing left behind. `npm run bench -- crash` does it at 200 points.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { allSteps, checkPlan, stepKinds } from '../../src/plan/index.ts';
import { crashed, type Led, pointFrom, undisturbed } from '../support/crash-points.ts';
import { everyKind } from '../support/every-kind.ts';
import { numbersFrom } from '../support/numbers.ts';

const cleanUps: (() => unknown)[] = [];
const cleanUp = async (): Promise<void> => {
  for (const one of cleanUps.splice(0).reverse()) await one();
};
afterEach(cleanUp);

test('the plan holds every kind there is, and is valid', () => {
  const held = new Set([...allSteps(everyKind.steps)].map((step) => step.do));
  expect(stepKinds.map((kind) => kind.do).filter((kind) => !held.has(kind))).toEqual([]);
  expect(checkPlan(everyKind).filter(({ severity }) => severity === 'error')).toEqual([]);
});

describe.skipIf(process.platform !== 'linux')('killed and resumed', () => {
  let reference: Led;
  beforeAll(async () => {
    reference = await undisturbed(cleanUps);
    await cleanUp();
  });

  test('without a kill no kind finds that there is nothing to do, and the run solves the request', () => {
    const worked = new Set(
      reference.events.flatMap((event) => (event.type === 'step.done' && !event.skipped && !event.failure ? [event.step] : [])),
    );
    const kinds = [...allSteps(everyKind.steps)].filter(({ id }) => worked.has(id)).map((step) => step.do);
    expect(stepKinds.map((kind) => kind.do).filter((kind) => !kinds.includes(kind))).toEqual([]);
    expect(reference).toMatchObject({ outcome: 'solved', standing: 'applied' });
  });

  test.each([11, 12, 13])('seed %i: four kills, one after the other', async (seed) => {
    const random = numbersFrom(seed);
    const points = Array.from({ length: 4 }, () => pointFrom(random, reference));
    const { kills, wrong } = await crashed(cleanUps, points, reference);
    expect({ wrong, kills: kills.map(({ after, point }) => `${point.ms} ms after ${after}`) }).toMatchObject({ wrong: [] });
  });
});
