/** Which candidate is improved next. */
import { describe, expect, it } from 'vitest';
import { type Arm, draw } from '../../src/run/draw.ts';

const nameOf = ({ candidate }: Arm): string => candidate;
const drawn = (arm: Omit<Arm, 'candidate'>, count = 2000): number[] =>
  Array.from({ length: count }, (_, index) => draw([{ candidate: 'c1', ...arm }], `seed ${index}`, nameOf)[0]?.drawn ?? Number.NaN);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Thompson sampling over candidates', () => {
  it.each([
    { share: 0, fails: 0 },
    { share: 0.5, fails: 0 },
    { share: 1, fails: 0 },
    { share: 0.8, fails: 7 },
  ])('draws from Beta(1 + 20h, 1 + 20(1 − h) + fails): %o', ({ share, fails }) => {
    const [a, b] = [1 + 20 * share, 1 + 20 * (1 - share) + fails];
    const values = drawn({ share, fails });
    const average = mean(values);
    expect(average).toBeCloseTo(a / (a + b), 2);
    expect(mean(values.map((value) => (value - average) ** 2))).toBeCloseTo((a * b) / ((a + b) ** 2 * (a + b + 1)), 3);
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
  });

  it('takes the one that passes more nearly always, and another one once nothing came of it', () => {
    const firsts = (fails: number): number =>
      Array.from({ length: 300 }, (_, index) =>
        draw(
          [
            { candidate: 'c1', share: 0.75, fails },
            { candidate: 'c2', share: 0.25, fails: 0 },
          ],
          `seed ${index}`,
          nameOf,
        ),
      ).filter(([first]) => first?.candidate === 'c1').length / 300;
    expect(firsts(0)).toBeGreaterThan(0.98);
    expect(firsts(40)).toBeLessThan(0.6);
  });

  it('draws the same for the same seed, whatever else there is and in whatever order', () => {
    const [a, b, c] = ['c1', 'c2', 'c3'].map((candidate) => ({ candidate, share: 0.5, fails: 0 })) as [Arm, Arm, Arm];
    const all = draw([a, b, c], 'seed', nameOf);
    expect(draw([c, a, b], 'seed', nameOf)).toEqual(all);
    expect(draw([c], 'seed', nameOf)).toEqual(all.filter(({ candidate }) => candidate === 'c3'));
    expect(draw([a, b, c], 'another', nameOf)).not.toEqual(all);
  });
});
