/** Where the copies of runs lie, and which living process has those of a run. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runBusy } from '../errors.ts';
import { isThisProcess, lockHolder, namesAt, takeLock } from '../process/index.ts';

export const copiesFolder = (dataDir: string): string => join(dataDir, 'copies');

/** What has it is ours. No copy can be named so. */
export const ownerName = '.owner';
export const ownerLock = (runFolder: string): string => join(runFolder, ownerName);

/** Takes a run's folder until it is moved away; throws `run-busy` when another living process has it. Re-entrant within one process. */
export async function takeFolder(runFolder: string, runId: string): Promise<void> {
  await mkdir(runFolder, { recursive: true });
  const taken = takeLock(ownerLock(runFolder));
  if ('heldBy' in taken && !isThisProcess(taken.heldBy)) throw runBusy(runId, taken.heldBy.pid);
}

/** The runs whose copies a living process has. */
export const livingRuns = async (dataDir: string): Promise<string[]> =>
  (await namesAt(copiesFolder(dataDir))).filter((runId) => lockHolder(ownerLock(join(copiesFolder(dataDir), runId)))?.alive === true);
