/** All that runs taught, in the stores it is kept in: brought up to the traces together, forgotten together, and what of it comes to a new run. */
import type { RunPorts } from '../run/types.ts';
import { readChangedRuns } from './ended-runs.ts';
import { type ExperienceReport, experiencedIn, openExperience, resetExperience } from './experience.ts';
import { type MemoryReport, openMemory, recallFrom, resetMemory } from './memory/store.ts';
import { openReliability, type ReliabilityReport, reliableIn, resetReliability } from './reliability.ts';
import { openTeams, provenIn, resetTeams, type TeamsReport } from './teams.ts';

export interface Taught {
  readonly experience: ExperienceReport;
  readonly memory: MemoryReport;
  readonly teams: TeamsReport;
  readonly reliability: ReliabilityReport;
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
  const reliability = await openReliability(dataDir, clock);
  const learning = [...(switches.ownRuns ? [experience, teams, reliability] : []), ...(switches.memory ? [memory] : [])];
  const look = await readChangedRuns(dataDir, learning, clock, signal);
  return {
    experience: await experience.keep(look(experience)),
    memory: await memory.keep(look(memory)),
    teams: await teams.keep(look(teams)),
    reliability: await reliability.keep(look(reliability)),
  };
}

/** Forgets everything, and the runs until now as something that teaches. Rejects when a file cannot be written. */
export async function resetTaught(dataDir: string, clock: () => number): Promise<void> {
  await resetExperience(dataDir, clock);
  await resetMemory(dataDir, clock);
  await resetTeams(dataDir, clock);
  await resetReliability(dataDir, clock);
}

/**
 * What earlier runs of the user's own bring to a new one, as far as the settings let them. The traces are looked at once, from now on: the run takes its
 * snapshot and its tests meanwhile. They reject as `updateTaught`.
 */
export function taughtByRuns(
  { dataDir, workspace, clock }: { readonly dataDir: string; readonly workspace: string; readonly clock: () => number },
  switches: LearningSwitches,
  signal: AbortSignal,
): Pick<RunPorts, 'believed' | 'harder' | 'proven' | 'reliability' | 'recall'> {
  if (!switches.ownRuns && !switches.memory) return {};
  const taught = updateTaught(dataDir, clock, signal, switches);
  // Whoever asks is told.
  taught.catch(() => undefined);
  return {
    ...(switches.ownRuns && {
      ...experiencedIn(async () => (await taught).experience, workspace),
      proven: provenIn(async () => (await taught).teams, { dataDir, workspace }),
      reliability: reliableIn(async () => (await taught).reliability, workspace),
    }),
    ...(switches.memory && { recall: recallFrom(async () => (await taught).memory, workspace) }),
  };
}
