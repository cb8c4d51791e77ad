import * as z from 'zod';
import { nameSchema } from '../agent.ts';
import { type Cost, inTurn, nothing, times } from '../cost.ts';
import { errorAt, type Problem } from '../problem.ts';
import { makesChange, priceOfCalls, reads, stops } from '../step-answers.ts';
import { agent, plain, startsFrom, stop, uses } from '../step-fields.ts';
import { field, type InnerStep, type PricePoint, stepKind } from '../step-kind.ts';

interface Debating extends InnerStep {
  readonly agent: string;
  readonly others: readonly string[];
  readonly rounds: number;
  readonly keep: number;
  readonly stop: 'first-pass' | 'never';
  readonly from: 'start' | 'best';
  readonly uses: readonly string[];
}

/** How many agents answer in each round: all, and in the last one those that are kept. */
const answering = ({ others, rounds, keep }: Debating): readonly number[] =>
  Array.from({ length: rounds }, (_, round) => (round > 0 && round === rounds - 1 ? Math.min(keep, others.length + 1) : others.length + 1));

const mostAnswers = (step: Debating): number => answering(step).reduce((sum, count) => sum + count, 0);

export const debate = stepKind({
  ...makesChange,
  do: 'debate',
  label: (t) => t('debate'),
  does: (t) =>
    t(
      'several agents each write the change; in further rounds they see, rate and improve on each other’s, and the weakest sit out the last one',
    ),
  title: (step, t) => `${t('debate')} ×${step.rounds} · ${[step.agent, ...step.others].join(', ')}`,
  tells: ({ agent: first, others, rounds }, t) => t('{0} debate the change in up to {1} rounds', [first, ...others].join(', '), rounds),
  details: (step) => [
    `${step.rounds} rounds, the last with the best ${step.keep}`,
    ...stops({ ...step, samples: mostAnswers(step) }),
    ...(step.from === 'best' ? ['from the best candidate'] : []),
    ...reads(step),
  ],
  fields: {
    agent,
    others: field({
      schema: z.array(nameSchema).max(9).default([]).describe('The agents that debate with `agent`, each another one'),
      control: 'set',
      label: (t) => t('Debates with'),
      options: ({ agents, value }) => plain([...new Set([...agents, ...value])]),
    }),
    rounds: field({
      schema: z.number().int().min(1).max(6).default(2),
      control: 'number',
      label: (t) => t('Rounds'),
      help: (t) => t('It ends sooner when a change passes, or when more than two thirds of the agents agree.'),
    }),
    keep: field({
      schema: z
        .number()
        .int()
        .min(1)
        .max(10)
        .default(2)
        .describe('Agents that answer in the last round: those whose answers were rated best'),
      control: 'number',
      label: (t) => t('Agents in the last round'),
    }),
    stop,
    from: startsFrom,
    uses,
  },
  outputs: ['edits'],
  samples: (step) => mostAnswers(step),
  layers: ({ rounds }) => rounds,
  takesCandidates: (step) => step.from === 'best',
  flow: (step, at) => makesChange.flow({ ...step, samples: mostAnswers(step), stop: 'first-pass' }, at),
  price: priceOfDebate,
  problems: (step, { place, here }) => [
    ...(step.from === 'best' && here.every.candidates === 0
      ? [
          errorAt('nothing-made', [...place, 'from'], ({ t }) =>
            t('There is no best candidate to start from: no step before "{0}" makes one.', step.id),
          ),
        ]
      : []),
    ...(step.others.length === 0
      ? [errorAt('debates-alone', [...place, 'others'], ({ t }) => t('"{0}" has nobody to debate with: name further agents.', step.agent))]
      : []),
    ...twice(step).map(
      (name): Problem =>
        errorAt('debates-alone', [...place, 'others'], ({ t }) => t('"{0}" cannot debate with itself; name each agent once.', name)),
    ),
  ],
  sketch: undefined,
});

const twice = ({ agent: first, others }: Debating): readonly string[] => [
  ...new Set(others.filter((name, at) => name === first || others.indexOf(name) !== at)),
];

/** At best the first answer passes (or, where all are made, the first round agrees); at worst nobody passes in any round. */
function priceOfDebate(step: Debating, point: PricePoint<never>): Cost {
  const names = [step.agent, ...step.others];
  const each = (readsChange: boolean): readonly Cost[] =>
    names.map((name) =>
      priceOfCalls({ ...step, samples: 1 }, { ...point, agent: point.agentNamed(name) }, { readsChange, reply: 'change' }),
    );
  const first = each(step.from === 'best');
  const opening =
    step.stop === 'never' ? first : [...first.slice(0, 1), ...first.slice(1).map((cost) => times(cost, { least: 0, most: 1 }))];
  const later = answering(step)
    .slice(1)
    // Who stays is not known: the dearest may.
    .map((count) => inTurn(dearest(each(true), count).map((cost) => times(cost, { least: 0, most: 1 }))));
  return later.length + opening.length === 0 ? nothing : inTurn([...opening, ...later]);
}

const dearest = (costs: readonly Cost[], count: number): readonly Cost[] =>
  costs.toSorted((a, b) => b.tokens.most - a.tokens.most).slice(0, count);
