/**
 * The team that writes what is not written yet function by function before it asks for whole files: a function in words costs less than half of a draft
 * and is right as often, where words beside it say what it is for (docs/results.md).
 */
import type { RelevantFile } from '../briefing/types.ts';
import type { Tier } from '../models/types.ts';
import { type Difficulty, nMax, type Plan, planSchema } from '../plan/index.ts';
import { isDescribed, shapeOf } from '../syntax/index.ts';
import { madeByHand } from './by-hand.ts';
import { difficultyOf, mayBeMeant } from './kind.ts';
import { mayFill } from './one-place.ts';
import { doer, soloSamples } from './teams.ts';
import type { Designer } from './types.ts';

/** Of more than these a request wants a whole that one reply should make. */
const mostBodies = 4;
/** In a longer file the unwritten body is one thing among many. */
const longestFile = 20_000;
/** Looked for before a file is read by its grammar, which takes some milliseconds. */
const looksUnwritten =
  /NotImplemented|UnsupportedOperation|not (?:yet )?implemented|unimplemented|implement (?:me|this)|todo|\bpass$|\.\.\.$/im;

/** Bodies that are not written yet, and described where they stand, in the files that the request is about. */
async function bodiesToFill(files: readonly RelevantFile[]): Promise<number> {
  const candidates = files.filter(
    (file) => !file.isTest && !file.truncated && file.text.length <= longestFile && mayBeMeant(file) && looksUnwritten.test(file.text),
  );
  const shapes = await Promise.all(candidates.map(({ path, text }) => shapeOf(path, text)));
  return shapes.flatMap((shape) => shape?.statements.filter((own) => own.stub && isDescribed(shape, own)) ?? []).length;
}

/** Of each body: in words and as a hole, and both once more with chance in it. */
const triesEach = 4;
/** Of all together: with the drafts as many calls as the hardest request usually has. */
const mostTries = nMax.hard - soloSamples;

/** Each body by itself, then drafts of whole files: each only while the tests fail. */
export const bodiesFirstTeam = (bodies: number, difficulty: Difficulty): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'bodies-first',
    reason: 'What is not written yet is written function by function, then drafts of whole files, until the tests pass.',
    difficulty,
    agents: { coder: doer },
    steps: [
      { id: 'fill-in', do: 'repair', agent: 'coder', samples: Math.min(bodies * triesEach, mostTries), mutations: 0 },
      {
        ...{ id: 'if-red', do: 'when', if: 'tests-fail' },
        steps: [
          { id: 'draft', do: 'generate', agent: 'coder', samples: soloSamples },
          { id: 'test', do: 'test' },
        ],
      },
      { id: 'test-again', do: 'test' },
      { id: 'choose', do: 'select' },
    ],
  });

/** `otherwise`: where nothing can be filled in. */
export const bodiesFirst = (tier: Tier, otherwise: Designer): Designer => ({
  name: 'bodies-first',
  design: async (input, signal) => {
    const bodies = mayFill(input, tier) ? await bodiesToFill(input.briefing.files) : 0;
    if (bodies === 0 || bodies > mostBodies) return otherwise.design(input, signal);
    return madeByHand(bodiesFirstTeam(bodies, difficultyOf(input)), 'library', input);
  },
});
