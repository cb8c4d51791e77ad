/** Which team of earlier runs stands in for the usual one, and what is changed of it for another request. */
import { describe, expect, test } from 'vitest';
import { soloTeam, teamFor, teamIdOf } from '../../src/design/index.ts';
import { fitted } from '../../src/design/proven.ts';
import { betterThan, type TeamUse, teamsIn } from '../../src/learning/index.ts';
import { checkPlan, isError, type Plan } from '../../src/plan/index.ts';

const situation = { workspace: 'mine', kind: 'bug-fix', language: 'javascript', model: 'm' };
const uses = (team: string, solved: number, failed: number, about: Partial<TeamUse> = {}): TeamUse[] =>
  Array.from({ length: solved + failed }, (_, at) => ({ ...situation, team, solved: at < solved, calls: 2, tokens: 500, ...about }));

describe('a proven team', () => {
  test('stands in for the usual one only where it is clearly better, after enough uses', () => {
    expect(betterThan('usual', [], situation)).toBeUndefined();
    expect(betterThan('usual', [...uses('usual', 0, 3), ...uses('other', 3, 0)], situation)).toMatchObject({
      ...{ team: 'other', hit: 'exact' },
      proved: { runs: 3, solved: 3, mean: 0.8 },
      usual: { runs: 3, solved: 0, mean: 0.2 },
    });
    expect(betterThan('usual', [...uses('usual', 0, 3), ...uses('other', 2, 0)], situation)).toBeUndefined();
    expect(betterThan('usual', [...uses('usual', 3, 1), ...uses('other', 3, 0)], situation)).toBeUndefined();
    expect(betterThan('usual', uses('usual', 9, 0), situation)).toBeUndefined();
  });

  test('of another workspace counts half, of another kind, language or model nothing; of two the cheaper one is taken', () => {
    const elsewhere = [...uses('usual', 0, 6, { workspace: 'yours' }), ...uses('other', 6, 0, { workspace: 'yours' })];
    expect(betterThan('usual', elsewhere, situation)).toMatchObject({ team: 'other', hit: 'near', proved: { mean: 0.8 } });
    for (const unlike of [{ kind: 'feature' }, { language: 'go' }, { model: 'another' }])
      expect(betterThan('usual', [...uses('usual', 0, 6, unlike), ...uses('other', 6, 0, unlike)], situation)).toBeUndefined();
    const two = [...uses('usual', 0, 4), ...uses('dear', 4, 0, { tokens: 900 }), ...uses('cheap', 4, 0)];
    expect(betterThan('usual', two, situation)?.team).toBe('cheap');
  });

  test('by the word of others counts as the runs it stands for, beside own ones', () => {
    const others = (solved: boolean, counts: number): TeamUse => ({
      ...situation,
      team: 'other',
      solved,
      calls: 2,
      tokens: 500,
      counts,
      others: true,
    });
    const found = betterThan('usual', [...uses('usual', 0, 3), ...uses('other', 1, 0), others(true, 7.5), others(false, 2.5)], situation);
    expect(found?.proved).toMatchObject({ runs: 11, solved: 8.5, others: 10 });
    expect(found?.proved.mean).toBeCloseTo(9.5 / 13);
    expect(betterThan('usual', [...uses('usual', 0, 3), others(true, 1)], situation)).toBeUndefined();
  });

  test('leaves the library when it is clearly worse than the team that is used most; what never solved anything is not in it', () => {
    const here = teamsIn([...uses('usual', 9, 1), ...uses('worse', 1, 5), ...uses('young', 1, 0), ...uses('never', 0, 4)], 'mine');
    expect(here.map(({ team, dropped }) => [team, dropped])).toEqual([
      ['usual', false],
      ['worse', true],
      ['young', false],
    ]);
    expect(teamsIn(uses('usual', 1, 0), 'yours')).toEqual([]);
  });

  test('names the files of this request in place of those of its first one, within the usual limits', () => {
    const team = teamFor('bug-fix', 'easy');
    const coder = team.agents.coder as Plan['agents'][string];
    const plan: Plan = {
      ...team,
      budget: { ...team.budget, tokens: 1_000_000 },
      agents: {
        ...team.agents,
        coder: { ...coder, instructions: 'Mend src/sum.js, not resum.js; sum.test.js shows it.', write: ['src/sum.js', 'src/gone.js'] },
      },
    };
    const then = { sources: ['src/sum.js', 'src/gone.js'], tests: ['sum.test.js'] };
    const now = { sources: ['lib/cart.js'], tests: ['test/cart.test.js'] };
    const edited = fitted(plan, then, now);
    expect(edited.agents.coder).toMatchObject({
      instructions: 'Mend lib/cart.js, not resum.js; test/cart.test.js shows it.',
      write: ['lib/cart.js', '**'],
    });
    expect(edited.budget).toEqual(team.budget);
    expect(checkPlan(edited).filter(isError)).toEqual([]);
    // The same request again: nothing is changed but the limits.
    expect(fitted(plan, then, then).agents).toEqual(plan.agents);
  });

  test('is known by its work, whatever it was called and however hard the request looked', () => {
    const id = (plan: Plan) => teamIdOf({ plan });
    expect(id(soloTeam(3, 'easy'))).toBe(id({ ...soloTeam(3, 'hard'), name: 'mine', reason: 'because' }));
    expect(id(soloTeam(3, 'easy'))).not.toBe(id(soloTeam(2, 'easy')));
  });
});
