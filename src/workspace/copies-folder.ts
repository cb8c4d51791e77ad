/** Where the copies of runs lie, and which living process has those of a run. */
import { createHash } from 'node:crypto';
import { lstatSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyNotIsolated, runBusy } from '../errors.ts';
import { isThisProcess, lockHolder, namesAt, takeLock } from '../process/index.ts';

/**
 * Programs that walk through files or hand them out pass over folders with such names wherever in the path they stand, and so would their tests:
 * express, jest, vitest, mocha, go, pytest, tsc, eslint. No project that is tested there lies in one.
 */
const passedOver = /(?:^|[\\/])(?:[._][^\\/]*|node_modules|vendor|testdata|build|dist|target|coverage|fixtures|site-packages)(?=[\\/]|$)/i;

/**
 * Of a data folder: `copies` in it, unless that has a name in its path which programs pass over (`~/.local/share`). Then a
 * folder of the user's alone where files of long use lie for a while.
 */
export function copiesFolder(dataDir: string): string {
  const own = join(dataDir, 'copies');
  const user = process.getuid?.();
  if (user === undefined || !passedOver.test(own)) return own;
  const elsewhere = lstatSync(shared, { throwIfNoEntry: false }) === undefined ? undefined : realpathSync(shared);
  if (elsewhere === undefined || passedOver.test(elsewhere)) return own;
  const real = lstatSync(dataDir, { throwIfNoEntry: false }) === undefined ? dataDir : realpathSync(dataDir);
  const ours = join(elsewhere, `teamwright-${user}-${createHash('sha256').update(real).digest('hex').slice(0, 12)}`);
  const found = lstatSync(ours, { throwIfNoEntry: false });
  // Everybody may make folders there: one that others could write is not used.
  return found === undefined || (found.isDirectory() && found.uid === user && (found.mode & 0o077) === 0) ? ours : own;
}

const shared = '/var/tmp';

/** Nobody else may look into copies: so are all folders made that may be the first there. */
export const privately = { recursive: true, mode: 0o700 } as const;

/** What has it is ours. No copy can be named so. */
export const ownerName = '.owner';
export const ownerLock = (runFolder: string): string => join(runFolder, ownerName);

/** Takes a run's folder until it is moved away; throws `run-busy` when another living process has it. Re-entrant within one process. */
export async function takeFolder(dataDir: string, runId: string): Promise<string> {
  const copies = copiesFolder(dataDir);
  const runFolder = join(copies, runId);
  await mkdir(runFolder, privately);
  if (copiesFolder(dataDir) !== copies) throw copyNotIsolated(runFolder, 'another user has the folder that it lies in');
  const taken = takeLock(ownerLock(runFolder));
  if ('heldBy' in taken && !isThisProcess(taken.heldBy)) throw runBusy(runId, taken.heldBy.pid);
  return runFolder;
}

/** The runs whose copies a living process has. */
export const livingRuns = async (dataDir: string): Promise<string[]> =>
  (await namesAt(copiesFolder(dataDir))).filter((runId) => lockHolder(ownerLock(join(copiesFolder(dataDir), runId)))?.alive === true);
