/** How far each run's events reach: what a reader needs to know which runs changed since it last looked. */
import path from 'node:path';
import { errorText, traceUnreadable } from '../errors.ts';
import { bytesAt } from '../process/index.ts';
import { eventsFile, runIds, runsDir } from './folder.ts';

/** Bytes of events by run id; a run without events is left out. Reads no file's content. */
export async function eventBytesByRun(dataDir: string): Promise<ReadonlyMap<string, number>> {
  const folder = runsDir(dataDir);
  const sizes = new Map<string, number>();
  const together = 32;
  const ids = await runIds(dataDir);
  try {
    for (let index = 0; index < ids.length; index += together) {
      await Promise.all(
        ids.slice(index, index + together).map(async (id) => {
          const bytes = await bytesAt(eventsFile(path.join(folder, id)));
          if (bytes > 0) sizes.set(id, bytes);
        }),
      );
    }
    return sizes;
  } catch (error) {
    throw traceUnreadable(folder, errorText(error), error);
  }
}
