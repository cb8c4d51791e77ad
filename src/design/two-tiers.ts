/** The worker model first, the strong one for what stays red. */
import type { ModelSet } from '../models/types.ts';
import { madeByHand } from './by-hand.ts';
import { withStrongAgents } from './fallback.ts';
import { difficultyOf } from './kind.ts';
import { soloTeam } from './teams.ts';
import type { Designer } from './types.ts';

/** The strong tier is a model of its own. */
export const hasStrongModel = ({ worker, strong }: ModelSet): boolean =>
  worker !== strong && (worker.model !== strong.model || worker.client.endpoint !== strong.client.endpoint);

/** The same team with the strong model in every role. */
export const inStrongHands = (designer: Designer): Designer => ({
  name: designer.name,
  design: async (input, signal) => madeByHand(withStrongAgents((await designer.design(input, signal)).plan), 'library', input),
});

/** Fresh samples and nothing else, to compare: so many of the worker model, and when these fail so many of the strong one. */
export const twoTierDesigner = (ofWorker: number, ofStrong: number): Designer => ({
  name: 'two-tiers',
  design: async (input) => {
    const difficulty = difficultyOf(input);
    const isFirst = input.failures.length === 0 && ofWorker > 0;
    const plan = isFirst ? soloTeam(ofWorker, difficulty) : withStrongAgents(soloTeam(ofStrong, difficulty));
    return madeByHand(plan, 'solo', input);
  },
});
