/**
 * Long work: a run of a hundred steps that is killed again and again, with a start of the machine after each kill, comes to the end that it comes to in
 * one go. No call is paid twice but those in flight, and what was judged is not tested a second time.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { allSteps, checkPlan } from '../../src/plan/index.ts';
import { crashed, pointFrom, undisturbed } from '../support/crash-points.ts';
import { hundredSteps, hundredStory } from '../support/hundred-steps.ts';
import { numbersFrom } from '../support/numbers.ts';

const cleanUps: (() => unknown)[] = [];
const cleanUp = async (): Promise<void> => {
  for (const one of cleanUps.splice(0).reverse()) await one();
};
afterEach(cleanUp);

test('the plan has a hundred steps, and is valid', () => {
  expect([...allSteps(hundredSteps.steps)]).toHaveLength(100);
  expect(checkPlan(hundredSteps).filter(({ severity }) => severity === 'error')).toEqual([]);
});

describe.skipIf(process.platform !== 'linux')('killed, and the machine started anew', () => {
  test('four times over a hundred steps: the same end', { timeout: 600_000 }, async () => {
    const reference = await undisturbed(cleanUps, hundredStory);
    expect(reference).toMatchObject({ outcome: 'solved', standing: 'applied', calls: 80 });
    await cleanUp();
    const random = numbersFrom(21);
    const points = Array.from({ length: 4 }, () => pointFrom(random, reference)).sort((a, b) => a.event - b.event);
    const { kills, wrong } = await crashed(cleanUps, points, reference, { story: hundredStory, reboots: true });
    expect({ wrong, kills: kills.map(({ after, point }) => `${point.ms} ms after ${after}`) }).toMatchObject({ wrong: [] });
    expect(kills.filter(({ late }) => !late).length).toBeGreaterThanOrEqual(3);
  });
});
