import { holdsSteps } from '../step-answers.ts';
import { stepKind } from '../step-kind.ts';

export const group = stepKind({
  ...holdsSteps,
  do: 'group',
  label: (t) => t('side by side'),
  does: (t) => t('runs its steps side by side'),
  fields: {},
  takesCandidates: () => false,
  flow: (_step, { state, inside }) => inside('steps', state),
  price: (_step, { inside }) => inside('steps'),
  inside: {
    lists: { steps: { least: 1 } },
    order: 'side-by-side',
    exclusive: false,
    rounds: false,
    shape: 'frame',
    entered: () => ({ steps: 'always' }),
    unreachable: () => '',
    layers: (inside) => inside('steps'),
    draw: ({ inside }) => inside('steps'),
    flat: ({ steps }) => ({ steps }),
  },
});
