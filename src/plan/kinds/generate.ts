import { asksForPart, fromNothing, makesChange, priceOfCalls, reads, stops } from '../step-answers.ts';
import { agent, reply, samples, startsFrom, stop, uses } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';

export const generate = stepKind({
  ...makesChange,
  do: 'generate',
  label: (t) => t('write'),
  does: (t) => t('an agent writes a change, in one or more samples'),
  tells: ({ agent, samples }, t) =>
    samples === 1 ? t('{0} writes the change', agent) : t('{0} writes the change in up to {1} tries', agent, samples),
  details: (step) => [...stops(step), ...(step.from === 'best' ? ['from the best candidate'] : []), ...asksForPart(step), ...reads(step)],
  fields: {
    agent,
    samples,
    stop,
    from: startsFrom,
    reply,
    uses,
  },
  outputs: ['edits'],
  takesCandidates: (step) => step.from === 'best',
  price: (step, at) => priceOfCalls(step, at, { readsChange: step.from === 'best', reply: step.reply === 'part' ? 'part' : 'change' }),
  problems: fromNothing,
  sketch: { says: 'an agent writes candidates of the change' },
});
