import { madeByHand } from './by-hand.ts';
import { manySamples, wasTried } from './fallback.ts';
import { difficultyOf } from './kind.ts';
import { soloSamples, soloTeam } from './teams.ts';
import type { Designer, DesignInput } from './types.ts';

/** One coder. When it fails there is nothing better to offer; when the user sends it back, more samples, then a single shot. */
/** A weak model asked for a longer file would lose some of it, and pay for all of it. */
const longFileBytes = 12_000;

/** Something points at a source file whose whole text is dear. */
const isDear = ({ briefing, models }: DesignInput): boolean =>
  briefing.files.some(
    ({ isTest, truncated, bytes, reasons }) =>
      !isTest && (truncated || bytes > longFileBytes) && reasons.some((reason) => reason !== 'small-workspace'),
  ) && models.worker.capabilities.strength === 'weak';

/** `reply`: what the coder is asked for; default: by the length of the files. */
export const soloDesigner = (samples = soloSamples, reply?: 'files' | 'part'): Designer => ({
  name: 'solo',
  design: async (input) => {
    const difficulty = difficultyOf(input.request, input.briefing);
    const asked = reply ?? (isDear(input) ? 'part' : 'files');
    const { sentBack } = input;
    const others = [samples, manySamples, 1].map((count) => soloTeam(count, difficulty, asked));
    const plan = others.find((team) => !wasTried({ failures: [], sentBack }, team)) ?? soloTeam(samples, difficulty, asked);
    return madeByHand(plan, 'solo', input);
  },
});
