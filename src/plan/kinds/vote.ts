import * as z from 'zod';
import { type Asked, agentCalls, type Cost, nothing, type Range } from '../cost.ts';
import { errorAt, type Problem, type Sentence, warningAt } from '../problem.ts';
import { asks, reads } from '../step-answers.ts';
import { agent, uses } from '../step-fields.ts';
import { field, type InnerStep, type PricePoint, type Surroundings, stepKind } from '../step-kind.ts';
import { canVote, leadNeeded, votesExpected } from '../voting.ts';

/** What votes are held by; percentages are whole numbers, as in a form. */
export interface VoteRules extends InnerStep {
  readonly agent: string;
  readonly samples: number;
  readonly accuracy: number;
  readonly calibrate: number;
  readonly target: number;
  readonly chain: number;
  readonly longest: number;
  readonly uses: readonly string[];
}

const mostReplies = 64;
const percent = (usual: number) => z.number().int().min(1).max(99).default(usual);

/** Fields of every vote. `longest`: tokens of a reply, where nobody says how many. */
export const voteFields = (longest: number) =>
  ({
    agent,
    samples: field({
      schema: z.number().int().min(1).max(mostReplies).default(24),
      control: 'number',
      label: (t) => t('Replies at most'),
      help: (t) => t('Where no answer is far enough ahead by then, the vote decides nothing.'),
    }),
    accuracy: field({
      schema: percent(80).describe('How often one reply is right, in percent: how far ahead an answer must be follows from it'),
      control: 'number',
      label: (t) => t('Right replies, in percent'),
      help: (t) => t('As you know it of this agent. One that is measured takes its place.'),
    }),
    calibrate: field({
      schema: z
        .number()
        .int()
        .min(0)
        .max(mostReplies)
        .default(0)
        .describe(
          'So many replies are asked for first, and how much they agree takes the place of `accuracy`; 0: what the plan says holds',
        ),
      control: 'number',
      label: (t) => t('Replies to measure it by'),
      help: (t) => t('How much so many replies agree takes the place of that percentage. 0: nothing is measured.'),
    }),
    target: field({
      schema: percent(95).describe('How sure the whole chain of votes is to be, in percent'),
      control: 'number',
      label: (t) => t('How sure, in percent'),
    }),
    chain: field({
      schema: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .default(1)
        .describe('Votes of which each one builds on the one before, this one included'),
      control: 'number',
      label: (t) => t('Votes that build on each other'),
    }),
    longest: field({
      schema: z
        .number()
        .int()
        .min(10)
        .max(4000)
        .default(longest)
        .describe('Tokens; a longer reply is discarded, as one that is not exactly in the form asked for, and asked for anew'),
      control: 'number',
      label: (t) => t('Longest reply, in tokens'),
      help: (t) => t('A longer one is discarded and asked for anew.'),
    }),
    uses,
  }) as const;

const share = (inPercent: number): number => inPercent / 100;
export const goalOf = ({ accuracy, target, chain }: Pick<VoteRules, 'accuracy' | 'target' | 'chain'>) => ({
  accuracy: share(accuracy),
  target: share(target),
  chain,
});

/** How to go on where a vote makes no sense: said at the plan and in the run. */
export const insteadOfVote: Sentence = ({ t, kind }) =>
  t(
    'Let a "{0}" step make several samples without stopping, test them, and let "{1}" choose by behaviour: there the answers that act alike count together, and tests decide before numbers do.',
    kind('generate'),
    kind('select'),
  );

/** Of a step as told: k, and the replies that are expected, if its agent is as good as the plan says. */
function expected(step: VoteRules): { readonly lead: number; readonly replies: Range } | undefined {
  const goal = goalOf(step);
  if (!canVote(goal.accuracy)) return undefined;
  const lead = leadNeeded(goal);
  const first = Math.min(step.samples, Math.max(lead, step.calibrate));
  return { lead, replies: { least: first, most: step.samples } };
}

/** What all votes answer alike. */
export const votes = {
  ...asks,
  details: (step: VoteRules): readonly string[] => {
    const found = expected(step);
    if (found === undefined) return reads(step);
    const replies = Math.max(found.replies.least, votesExpected(share(step.accuracy), found.lead));
    return [
      step.calibrate > 0
        ? `measures by ${step.calibrate} replies how much they agree; ahead by ${found.lead} at ${step.accuracy} %`
        : `ahead by ${found.lead} at ${step.accuracy} % right replies`,
      `about ${Number(replies.toFixed(1))} replies, at most ${step.samples}`,
      ...reads(step),
    ];
  },
  problems: (step: VoteRules, { place }: Pick<Surroundings, 'place'>): readonly Problem[] => {
    const found = expected(step);
    if (found === undefined) {
      return [
        errorAt('vote-hopeless', [...place, 'accuracy'], (words) => {
          const worse = words.t(
            '"{0}" would vote with an agent that is right in {1} of 100 replies; unless it is right more often than wrong, more votes make it worse.',
            step.id,
            step.accuracy,
          );
          return `${worse} ${insteadOfVote(words)}`;
        }),
      ];
    }
    const { lead } = found;
    const needed = Math.max(lead, step.calibrate);
    if (needed > step.samples) {
      return [
        errorAt('vote-too-short', [...place, 'samples'], ({ t }) => {
          const ahead = lead > step.samples;
          const why = ahead ? t('an answer must be ahead by {0}', lead) : t('{0} replies are for measuring alone', step.calibrate);
          return t('"{0}" can never decide with at most {1} replies: {2}.', step.id, step.samples, why);
        }),
      ];
    }
    const mean = votesExpected(share(step.accuracy), lead);
    if (mean <= step.samples) return [];
    return [
      warningAt('vote-too-short', [...place, 'samples'], ({ t }) =>
        t('"{0}" will mostly decide nothing: it needs about {1} replies and may ask for {2}.', step.id, Math.ceil(mean), step.samples),
      ),
    ];
  },
} as const;

/** From the first replies, all of which agree, to as many as it may ask for. */
export function priceOfVote(step: VoteRules, { agent, facts }: PricePoint<never>, how: Pick<Asked, 'readsChange' | 'reply'>): Cost {
  if (!agent) return nothing;
  const { least, most } = expected(step)?.replies ?? { least: step.samples, most: step.samples };
  const of = (samples: number): Cost =>
    agentCalls({ ...agent, tools: [] }, { samples, stopsAtPass: false, notes: step.uses.length, ...how }, facts);
  const [low, high] = [of(least), of(most)];
  const between = (key: keyof Cost): Range => ({ least: low[key].least, most: high[key].most });
  return { calls: between('calls'), tokens: between('tokens'), usd: between('usd'), seconds: between('seconds'), work: between('work') };
}

const answers = ['choice', 'value', 'files'] as const;

export const vote = stepKind({
  ...votes,
  do: 'vote',
  label: (t) => t('vote'),
  does: (t) => t('asks an agent a small question until one answer is far enough ahead, and leaves it as a note'),
  tells: ({ agent }, t) => t('{0} answers a small question until one answer is ahead', agent),
  fields: {
    ...voteFields(120),
    answer: field({
      schema: z
        .enum(answers)
        .default('choice')
        .describe('choice: one of `options`, word for word; value: one JSON value in one line; files: paths of files that were shown'),
      control: 'select',
      label: (t) => t('Asked for'),
      options: ({ t }) => [
        { value: 'choice', label: t('One of several options') },
        { value: 'value', label: t('A value, as JSON') },
        { value: 'files', label: t('Files, by their paths') },
      ],
    }),
    options: field({
      schema: z.array(z.string().trim().min(1).max(80)).max(12).default([]).describe('What a choice is between'),
      control: 'set',
      label: (t) => t('Options'),
      options: ({ value }) => value.map((option) => ({ value: option, label: option })),
    }),
  },
  fresh: { options: ['yes', 'no'] },
  outputs: ['note'],
  leaves: ['note'],
  takesCandidates: () => false,
  changes: [],
  flow: (_step, { state }) => state,
  price: (step, at) => priceOfVote(step, at, { readsChange: false, reply: 'place' }),
  problems: (step, at) => {
    const { id, answer, options } = step;
    const place = [...at.place, 'options'];
    const found = votes.problems(step, at);
    if (answer !== 'choice')
      return options.length > 0
        ? [...found, errorAt('bad-value', place, ({ t }) => t('"{0}" asks for no choice, so it has no options.', id))]
        : found;
    const different = new Set(options);
    if (different.size < 2 || different.size < options.length)
      return [
        ...found,
        errorAt('bad-value', place, ({ t }) =>
          t('A choice is between two options or more, each of them named once; "{0}" has {1}.', id, options.length),
        ),
      ];
    return found;
  },
  sketch: undefined,
});
