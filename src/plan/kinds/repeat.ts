import * as z from 'zod';
import { conditionFacts } from '../conditions.ts';
import { times } from '../cost.ts';
import { grow, holds, join, learn, opposite } from '../flow-state.ts';
import { errorAt } from '../problem.ts';
import { holdsSteps } from '../step-answers.ts';
import { condition } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

export const repeat = stepKind({
  ...holdsSteps,
  do: 'repeat',
  label: (t) => t('repeat'),
  does: (t) => t('runs its steps again until a condition holds'),
  title: ({ until, max }, t) =>
    t(max === 1 ? 'repeat until {0}, at most {1} time' : 'repeat until {0}, at most {1} times', conditionFacts[until].label(t), max),
  fields: {
    until: condition((t) => t('Until')),
    max: field({ schema: z.number().int().min(1).max(10), control: 'number', label: (t) => t('At most this often') }),
  },
  fresh: { until: 'tests-pass', max: 2 },
  takesCandidates: () => true,
  /** The condition is asked before every round, the first one too. The second round knows what the first may have left behind. */
  flow: ({ until, max }, { state, inside }) => {
    const first = inside('steps', learn(state, until, false));
    const held = holds(state, until);
    if (held === 'always') return state;
    const rounds = max === 1 ? [first] : [first, inside('steps', learn(first, until, false))];
    const joined = join(held === 'never' ? rounds : [state, ...rounds]);
    return grow(joined, first, rounds[1] ?? first, max - rounds.length);
  },
  price: ({ max }, { here, inside }) => {
    const entered = here.entered.steps;
    const rounds = { least: entered === 'always' ? 1 : 0, most: entered === 'never' ? 0 : max };
    return times(inside('steps'), rounds);
  },
  problems: ({ id, until, max }, { place, leftInside }) => {
    const { comesWith, label: holding } = conditionFacts[until];
    if (comesWith?.every((product) => leftInside.has(product))) return [];
    return [
      errorAt('endless-wait', [...place, 'until'], ({ t }) =>
        t('Nothing inside "{0}" can make "{1}" true, so it always runs {2} times.', id, holding(t), max),
      ),
    ];
  },
  inside: {
    lists: { steps: { least: 1 } },
    order: 'in-turn',
    exclusive: false,
    rounds: true,
    mostRounds: ({ max }) => max,
    shape: 'frame',
    entered: ({ until }, state) => ({ steps: opposite[holds(state, until)] }),
    unreachable: ({ id, until }, _list, t) => t('This never runs: {0} already when "{1}" begins.', conditionFacts[until].label(t), id),
    layers: (inside) => inside('steps'),
    draw: ({ exit, inside, back }, t) => {
      back(inside('steps'), t('again'));
      return [exit(t('done'))];
    },
    // The test between the rounds goes without saying.
    flat: ({ until, max, steps }, factsOf) =>
      until === 'tests-pass' && steps.every((inner) => factsOf(inner).idleWhenGreen)
        ? { steps: steps.filter((inner) => factsOf(inner).leaves.includes('candidates')), rounds: max }
        : undefined,
  },
});
