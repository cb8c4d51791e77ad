/** What earlier runs of the user's own bring to a new one, as far as the settings let them. */
import type { RunPorts } from '../run/types.ts';
import { experiencedIn } from './experience.ts';
import { recallFrom } from './memory/store.ts';
import { provenIn } from './teams.ts';

export interface LearningSwitches {
  readonly ownRuns: boolean;
  readonly memory: boolean;
}

/** Each looks at the traces when it is first asked. They reject with `stopped`. */
export function taughtByRuns(
  { dataDir, workspace, clock }: { readonly dataDir: string; readonly workspace: string; readonly clock: () => number },
  { ownRuns, memory }: LearningSwitches,
  signal: AbortSignal,
): Pick<RunPorts, 'believed' | 'harder' | 'proven' | 'recall'> {
  return {
    ...(ownRuns && { ...experiencedIn(dataDir, workspace, clock, signal), proven: provenIn(dataDir, workspace, clock, signal) }),
    ...(memory && { recall: recallFrom(dataDir, workspace, clock, signal) }),
  };
}
