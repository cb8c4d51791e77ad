/** All that runs taught, in the stores it is kept in: brought up to the traces together, forgotten together, and what of it comes to a new run. */
import type { RunPorts } from '../run/types.ts';
import { readChangedRuns } from './ended-runs.ts';
import { type ExperienceReport, experiencedIn, openExperience, resetExperience } from './experience.ts';
import { type MemoryReport, openMemory, recallFrom, resetMemory } from './memory/store.ts';
import { openTeams, provenIn, resetTeams, type TeamsReport } from './teams.ts';

export interface Taught {
  readonly experience: ExperienceReport;
  readonly memory: MemoryReport;
  readonly teams: TeamsReport;
}

export interface LearningSwitches {
  readonly ownRuns: boolean;
  readonly memory: boolean;
}

/** Brings everything that is switched on up to the traces, each of which is read once. Rejects with `stopped`. */
export async function updateTaught(
  dataDir: string,
  clock: () => number,
  signal: AbortSignal,
  switches: LearningSwitches = { ownRuns: true, memory: true },
): Promise<Taught> {
  const experience = await openExperience(dataDir, clock);
  const memory = await openMemory(dataDir, clock);
  const teams = await openTeams(dataDir, clock);
  const learning = [...(switches.ownRuns ? [experience, teams] : []), ...(switches.memory ? [memory] : [])];
  const look = await readChangedRuns(dataDir, learning, clock, signal);
  return {
    experience: await experience.keep(look(experience)),
    memory: await memory.keep(look(memory)),
    teams: await teams.keep(look(teams)),
  };
}

/** Forgets everything, and the runs until now as something that teaches. Rejects when a file cannot be written. */
export async function resetTaught(dataDir: string, clock: () => number): Promise<void> {
  await resetExperience(dataDir, clock);
  await resetMemory(dataDir, clock);
  await resetTeams(dataDir, clock);
}

/** What earlier runs of the user's own bring to a new one, as far as the settings let them. The traces are looked at once, when something is first asked. They reject as `updateTaught`. */
export function taughtByRuns(
  { dataDir, workspace, clock }: { readonly dataDir: string; readonly workspace: string; readonly clock: () => number },
  switches: LearningSwitches,
  signal: AbortSignal,
): Pick<RunPorts, 'believed' | 'harder' | 'proven' | 'recall'> {
  let known: Promise<Taught> | undefined;
  const taught = (): Promise<Taught> => {
    known ??= updateTaught(dataDir, clock, signal, switches);
    return known;
  };
  return {
    ...(switches.ownRuns && {
      ...experiencedIn(async () => (await taught()).experience, workspace),
      proven: provenIn(async () => (await taught()).teams, { dataDir, workspace }),
    }),
    ...(switches.memory && { recall: recallFrom(async () => (await taught()).memory, workspace) }),
  };
}
