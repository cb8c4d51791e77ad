import * as z from 'zod';
import { times } from '../cost.ts';
import { grow, join } from '../flow-state.ts';
import { errorAt } from '../problem.ts';
import { holdsSteps } from '../step-answers.ts';
import { uses } from '../step-fields.ts';
import { field, stepKind } from '../step-kind.ts';

/** Of a chain, and of a note that is cut into pieces. */
export const longestPiece = 400;

/** As many pieces as the plan says, or as a note may hold. */
export const mostPieces = ({ pieces, most }: { readonly pieces: readonly string[]; readonly most: number }): number =>
  pieces.length > 0 ? pieces.length : most;

export const chain = stepKind({
  ...holdsSteps,
  do: 'chain',
  label: (t) => t('chain'),
  does: (t) => t('runs its steps once for each piece of the work, in order; each builds on what the votes before it decided'),
  title: ({ pieces, most }, t) =>
    pieces.length > 0 ? t('chain of pieces ({0})', pieces.length) : t('chain of the pieces of a note (at most {0})', most),
  fields: {
    pieces: field({
      schema: z
        .array(z.string().trim().min(1).max(longestPiece))
        .max(1000)
        .default([])
        .describe('What is to be done, a piece after the other; agents inside are told theirs, and what the pieces before it came to'),
      control: 'lines',
      label: (t) => t('Pieces'),
      help: (t) => t('One in each line. None: they are the lines of a note.'),
    }),
    uses: field({
      ...uses,
      schema: z
        .array(z.string())
        .max(1)
        .default([])
        .describe('The step whose note holds the pieces, one in each line, where `pieces` has none'),
      label: (t) => t('Pieces are the lines of the note of'),
    }),
    most: field({
      schema: z.number().int().min(1).max(1000).default(20).describe('Where the pieces come from a note: so many at most'),
      control: 'number',
      label: (t) => t('Pieces of a note at most'),
    }),
  },
  fresh: { pieces: ['…'] },
  takesCandidates: () => true,
  /** The second piece knows what the first may have left behind. Without the note there is no piece. */
  flow: (step, { state, inside }) => {
    const count = mostPieces(step);
    const first = inside('steps', state);
    const rounds = count === 1 ? [first] : [first, inside('steps', first)];
    const joined = join(step.pieces.length > 0 ? rounds : [state, ...rounds]);
    return grow(joined, first, rounds[1] ?? first, count - rounds.length);
  },
  price: (step, { inside }) => times(inside('steps'), { least: step.pieces.length, most: mostPieces(step) }),
  problems: ({ id, pieces, uses }, { place }) => {
    if (pieces.length > 0 === uses.length > 0)
      return [
        errorAt('bad-value', [...place, 'pieces'], ({ t, field }) =>
          pieces.length > 0
            ? t('"{0}" has pieces of its own and those of a note; leave out {1} or {2}.', id, field('pieces'), field('uses'))
            : t(
                '"{0}" has no pieces: write them in {1}, or name in {2} a step whose note holds one in each line.',
                id,
                field('pieces'),
                field('uses'),
              ),
        ),
      ];
    return [];
  },
  inside: {
    lists: { steps: { least: 1 } },
    order: 'in-turn',
    exclusive: false,
    rounds: true,
    mostRounds: mostPieces,
    shape: 'frame',
    entered: () => ({ steps: 'always' }),
    unreachable: () => '',
    layers: (inside) => inside('steps'),
    draw: ({ exit, inside, back }, t) => {
      back(inside('steps'), t('next piece'));
      return [exit(t('done'))];
    },
    flat: () => undefined,
  },
});
