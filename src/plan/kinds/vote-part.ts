import { make } from '../flow-state.ts';
import { errorAt } from '../problem.ts';
import { makesChange } from '../step-answers.ts';
import { startsFrom } from '../step-fields.ts';
import { stepKind } from '../step-kind.ts';
import { priceOfVote, voteFields, votes } from './vote.ts';

export const votePart = stepKind({
  ...makesChange,
  ...votes,
  do: 'vote-part',
  label: (t) => t('vote on a function'),
  does: (t) => t('asks an agent for one function or class until one text of it is far enough ahead, which becomes a candidate'),
  tells: ({ agent }, t) => t('{0} writes one function until one text of it is ahead', agent),
  fields: { ...voteFields(750), from: startsFrom },
  outputs: ['edits'],
  takesCandidates: (step) => step.from === 'best',
  flow: ({ id }, { place, state }) => make(state, { id, place, count: 1, tested: false }),
  price: (step, at) => priceOfVote(step, at, { readsChange: false, reply: 'part' }),
  problems: (step, at) => [
    ...votes.problems(step, at),
    ...(step.from === 'best' && at.here.every.candidates === 0
      ? [
          errorAt('nothing-made', [...at.place, 'from'], ({ t }) =>
            t('There is no best candidate to start from: no step before "{0}" makes one.', step.id),
          ),
        ]
      : []),
  ],
  sketch: undefined,
});
