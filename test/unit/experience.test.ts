/** What the user's own runs teach: a workspace whose requests are of one kind, simulated. */
import { describe, expect, test } from 'vitest';
import { debatingTeam } from '../../src/design/debate.ts';
import {
  afterRun,
  believedIn,
  type Experience,
  type Learned,
  type Lesson,
  nothingExperienced,
  operatorsOf,
  type Situation,
  scheduleFor,
  shippedPrior,
  whatChanged,
} from '../../src/learning/index.ts';

const prior = shippedPrior.learned;
const start: Situation = {
  ...{ language: 'python', kind: 'bug-fix', bytes: 800, lines: 30, testsPassed: 3, testsFailed: 1 },
  ...{ attempts: 0, tries: 0 },
};
const terms = { budget: 30_000, usualCalls: 4, weights: { complexity: 0.05, efficiency: 0.1 } };
/** Of the operators that ask a model: small changes cost next to nothing. */
const first = (learned: Learned): string | undefined =>
  scheduleFor(operatorsOf(learned), start, terms).steps.find(({ operator }) => operator !== 'changes')?.operator;
const lesson = (operator: string, succeeded: boolean | undefined, cost: number, tries = 0): Lesson => ({
  ...{ operator, succeeded, cost, calls: 1 },
  situation: { ...start, tries, attempts: tries },
});
/** A workspace in which no single place mends, and a draft of whole files always does. */
const needsDrafts = (): Lesson[] => [lesson('place', false, 200), lesson('place', false, 200, 1), lesson('draft', true, 300)];
const taughtIn = (runs: number, lessons: () => readonly Lesson[], before: Experience = nothingExperienced): Experience =>
  Array.from({ length: runs }).reduce<Experience>(
    (experience) => afterRun(experience, prior, { workspace: 'mine', model: 'm', lessons: lessons() }),
    before,
  );

describe('own runs', () => {
  test('before the first one everything is as it ships', () => {
    expect(believedIn(nothingExperienced, prior, 'mine', 'm')).toEqual({ learned: prior, runs: 0, roles: {} });
    expect(first(prior)).toBe('place');
  });

  test('twenty of one kind move the choice as they should, in this workspace and for this model alone', () => {
    const experience = taughtIn(20, needsDrafts);
    expect(experience.runs).toBe(20);
    const here = believedIn(experience, prior, 'mine', 'm');
    expect(here.runs).toBe(20);
    expect(first(here.learned)).toBe('draft');
    expect(believedIn(experience, prior, 'other', 'm')).toEqual({ learned: prior, runs: 0, roles: {} });
    expect(believedIn(experience, prior, 'mine', 'another')).toEqual({ learned: prior, runs: 0, roles: {} });
  });

  test('a role of debates that contributes next to nothing is left out after three of them, and comes back once it does', () => {
    const taught = (runs: number, relative: number, earlier = nothingExperienced): Experience =>
      Array.from({ length: runs }).reduce<Experience>((experience) => {
        const contributions = [
          { role: 'coder', relative: 2 - relative },
          { role: 'sceptic', relative },
        ];
        return afterRun(experience, prior, { workspace: 'mine', model: 'm', lessons: [], contributions });
      }, earlier);
    const team = (experience: Experience): string[] => {
      const { agents } = debatingTeam('hard', believedIn(experience, prior, 'mine', 'm').roles);
      return Object.values(agents).map(({ role }) => role);
    };
    expect(team(nothingExperienced)).toContain('sceptic');
    expect(team(taught(2, 0.05))).toContain('sceptic');
    const idle = taught(4, 0.05);
    expect(team(idle)).toEqual(['coder', 'edge-case-coder', 'minimalist']);
    expect(debatingTeam('hard', believedIn(idle, prior, 'mine', 'm').roles).reason).toContain('Without the sceptic');
    expect(whatChanged(idle, prior, 'mine')[0]?.roles).toMatchObject([
      { role: 'coder', leftOut: false },
      { role: 'sceptic', leftOut: true },
    ]);
    expect(team(taught(6, 1.2, idle))).toContain('sceptic');
    expect(believedIn(idle, prior, 'other', 'm').roles).toEqual({});
  });

  test('each run moves it a little, and runs of another kind move it back', () => {
    const chance = (experience: Experience, operator: string): number =>
      whatChanged(experience, prior, 'mine')[0]?.operators.find((one) => one.operator === operator)?.now.chance as number;
    const [one, five, twenty] = [1, 5, 20].map((runs) => chance(taughtIn(runs, needsDrafts), 'place')) as [number, number, number];
    expect(one).toBeGreaterThan(five);
    expect(five).toBeGreaterThan(twenty);
    const mends = (): Lesson[] => [lesson('place', true, 200)];
    expect(chance(taughtIn(20, mends, taughtIn(20, needsDrafts)), 'place')).toBeGreaterThan(chance(taughtIn(20, needsDrafts), 'place'));
  });

  test('costs are learned too: an operator that costs ten times as much here is told to', () => {
    const [changed] = whatChanged(
      taughtIn(20, () => [lesson('place', true, 3000)]),
      prior,
      'mine',
    );
    const place = changed?.operators.find(({ operator }) => operator === 'place');
    expect(place?.tries).toBe(20);
    expect(place?.now.tokens).toBeGreaterThan(4 * (place?.shipped.tokens as number));
  });

  test('what nobody can say teaches no success, and what the prior does not know teaches nothing', () => {
    const refused = taughtIn(20, () => [lesson('draft', undefined, 300)]);
    const draft = whatChanged(refused, prior, 'mine')[0]?.operators.find(({ operator }) => operator === 'draft');
    expect(draft?.now.chance).toBeCloseTo(draft?.shipped.chance as number, 1);
    expect(taughtIn(5, () => [lesson('dance', true, 1)])).toEqual(nothingExperienced);
  });

  test('it is plain data of bounded size: ten thousand runs in two hundred workspaces and more stay small', () => {
    let experience = nothingExperienced;
    for (let run = 0; run < 10_000; run += 1)
      experience = afterRun(experience, prior, { workspace: `w${run % 300}`, model: `m${run % 3}`, lessons: needsDrafts() });
    expect(experience.runs).toBe(10_000);
    const text = JSON.stringify(experience);
    expect(text.length).toBeLessThan(1_000_000);
    expect(JSON.parse(text)).toEqual(experience);
    // From 200 runs of a model on its weights move too, and a workspace that was never seen gains by it.
    expect(believedIn(experience, prior, 'new', 'm0').learned).not.toEqual(prior);
    expect(first(believedIn(experience, prior, 'new', 'm0').learned)).toBe('draft');
  }, 60_000);
});
