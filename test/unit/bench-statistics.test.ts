import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describe as describeValues, pairedBootstrap, quantile } from '../../src/bench/statistics.ts';
import { seededRandom, wilson } from '../../src/learning/index.ts';

describe('the random numbers', () => {
  it('are those of mulberry32', () => {
    const random = seededRandom(42);
    expect([random(), random(), random()]).toEqual([0.6011037519201636, 0.44829055899754167, 0.8524657934904099]);
  });

  it('are even, and other for another seed', () => {
    const random = seededRandom(7);
    const values = Array.from({ length: 10_000 }, random);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(describeValues(values).mean).toBeCloseTo(0.5, 1);
    expect(seededRandom(1)()).not.toBe(seededRandom(2)());
  });
});

describe('Wilson interval', () => {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (successes, trials, low, high) => {
    const interval = wilson(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('holds the rate, stays in 0 to 1, mirrors, and narrows with more trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
        const successes = Math.round(trials * share);
        const { low, high } = wilson(successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials);
        expect(high).toBeGreaterThanOrEqual(successes / trials);
        const mirrored = wilson(trials - successes, trials);
        expect(mirrored.low).toBeCloseTo(1 - high, 9);
        const more = wilson(successes * 4, trials * 4);
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
    );
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('describing values', () => {
  it('knows mean, median, deviation and bounds', () => {
    expect(describeValues([2, 4, 4, 4, 5, 5, 7, 9])).toMatchObject({ n: 8, mean: 5, median: 4.5, min: 2, max: 9 });
    expect(describeValues([2, 4, 4, 4, 5, 5, 7, 9]).sd).toBeCloseTo(2.13809, 5);
    expect(describeValues([3])).toEqual({ n: 1, mean: 3, median: 3, sd: 0, min: 3, max: 3 });
    expect(describeValues([])).toMatchObject({ n: 0, mean: Number.NaN, sd: 0 });
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
  });

  it('keeps its order and does not change what it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const before = [...values];
        const { min, max, mean, median, sd } = describeValues(values);
        expect(values).toEqual(before);
        expect(min).toBeLessThanOrEqual(median);
        expect(median).toBeLessThanOrEqual(max);
        expect(mean).toBeGreaterThanOrEqual(min - 1e-6);
        expect(mean).toBeLessThanOrEqual(max + 1e-6);
        expect(sd).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('paired bootstrap', () => {
  const pairs = (wins: number, losses: number, ties: number): [number, number][] => [
    ...Array.from({ length: wins }, (): [number, number] => [1, 0]),
    ...Array.from({ length: losses }, (): [number, number] => [0, 1]),
    ...Array.from({ length: ties }, (): [number, number] => [1, 1]),
  ];

  it('comes near the normal interval for many tasks', () => {
    // 30 wins, 10 losses of 200: difference 0.1, standard error sqrt((0.2 − 0.01) / 200) = 0.03082.
    const { difference, interval, p } = pairedBootstrap(pairs(30, 10, 160), 1);
    expect(difference).toBeCloseTo(0.1, 12);
    expect(interval.low).toBeCloseTo(0.1 - 1.96 * 0.03082, 1);
    expect(interval.high).toBeCloseTo(0.1 + 1.96 * 0.03082, 1);
    expect(p).toBeLessThan(0.01);
  });

  it('has the exact p of a small case', () => {
    // One win, two ties: a resample is 0 with probability (2/3)³ = 0.2963, else above; none is below.
    const { p } = pairedBootstrap(pairs(1, 0, 2), 3);
    expect(p).toBeCloseTo(2 * 0.2963, 1);
  });

  it('sees no difference where there is none', () => {
    expect(pairedBootstrap(pairs(0, 0, 20), 1)).toMatchObject({ difference: 0, interval: { low: 0, high: 0 }, p: 1 });
    expect(pairedBootstrap(pairs(5, 5, 10), 1).p).toBeGreaterThan(0.5);
    expect(pairedBootstrap([], 1)).toMatchObject({ tasks: 0, p: 1 });
  });

  it('draws forms of one problem together: four forms of each say no more than one', () => {
    const single = Array.from({ length: 30 }, (_, index): [number, number, string] => [
      Number(index % 3 === 0),
      Number(index % 5 === 0),
      `p${index}`,
    ]);
    const fourfold = single.flatMap((pair) => [pair, pair, pair, pair]);
    const [one, four] = [pairedBootstrap(single, 7), pairedBootstrap(fourfold, 7)];
    expect(four).toMatchObject({ tasks: 120, problems: 30, difference: one.difference, interval: one.interval, p: one.p });
    const apart = pairedBootstrap(
      fourfold.map(([a, b]) => [a, b]),
      7,
    );
    expect(apart.interval.high - apart.interval.low).toBeLessThan(0.6 * (four.interval.high - four.interval.low));
  });

  it('is repeatable, holds the difference, and turns round with the arms', () => {
    const rate = fc.integer({ min: 0, max: 4 }).map((quarters) => quarters / 4);
    fc.assert(
      fc.property(fc.array(fc.tuple(rate, rate), { minLength: 1, maxLength: 40 }), fc.integer(), (some, seed) => {
        const forth = pairedBootstrap(some, seed, 300);
        const back = pairedBootstrap(
          some.map(([a, b]) => [b, a] as const),
          seed,
          300,
        );
        expect(pairedBootstrap(some, seed, 300)).toEqual(forth);
        expect(forth.interval.low).toBeLessThanOrEqual(forth.interval.high);
        expect(back.difference).toBeCloseTo(-forth.difference, 9);
        expect(back.interval.low).toBeCloseTo(-forth.interval.high, 9);
        expect(back.p).toBeCloseTo(forth.p, 9);
        expect(forth.p).toBeGreaterThan(0);
        expect(forth.p).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });
});
