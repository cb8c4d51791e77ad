/** What is believed of operators, and the schedule that follows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutWithDraft, withDraft } from '../../src/design/scheduled-team.ts';
import { afterCost, afterOutcome, type Belief, chanceOf, costOf, priorBelief } from '../../src/learning/belief.ts';
import { type Learned, type Lesson, operatorsOf, type Situation, scheduleFor, taught } from '../../src/learning/index.ts';
import { dot, solved } from '../../src/learning/matrix.ts';
import { featureNames, featuresOf } from '../../src/learning/situation.ts';

const start: Situation = {
  language: 'python',
  kind: 'bug-fix',
  bytes: 800,
  lines: 30,
  testsPassed: 1,
  testsFailed: 1,
  attempts: 0,
  tries: 0,
};
const terms = { budget: 3000, usualCalls: 4, weights: { complexity: 0.05, efficiency: 0.1 } };
const lesson = (operator: string, succeeded: boolean, cost: number, situation: Partial<Situation> = {}): Lesson => ({
  ...{ operator, succeeded, cost, calls: 1 },
  situation: { ...start, ...situation },
});
const many = (count: number, make: (index: number) => Lesson): Lesson[] => Array.from({ length: count }, (_, index) => make(index));

describe('linear equations', () => {
  test('the solution of a positive definite system fits it', () => {
    const row = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 4, maxLength: 4 }), row, (some, right) => {
        // A·Aᵀ + I is positive definite for every A.
        const matrix = some.map((a, at) => some.map((b, column) => dot(a, b) + (at === column ? 1 : 0)));
        const x = solved(matrix, right);
        for (const [at, own] of matrix.entries()) expect(dot(own, x)).toBeCloseTo(right[at] as number, 6);
      }),
    );
  });

  test('a matrix that is none is refused', () => {
    const broken = [
      [1, 2],
      [2, 1],
    ];
    expect(() => solved(broken, [1, 1])).toThrow(RangeError);
  });
});

describe('a belief', () => {
  const prior = priorBelief([0], { first: 2, other: 1 });

  /** Mean of σ(w) after `wins` of `tries`, with w ~ N(0, 2²): by summing over a fine grid. */
  const exact = (wins: number, tries: number): number => {
    let all = 0;
    let weighed = 0;
    for (let w = -12; w <= 12; w += 0.001) {
      const p = 1 / (1 + Math.exp(-w));
      const density = Math.exp(-(w ** 2) / 8) * p ** wins * (1 - p) ** (tries - wins);
      all += density;
      weighed += density * p;
    }
    return weighed / all;
  };

  test.each([
    [1, 1],
    [0, 3],
    [3, 10],
    [9, 10],
    [20, 40],
  ])('after %i of %i it is near the exact posterior', (wins, tries) => {
    let belief: Belief = prior;
    for (let index = 0; index < tries; index += 1) belief = afterOutcome(belief, [1], (index * wins) % tries < wins);
    expect(Math.abs(chanceOf(belief, [1]) - exact(wins, tries))).toBeLessThan(0.06);
  });

  test('costs are learned to the scale they have, and one that is told first weighs no more than the last', () => {
    const seen = [400, 900, 600, 600, 500, 700];
    const learn = (costs: readonly number[]) =>
      costs.reduce((belief, cost) => afterCost(belief, [1], cost), priorBelief([Math.log(50)], { first: 2, other: 1 }));
    expect(costOf(learn(seen), [1])).toBeGreaterThan(500);
    expect(costOf(learn(seen), [1])).toBeLessThan(800);
    expect(costOf(learn(seen.toReversed()), [1])).toBeCloseTo(costOf(learn(seen), [1]), 6);
  });

  test('it tells situations apart', () => {
    const learned = taught({}, [
      ...many(30, () => lesson('draft', true, 400, { language: 'javascript' })),
      ...many(30, () => lesson('draft', false, 400, { language: 'python' })),
    ]);
    const chance = (language: string): number => chanceOf((learned.draft as Learned[string]).success, featuresOf({ ...start, language }));
    expect(chance('javascript')).toBeGreaterThan(0.7);
    expect(chance('python')).toBeLessThan(0.3);
  });

  test('is plain data, so it is the same after it was kept in a file', () => {
    const learned = taught({}, [lesson('draft', true, 400)]);
    expect(JSON.parse(JSON.stringify(learned))).toEqual(learned);
    expect(learned.draft?.success.mean).toHaveLength(featureNames.length);
  });
});

describe('a schedule', () => {
  const teach = (place: number, draft: number): Learned =>
    taught({}, [
      ...many(20, (index) => lesson('place', index % 10 < place * 10, 150)),
      ...many(20, (index) => lesson('draft', index % 10 < draft * 10, 1200)),
    ]);

  test('begins with what succeeds most for what it costs, and says how sure it is', () => {
    const cheap = scheduleFor(operatorsOf(teach(0.4, 0.6)), start, terms);
    expect(cheap.steps[0]?.operator).toBe('place');
    const dear = scheduleFor(operatorsOf(teach(0, 0.8)), start, terms);
    expect(dear.steps[0]?.operator).toBe('draft');
    for (const { steps, chance, expectedCost } of [cheap, dear]) {
      expect(chance).toBeCloseTo(1 - steps.reduce((left, step) => left * (1 - step.chance), 1), 9);
      expect(expectedCost).toBeLessThanOrEqual(steps.reduce((sum, { cost }) => sum + cost, 0));
      expect(steps.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(terms.budget);
    }
  });

  test('more thrift gives a beginning of the same list, and never expects to spend more', () => {
    const share = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(
        share,
        share,
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        (place, draft, a, b) => {
          const operators = operatorsOf(teach(place, draft));
          const [less, more] = [Math.min(a, b), Math.max(a, b)].map((thrift) => scheduleFor(operators, start, { ...terms, thrift }));
          if (less === undefined || more === undefined) throw new Error('two schedules');
          expect(less.steps.slice(0, more.steps.length)).toEqual(more.steps);
          expect(more.expectedCost).toBeLessThanOrEqual(less.expectedCost);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('as it is run, with the draft that small changes wait for, more thrift never expects to spend more either', () => {
    const tenths = fc.integer({ min: 0, max: 10 });
    const tokens = fc.integer({ min: 20, max: 1500 });
    const worse: number[] = [];
    fc.assert(
      fc.property(
        fc.array(tenths, { minLength: 3, maxLength: 3 }),
        fc.array(tokens, { minLength: 2, maxLength: 2 }),
        (wins, [place = 0, draft = 0]) => {
          const lessons = (operator: string, share: number, cost: number) =>
            many(10, (index) => ({ ...lesson(operator, index < share, cost), calls: operator === 'changes' ? 0 : 1 }));
          const [placed = 0, changed = 0, drafted = 0] = wins;
          const known = {
            operators: operatorsOf(
              taught({}, [...lessons('place', placed, place), ...lessons('changes', changed, 5), ...lessons('draft', drafted, draft)]),
            ),
            ...{ start, ownRuns: 0 },
          };
          let last = Number.POSITIVE_INFINITY;
          let plain = Number.POSITIVE_INFINITY;
          for (const thrift of [0, 0.5, 1, 2, 5, 10, 20, 50, 200]) {
            const listFor = (of: number) => scheduleFor(known.operators, start, { ...terms, thrift: of });
            const { expectedCost } = cutWithDraft(listFor(thrift), () => listFor(0), known);
            expect(expectedCost).toBeLessThanOrEqual(last + 1e-9);
            last = expectedCost;
            const unmended = withDraft(listFor(thrift), known).expectedCost;
            if (unmended > plain + 1e-9) worse.push(thrift);
            plain = unmended;
          }
        },
      ),
      { numRuns: 150, seed: 5 },
    );
    // A draft put behind whatever is left would break it.
    expect(worse.length).toBeGreaterThan(0);
  });

  test('nothing is scheduled that is not worth its cost, or does not fit', () => {
    expect(scheduleFor(operatorsOf(teach(0.4, 0.6)), start, { ...terms, budget: 50 }).steps).toEqual([]);
    expect(scheduleFor(operatorsOf(teach(0.4, 0.6)), start, { ...terms, thrift: 1000 }).steps).toEqual([]);
    expect(scheduleFor([], start, terms)).toEqual({ steps: [], chance: 0, expectedCost: 0 });
  });

  test('twenty runs in which no place mends and a draft does bring the draft to the front, and without them it is where it was', () => {
    /** Up to six places one after the other, of which the one at `mends` does; then a draft. */
    const runOf = (mends: number, drafted: boolean, tokens: number): Lesson[] => [
      ...many(Math.min(mends + 1, 6), (tries) => lesson('place', tries === mends, 150, { tries, attempts: tries })),
      ...(mends < 6 ? [] : [lesson('draft', drafted, tokens, { attempts: 6 })]),
    ];
    const draftAt = (learned: Learned): number =>
      scheduleFor(operatorsOf(learned), start, terms).steps.findIndex(({ operator }) => operator === 'draft');
    const never = 6;
    const shippedRuns = [0, 1, 2, 4, 5, never, never, never, never, never];
    const shipped = taught(
      {},
      [...shippedRuns, ...shippedRuns].flatMap((mends, index) => runOf(mends, index % 5 === 0, 1200)),
    );
    const own = taught(shipped, Array.from({ length: 20 }, () => runOf(never, true, 500)).flat());
    expect(draftAt(shipped)).toBe(6);
    expect(draftAt(own)).toBe(0);
    expect(draftAt(taught(shipped, []))).toBe(draftAt(shipped));
  });
});
