import * as z from 'zod';
import { chain } from '../../text/index.ts';
import { runs } from '../cost.ts';
import { open } from '../flow-state.ts';
import { judges } from '../step-answers.ts';
import { inOrder, plain } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

const checks = ['types', 'lint'] as const;

export const check = stepKind({
  ...judges,
  do: 'check',
  label: (t) => t('check'),
  does: (t) => t('runs type check or lint on the candidates'),
  title: (step, t) =>
    t(
      'check {0}',
      chain(step.checks, (before, word) => t('{0} and {1}', before, word)),
    ),
  fields: {
    checks: field({
      schema: z.array(z.enum(checks)).min(1).max(2),
      level: inOrder(checks),
      control: 'set',
      label: (t) => t('Checks'),
      options: () => plain(checks),
    }),
  },
  fresh: { checks: ['types'] },
  leaves: ['checks'],
  changes: ['checks-fail'],
  flow: (_step, { state }) => open(state, 'checks-fail'),
  price: (step, { here, facts }) => {
    const seconds = facts.testSeconds;
    return runs({ least: 1, most: Math.max(1, here.every.candidates) }, seconds * step.checks.length, facts.parallel);
  },
  sketch: { says: 'type check and lint', fixed: { checks } },
});
