/** What the form does to a plan: each edit, and that none of them ever leaves something that is no plan to look at. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdit, canMove } from '../../src/editor/panels/plan-edits.ts';
import { renamedTeam } from '../../src/editor/panels/plan-name.ts';
import { allSteps, formatPlace, locateSteps, type Plan, parsePlanValue, planHash } from '../../src/plan/index.ts';
import type { PlanEdit } from '../../src/webviews/plan-types.ts';
import { english } from '../support/pages/speech.ts';
import { planArbitrary } from '../support/plan-arbitrary.ts';
import { plan, steps } from '../support/plan-example.ts';

const outline = (after: Plan): string =>
  [...locateSteps(after)].map(({ step, parents }) => `${'>'.repeat(parents.length)}${step.id}`).join(' ');
const edited = (edit: PlanEdit, before: Plan = plan): Plan => applyEdit(before, edit);

describe('an edited team', () => {
  const { l10n } = english;
  const named = (edit: PlanEdit, before: Plan = plan): Plan => renamedTeam(applyEdit(before, edit), { edited: plan, edit, l10n });
  const words = ({ name, reason }: Plan) => ({ name, reason });
  const changed = { name: `${plan.name}-edited`, reason: `Changed by you, from the team “${plan.name}”.` };
  const fewer: PlanEdit = { kind: 'set', place: ['steps', 1, 'samples'], value: 1 };
  const asBefore: PlanEdit = { ...fewer, value: (plan.steps[1] as { samples: number }).samples };

  test('has a name and a reason of its own, and the old ones when it is the old team again', () => {
    const once = named(fewer);
    expect(words(once)).toEqual(changed);
    expect(words(named({ kind: 'add-step', step: 'review' }, once))).toEqual(changed);
    expect(planHash(named(asBefore, once))).toBe(planHash(plan));
  });

  test('keeps its words where only a limit was changed, and those that the user wrote', () => {
    expect(words(named({ kind: 'set', place: ['budget', 'calls'], value: 3 }))).toEqual(words(plan));
    const renamed = named({ kind: 'set', place: ['name'], value: 'mine' }, named(fewer));
    expect(words(named({ kind: 'remove-step', place: ['steps', 0] }, renamed))).toEqual({ ...changed, name: 'mine' });
    // While it is typed, the old name may stand there.
    expect(named({ kind: 'set', place: ['name'], value: plan.name }, named(fewer)).name).toBe(plan.name);
  });

  test('has a name that a plan may have, however long the old one was', () => {
    const long = { ...plan, name: 'a'.repeat(40) };
    const once = renamedTeam(applyEdit(long, fewer), { edited: long, edit: fewer, l10n });
    expect(parsePlanValue(once).plan).toBeDefined();
    const again = renamedTeam(applyEdit(once, asBefore), { edited: once, edit: asBefore, l10n });
    expect(again.name).toBe(once.name);
  });
});

describe('an edit', () => {
  test('never changes the plan it is given', () => {
    const before = planHash(plan);
    edited({ kind: 'remove-step', place: ['steps', 0] });
    edited({ kind: 'set', place: ['budget', 'calls'], value: 3 });
    expect(planHash(plan)).toBe(before);
  });

  test('sets values of the plan language and nothing else', () => {
    expect(edited({ kind: 'set', place: ['agents', 'coder', 'tools'], value: ['read'] }).agents.coder?.tools).toEqual(['read']);
    expect(edited({ kind: 'set', place: ['steps', 3, 'steps', 1, 'samples'], value: 4 }).steps[3]).toMatchObject({
      steps: [{}, { samples: 4 }, {}],
    });
    for (const field of ['write', 'commands', 'servers']) {
      const place = ['agents', 'coder', field];
      expect(edited({ kind: 'set', place, value: ['one'] }).agents.coder, field).toMatchObject({ [field]: ['one'] });
    }
    for (const place of [
      ['teamwright'],
      ['agents', '__proto__', 'role'],
      ['__proto__', 'polluted'],
      ['steps', 0, 'do'],
      ['steps', 0, 'constructor'],
      ['steps', 'length'],
    ]) {
      expect(planHash(edited({ kind: 'set', place, value: 'x' }))).toBe(planHash(plan));
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('of a name takes all references along', () => {
    const step = edited({ kind: 'rename-step', place: ['steps', 0, 'id'], name: 'inspect' });
    expect([...allSteps(step.steps)].flatMap((one) => ('uses' in one ? one.uses : []))).toEqual(['inspect', 'judge', 'inspect']);
    const agent = edited({ kind: 'rename-agent', place: ['agents', 'coder'], name: 'smith' });
    expect(Object.keys(agent.agents)).toEqual(['planner', 'smith', 'critic']);
    expect([...allSteps(agent.steps)].flatMap((one) => ('agent' in one ? one.agent : []))).toEqual(['planner', 'smith', 'critic', 'smith']);
  });

  test('of a name that is taken leaves agents apart', () => {
    expect(planHash(edited({ kind: 'rename-agent', place: ['agents', 'coder'], name: 'critic' }))).toBe(planHash(plan));
  });

  test('moves a step in its list, and out of it at its end', () => {
    expect(outline(edited({ kind: 'move-step', place: ['steps', 1], by: -1 }))).toBe('draft look try mend >judge >fix >retry pick');
    expect(outline(edited({ kind: 'move-step', place: ['steps', 3, 'steps', 2], by: 1 }))).toBe(
      'look draft try mend >judge >fix retry pick',
    );
    expect(outline(edited({ kind: 'move-step', place: ['steps', 3, 'steps', 0], by: -1 }))).toBe(
      'look draft try judge mend >fix >retry pick',
    );
    expect(canMove(plan, ['steps', 0], -1)).toBe(false);
    expect(canMove(plan, ['steps', 4], 1)).toBe(false);
    expect(canMove(plan, ['steps', 3, 'steps', 0], -1)).toBe(true);
  });

  test('removes a step with what is in it, its note from its readers, and what would hold nothing', () => {
    const gone = edited({ kind: 'remove-step', place: ['steps', 0] });
    expect([...allSteps(gone.steps)].flatMap((one) => ('uses' in one ? one.uses : []))).toEqual(['judge']);
    const nested: Plan = {
      ...plan,
      steps: steps({ id: 'a', do: 'test' }, { id: 'w', do: 'when', if: 'tests-fail', steps: [{ id: 'b', do: 'test' }] }),
    };
    expect(outline(edited({ kind: 'remove-step', place: ['steps', 1, 'steps', 0] }, nested))).toBe('a');
  });

  test('adds a step behind another, with an agent that can do its work', () => {
    const review = edited({ kind: 'add-step', after: ['steps', 1], step: 'review' });
    expect(outline(review)).toBe('look draft review try mend >judge >fix >retry pick');
    expect(review.steps[2]).toMatchObject({ do: 'review', agent: 'critic' });
    const tests = edited({ kind: 'add-step', step: 'write-tests' });
    expect(tests.steps.at(-1)).toMatchObject({ do: 'write-tests', agent: 'tester' });
    expect(tests.agents.tester?.output).toBe('tests');
    expect(planHash(edited({ kind: 'add-step', step: 'constructor' }))).toBe(planHash(plan));
  });

  test('adds and removes agents', () => {
    const more = edited({ kind: 'add-agent' }, edited({ kind: 'add-agent' }));
    expect(Object.keys(more.agents)).toEqual(['planner', 'coder', 'critic', 'agent', 'agent-2']);
    expect(Object.keys(edited({ kind: 'remove-agent', name: 'critic' }).agents)).toEqual(['planner', 'coder']);
  });
});

const anyEdit = (of: Plan): fc.Arbitrary<PlanEdit> => {
  const place = fc.constantFrom(...[...locateSteps(of)].map((found) => [...found.place]));
  return fc.oneof(
    fc.record({ kind: fc.constant('remove-step' as const), place }),
    fc.record({ kind: fc.constant('move-step' as const), place, by: fc.constantFrom(-1 as const, 1 as const) }),
    fc.record({
      kind: fc.constant('add-step' as const),
      after: place,
      step: fc.constantFrom('generate', 'analyse', 'when', 'repeat', 'group', 'select'),
    }),
    fc.record({
      kind: fc.constant('rename-step' as const),
      place: place.map((found) => [...found, 'id']),
      name: fc.constantFrom('x', 'y'),
    }),
    fc.constant<PlanEdit>({ kind: 'add-agent' }),
  );
};

describe('any edit of any plan', () => {
  test('gives something of the shape of a plan, or an empty one', () => {
    fc.assert(
      fc.property(
        planArbitrary.chain((before) => fc.tuple(fc.constant(before), anyEdit(before))),
        ([before, edit]) => {
          const after = applyEdit(before, edit);
          if (after.steps.length > 0 && after.steps.length <= 32) expect(parsePlanValue(after).problems ?? []).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('that moves a step keeps every step once', () => {
    fc.assert(
      fc.property(
        planArbitrary.chain((before) =>
          fc.tuple(
            fc.constant(before),
            fc.constantFrom(...[...locateSteps(before)].map(({ place }) => [...place])),
            fc.constantFrom(-1 as const, 1 as const),
          ),
        ),
        ([before, place, by]) => {
          const ids = (of: Plan): string[] => [...allSteps(of.steps)].map((step) => step.id).sort();
          const after = applyEdit(before, { kind: 'move-step', place, by });
          expect(ids(after)).toEqual(ids(before));
          expect(canMove(before, place, by), formatPlace(place)).toBe(outline(after) !== outline(before));
        },
      ),
      { numRuns: 150 },
    );
  });
});
