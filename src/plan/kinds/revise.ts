import * as z from 'zod';
import { asksForPart, makesChange, priceOfCalls, reads, stops } from '../step-answers.ts';
import { agent, reply, samples, stop, uses } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

export const revise = stepKind({
  ...makesChange,
  do: 'revise',
  label: (t) => t('revise'),
  does: (t) => t('an agent repairs the best candidate'),
  tells: ({ agent }, t) => t('{0} repairs what is red', agent),
  details: (step) => [
    ...stops(step),
    ...(step.from === 'drawn' ? ['from a candidate drawn by chance, sooner one that passes more tests'] : []),
    ...asksForPart(step),
    ...reads(step),
  ],
  fields: {
    agent,
    samples,
    stop,
    from: field({
      schema: z
        .enum(['best', 'drawn'])
        .default('best')
        .describe(
          'best: every sample improves the best candidate; drawn: each one a candidate drawn by chance, sooner one that passes more tests',
        ),
      late: true,
      control: 'select',
      label: (t) => t('Starts from'),
      options: ({ t }) => [
        { value: 'best', label: t('The best candidate so far') },
        { value: 'drawn', label: t('One drawn by chance, sooner one that passes more tests') },
      ],
    }),
    reply,
    uses,
  },
  outputs: ['edits', 'tests'],
  needsCandidates: true,
  takesCandidates: () => true,
  idleWhenGreen: true,
  price: (step, at) => priceOfCalls(step, at, { readsChange: true, reply: step.reply === 'part' ? 'part' : 'change' }),
  sketch: { says: 'an agent repairs the best candidate; rounds repeats it until the tests pass', rounds: true },
});
