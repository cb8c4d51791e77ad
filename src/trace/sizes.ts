/** How each run's events lie on the disk: what a reader needs to know which runs changed since it last looked. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { errorText, traceUnreadable } from '../errors.ts';
import { eventsFile, runIds, runsDir } from './folder.ts';

export interface EventsOnDisk {
  readonly bytes: number;
  /** When the file was last changed in any way, milliseconds since the epoch: a line may be changed for another of its length. */
  readonly changedAt: number;
}

/** By run id, of these runs or of all there are; a run without events is left out. Reads no file's content. */
export async function eventsOnDisk(dataDir: string, runs?: readonly string[]): Promise<ReadonlyMap<string, EventsOnDisk>> {
  const folder = runsDir(dataDir);
  const found = new Map<string, EventsOnDisk>();
  const together = 32;
  const ids = runs ?? (await runIds(dataDir));
  try {
    for (const [index, id] of ids.entries()) {
      // At once: asking in the background costs several times as much. Between some of them others have their turn.
      if (index % together === together - 1) await new Promise(setImmediate);
      const facts = statSync(eventsFile(`${folder}${path.sep}${id}`), { throwIfNoEntry: false });
      if (facts !== undefined && facts.size > 0) found.set(id, { bytes: facts.size, changedAt: Math.floor(facts.ctimeMs) });
    }
    return found;
  } catch (error) {
    throw traceUnreadable(folder, errorText(error), error);
  }
}
