/** What ended runs left behind is cleared away now and then, by whoever has just finished one. */
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type SweepReport, sweepTraces } from '../trace/index.ts';
import { sweepCopies } from '../workspace/index.ts';

const pauseMs = 60 * 60_000;

/**
 * At most once an hour: copies of processes that died, and runs older than `days` or beyond `megabytes`. Gives the runs that were deleted;
 * undefined when it was not due.
 */
export async function tidyUp(
  dataDir: string,
  keep: { readonly days: number; readonly megabytes: number },
  clock: () => number,
): Promise<SweepReport['deleted'] | undefined> {
  if (!(await isDue(dataDir, clock()))) return undefined;
  await sweepCopies(dataDir, clock());
  return (await sweepTraces(dataDir, { maxAgeDays: keep.days, maxBytes: keep.megabytes * 1_000_000 }, clock)).deleted;
}

/** Takes its turn: the time of the last one is the time of a file. */
async function isDue(dataDir: string, now: number): Promise<boolean> {
  const marker = path.join(dataDir, 'last-tidy');
  try {
    // A time to come was written by a clock that was wrong.
    if (Math.abs(now - (await stat(marker)).mtimeMs) < pauseMs) return false;
    await utimes(marker, now / 1000, now / 1000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dataDir, { recursive: true });
    await writeFile(marker, '');
  }
  return true;
}
