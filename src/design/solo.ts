import { madeByHand } from './by-hand.ts';
import { manySamples, wasTried } from './fallback.ts';
import { difficultyOf } from './kind.ts';
import { soloSamples, soloTeam } from './teams.ts';
import type { Designer } from './types.ts';

/** One coder. When it fails there is nothing better to offer; when the user sends it back, more samples, then a single shot. */
export const soloDesigner = (samples = soloSamples, reply: 'files' | 'part' = 'files'): Designer => ({
  name: 'solo',
  design: async (input) => {
    const difficulty = difficultyOf(input);
    const { sentBack } = input;
    const others = [samples, manySamples, 1].map((count) => soloTeam(count, difficulty, reply));
    const plan = others.find((team) => !wasTried({ failures: [], sentBack }, team)) ?? soloTeam(samples, difficulty, reply);
    return madeByHand(plan, 'solo', input);
  },
});
