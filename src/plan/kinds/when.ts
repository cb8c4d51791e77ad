import { conditionFacts } from '../conditions.ts';
import { either } from '../cost.ts';
import { holds, join, learn, opposite } from '../flow-state.ts';
import { holdsSteps } from '../step-answers.ts';
import { condition } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const when = stepKind({
  ...holdsSteps,
  do: 'when',
  label: (t) => t('when'),
  does: (t) => t('runs its steps only if a condition holds'),
  title: (step, t) => t('when {0}', conditionFacts[step.if].label(t)),
  fields: { if: condition((t) => t('If')) },
  fresh: { if: 'tests-fail' },
  // Whether there are tests is known before there is a candidate.
  takesCandidates: (step) => step.if !== 'no-tests',
  flow: (step, { state, inside }) => {
    const chosen = inside('steps', learn(state, step.if, true));
    const other = inside('else', learn(state, step.if, false));
    const held = holds(state, step.if);
    if (held === 'never') return other;
    return held === 'always' ? chosen : join([chosen, other]);
  },
  price: (_step, { here, inside }) => {
    const [chosen, other] = [inside('steps'), inside('else')];
    if (here.entered.steps === 'never') return other;
    return here.entered.else === 'never' ? chosen : either(chosen, other);
  },
  inside: {
    lists: { steps: { least: 1 }, else: { least: 0, heading: 'otherwise' } },
    order: 'in-turn',
    exclusive: true,
    rounds: false,
    shape: 'choice',
    entered: (step, state) => {
      const held = holds(state, step.if);
      return { steps: held, else: opposite[held] };
    },
    unreachable: (step, list, t) =>
      t(
        list === 'else'
          ? 'This never runs: at "{0}" it is always the case that {1}.'
          : 'This never runs: at "{0}" it is never the case that {1}.',
        step.id,
        conditionFacts[step.if].label(t),
      ),
    layers: (inside) => Math.max(inside('steps'), inside('else')),
    draw: ({ inside }, t) => [...inside('steps', t('yes')), ...inside('else', t('no'))],
    flat: (step, factsOf) =>
      step.if === 'tests-fail' && step.else.length === 0 && step.steps.every((inner) => factsOf(inner).idleWhenGreen)
        ? { steps: step.steps }
        : undefined,
  },
});
