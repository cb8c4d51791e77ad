/** Valid plans of every shape, for property tests: whatever this makes, `checkPlan` finds no error in it. */
import * as fc from 'fast-check';
import { type Agent, type Condition, type Plan, planSchema, type Step } from '../../src/plan/schema.ts';
import { printable } from '../../src/text/index.ts';

/** Texts with everything that upsets quoting, but nothing that hides: those characters are an error of the plan. */
const awkward = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '"',
          "'",
          ': ',
          ' #',
          '- ',
          '\n',
          '\n\n  ',
          '\r\n',
          '\t',
          ']',
          '{',
          '|',
          '>',
          '&a',
          '*a',
          '%',
          '@',
          '`',
          '---',
          '...',
          'null',
          '~',
          '1e3',
          'é',
          '日本語',
          '<b>',
        ),
      },
    ),
    { maxLength: 8 },
  )
  .map((parts) => printable(parts.join('')).replace(/\s{4,}/g, '\n\n'));

const temperature = fc.oneof(fc.constantFrom(0, 0.2, 0.7, 1, 2), fc.double({ min: 0, max: 2, noNaN: true }));
const scope = fc.uniqueArray(fc.constantFrom('**', 'src/**', 'lib/**/*.ts', 'a b/*.py', 'größe/**', '*.{js,ts}'), {
  minLength: 1,
  maxLength: 3,
});

const agentOf = (role: string, output: Agent['output']): fc.Arbitrary<Agent> => {
  const writes = output === 'edits' || output === 'tests';
  return fc.record({
    role: fc.constant(role),
    instructions: awkward.map((text) => `Do your part with care. ${text}`.slice(0, 1900)),
    output: fc.constant(output),
    tier: fc.constantFrom('worker' as const, 'strong' as const),
    tools: fc.subarray(['read', 'list', 'search', 'test', ...(writes ? ['edit' as const] : [])] as Agent['tools']),
    write: writes ? scope : fc.constant([]),
    temperature,
  });
};

/** Steps before they get their names and references. */
type Draft =
  | { do: 'generate' | 'revise'; samples: number; stop: 'first-pass' | 'never'; reads: number[] }
  | { do: 'analyse' | 'review' | 'write-tests'; reads: number[] }
  | { do: 'test' }
  | { do: 'check'; checks: ('types' | 'lint')[] }
  | { do: 'select'; by: ('tests' | 'behaviour' | 'votes')[]; keep: number }
  | { do: 'repeat'; until: Condition; max: number; steps: Draft[] }
  | { do: 'when'; if: Condition; steps: Draft[]; else: Draft[] }
  | { do: 'group'; steps: Draft[] };

const reads = fc.array(fc.nat(50), { maxLength: 3 });
const sampled = <K extends 'generate' | 'revise'>(kind: K): fc.Arbitrary<Draft> =>
  fc.record({
    do: fc.constant(kind),
    samples: fc.integer({ min: 1, max: 8 }),
    stop: fc.constantFrom('first-pass' as const, 'never' as const),
    reads,
  });
const noted = (kind: 'analyse' | 'review' | 'write-tests'): fc.Arbitrary<Draft> => fc.record({ do: fc.constant(kind), reads });
const test: fc.Arbitrary<Draft> = fc.constant({ do: 'test' });
const check: fc.Arbitrary<Draft> = fc.record({
  do: fc.constant('check' as const),
  checks: fc.subarray(['types' as const, 'lint' as const], { minLength: 1 }),
});
const select: fc.Arbitrary<Draft> = fc.record({
  do: fc.constant('select' as const),
  by: fc.shuffledSubarray(['tests' as const, 'behaviour' as const, 'votes' as const], { minLength: 1 }),
  keep: fc.integer({ min: 1, max: 4 }),
});

/** Steps that may stand anywhere once there is a candidate. */
const later = fc.oneof(
  sampled('generate'),
  sampled('revise'),
  noted('analyse'),
  noted('review'),
  noted('write-tests'),
  test,
  check,
  select,
);
const laterList = (maxLength: number): fc.Arbitrary<Draft[]> => fc.array(later, { maxLength });

/** Each begins with what keeps its condition open, so that no branch is dead and every loop can end. */
const repeat: fc.Arbitrary<Draft> = fc
  .tuple(
    fc.constantFrom<Condition>('tests-pass', 'review-approves', 'review-rejects'),
    fc.integer({ min: 1, max: 4 }),
    sampled('revise'),
    noted('review'),
    laterList(2),
  )
  .map(([until, max, revise, review, more]) => ({ do: 'repeat', until, max, steps: [revise, review, { do: 'test' }, ...more] }));
const when: fc.Arbitrary<Draft> = fc
  .tuple(fc.constantFrom<Condition>('tests-pass', 'tests-fail', 'no-tests'), fc.array(later, { minLength: 1, maxLength: 3 }), laterList(2))
  .map(([condition, steps, otherwise]) => ({ do: 'when', if: condition, steps, else: otherwise }));
const thinkers: fc.Arbitrary<Draft> = fc.array(noted('analyse'), { minLength: 1, maxLength: 3 }).map((steps) => ({ do: 'group', steps }));
const makers: fc.Arbitrary<Draft> = fc
  .array(fc.oneof(sampled('generate'), noted('analyse')), { minLength: 1, maxLength: 3 })
  .map((steps) => ({ do: 'group', steps }));
const judges: fc.Arbitrary<Draft> = fc.tuple(test, check, noted('review')).map((steps) => ({ do: 'group', steps }));

/** A `when` or `repeat` follows something new, so that its condition is not settled by the one before. */
const block = fc.tuple(sampled('revise'), fc.oneof(repeat, when)).map((pair) => [...pair]);
const nested = fc
  .tuple(sampled('generate'), block, noted('analyse'))
  .map(([first, inner, last]): Draft[] => [{ do: 'repeat', until: 'tests-pass', max: 2, steps: [first, ...inner, { do: 'test' }, last] }]);
const part = fc.oneof(
  { weight: 4, arbitrary: later.map((step) => [step]) },
  { weight: 2, arbitrary: block },
  { weight: 1, arbitrary: makers.map((step) => [step]) },
  { weight: 1, arbitrary: judges.map((step) => [step]) },
  { weight: 1, arbitrary: nested },
);

const change: fc.Arbitrary<Draft[]> = fc
  .tuple(
    fc.array(fc.oneof(noted('analyse'), thinkers), { maxLength: 2 }),
    sampled('generate'),
    fc.array(part, { maxLength: 4 }),
    fc.option(select),
  )
  .map(([before, first, parts, last]) => [...before, first, ...parts.flat(), { do: 'test' as const }, ...(last ? [last] : [])]);
const answer: fc.Arbitrary<Draft[]> = fc
  .tuple(noted('analyse'), fc.array(fc.oneof(noted('analyse'), thinkers), { maxLength: 3 }))
  .map(([first, others]) => [first, ...others]);

const agents = fc.record({
  'coder-a': agentOf('coder', 'edits'),
  constructor: agentOf('debugger', 'edits'),
  planner: agentOf('planner', 'note'),
  tester: agentOf('tester', 'tests'),
  reviewer: agentOf('reviewer', 'verdict'),
});
const agentFor: Record<string, string> = {
  generate: 'coder-a',
  revise: 'constructor',
  analyse: 'planner',
  'write-tests': 'tester',
  review: 'reviewer',
};

/** Gives names and references: a step may read any note written before it that is sure not to run beside it or in another branch. */
function nameSteps(drafts: readonly Draft[]): Step[] {
  let count = 0;
  const name = (list: readonly Draft[], notes: string[], sideBySide = false): Step[] => {
    const known = [...notes];
    return list.map((draft): Step => {
      const id = `s${count++}-${draft.do}`;
      const visible = sideBySide ? notes : known;
      if (draft.do === 'repeat') return { ...draft, id, steps: name(draft.steps, visible) };
      if (draft.do === 'when') return { ...draft, id, steps: name(draft.steps, visible), else: name(draft.else, visible) };
      if (draft.do === 'group') {
        const steps = name(draft.steps, visible, true);
        known.push(...steps.filter((step) => step.do === 'analyse').map((step) => step.id));
        return { ...draft, id, steps };
      }
      if (!('reads' in draft)) return { ...draft, id } as Step;
      const { reads: wanted, ...rest } = draft;
      const uses = visible.length === 0 ? [] : [...new Set(wanted.map((index) => visible[index % visible.length] as string))];
      if (draft.do === 'analyse' || draft.do === 'review') known.push(id);
      return { ...rest, id, agent: agentFor[draft.do] as string, uses, ...(draft.do === 'generate' && { from: 'start' }) } as Step;
    });
  };
  return name(drafts, []);
}

const budget = fc.record({
  tokens: fc.integer({ min: 1_000_000, max: 10_000_000 }),
  usd: fc.double({ min: 0, max: 100, noNaN: true }),
  seconds: fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
  calls: fc.integer({ min: 500, max: 5000 }),
  agents: fc.integer({ min: 5, max: 9 }),
  depth: fc.integer({ min: 4, max: 12 }),
});

const head = fc.record({
  teamwright: fc.constant(1 as const),
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
  reason: awkward,
  difficulty: fc.constantFrom('easy' as const, 'medium' as const, 'hard' as const),
});

/** A plan with every default filled in. */
export const planArbitrary: fc.Arbitrary<Plan> = fc
  .tuple(
    head,
    agents,
    budget,
    fc.oneof({ weight: 4, arbitrary: change }, { weight: 1, arbitrary: answer }),
    fc.constantFrom('best', 'nothing'),
  )
  .map(([first, team, limits, drafts, otherwise]) => {
    const steps = nameSteps(drafts);
    const finish = { when: drafts.some((draft) => draft.do === 'generate') ? 'tests-pass' : 'answer', otherwise };
    return planSchema.parse({ ...first, agents: team, steps, budget: limits, finish });
  });
