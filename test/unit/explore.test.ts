/** Trying something new now and then, and what other ways would have earned. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  doublyRobust,
  enoughEffective,
  firstChoice,
  type Learned,
  type LoggedChoice,
  nextStep,
  operatorsOf,
  type Situation,
  seededRandom,
  taught,
} from '../../src/learning/index.ts';

const start: Situation = {
  ...{ language: 'python', kind: 'bug-fix', bytes: 800, lines: 30, testsPassed: 1, testsFailed: 1, attempts: 0, tries: 0 },
};
const terms = { budget: 3000, usualCalls: 4, weights: { complexity: 0.05, efficiency: 0.1 } };

/** By how often each mended, of how many, for how many tokens. */
const learnedOf = (all: Readonly<Record<string, readonly [mended: number, of: number, tokens: number]>>): Learned =>
  taught(
    {},
    Object.entries(all).flatMap(([operator, [mended, of, cost]]) =>
      Array.from({ length: of }, (_, at) => ({ operator, situation: start, succeeded: at < mended, cost, calls: 1 })),
    ),
  );
const choices = (learned: Learned, runs: number) =>
  Array.from({ length: runs }, (_, seed) => {
    const choice = firstChoice(operatorsOf(learned), start, terms, seededRandom(seed));
    if (choice === undefined) throw new Error('nothing comes first');
    return choice;
  });

describe('something new', () => {
  test('comes first in at most one run of ten, by draws of what is believed; each with the probability that it is logged with', () => {
    const learned = learnedOf({ place: [4, 10, 200], draft: [1, 3, 250] });
    const all = choices(learned, 2000);
    const usual = nextStep(operatorsOf(learned), () => start, { tokens: 0, calls: 0 }, terms)?.operator;
    expect(all.every((choice) => choice.usual === usual)).toBe(true);
    const others = all.filter(({ chosen }) => chosen !== usual).length;
    expect(others).toBeGreaterThan(20);
    expect(others).toBeLessThan(200);
    const logged = all.map(({ candidates }) => 1 - (candidates.find(({ operator }) => operator === usual)?.probability ?? 0));
    const expected = logged.reduce((sum, value) => sum + value, 0);
    // Within four standard deviations of what was logged.
    expect(Math.abs(others - expected)).toBeLessThan(4 * Math.sqrt(expected));
    expect(Math.max(...logged)).toBeLessThanOrEqual(0.1 + 1e-9);
  });

  test('is never what is certainly worse', () => {
    const worse = choices(learnedOf({ place: [20, 40, 150], draft: [0, 40, 1500] }), 500);
    expect(worse.every(({ chosen, candidates }) => chosen === 'place' && candidates.length === 1)).toBe(true);
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), fc.integer({ min: 1, max: 40 }), fc.nat(1_000_000), (place, draft, times, seed) => {
        const learned = learnedOf({ place: [place * times, 10 * times, 150], draft: [draft * times, 10 * times, 1200] });
        const operators = operatorsOf(learned);
        const choice = firstChoice(operators, start, terms, seededRandom(seed));
        if (choice === undefined) return;
        expect(choice.candidates.map(({ operator }) => operator)).toContain(choice.chosen);
        expect(choice.candidates.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
        // Where far more is known of both than a draw can doubt, the dearer for the same is out.
        if (times >= 20 && draft <= place) expect(choice.candidates.map(({ operator }) => operator)).toEqual(['place']);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('what another way would have earned', () => {
  /** Two kinds of requests; `b` is better for the second kind alone. */
  const truth = { easy: { a: 0.8, b: 0.5 }, hard: { a: 0.2, b: 0.6 } } as const;
  const simulate = (
    runs: number,
    seed: number,
    expectedOf: (kind: 'easy' | 'hard', name: 'a' | 'b') => number,
    probabilityOfB = 0.3,
  ): LoggedChoice[] => {
    const random = seededRandom(seed);
    return Array.from({ length: runs }, () => {
      const kind = random() < 0.5 ? 'easy' : 'hard';
      const b = kind === 'easy' ? probabilityOfB : probabilityOfB / 2;
      const chosen = random() < b ? 'b' : 'a';
      const option = (name: 'a' | 'b', probability: number) => ({ name, probability, expected: expectedOf(kind, name) });
      return { chosen, reward: random() < truth[kind][chosen] ? 1 : 0, options: [option('a', 1 - b), option('b', b)] };
    });
  };
  const onlyB = (_: LoggedChoice, name: string): number => (name === 'b' ? 1 : 0);
  const onlyA = (_: LoggedChoice, name: string): number => (name === 'a' ? 1 : 0);

  test.each([
    ['right expectations', (kind: 'easy' | 'hard', name: 'a' | 'b') => truth[kind][name]],
    ['expectations that are wrong', (_: string, name: 'a' | 'b') => (name === 'a' ? 0.9 : 0.1)],
    ['none at all', () => 0],
  ] as const)('is right on average with %s', (_, expectedOf) => {
    const replications = 300;
    for (const [policy, value] of [
      [onlyB, 0.55],
      [onlyA, 0.5],
    ] as const) {
      const estimates = Array.from({ length: replications }, (__, seed) => doublyRobust(simulate(500, seed, expectedOf), policy));
      const mean = estimates.reduce((sum, { reward }) => sum + reward, 0) / replications;
      expect(mean).toBeCloseTo(value, 1.6);
      const covered = estimates.filter(({ interval }) => interval.low <= value && value <= interval.high).length;
      expect(covered / replications).toBeGreaterThan(0.9);
    }
  });

  test('a plain mean over the runs that chose so would be wrong', () => {
    const logged = simulate(20_000, 1, () => 0);
    const plain = logged.filter(({ chosen }) => chosen === 'b');
    const mean = plain.reduce((sum, { reward }) => sum + reward, 0) / plain.length;
    expect(Math.abs(mean - 0.55)).toBeGreaterThan(0.01);
    expect(doublyRobust(logged, onlyB).reward).toBeCloseTo(0.55, 1.5);
  });

  test('is trusted only when it stands on enough runs', () => {
    const few = doublyRobust(
      simulate(400, 3, () => 0.5, 0.1),
      onlyB,
    );
    expect(few.effective).toBeLessThan(enoughEffective);
    expect(few.trusted).toBe(false);
    expect(
      doublyRobust(
        simulate(400, 3, () => 0.5, 0.1),
        onlyA,
      ).trusted,
    ).toBe(true);
    const never = doublyRobust(
      simulate(100, 3, () => 0.5, 0),
      onlyB,
    );
    expect(never).toMatchObject({ trusted: false, effective: 0 });
    expect(doublyRobust([], onlyB)).toMatchObject({ runs: 0, trusted: false });
  });
});
