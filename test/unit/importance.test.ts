/** How much each agent of a debate contributed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type DebateRound,
  importanceByRound,
  importanceOf,
  isAgreed,
  pointsOf,
  type Rating,
  standingOf,
} from '../../src/run/importance.ts';
import { readRatings } from '../../src/run/steps/debate.ts';

const rating = (by: string, of: string, points: number): Rating => ({ by, of, peer: points });

test('importance flows backwards along what was rated, by hand', () => {
  const rounds: DebateRound[] = [
    { agents: ['a', 'b', 'c'], ratings: [] },
    {
      agents: ['a', 'b'],
      // a gives 4 to itself, 4 to b and 2 to c; b gives 5, 4 and 1.
      ratings: [
        rating('a', 'a', 4),
        rating('a', 'b', 4),
        rating('a', 'c', 2),
        rating('b', 'a', 5),
        rating('b', 'b', 4),
        rating('b', 'c', 1),
      ],
    },
  ];
  const [first, last] = importanceByRound(rounds);
  expect(last).toEqual(
    new Map([
      ['a', 0.5],
      ['b', 0.5],
    ]),
  );
  // 0.5 · 4/10 + 0.5 · 5/10, and so on.
  expect(first?.get('a')).toBeCloseTo(0.45);
  expect(first?.get('b')).toBeCloseTo(0.4);
  expect(first?.get('c')).toBeCloseTo(0.15);
  expect(importanceOf(rounds).map(({ agent, share }) => [agent, Math.round(share * 1000) / 1000])).toEqual([
    ['a', 0.475],
    ['b', 0.45],
    ['c', 0.075],
  ]);
});

const names = ['a', 'b', 'c', 'd', 'e'];
const someRounds = fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 1, maxLength: 5 }).chain((teams) =>
  fc.tuple(
    ...teams.map((agents, at): fc.Arbitrary<DebateRound> => {
      const pairs = at === 0 ? [] : agents.flatMap((by) => (teams[at - 1] as string[]).map((of) => [by, of] as const));
      const points = {
        peer: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        tests: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
      };
      return fc
        .tuple(...pairs.map(([by, of]) => fc.record(points).map((said): Rating => ({ by, of, ...said }))))
        .map((ratings) => ({ agents, ratings }));
    }),
  ),
);

test('in every round importances are no less than nothing and sum to one, and so do those of the whole debate', () => {
  fc.assert(
    fc.property(someRounds, (rounds) => {
      const sum = (shares: ReadonlyMap<string, number>): number => [...shares.values()].reduce((all, one) => all + one, 0);
      for (const round of importanceByRound(rounds)) {
        expect(sum(round)).toBeCloseTo(1, 9);
        expect(Math.min(...round.values())).toBeGreaterThanOrEqual(0);
      }
      expect(sum(new Map(importanceOf(rounds).map(({ agent, share }) => [agent, share])))).toBeCloseTo(1, 9);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a planted useless agent, rated by judges that err, ranks last: in 300 debates of four with fixed seeds more than nine times of ten', () => {
  let seed = 11;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const agents = ['good', 'fair', 'useless', 'sound'];
  const quality: Readonly<Record<string, number>> = { good: 4, fair: 3, useless: 1.5, sound: 4 };
  let last = 0;
  for (let debate = 0; debate < 300; debate += 1) {
    const rated = agents.flatMap((by) =>
      agents.flatMap((of) => {
        // A judge is off by one point and a half either way.
        const points = Math.round((quality[of] as number) + 3 * (random() - 0.5));
        return by === of ? [] : [rating(by, of, Math.min(5, Math.max(1, points)))];
      }),
    );
    const rounds = [
      { agents, ratings: [] },
      { agents, ratings: rated },
    ];
    if (importanceOf(rounds).at(-1)?.agent === 'useless') last += 1;
    expect(standingOf(agents, rated).get('useless')).toBeLessThan(0.25);
  }
  // The lower end of Wilson's interval that holds 99.9 % of such measurements.
  const [z, n, share] = [3.29, 300, last / 300];
  const least = (share + z ** 2 / (2 * n) - z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
  expect(least).toBeGreaterThan(0.9);
});

test('tests and peers count alike; who says nothing of an answer is in the middle', () => {
  expect(pointsOf({ by: 'a', of: 'b', peer: 5, tests: 0 })).toBe(2.5);
  expect(pointsOf({ by: 'a', of: 'b', tests: 4 })).toBe(4);
  expect(pointsOf({ by: 'a', of: 'b' })).toBe(3);
});

test('more than two thirds agree', () => {
  expect([isAgreed(2, 3), isAgreed(3, 3), isAgreed(3, 4), isAgreed(1, 1), isAgreed(4, 6), isAgreed(5, 6)]).toEqual([
    ...[false, true, true, false, false, true],
  ]);
});

test.each([
  ['RATINGS: ann 4, bob 2', { ann: 4, bob: 2 }],
  ['**Ratings**: `ann` = 5; bob: 1\nmore text with bob 3', { ann: 5, bob: 1 }],
  ['RATINGS: ann 9, bob 0, eve 3', {}],
  ['I rate ann 4', {}],
  ['text\n- ratings: ann 3/5', { ann: 3 }],
])('ratings are read from %j', (text, expected) => {
  expect(Object.fromEntries(readRatings(text, ['ann', 'bob']))).toEqual(expected);
});
