import { describe, expect, test } from 'vitest';
import { inReliableHands, soloTeam } from '../../src/design/index.ts';
import type { Design } from '../../src/design/types.ts';
import { isUnreliable, noFailures, type Reliability, summedUp } from '../../src/learning/index.ts';
import type { ModelSet } from '../../src/models/types.ts';

const row = (failed: number, calls: number, more: Partial<Reliability> = {}): Reliability => ({
  ...{ role: 'coder', model: 'small', runs: 1, solved: 0, calls, breaches: 0 },
  failures: { ...noFailures, format: failed },
  ...more,
});

describe('the tally', () => {
  test('sums up by role and model, the most calls first', () => {
    const rows = [row(1, 2), row(0, 3, { role: 'planner' }), row(2, 4, { solved: 1, breaches: 3 })];
    expect(summedUp(rows)).toEqual([row(3, 6, { runs: 2, solved: 1, breaches: 3 }), row(0, 3, { role: 'planner' })]);
  });

  test.each([
    [5, 5, false],
    [3, 6, false],
    [4, 6, true],
    [10, 30, false],
    [16, 30, true],
  ])('%i of %i calls that came to nothing: not relied on is %s', (failed, calls, expected) => {
    expect(isUnreliable(row(failed, calls))).toBe(expected);
  });

  test('breaches count as failures do', () => {
    expect(isUnreliable(row(0, 6, { breaches: 6 }))).toBe(true);
  });
});

describe('a team', () => {
  const models = { worker: { model: 'small' }, strong: { model: 'large' } } as unknown as ModelSet;
  const plan = soloTeam(1, 'easy');
  const design: Design = { plan, origin: 'solo', reason: 'One is enough.', difficulty: 'easy', rounds: [] };
  const tierWith = async (tally: readonly Reliability[], more: object = {}, of: Design = design) => {
    const given = await inReliableHands(of, { models, reliability: async () => tally, ...more });
    return { tier: given.plan.agents.coder?.tier, reason: given.reason, plan: given.plan };
  };

  test('gets the other model for a role in which its own is not relied on, and says so', async () => {
    const { tier, reason, plan: changed } = await tierWith([row(9, 10)]);
    expect(tier).toBe('strong');
    expect(reason).toBe('One is enough. coder works with the other model: small as coder came to nothing in 9 of 10 calls here.');
    expect(changed.reason).toContain('9 of 10 calls here');
  });

  test('stays as it is where nothing speaks for another', async () => {
    const other = row(9, 10, { model: 'large' });
    const same = { worker: { model: 'small' }, strong: { model: 'small' } } as unknown as ModelSet;
    expect((await tierWith([])).tier).toBe('worker');
    expect((await tierWith([row(1, 10)])).tier).toBe('worker');
    expect((await tierWith([row(9, 10, { role: 'planner' })])).tier).toBe('worker');
    expect((await tierWith([row(9, 10), other])).tier).toBe('worker');
    expect((await tierWith([row(9, 10)], { models: same })).tier).toBe('worker');
    expect((await tierWith([row(9, 10)], { fits: () => false })).tier).toBe('worker');
    expect((await tierWith([row(9, 10)], {}, { ...design, origin: 'file' })).tier).toBe('worker');
  });
});
