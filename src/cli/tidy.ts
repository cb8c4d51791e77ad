/** What ended runs left behind is cleared away now and then, after a command has done its work. */
import { errorText } from '../errors.ts';
import { sweepByWorkspace } from '../lessons/index.ts';
import { tidyUp as tidy } from '../run/index.ts';
import type { Cli } from './context.ts';
import { oneLine } from './output/text.ts';
import type { Settings } from './settings.ts';

/** Never fails the command it follows; a warning says when it could not be done. Does nothing while the command is being stopped. */
export async function tidyUp(cli: Cli, dataDir: string, keep: Settings['keep']): Promise<void> {
  if (cli.signal.aborted) return;
  const { err } = cli.terminal;
  try {
    // Not now and then: a workspace that is never recorded has no record after its run.
    for (const { runId, reason } of (await sweepByWorkspace(dataDir, cli.clock)).deleted)
      err.line(err.paint('dim', `deleted run ${runId}: ${ruleWords[reason]}`));
    const deleted = await tidy(dataDir, keep, cli.clock);
    if (deleted && deleted.length > 0)
      err.line(err.paint('dim', `deleted ${deleted.length} old runs ("keep" in the settings says how many stay)`));
  } catch (error) {
    err.line(`${err.paint('yellow', 'warning:')} old copies and runs could not be cleared away: ${oneLine(errorText(error))}`);
  }
}

const ruleWords = {
  never: 'this workspace is never recorded (`teamwright privacy include` changes that)',
  age: 'its workspace keeps runs for a shorter time',
  quota: 'its workspace keeps fewer runs',
} as const;
