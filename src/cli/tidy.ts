/** What ended runs left behind is cleared away now and then, after a command has done its work. */
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../errors.ts';
import { sweepTraces } from '../trace/index.ts';
import { sweepCopies } from '../workspace/index.ts';
import type { Cli } from './context.ts';
import { oneLine } from './output/text.ts';
import type { Settings } from './settings.ts';

const pauseMs = 60 * 60_000;

/**
 * At most once an hour: copies of processes that died, and runs beyond the limits of the settings. Never fails the command it follows;
 * a warning says when it could not be done. Does nothing while the command is being stopped.
 */
export async function tidyUp(cli: Cli, dataDir: string, keep: Settings['keep']): Promise<void> {
  if (cli.signal.aborted) return;
  const { err } = cli.terminal;
  try {
    if (!(await isDue(dataDir, cli.clock()))) return;
    await sweepCopies(dataDir, cli.clock());
    const { deleted } = await sweepTraces(dataDir, { maxAgeDays: keep.days, maxBytes: keep.megabytes * 1_000_000 }, cli.clock);
    if (deleted.length > 0) err.line(err.paint('dim', `deleted ${deleted.length} old runs ("keep" in the settings says how many stay)`));
  } catch (error) {
    err.line(`${err.paint('yellow', 'warning:')} old copies and runs could not be cleared away: ${oneLine(errorText(error))}`);
  }
}

/** Takes its turn: the time of the last one is the time of a file. */
async function isDue(dataDir: string, now: number): Promise<boolean> {
  const marker = path.join(dataDir, 'last-tidy');
  try {
    if (now - (await stat(marker)).mtimeMs < pauseMs) return false;
    await utimes(marker, now / 1000, now / 1000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dataDir, { recursive: true });
    await writeFile(marker, '');
  }
  return true;
}
